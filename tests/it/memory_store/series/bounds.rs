//! Bounds on what is remembered: what goes when there is too much of it (T21).

use allocation_counter::measure;
use tower_cookie_policy::store::Updated;
use tower_cookie_policy::testing::{Sample, SampleSeries, series_key};
use tower_cookie_policy::{MemoryStore, RememberStore, SessionStore};

use super::{NOW, created, is_there};
use crate::support::now;

const MOST_OF_ONE: usize = 100;

/// When the `at`th of them ends; not in the order in which they are created.
fn end(at: u32) -> u32 {
    NOW + 1000 + at * 37 % 101
}

#[test]
fn of_more_than_a_hundred_of_one_user_the_one_that_ends_first_goes() {
    let store = MemoryStore::new();
    let others = created(&store, SampleSeries::of("bob", NOW).ends(NOW + 1).record());
    let mut alices: Vec<_> = (0..100)
        .map(|at| (end(at), created(&store, SampleSeries::of("alice", NOW).ends(end(at)).record())))
        .collect();
    assert!(alices.iter().all(|(_, key)| is_there(&store, key)));
    for at in 100..130 {
        alices.sort_unstable();
        let (_, first) = alices.remove(0);
        alices.push((end(at), created(&store, SampleSeries::of("alice", NOW).ends(end(at)).record())));
        assert!(!is_there(&store, &first));
        assert!(alices.iter().all(|(_, key)| is_there(&store, key)));
    }
    assert!(is_there(&store, &others));
    assert_eq!(now(store.end_series_of("alice", None, NOW)).unwrap(), MOST_OF_ONE);
}

#[test]
fn what_is_refused_or_written_pushes_nothing_out() {
    let store = MemoryStore::holding(100, 1 << 20);
    let sample = || SampleSeries::of("alice", NOW);
    let keys: Vec<_> = (0..100).map(|_| created(&store, sample().record())).collect();
    for key in &keys {
        assert!(!now(store.create_series(key, sample().record(), NOW)).unwrap());
        let update = now(store.update_series(key, 1, sample().successor(NOW).record(), NOW)).unwrap();
        assert_eq!(update, Updated::Yes);
    }
    assert_eq!(now(store.end_series_of("alice", Some((&keys[7], 1)), NOW)).unwrap(), 99);
    assert!(is_there(&store, &keys[7]));
    // There is room again.
    let more: Vec<_> = (0..99).map(|_| created(&store, sample().record())).collect();
    assert!(more.iter().chain([&keys[7]]).all(|key| is_there(&store, key)));
}

#[test]
fn what_is_over_goes_before_what_is_not() {
    let store = MemoryStore::holding(100, 1 << 20);
    let short: Vec<_> =
        (0..50).map(|_| created(&store, SampleSeries::of("alice", NOW).ends(NOW + 10).record())).collect();
    let long: Vec<_> = (0..50).map(|_| created(&store, SampleSeries::of("alice", NOW).record())).collect();
    for _ in 0..50 {
        let record = SampleSeries::of("alice", NOW + 10).record();
        assert!(now(store.create_series(&series_key(), record, NOW + 10)).unwrap());
    }
    assert!(long.iter().all(|key| is_there(&store, key)));
    assert!(short.iter().all(|key| !is_there(&store, key)));
    assert_eq!(now(store.end_series_of("alice", None, NOW + 10)).unwrap(), MOST_OF_ONE);
}

#[test]
fn a_key_is_free_once_its_series_is_over_however_much_else_is() {
    let store = MemoryStore::new();
    let keys: Vec<_> = (0..30)
        .map(|at| created(&store, SampleSeries::of("alice", NOW).ends(NOW + 1 + at).record()))
        .collect();
    let later = NOW + 100;
    for key in keys.iter().rev() {
        let record = SampleSeries::of("bob", later).record();
        assert!(now(store.create_series(key, record, later)).unwrap());
    }
    assert_eq!(now(store.end_series_of("alice", None, NOW)).unwrap(), 0);
    assert_eq!(now(store.end_series_of("bob", None, later)).unwrap(), 30);
}

#[test]
fn of_more_than_the_store_has_room_for_the_one_that_ends_first_goes() {
    let store = MemoryStore::holding(20, 1 << 20);
    let sample = |at: u32| SampleSeries::of(&format!("user-{at}"), NOW).ends(end(at)).record();
    let mut all: Vec<_> = (0..20).map(|at| (end(at), created(&store, sample(at)))).collect();
    for at in 20..60 {
        all.sort_unstable();
        let (_, first) = all.remove(0);
        all.push((end(at), created(&store, sample(at))));
        assert!(!is_there(&store, &first));
        assert!(all.iter().all(|(_, key)| is_there(&store, key)));
    }
}

#[test]
fn a_user_who_is_remembered_too_often_loses_no_more_than_one_to_a_new_login() {
    // Both bounds are reached at once.
    let store = MemoryStore::holding(101, 1 << 20);
    let bob = created(&store, SampleSeries::of("bob", NOW).ends(NOW + 1).record());
    for _ in 0..200 {
        created(&store, SampleSeries::of("alice", NOW).record());
    }
    assert!(is_there(&store, &bob));
    assert_eq!(now(store.end_series_of("alice", None, NOW)).unwrap(), MOST_OF_ONE);
}

/// Nothing in the library writes such a record, and it does not break the bounds.
#[test]
fn a_series_that_moves_to_another_user_or_end_is_bounded_with_its_new_ones() {
    let store = MemoryStore::new();
    let alices: Vec<_> = (0..100)
        .map(|at| created(&store, SampleSeries::of("alice", NOW).ends(NOW + 100 + at).record()))
        .collect();
    let bob = created(&store, SampleSeries::of("bob", NOW).record());
    let moved = SampleSeries::of("alice", NOW).ends(NOW + 500).record();
    assert_eq!(now(store.update_series(&bob, 1, moved, NOW)).unwrap(), Updated::Yes);
    assert!(!is_there(&store, &alices[0]) && is_there(&store, &bob));
    let longer = SampleSeries::of("alice", NOW).ends(NOW + 600).record();
    assert_eq!(now(store.update_series(&alices[1], 1, longer, NOW)).unwrap(), Updated::Yes);
    assert_eq!(now(store.purge_series(NOW + 199, 500)).unwrap(), 98);
    assert_eq!(now(store.purge_series(NOW + 500, 500)).unwrap(), 1);
    assert_eq!(now(store.end_series_of("bob", None, NOW)).unwrap(), 0);
    assert_eq!(now(store.end_series_of("alice", None, NOW)).unwrap(), 1);
}

#[test]
fn a_store_without_room_remembers_one_login() {
    let store = MemoryStore::holding(0, 0);
    let first = created(&store, SampleSeries::of("alice", NOW).record());
    assert!(is_there(&store, &first));
    let second = created(&store, SampleSeries::of("bob", NOW).record());
    assert!(!is_there(&store, &first) && is_there(&store, &second));
    assert_eq!(now(store.end_series_of("bob", None, NOW)).unwrap(), 1);
}

/// Sessions and remembered logins take no room from each other.
#[test]
fn a_flood_of_sessions_forgets_no_login_and_one_of_logins_no_session() {
    let store = MemoryStore::holding(10, 1 << 20);
    let series = created(&store, SampleSeries::of("alice", NOW).record());
    let session = crate::memory_store::created(&store, Sample::of("alice", NOW).record(), NOW);
    for at in 0..100 {
        crate::memory_store::created(&store, Sample::anonymous(NOW).record(), NOW);
        created(&store, SampleSeries::of(&format!("user-{at}"), NOW).ends(NOW + at).record());
    }
    assert!(is_there(&store, &series) && crate::memory_store::is_live(&store, &session));
}

#[test]
fn a_flood_of_logins_takes_no_more_memory_than_was_given() {
    const ROOM: usize = 2_000;
    let mut held = None;
    let memory = measure(|| {
        let store = MemoryStore::holding(ROOM, 1 << 20);
        for at in 0..50_000 {
            let sample = SampleSeries::of(&format!("user-{at}"), NOW).ends(NOW + 1 + at % 977);
            let key = created(&store, sample.clone().record());
            // As it is where a browser came back once.
            let record = sample.successor(NOW).superseded(NOW + 60).record();
            assert_eq!(now(store.update_series(&key, 1, record, NOW)).unwrap(), Updated::Yes);
        }
        held = Some(store);
    });
    // While a table grows there are two of it.
    for (bytes, each) in [(u64::try_from(memory.bytes_current).unwrap(), 700), (memory.bytes_max, 1000)] {
        assert!(bytes < u64::try_from(ROOM * each).unwrap(), "{bytes} bytes");
    }
}

#[test]
fn of_owners_whose_logins_are_gone_nothing_is_left() {
    let (mut held, before) = (None, 200_u32);
    let memory = measure(|| {
        let store = MemoryStore::new();
        for at in 0..30_000_u32 {
            let owner = format!("user-{at}");
            let key = created(&store, SampleSeries::of(&owner, NOW).ends(NOW + before).record());
            match at % 3 {
                0 => assert!(now(store.delete_series(&key, NOW)).unwrap()),
                1 => assert_eq!(now(store.end_series_of(&owner, None, NOW)).unwrap(), 1),
                _ => assert_eq!(now(store.purge_series(NOW + before, 9)).unwrap(), 1),
            }
            // Who has none leaves nothing either.
            assert_eq!(now(store.end_series_of(&owner, Some((&key, 3)), NOW)).unwrap(), 0);
        }
        held = Some(store);
    });
    assert!(memory.bytes_max < 10_000, "{} bytes", memory.bytes_max);
}

/// Of too many users whose sessions were all ended some are forgotten; who is remembered is not held to what became of them.
#[test]
fn a_login_does_not_end_by_the_ends_of_others() {
    let store = MemoryStore::holding(10, 1 << 20);
    created(&store, SampleSeries::of("alice", NOW).record());
    for round in 0..500 {
        let other = format!("user-{round}");
        for _ in 0..3 {
            now(store.end_owner(&other, None, NOW)).unwrap();
        }
    }
    assert_eq!(now(store.epoch("alice")).unwrap(), 0);
    assert!(now(store.epoch("somebody")).unwrap() >= 3, "who is not known is held to the newest");
}
