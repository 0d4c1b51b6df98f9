//! The memory store under many threads at once (T15).

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use tower_cookie_policy::store::{Created, Loaded, Rotated, Stored, Updated};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{MemoryStore, SessionKey, SessionRecord, SessionStore};

use super::NOW;
use crate::support::now;

const OWNERS: [&str; 3] = ["alice", "bob", "carol"];
const WORKERS: u64 = 6;
const TURNS: usize = 15_000;
const ENDINGS: u64 = 300;

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// What the threads share.
#[derive(Default)]
struct Scene {
    store: MemoryStore,
    /// Tickets, in the order of what happened.
    tickets: AtomicU64,
    /// For each owner the ticket that was taken before the last ending began.
    endings: [AtomicU64; OWNERS.len()],
    /// Sign-ins that came too late, and rotations.
    refused: AtomicUsize,
    done: AtomicBool,
    keys: Mutex<HashSet<SessionKey>>,
}

impl Scene {
    fn ticket(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::SeqCst)
    }

    /// Signs in: the record says by its deadline when its epoch was known.
    fn sign_in(&self, owner: &str, random: &mut Random) -> Option<SessionKey> {
        let epoch = now(self.store.epoch(owner)).unwrap();
        let record = stamped(Sample::of(owner, NOW).epoch(epoch), self.ticket());
        if random.below(4) == 0 {
            thread::yield_now();
        }
        let key = key();
        match now(self.store.create(&key, record, NOW)).unwrap() {
            Created::Yes => return Some(key),
            Created::Revoked => self.refused.fetch_add(1, Ordering::Relaxed),
            Created::Duplicate => panic!("a new key was used"),
        };
        None
    }

    /// A turn with one session; what key it has afterwards, if it has one.
    fn turn(&self, key: SessionKey, random: &mut Random) -> Option<SessionKey> {
        let Loaded::Live(Stored { record, revision, .. }) = now(self.store.load(&key, NOW)).unwrap() else {
            return None;
        };
        let record = SessionRecord::clone(&record);
        if random.below(4) == 0 {
            thread::yield_now();
        }
        match random.below(4) {
            0 => {
                now(self.store.touch(&key, NOW + 1, 0, NOW)).unwrap();
                Some(key)
            }
            1 => match now(self.store.update(&key, revision, record, NOW)).unwrap() {
                Updated::Yes | Updated::Conflict => Some(key),
                Updated::Gone => None,
            },
            2 => {
                let new = super::key();
                match now(self.store.rotate(&key, revision, &new, record, 10, NOW)).unwrap() {
                    Rotated::Yes => Some(new),
                    Rotated::Conflict => Some(key),
                    Rotated::Gone => None,
                    Rotated::Revoked => panic!("a live session had an older epoch"),
                    Rotated::Duplicate => panic!("a new key was used"),
                }
            }
            _ => {
                now(self.store.delete(&key, NOW)).unwrap();
                None
            }
        }
    }

    fn work(&self, seed: u64) {
        let mut random = Random(seed);
        let mut sessions: Vec<SessionKey> = Vec::new();
        for _ in 0..TURNS {
            if sessions.len() < 8 {
                let owner = OWNERS[random.below(OWNERS.len())];
                let opened = self.sign_in(owner, &mut random);
                self.keys.lock().unwrap().extend(opened);
                sessions.extend(opened);
            } else {
                let at = random.below(sessions.len());
                let key = sessions.swap_remove(at);
                let left = self.turn(key, &mut random);
                self.refused.fetch_add(usize::from(left.is_none()), Ordering::Relaxed);
                self.keys.lock().unwrap().extend(left);
                sessions.extend(left);
            }
        }
    }

    /// Ends all of an owner's sessions; none that began before is live from then on.
    fn end(&self, owner: usize) {
        let before = self.ticket();
        now(self.store.end_owner(OWNERS[owner], None, NOW)).unwrap();
        self.endings[owner].fetch_max(before, Ordering::SeqCst);
        for owned in now(self.store.list_owner(OWNERS[owner], NOW)).unwrap() {
            assert!(stamp(&owned.record) > before, "a session of an earlier epoch is on the list");
        }
    }
}

fn stamped(sample: Sample, ticket: u64) -> SessionRecord {
    sample.deadline(STAMPS + u32::try_from(ticket).unwrap()).record()
}

fn stamp(record: &SessionRecord) -> u64 {
    u64::from(record.deadline() - STAMPS)
}

/// Deadlines far off carry tickets.
const STAMPS: u32 = NOW + 1_000_000;

#[test]
fn what_began_before_the_owners_sessions_were_ended_is_not_live_afterwards() {
    let scene = Scene::default();
    let start = Barrier::new(usize::try_from(WORKERS).unwrap() + 1);
    thread::scope(|threads| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|seed| {
                let (scene, start) = (&scene, &start);
                threads.spawn(move || {
                    start.wait();
                    scene.work(seed + 1);
                })
            })
            .collect();
        threads.spawn(|| {
            let mut random = Random(99);
            start.wait();
            for _ in 0..ENDINGS {
                scene.end(random.below(OWNERS.len()));
                (0..random.below(50)).for_each(|_| thread::yield_now());
            }
            // Some go on until the last one is through.
            while !scene.done.load(Ordering::SeqCst) {
                scene.end(random.below(OWNERS.len()));
                thread::sleep(std::time::Duration::from_millis(5));
            }
        });
        let outcomes: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        scene.done.store(true, Ordering::SeqCst);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    });
    let keys = scene.keys.lock().unwrap();
    let mut live = 0;
    for key in keys.iter() {
        let Loaded::Live(stored) = now(scene.store.load(key, NOW)).unwrap() else { continue };
        let owner = OWNERS.iter().position(|owner| stored.record.owner() == Some(*owner)).unwrap();
        let ended = scene.endings[owner].load(Ordering::SeqCst);
        assert!(stamp(&stored.record) > ended, "a session of an earlier epoch is live");
        live += 1;
    }
    let listed: usize =
        OWNERS.iter().map(|owner| now(scene.store.list_owner(owner, NOW)).unwrap().len()).sum();
    assert_eq!((live, listed), (scene.store.len(), scene.store.len()));
    // The scene was what it was to be.
    assert!(scene.refused.load(Ordering::Relaxed) > 100 && keys.len() > 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_threads_that_write_one_session_none_loses_a_write() {
    let store = MemoryStore::new();
    let key = key();
    store.create(&key, Sample::of("alice", NOW).record(), NOW).await.unwrap();
    let writers: Vec<_> = (0..8_u32)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for turn in 0..500 {
                    loop {
                        let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else {
                            panic!("the session has ended")
                        };
                        let record = SessionRecord::clone(&stored.record);
                        let record =
                            Sample::from(record).value(&format!("{writer}"), turn.to_string()).record();
                        match store.update(&key, stored.revision, record, NOW).await.unwrap() {
                            Updated::Yes => break,
                            Updated::Conflict => tokio::task::yield_now().await,
                            Updated::Gone => panic!("the session has ended"),
                        }
                    }
                    store.touch(&key, NOW + turn, NOW + 1800 + turn, NOW).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { panic!("the session has ended") };
    assert_eq!(stored.revision, 1 + 8 * 500);
    assert_eq!((stored.record.seen(), stored.record.deadline()), (NOW + 499, NOW + 1800 + 499));
    assert_eq!(stored.record.size(), "alice".len() + 8 * ("w499".len() + 128));
}
