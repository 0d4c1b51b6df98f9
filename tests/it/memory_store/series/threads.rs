//! Remembered logins under many threads at once (T15).

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use tower_cookie_policy::store::Updated;
use tower_cookie_policy::testing::{SampleSeries, series_key};
use tower_cookie_policy::{MemoryStore, RememberStore, SeriesKey};

use super::{NOW, created};
use crate::support::now;

const THREADS: usize = 64;
const TURNS: usize = 600;
const OWNERS: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Runs this in every thread, with its number, all at once.
fn at_once(work: impl Fn(usize) + Sync) {
    let start = Barrier::new(THREADS);
    thread::scope(|threads| {
        for number in 0..THREADS {
            let (work, start) = (&work, &start);
            threads.spawn(move || {
                start.wait();
                work(number);
            });
        }
    });
}

/// What all threads together have got as an answer.
#[derive(Default)]
struct Tally {
    created: AtomicUsize,
    deleted: AtomicUsize,
    ended: AtomicUsize,
    written: AtomicUsize,
    conflicts: AtomicUsize,
}

fn add(tally: &AtomicUsize, more: usize) {
    tally.fetch_add(more, Ordering::Relaxed);
}

/// There are fewer keys than one user may have series, so none is pushed out.
#[test]
fn what_is_created_by_many_threads_is_deleted_ended_or_there_each_once() {
    let (store, tally) = (MemoryStore::new(), Tally::default());
    let keys: Vec<SeriesKey> = (0..48).map(|_| series_key()).collect();
    at_once(|number| {
        let mut random = Random(u64::try_from(number).unwrap());
        for _ in 0..TURNS {
            let (key, owner) = (&keys[random.below(keys.len())], OWNERS[random.below(OWNERS.len())]);
            match random.below(16) {
                0..6 => {
                    let record = SampleSeries::of(owner, NOW).record();
                    let answer = now(store.create_series(key, record, NOW)).unwrap();
                    add(&tally.created, usize::from(answer));
                }
                6..12 => {
                    let Some(stored) = now(store.load_series(key, NOW)).unwrap() else { continue };
                    if random.below(4) == 0 {
                        thread::yield_now();
                    }
                    let record = SampleSeries::from(stored.record).successor(NOW).record();
                    match now(store.update_series(key, stored.revision, record, NOW)).unwrap() {
                        Updated::Yes => add(&tally.written, 1),
                        Updated::Conflict => add(&tally.conflicts, 1),
                        Updated::Gone => {}
                    }
                }
                12..15 => add(&tally.deleted, usize::from(now(store.delete_series(key, NOW)).unwrap())),
                _ => {
                    let spared = (random.below(2) == 0).then_some((key, 3));
                    add(&tally.ended, now(store.end_series_of(owner, spared, NOW)).unwrap());
                }
            }
        }
    });
    let there = keys.iter().filter(|key| super::is_there(&store, key)).count();
    let left: usize = OWNERS.iter().map(|owner| now(store.end_series_of(owner, None, NOW)).unwrap()).sum();
    assert_eq!(there, left);
    let Tally { created, deleted, ended, written, .. } = tally;
    let [created, deleted, ended, written] = [created, deleted, ended, written].map(AtomicUsize::into_inner);
    assert_eq!(created, deleted + ended + left);
    // The scene was what it was to be.
    assert!(created > 1_000 && deleted > 100 && ended > 100 && written > 100);
    assert!(!keys.iter().any(|key| super::is_there(&store, key)));
}

#[test]
fn of_many_threads_that_write_one_series_none_loses_a_write() {
    const WRITES: u64 = 50;
    let store = MemoryStore::new();
    let key = created(&store, SampleSeries::of("alice", NOW).epoch(1 << 32).record());
    let spared = AtomicU64::new(0);
    at_once(|number| {
        // Each write adds 1 to the epoch, which the others' sparing leaves alone.
        for turn in 0..WRITES {
            loop {
                let stored = now(store.load_series(&key, NOW)).unwrap().unwrap();
                let epoch = stored.record.epoch() + 1;
                let record = SampleSeries::from(stored.record).epoch(epoch).record();
                match now(store.update_series(&key, stored.revision, record, NOW)).unwrap() {
                    Updated::Yes => break,
                    Updated::Conflict => thread::yield_now(),
                    Updated::Gone => panic!("the series was gone"),
                }
            }
            if number % 8 == 0 && turn % 5 == 0 {
                assert_eq!(now(store.end_series_of("alice", Some((&key, turn)), NOW)).unwrap(), 0);
                spared.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let stored = now(store.load_series(&key, NOW)).unwrap().unwrap();
    let written = WRITES * u64::try_from(THREADS).unwrap();
    assert_eq!(stored.record.epoch(), (1 << 32) + written);
    assert_eq!(stored.revision, 1 + written + spared.into_inner());
}

#[test]
fn many_threads_that_sign_in_at_once_stay_within_the_bounds() {
    let store = MemoryStore::holding(250, 1 << 20);
    at_once(|number| {
        for turn in 0..TURNS {
            created(&store, SampleSeries::of(OWNERS[(number + turn) % 4], NOW).record());
        }
    });
    let left = OWNERS.map(|owner| now(store.end_series_of(owner, None, NOW)).unwrap());
    assert_eq!(left.iter().sum::<usize>(), 250, "{left:?}");
    assert!(left.iter().all(|left| *left <= 100), "{left:?}");
}
