//! Sessions and remembered logins in this process' memory: bounded, and gone with the process.
//!
//! - Every step runs under one lock, which is held for some look-ups in tables; for a thousand of them where it is about all
//!   the sessions of one user, of which there are no more: the one that was seen longest ago goes.
//! - It forgets what is over with every write, a few records at a time.
//! - When it is full, what is over goes first, then the anonymous sessions that were seen longest ago. Anonymous
//!   sessions never push out signed-in ones: with only those left it says [`Full`](StoreErrorKind::Full).

mod series;
mod shelf;
mod tables;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::id::SessionKey;
use super::record::SessionRecord;
use super::remember::{RememberStore, SeriesKey, SeriesRecord, StoredSeries};
use super::store::{Created, Loaded, Owned, Rotated, SessionStore, StoreError, Updated};
use series::SeriesShelf;
use shelf::Shelf;
use tables::Amount;

/// Sessions and remembered logins in this process' memory. Cheap to clone; all clones are one.
///
/// ```
/// use tower_cookie_policy::{CookiePolicy, KeyRing, MemoryStore};
///
/// let store = MemoryStore::holding(10_000, 64 << 20);
/// let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").store(store.clone()).build()?;
/// assert_eq!(store.len(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Shelves>);

struct Shelves {
    sessions: Mutex<Shelf>,
    series: Mutex<SeriesShelf>,
}

impl MemoryStore {
    /// Room for 100 000 sessions with 256 MiB of values together.
    #[must_use]
    pub fn new() -> Self {
        Self::holding(100_000, 256 << 20)
    }

    /// Room for so many sessions, whose owners, keys and values are so many bytes together. As many keys of ended
    /// sessions are remembered besides, and the epochs of three times as many owners whose sessions were all ended. What the
    /// tables take beyond that is up to some 700 bytes a session, 500 an ended one, and 200 an owner.
    ///
    /// As many logins are remembered as there is room for sessions (one where there is none), at most 100 of each user; of
    /// more the one that ends first is forgotten. Each takes some 700 bytes and the owner's name, and up to 600 bytes more
    /// where its browser came many times within a minute.
    #[must_use]
    pub fn holding(sessions: usize, bytes: usize) -> Self {
        let series = Mutex::new(SeriesShelf::new(sessions));
        Self(Arc::new(Shelves { sessions: Mutex::new(Shelf::new(Amount { sessions, bytes })), series }))
    }

    /// How many sessions it holds, those included that are over and not forgotten yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.with(|shelf| shelf.sessions())
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with<T>(&self, step: impl FnOnce(&mut Shelf) -> T) -> T {
        // A step does not panic half-way: it looks first, then changes.
        step(&mut self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_series<T>(&self, step: impl FnOnce(&mut SeriesShelf) -> T) -> T {
        step(&mut self.0.series.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("sessions", &self.len()).finish_non_exhaustive()
    }
}

impl SessionStore for MemoryStore {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Result<Created, StoreError> {
        self.with(|shelf| shelf.create(*key, record, now))
    }

    async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        Ok(self.with(|shelf| shelf.load(key, now)))
    }

    async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        self.with(|shelf| shelf.update(key, expected, record, now))
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Result<bool, StoreError> {
        Ok(self.with(|shelf| shelf.touch(key, seen, deadline, now)))
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
        self.with(|shelf| shelf.rotate(old, expected, *new, record, grace, now))
    }

    async fn delete(&self, key: &SessionKey, now: u32) -> Result<bool, StoreError> {
        Ok(self.with(|shelf| shelf.delete(key, now)))
    }

    async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
        Ok(self.with(|shelf| shelf.list_owner(owner, now)))
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        Ok(self.with(|shelf| shelf.epoch(owner)))
    }

    async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        // The two locks are taken in this order alone.
        let remembered = || self.with_series(|series| series.owners());
        Ok(self.with(|shelf| shelf.end_owner(owner, except, now, remembered)))
    }

    async fn purge(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        Ok(self.with(|shelf| shelf.purge(now, limit)))
    }
}

impl RememberStore for MemoryStore {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        Ok(self.with_series(|shelf| shelf.create(*key, record, now)))
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        Ok(self.with_series(|shelf| shelf.load(key, now)))
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        Ok(self.with_series(|shelf| shelf.update(key, expected, record, now)))
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        Ok(self.with_series(|shelf| shelf.delete(key, now)))
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        Ok(self.with_series(|shelf| shelf.end_owner(owner, except, now)))
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        Ok(self.with_series(|shelf| shelf.purge(now, limit)))
    }
}
