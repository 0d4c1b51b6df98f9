//! The memory store: held to the rules of all stores, to a model, to its bounds, and under many threads at once.
//! `series` does so with remembered logins.

mod bounds;
mod clocks;
mod conformance;
mod flood;
mod model;
mod naive;
mod series;
mod threads;

use tower_cookie_policy::store::{Created, Loaded};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{MemoryStore, SessionKey, SessionRecord, SessionStore, StoreErrorKind};

use crate::support::now;

/// 23 November 2026.
const NOW: u32 = 1_795_455_792;

/// Creates a session under a new key, where that goes well.
fn created(store: &MemoryStore, record: SessionRecord, at: u32) -> SessionKey {
    let key = key();
    assert_eq!(now(store.create(&key, record, at)).unwrap(), Created::Yes);
    key
}

/// What a store says to a record that it has no room for.
fn refused(store: &MemoryStore, record: SessionRecord) -> StoreErrorKind {
    now(store.create(&key(), record, NOW)).unwrap_err().kind()
}

fn is_live(store: &MemoryStore, key: &SessionKey) -> bool {
    matches!(now(store.load(key, NOW)).unwrap(), Loaded::Live(_))
}

/// A record with so many bytes in all.
fn sized(sample: Sample, bytes: usize) -> SessionRecord {
    let empty = sample.clone().value("v", Vec::new()).record().size();
    let record = sample.value("v", vec![b'7'; bytes - empty]).record();
    assert_eq!(record.size(), bytes);
    record
}
