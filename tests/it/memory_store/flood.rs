//! A flood of visitors who store something and never come back (T21).

use allocation_counter::measure;
use tower_cookie_policy::store::Updated;
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{MemoryStore, SessionKey, SessionStore};

use super::{NOW, created, is_live, sized};
use crate::support::now;

const SESSIONS: usize = 2_000;
const BYTES: usize = 4 << 20;
const SIGNED_IN: usize = 500;

fn with_users() -> (MemoryStore, Vec<SessionKey>) {
    let store = MemoryStore::holding(SESSIONS, BYTES);
    let users = (0..SIGNED_IN)
        .map(|user| created(&store, sized(Sample::of(&format!("user-{user}"), NOW), 500), NOW))
        .collect();
    (store, users)
}

#[test]
fn a_flood_of_visitors_takes_no_room_from_users() {
    let (store, users) = with_users();
    for at in 0..200_000_u32 {
        let at = NOW + at / 200;
        let record = Sample::anonymous(at).value("v", "\"milk and honey\"").record();
        created(&store, record, at);
        assert!(store.len() <= SESSIONS);
    }
    assert_eq!(store.len(), SESSIONS);
    assert!(users.iter().all(|key| is_live(&store, key)));
}

#[test]
fn a_flood_of_large_records_takes_no_more_memory_than_was_given() {
    let mut held = None;
    let memory = measure(|| {
        let (store, users) = with_users();
        for at in 0..3_000_u32 {
            // Up to a quarter of all there is.
            let bytes = usize::try_from(at % 1_000 + 1).unwrap() * 1_000;
            let key = created(&store, sized(Sample::anonymous(NOW + at / 30), bytes), NOW + at / 30);
            if at % 3 == 0 {
                let grown = sized(Sample::anonymous(NOW + at / 30), bytes + 50_000);
                let update = now(store.update(&key, 1, grown, NOW + at / 30)).unwrap();
                assert_eq!(update, Updated::Yes);
            }
        }
        assert!(users.iter().all(|key| is_live(&store, key)));
        held = Some((store, users));
    });
    let bound = u64::try_from(BYTES + SESSIONS * 700).unwrap();
    // The record that is brought along, and the one that it is made from.
    let brought = 2_200_000;
    assert!(memory.bytes_max < bound + brought, "at most {} bytes", memory.bytes_max);
}

#[test]
fn ended_sessions_take_no_more_memory_than_was_given() {
    let mut held = None;
    let memory = measure(|| {
        let store = MemoryStore::holding(SESSIONS, BYTES);
        for at in 0..100_000_u32 {
            let owner = format!("user-{}", at % 1_000);
            let old = created(&store, Sample::of(&owner, NOW).record(), NOW);
            let new = key();
            now(store.rotate(&old, 1, &new, Sample::of(&owner, NOW).record(), 10, NOW)).unwrap();
            assert!(now(store.delete(&old, NOW)).unwrap());
        }
        assert!(store.is_empty());
        held = Some(store);
    });
    // While a table grows there are two of it.
    for (bytes, each) in [(u64::try_from(memory.bytes_current).unwrap(), 500), (memory.bytes_max, 700)] {
        assert!(bytes < u64::try_from(SESSIONS * each).unwrap(), "{bytes} bytes");
    }
}

#[test]
fn epochs_take_no_more_memory_than_was_given() {
    let mut held = None;
    let memory = measure(|| {
        let store = MemoryStore::holding(SESSIONS, BYTES);
        for at in 0..100_000 {
            now(store.end_owner(&format!("user-{at}"), None, NOW)).unwrap();
        }
        held = Some(store);
    });
    assert!(memory.bytes_max < u64::try_from(3 * SESSIONS * 280).unwrap(), "{} bytes", memory.bytes_max);
}
