//! The traits, step by step on whichever database it is.

use std::pin::Pin;
use std::time::Duration;

use super::{SqlStore, fault, on};
use crate::clock;
use crate::session::id::SessionKey;
use crate::session::record::SessionRecord;
use crate::session::remember::{RememberStore, SeriesKey, SeriesRecord, StoredSeries};
use crate::session::store::{
    Created, Loaded, Owned, Rotated, SessionStore, StoreError, StoreErrorKind, Updated,
};

/// A step on whichever database it is. It is on the heap, since drivers' futures are large and callers hold several.
macro_rules! step {
    ($store:ident.$step:ident($($argument:expr),*)) => {
        on!($store, backend => bounded(Box::pin(backend.$step($($argument),*))))
    };
}

/// The step within the limit: whoever has no deadline does not wait for ever either.
async fn bounded<T>(step: Pin<Box<impl Future<Output = Result<T, StoreError>>>>) -> Result<T, StoreError> {
    let late = || fault::failed(StoreErrorKind::Timeout, "the database did not answer");
    clock::within(LONGEST, step).await.unwrap_or_else(|| Err(late()))
}

impl SessionStore for SqlStore {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Result<Created, StoreError> {
        // The time is no part of it: under a key that is remembered nothing is created until that is purged.
        let _ = now;
        step!(self.create(key, &record))
    }

    async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        step!(self.load(key, now))
    }

    async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        step!(self.update(key, expected, &record, now))
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Result<bool, StoreError> {
        step!(self.touch(key, seen, deadline, now))
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
        step!(self.rotate(old, expected, new, &record, grace, now))
    }

    async fn delete(&self, key: &SessionKey, now: u32) -> Result<bool, StoreError> {
        step!(self.delete(key, now))
    }

    async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
        step!(self.list_owner(owner, now))
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        step!(self.epoch(owner))
    }

    async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        step!(self.end_owner(owner, except, now))
    }

    async fn purge(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        step!(self.purge(now, limit))
    }
}

impl RememberStore for SqlStore {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        step!(self.create_series(key, &record, now))
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        step!(self.load_series(key, now))
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        step!(self.update_series(key, expected, &record, now))
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        step!(self.delete_series(key, now))
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        step!(self.end_series_of(owner, except, now))
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        step!(self.purge_series(now, limit))
    }
}

/// Longer than any policy's patience.
const LONGEST: Duration = Duration::from_secs(10);
