//! The rules of all stores, and the same on several handles at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use tower_cookie_policy::store::{Created, Loaded, Owned, Rotated, StoredSeries, Updated};
use tower_cookie_policy::{
    RememberStore, SeriesKey, SeriesRecord, SessionKey, SessionRecord, SessionStore, SqlStore, StoreError,
    testing,
};

use super::Place;

on_both! {
    the_rules_hold_and_hold_again_on_what_is_left
    the_rules_hold_where_every_step_goes_to_another_handle
}

async fn the_rules_hold_and_hold_again_on_what_is_left(place: &Place) {
    let store = place.store().await;
    for _ in 0..2 {
        testing::session_store(&store).await;
        testing::remember_store(&store).await;
    }
    store.close().await;
}

async fn the_rules_hold_where_every_step_goes_to_another_handle(place: &Place) {
    let handles = [place.store().await, place.store().await, place.store().await];
    let store = InTurn { handles, step: AtomicUsize::new(0) };
    testing::session_store(&store).await;
    testing::remember_store(&store).await;
}

/// Handles of one database, as several processes have them. Each step goes to the next one.
struct InTurn {
    handles: [SqlStore; 3],
    step: AtomicUsize,
}

impl InTurn {
    fn next(&self) -> &SqlStore {
        &self.handles[self.step.fetch_add(1, Ordering::Relaxed) % 3]
    }
}

impl SessionStore for InTurn {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Result<Created, StoreError> {
        self.next().create(key, record, now).await
    }

    async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        self.next().load(key, now).await
    }

    async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        self.next().update(key, expected, record, now).await
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Result<bool, StoreError> {
        self.next().touch(key, seen, deadline, now).await
    }

    async fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> Result<Rotated, StoreError> {
        self.next().rotate(old, expected, new, record, grace, now).await
    }

    async fn delete(&self, key: &SessionKey, now: u32) -> Result<bool, StoreError> {
        self.next().delete(key, now).await
    }

    async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
        self.next().list_owner(owner, now).await
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        self.next().epoch(owner).await
    }

    async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        self.next().end_owner(owner, except, now).await
    }

    async fn purge(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        self.next().purge(now, limit).await
    }
}

impl RememberStore for InTurn {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        self.next().create_series(key, record, now).await
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        self.next().load_series(key, now).await
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        self.next().update_series(key, expected, record, now).await
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        self.next().delete_series(key, now).await
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        self.next().end_series_of(owner, except, now).await
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        self.next().purge_series(now, limit).await
    }
}
