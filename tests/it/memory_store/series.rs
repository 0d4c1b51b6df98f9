//! The memory store as a store of remembered logins.

mod bounds;
mod conformance;
mod model;
mod naive;
mod threads;

use tower_cookie_policy::testing::series_key;
use tower_cookie_policy::{MemoryStore, RememberStore, SeriesKey, SeriesRecord};

use super::NOW;
use crate::support::now;

/// Creates a series under a new key.
fn created(store: &MemoryStore, record: SeriesRecord) -> SeriesKey {
    let key = series_key();
    assert!(now(store.create_series(&key, record, NOW)).unwrap());
    key
}

fn is_there(store: &MemoryStore, key: &SeriesKey) -> bool {
    now(store.load_series(key, NOW)).unwrap().is_some()
}
