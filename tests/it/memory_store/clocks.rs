//! The memory store under clocks that are wrong.

use tower_cookie_policy::store::{Created, ENDED_FOR, Loaded};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{MemoryStore, SessionStore};

use super::{NOW, created};
use crate::support::now;

#[test]
fn a_clock_that_is_set_back_ends_no_session() {
    let store = MemoryStore::new();
    let live = created(&store, Sample::of("alice", NOW).record(), NOW);
    for back in [NOW - 1, NOW - 100_000, 0] {
        assert!(matches!(now(store.load(&live, back)).unwrap(), Loaded::Live(_)));
        let younger = created(&store, Sample::of("alice", back).record(), back);
        assert_eq!(now(store.list_owner("alice", back)).unwrap().len(), 2);
        assert!(now(store.touch(&live, back, back + 1800, back)).unwrap());
        assert!(now(store.delete(&younger, back)).unwrap());
        assert!(matches!(now(store.load(&younger, back)).unwrap(), Loaded::Ended));
    }
    let Loaded::Live(stored) = now(store.load(&live, NOW)).unwrap() else { panic!("it has ended") };
    assert_eq!((stored.record.seen(), stored.record.deadline()), (NOW, NOW + 1800));
}

/// T26.
#[test]
fn the_last_second_of_32_bits_is_a_second_like_others() {
    let (store, last) = (MemoryStore::new(), u32::MAX);
    let record = Sample::of("alice", last - 1).deadline(last).record();
    let old = created(&store, record.clone(), last - 1);
    let new = key();
    assert!(now(store.touch(&old, last, last, last - 1)).unwrap());
    now(store.rotate(&old, 1, &new, record.clone(), last, last - 1)).unwrap();
    assert!(matches!(now(store.load(&old, last - 1)).unwrap(), Loaded::Rotated(_)));
    assert!(matches!(now(store.load(&new, last - 1)).unwrap(), Loaded::Live(_)));
    assert!(!now(store.delete(&new, last)).unwrap());
    assert_eq!(now(store.create(&key(), record, last)).unwrap(), Created::Yes);
    assert_eq!(now(store.end_owner("alice", None, last)).unwrap(), 0);
    now(store.purge(last, usize::MAX)).unwrap();
    assert!(store.is_empty());
}

#[test]
fn purge_says_how_many_and_forgets_the_oldest_first() {
    let store = MemoryStore::new();
    let keys: Vec<_> = (1..=20)
        .map(|lasts| created(&store, Sample::of("alice", NOW).deadline(NOW + lasts).record(), NOW))
        .collect();
    let ended = created(&store, Sample::of("bob", NOW).record(), NOW);
    now(store.delete(&ended, NOW)).unwrap();
    assert_eq!(now(store.purge(NOW, 100)).unwrap(), 0);
    assert_eq!(now(store.purge(NOW + 10, 4)).unwrap(), 4);
    assert_eq!(store.len(), 16);
    // By a clock that is set back, those that were not forgotten are there again.
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(matches!(now(store.load(key, NOW)).unwrap(), Loaded::Live(_)), at >= 4);
    }
    assert_eq!(now(store.purge(NOW + 10, 100)).unwrap(), 6);
    assert_eq!(now(store.purge(NOW + 20, 100)).unwrap(), 10);
    assert_eq!(now(store.purge(NOW + ENDED_FOR - 1, 100)).unwrap(), 0);
    assert_eq!(now(store.purge(NOW + ENDED_FOR, 100)).unwrap(), 1);
    assert!(store.is_empty());
}
