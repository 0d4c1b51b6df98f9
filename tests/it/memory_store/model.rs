//! Random steps on the memory store and on the plain one, whose answers have to be the same.

use proptest::prelude::*;
use tower_cookie_policy::store::{Loaded, Stored};
use tower_cookie_policy::testing::Sample;
use tower_cookie_policy::{MemoryStore, SessionKey, SessionRecord, SessionStore};

use super::NOW;
use super::naive::Naive;
use crate::support::now;

const KEYS: u8 = 6;
const OWNERS: [Option<&str>; 4] = [None, Some("alice"), Some("bob"), Some("")];

/// A record that a step brings along.
#[derive(Clone, Copy, Debug)]
struct Brought {
    owner: usize,
    /// By how much its epoch is behind the owner's.
    behind: u64,
    lasts: u32,
    value: u8,
}

#[derive(Clone, Debug)]
enum Step {
    Create(u8, Brought),
    Load(u8),
    /// At the present revision, or so far from it.
    Update(u8, u64, Brought),
    Touch(u8, u32, u32),
    Rotate(u8, u64, u8, Brought, u32),
    Delete(u8),
    List(usize),
    EndOwner(usize, Option<u8>),
    Purge(usize),
    Passed(u32),
    /// A clock that was put right.
    SetBack(u32),
}

fn brought() -> impl Strategy<Value = Brought> {
    let lasts = prop_oneof![4 => Just(1800_u32), 2 => 1..60_u32, 1 => Just(0_u32)];
    let behind = prop_oneof![5 => Just(0_u64), 1 => Just(1_u64)];
    (0..OWNERS.len(), behind, lasts, any::<u8>()).prop_map(|(owner, behind, lasts, value)| Brought {
        owner,
        behind,
        lasts,
        value,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..KEYS;
    let off = || prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    let grace = prop_oneof![Just(0_u32), Just(10), Just(60)];
    let time = || prop_oneof![0..30_u32, Just(10), Just(600), Just(1800), Just(5000)];
    prop_oneof![
        6 => (key(), brought()).prop_map(|(key, record)| Step::Create(key, record)),
        4 => key().prop_map(Step::Load),
        5 => (key(), off(), brought()).prop_map(|(key, off, record)| Step::Update(key, off, record)),
        3 => (key(), time(), time()).prop_map(|(key, seen, lasts)| Step::Touch(key, seen, lasts)),
        6 => (key(), off(), key(), brought(), grace)
            .prop_map(|(old, off, new, record, grace)| Step::Rotate(old, off, new, record, grace)),
        3 => key().prop_map(Step::Delete),
        2 => (0..OWNERS.len()).prop_map(Step::List),
        2 => (0..OWNERS.len(), prop::option::of(key())).prop_map(|(owner, key)| Step::EndOwner(owner, key)),
        1 => (0..5_usize).prop_map(Step::Purge),
        4 => time().prop_map(Step::Passed),
        1 => time().prop_map(Step::SetBack),
    ]
}

fn key(of: u8) -> SessionKey {
    SessionKey::from_bytes([of; 32])
}

/// What can be told of an answer. Records compare by their bytes.
fn told(loaded: Loaded) -> (&'static str, Option<(u64, Vec<u8>)>) {
    let stored = |Stored { record, revision, .. }: Stored| Some((revision, record.to_bytes()));
    match loaded {
        Loaded::Absent => ("absent", None),
        Loaded::Live(live) => ("live", stored(live)),
        Loaded::Rotated(present) => ("rotated", stored(present)),
        Loaded::Ended => ("ended", None),
    }
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
    fn record(&self, brought: Brought) -> SessionRecord {
        let sample = match OWNERS[brought.owner] {
            None => Sample::anonymous(self.at),
            Some(owner) => {
                let epoch = now(self.naive.epoch(owner)).unwrap();
                Sample::of(owner, self.at).epoch(epoch.saturating_sub(brought.behind))
            }
        };
        sample.deadline(self.at.saturating_add(brought.lasts)).value("v", brought.value.to_string()).record()
    }

    fn revision(&self, of: u8) -> u64 {
        match now(self.naive.load(&key(of), self.at)).unwrap() {
            Loaded::Live(stored) | Loaded::Rotated(stored) => stored.revision,
            Loaded::Absent | Loaded::Ended => 1,
        }
    }

    fn list(&self, owner: &str) {
        let lists = [
            now(self.memory.list_owner(owner, self.at)).unwrap(),
            now(self.naive.list_owner(owner, self.at)).unwrap(),
        ];
        let [one, other] = lists.map(|list| {
            let mut list: Vec<_> =
                list.into_iter().map(|owned| (owned.key, owned.record.to_bytes())).collect();
            list.sort_unstable();
            list
        });
        assert_eq!(one, other, "list_owner of the memory store, then of the model");
    }

    fn take(&mut self, step: &Step) {
        let (memory, naive, at) = (&self.memory, &self.naive, self.at);
        match *step {
            Step::Create(of, brought) => {
                let record = self.record(brought);
                both!(memory, naive, create(&key(of), record.clone(), at));
            }
            Step::Load(of) => self.compare(of),
            Step::Update(of, off, brought) => {
                let (record, expected) = (self.record(brought), self.revision(of) + off);
                both!(memory, naive, update(&key(of), expected, record.clone(), at));
            }
            Step::Touch(of, seen, lasts) => {
                let (seen, deadline) = (at.saturating_add(seen), at.saturating_add(lasts));
                both!(memory, naive, touch(&key(of), seen, deadline, at));
            }
            Step::Rotate(old, off, new, brought, grace) => {
                let (record, expected) = (self.record(brought), self.revision(old) + off);
                both!(memory, naive, rotate(&key(old), expected, &key(new), record.clone(), grace, at));
            }
            Step::Delete(of) => both!(memory, naive, delete(&key(of), at)),
            Step::List(owner) => self.list(OWNERS[owner].unwrap_or("nobody")),
            Step::EndOwner(owner, except) => {
                let (owner, except) = (OWNERS[owner].unwrap_or("nobody"), except.map(key));
                both!(memory, naive, end_owner(owner, except.as_ref(), at));
            }
            Step::Purge(limit) => both!(memory, naive, purge(at, limit)),
            Step::Passed(seconds) => self.at = at.saturating_add(seconds),
            Step::SetBack(seconds) => self.at = at.saturating_sub(seconds),
        }
    }

    fn compare(&self, of: u8) {
        let key = key(of);
        let one = told(now(self.memory.load(&key, self.at)).unwrap());
        let other = told(now(self.naive.load(&key, self.at)).unwrap());
        assert_eq!(one, other, "load of the memory store, then of the model");
    }

    fn compare_all(&self) {
        (0..KEYS).for_each(|of| self.compare(of));
        for owner in OWNERS.map(|owner| owner.unwrap_or("nobody")) {
            self.list(owner);
            both!(self.memory, self.naive, epoch(owner));
        }
    }
}

/// Takes the steps from this time on, looking at everything after each.
fn go(from: u32, steps: &[Step]) {
    let mut pair = Pair { memory: MemoryStore::new(), naive: Naive::default(), at: from };
    for step in steps {
        pair.take(step);
        pair.compare_all();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_memory_store_answers_as_a_plain_one(steps in prop::collection::vec(step(), 1..60)) {
        go(NOW, &steps);
    }

    /// T26: times end at 2106, and nothing overflows there or panics. A clock may start at 0.
    #[test]
    fn it_does_so_at_the_ends_of_time(
        from in prop_oneof![Just(0_u32), (u32::MAX - 2000)..=u32::MAX],
        steps in prop::collection::vec(step(), 1..40),
    ) {
        go(from, &steps);
    }
}
