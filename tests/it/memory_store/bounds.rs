//! The memory store's bounds: what goes when it is full, and what never does (T21).

use tower_cookie_policy::store::{Created, Loaded, Rotated, Updated};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{MemoryStore, SessionRecord, SessionStore, StoreErrorKind};

use super::{NOW, created, is_live, refused, sized};
use crate::support::now;

#[test]
fn anonymous_sessions_never_push_out_signed_in_ones() {
    let store = MemoryStore::holding(5, 1 << 20);
    let signed_in: Vec<_> = (0..5).map(|_| created(&store, Sample::of("alice", NOW).record(), NOW)).collect();
    for record in [Sample::anonymous(NOW), Sample::of("bob", NOW), Sample::of("alice", NOW)] {
        assert_eq!(refused(&store, record.record()), StoreErrorKind::Full);
    }
    assert!(signed_in.iter().all(|key| is_live(&store, key)));
    now(store.delete(&signed_in[0], NOW)).unwrap();
    created(&store, Sample::anonymous(NOW).record(), NOW);
}

#[test]
fn signed_in_sessions_push_out_anonymous_ones() {
    let store = MemoryStore::holding(5, 1 << 20);
    let anonymous: Vec<_> = (0..5).map(|_| created(&store, Sample::anonymous(NOW).record(), NOW)).collect();
    for left in (0..5).rev() {
        created(&store, Sample::of("alice", NOW).record(), NOW);
        assert_eq!(anonymous.iter().filter(|key| is_live(&store, key)).count(), left);
        assert_eq!(store.len(), 5);
    }
    assert_eq!(refused(&store, Sample::of("alice", NOW).record()), StoreErrorKind::Full);
}

#[test]
fn the_anonymous_session_that_was_seen_longest_ago_goes_first() {
    let store = MemoryStore::holding(4, 1 << 20);
    let seen = |at| Sample::anonymous(NOW).seen(at).record();
    let [second, first, touched, updated] =
        [NOW - 30, NOW - 40, NOW - 50, NOW - 60].map(|at| created(&store, seen(at), NOW));
    assert!(now(store.touch(&touched, NOW, NOW + 1800, NOW)).unwrap());
    assert_eq!(now(store.update(&updated, 1, seen(NOW), NOW)).unwrap(), Updated::Yes);
    for gone in [first, second] {
        assert!(is_live(&store, &gone));
        created(&store, seen(NOW + 1), NOW);
        assert!(!is_live(&store, &gone));
        // It was given up, not ended: whoever comes with it begins anew.
        assert!(matches!(now(store.load(&gone, NOW)).unwrap(), Loaded::Absent));
    }
    assert!(is_live(&store, &touched) && is_live(&store, &updated));
}

#[test]
fn what_is_over_goes_before_what_is_not() {
    let store = MemoryStore::holding(40, 1 << 20);
    let anonymous: Vec<_> = (0..20)
        .map(|_| created(&store, Sample::anonymous(NOW - 100).deadline(NOW + 100).record(), NOW))
        .collect();
    for _ in 0..20 {
        created(&store, Sample::of("alice", NOW).deadline(NOW + 10).record(), NOW);
    }
    let later = NOW + 10;
    for _ in 0..20 {
        created(&store, Sample::anonymous(later).record(), later);
    }
    assert!(anonymous.iter().all(|key| is_live(&store, key)));
    assert_eq!(store.len(), 40);
}

#[test]
fn a_record_that_has_no_room_pushes_nothing_out() {
    let store = MemoryStore::holding(100, 10_000);
    let signed_in = created(&store, sized(Sample::of("alice", NOW), 6_000), NOW);
    let anonymous: Vec<_> =
        (0..4).map(|_| created(&store, sized(Sample::anonymous(NOW), 1_000), NOW)).collect();
    // It would not fit even if all of them went.
    for record in [sized(Sample::anonymous(NOW), 4_001), sized(Sample::of("bob", NOW), 4_001)] {
        assert_eq!(refused(&store, record), StoreErrorKind::Full);
    }
    for grown in [sized(Sample::of("alice", NOW), 10_001), sized(Sample::of("alice", NOW), 1 << 20)] {
        let update = now(store.update(&signed_in, 1, grown.clone(), NOW));
        assert_eq!(update.unwrap_err().kind(), StoreErrorKind::Full);
        let (new, grace) = (key(), 10);
        let rotation = now(store.rotate(&signed_in, 1, &new, grown, grace, NOW));
        assert_eq!(rotation.unwrap_err().kind(), StoreErrorKind::Full);
        assert!(!is_live(&store, &new));
    }
    assert!(anonymous.iter().chain([&signed_in]).all(|key| is_live(&store, key)));
    // This one does, where all of them go.
    created(&store, sized(Sample::anonymous(NOW), 4_000), NOW);
    assert_eq!((store.len(), anonymous.iter().filter(|key| is_live(&store, key)).count()), (2, 0));
}

#[test]
fn an_anonymous_session_that_grows_pushes_out_others_and_not_itself() {
    let store = MemoryStore::holding(100, 10_000);
    let oldest = created(&store, sized(Sample::anonymous(NOW).seen(NOW - 50), 1_000), NOW);
    let others: Vec<_> = (0..9).map(|_| created(&store, sized(Sample::anonymous(NOW), 1_000), NOW)).collect();
    let grown = sized(Sample::anonymous(NOW).seen(NOW - 50), 5_000);
    assert_eq!(now(store.update(&oldest, 1, grown, NOW)).unwrap(), Updated::Yes);
    assert!(is_live(&store, &oldest));
    assert_eq!(others.iter().filter(|key| is_live(&store, key)).count(), 5);
    // Where not even that would be enough, all stay.
    let too_large = now(store.update(&oldest, 2, sized(Sample::anonymous(NOW), 10_001), NOW));
    assert_eq!(too_large.unwrap_err().kind(), StoreErrorKind::Full);
    assert_eq!(others.iter().filter(|key| is_live(&store, key)).count(), 5);
    let (new, signed_in) = (key(), sized(Sample::of("alice", NOW), 9_500));
    assert_eq!(now(store.rotate(&oldest, 2, &new, signed_in, 0, NOW)).unwrap(), Rotated::Yes);
    assert_eq!((store.len(), is_live(&store, &new)), (1, true));
}

#[test]
fn room_that_was_given_up_can_be_used_again() {
    let store = MemoryStore::holding(10, 10_000);
    for round in 0..60 {
        let owner = format!("user-{}", round % 4);
        let user = || Sample::of(&owner, NOW).epoch(now(store.epoch(&owner)).unwrap());
        let keys: Vec<_> = (0..10).map(|_| created(&store, sized(user(), 1_000), NOW)).collect();
        assert_eq!(refused(&store, user().record()), StoreErrorKind::Full);
        for key in &keys {
            let (new, smaller) = (super::key(), sized(user(), 200));
            match round % 4 {
                0 => assert!(now(store.delete(key, NOW)).unwrap()),
                1 => assert_eq!(now(store.update(key, 1, smaller, NOW)).unwrap(), Updated::Yes),
                2 => assert_eq!(now(store.rotate(key, 1, &new, smaller, 10, NOW)).unwrap(), Rotated::Yes),
                _ => {}
            }
        }
        assert_eq!(now(store.end_owner(&owner, None, NOW)).unwrap(), if round % 4 == 0 { 0 } else { 10 });
        assert!(store.is_empty());
    }
}

#[test]
fn of_ended_keys_the_last_ones_are_remembered() {
    // By a clock that runs, by one that stands, and by one that runs backwards.
    for later in [|at: u32| NOW + at / 100, |_| NOW, |at| NOW - at / 100] {
        let store = MemoryStore::holding(10, 10_000);
        let ended: Vec<_> = (0..1_000_u32)
            .map(|at| {
                let key = created(&store, Sample::of("alice", NOW).record(), later(at));
                assert!(now(store.delete(&key, later(at))).unwrap());
                key
            })
            .collect();
        for (at, key) in ended.iter().enumerate() {
            let ended = matches!(now(store.load(key, later(999))).unwrap(), Loaded::Ended);
            assert_eq!(ended, at >= 990, "{at}");
        }
        assert!(store.is_empty());
    }
}

/// T15: whose epoch was forgotten is held to a newer one, so that an older one never opens a session.
#[test]
fn no_epoch_goes_back_however_many_there_are() {
    let store = MemoryStore::holding(10, 10_000);
    let owner = |at: usize| format!("user-{}", at % 70);
    let epoch = |of: &str| now(store.epoch(of)).unwrap();
    let mut epochs = vec![0; 70];
    let stays = created(&store, Sample::of("alice", NOW).record(), NOW);
    for at in 0..1_000 {
        let ends = owner(at * at + at / 7);
        let before = epoch(&ends);
        let ended = [(); 2].map(|()| created(&store, Sample::of(&ends, NOW).epoch(before).record(), NOW));
        assert_eq!(now(store.end_owner(&ends, None, NOW)).unwrap(), 2);
        assert!(epoch(&ends) > before);
        let stale = now(store.create(&key(), Sample::of(&ends, NOW).epoch(before).record(), NOW));
        assert_eq!(stale.unwrap(), Created::Revoked);
        for (at, known) in epochs.iter_mut().enumerate() {
            let present = epoch(&owner(at));
            assert!(present >= *known, "{} fell from {known} to {present}", owner(at));
            *known = present;
        }
        assert!(ended.iter().all(|key| !is_live(&store, key)));
    }
    // Who has a session is not held to others' epochs.
    assert_eq!((epoch("alice"), is_live(&store, &stays)), (0, true));
    let Loaded::Live(stored) = now(store.load(&stays, NOW)).unwrap() else { panic!("it has ended") };
    let record = SessionRecord::clone(&stored.record);
    assert_eq!(now(store.update(&stays, 1, record, NOW)).unwrap(), Updated::Yes);
}

#[test]
fn a_store_without_room_holds_nothing() {
    let store = MemoryStore::holding(0, 0);
    assert_eq!(refused(&store, Sample::anonymous(NOW).record()), StoreErrorKind::Full);
    assert_eq!(refused(&store, Sample::of("alice", NOW).record()), StoreErrorKind::Full);
    assert!(matches!(now(store.load(&key(), NOW)).unwrap(), Loaded::Absent));
    assert_eq!(now(store.end_owner("alice", None, NOW)).unwrap(), 0);
}
