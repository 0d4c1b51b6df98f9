//! Random steps on the memory store and on the plain one, whose answers have to be the same.

use proptest::prelude::*;
use tower_cookie_policy::testing::SampleSeries;
use tower_cookie_policy::{MemoryStore, RememberStore, SeriesKey, SeriesRecord};

use super::NOW;
use super::naive::Naive;
use crate::support::now;

const KEYS: u8 = 6;
const OWNERS: [&str; 3] = ["alice", "bob", "Bob"];

#[derive(Clone, Debug)]
enum Step {
    /// Of this owner, for so long.
    Create(u8, usize, u32),
    /// At the present revision, or so far from it; now and then of another owner, for as long as that.
    Update(u8, u64, Option<(usize, u32)>),
    /// At the present revision it is found to be stolen.
    FindOut(u8),
    Delete(u8),
    EndOf(usize, Option<(u8, u64)>),
    Purge(usize),
    Passed(u32),
    /// A clock that was put right.
    SetBack(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..KEYS;
    let off = prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    let lasts = || prop_oneof![4 => Just(31_536_000_u32), 2 => 1..60_u32, 1 => Just(0_u32)];
    let other = prop_oneof![
        4 => Just(None),
        1 => (0..OWNERS.len(), lasts()).prop_map(Some),
    ];
    let time = || prop_oneof![0..30_u32, Just(10), Just(600), Just(31_536_000)];
    prop_oneof![
        6 => (key(), 0..OWNERS.len(), lasts()).prop_map(|(key, owner, lasts)| Step::Create(key, owner, lasts)),
        5 => (key(), off, other).prop_map(|(key, off, other)| Step::Update(key, off, other)),
        1 => key().prop_map(Step::FindOut),
        2 => key().prop_map(Step::Delete),
        3 => (0..OWNERS.len(), prop::option::of((key(), 0..9_u64)))
            .prop_map(|(owner, except)| Step::EndOf(owner, except)),
        1 => (0..5_usize).prop_map(Step::Purge),
        4 => time().prop_map(Step::Passed),
        1 => time().prop_map(Step::SetBack),
    ]
}

fn key(of: u8) -> SeriesKey {
    SeriesKey::from_bytes([of; 32])
}

/// Takes a step on both, and compares.
macro_rules! both {
    ($memory:expr, $naive:expr, $call:ident($($argument:expr),*)) => {{
        let (one, other) = (now($memory.$call($($argument),*)).unwrap(), now($naive.$call($($argument),*)).unwrap());
        assert_eq!(one, other, concat!(stringify!($call), " of the memory store, then of the model"));
    }};
}

struct Pair {
    memory: MemoryStore,
    naive: Naive,
    at: u32,
}

impl Pair {
    fn record(&self, owner: usize, lasts: u32) -> SeriesRecord {
        SampleSeries::of(OWNERS[owner], self.at).ends(self.at.saturating_add(lasts)).record()
    }

    fn take(&mut self, step: &Step) {
        let (memory, naive, at) = (&self.memory, &self.naive, self.at);
        match *step {
            Step::Create(of, owner, lasts) => {
                let record = self.record(owner, lasts);
                both!(memory, naive, create_series(&key(of), record.clone(), at));
            }
            Step::Update(of, off, other) => {
                let present = now(naive.load_series(&key(of), at)).unwrap();
                let revision = present.as_ref().map_or(1, |stored| stored.revision) + off;
                let record = match (other, present) {
                    (None, Some(present)) => SampleSeries::from(present.record).successor(at).record(),
                    (other, _) => {
                        self.record(other.map_or(0, |other| other.0), other.map_or(60, |other| other.1))
                    }
                };
                both!(memory, naive, update_series(&key(of), revision, record.clone(), at));
            }
            Step::FindOut(of) => {
                let Some(present) = now(naive.load_series(&key(of), at)).unwrap() else { return };
                let record = SampleSeries::from(present.record).stolen(at).record();
                both!(memory, naive, update_series(&key(of), present.revision, record.clone(), at));
            }
            Step::Delete(of) => both!(memory, naive, delete_series(&key(of), at)),
            Step::EndOf(owner, except) => {
                let except = except.map(|(of, epoch)| (key(of), epoch));
                let except = except.as_ref().map(|(key, epoch)| (key, *epoch));
                both!(memory, naive, end_series_of(OWNERS[owner], except, at));
            }
            Step::Purge(limit) => both!(memory, naive, purge_series(at, limit)),
            Step::Passed(seconds) => self.at = at.saturating_add(seconds),
            Step::SetBack(seconds) => self.at = at.saturating_sub(seconds),
        }
    }

    fn compare(&self) {
        // By the present time and by earlier ones, at which there is more to be seen.
        for at in [self.at, self.at.saturating_sub(30), 0] {
            for of in 0..KEYS {
                let [one, other] = [
                    now(self.memory.load_series(&key(of), at)).unwrap(),
                    now(self.naive.load_series(&key(of), at)).unwrap(),
                ]
                .map(|found| found.map(|stored| (stored.revision, stored.record.to_bytes())));
                assert_eq!(one, other, "load_series of the memory store, then of the model");
            }
        }
    }
}

/// Takes the steps from this time on, looking at everything after each.
fn go(from: u32, steps: &[Step]) {
    let mut pair = Pair { memory: MemoryStore::new(), naive: Naive::default(), at: from };
    for step in steps {
        pair.take(step);
        pair.compare();
    }
    for owner in OWNERS {
        both!(pair.memory, pair.naive, end_series_of(owner, None, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_memory_store_remembers_as_a_plain_one(steps in prop::collection::vec(step(), 1..60)) {
        go(NOW, &steps);
    }

    /// T26: times end at 2106, and nothing overflows there or panics. A clock may start at 0.
    #[test]
    fn it_remembers_so_at_the_ends_of_time(
        from in prop_oneof![Just(0_u32), (u32::MAX - 2000)..=u32::MAX],
        steps in prop::collection::vec(step(), 1..40),
    ) {
        go(from, &steps);
    }
}
