//! Where remembered logins are kept: the trait that stores implement.

use super::series::{SeriesKey, SeriesRecord};
use crate::session::store::{StoreError, Updated};

/// A place to keep remembered logins in. [`MemoryStore`](crate::MemoryStore) is one.
///
/// Implementors write `async fn`. A store keeps a record under a key and knows four things of it: its
/// [`owner`](SeriesRecord::owner), when it [ends](SeriesRecord::ends), whether it [is stolen](SeriesRecord::is_stolen), and its
/// revision. The first revision is 1; each
/// [`update_series`](Self::update_series), and [`end_series_of`](Self::end_series_of) where it spares one, adds 1 to it. From the
/// second at which it ends on a series is absent to every step, and may be forgotten at any time.
///
/// Keys and owners are compared byte by byte; an owner's name has 1 to 255 bytes and may have any character in it but NUL.
/// Time comes in as an argument, Unix seconds by the policy's clock. Each method is one step that nothing else comes between, and
/// is dropped at the policy's deadline; what it did by then stays done.
///
/// [`testing::remember_store`](crate::testing::remember_store) (feature `testing`) holds a store to all of this.
pub trait RememberStore: Send + Sync + 'static {
    /// Keeps a new series under a key that is not in use, at revision 1. A series that was deleted or has ended, forgotten
    /// or not, leaves its key free. False if the key is in use; then nothing changes.
    fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The series under a key.
    fn load_series(
        &self,
        key: &SeriesKey,
        now: u32,
    ) -> impl Future<Output = Result<Option<StoredSeries>, StoreError>> + Send;

    /// Puts a record in the place of the one under this key, if that still has the revision `expected`. The two have one
    /// owner and one end: nobody's login becomes another's, or lasts longer.
    fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> impl Future<Output = Result<Updated, StoreError>> + Send;

    /// Forgets the series under this key. Whether there was one.
    fn delete_series(
        &self,
        key: &SeriesKey,
        now: u32,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets all the owner's series but the one that is spared, which gets this epoch
    /// ([`SeriesRecord::raise_epoch`]) and its next revision. A key under which the owner has none spares nothing, and whose
    /// it is keeps it as it was. One that is [stolen](SeriesRecord::is_stolen) stays as it is, spared or not: nobody gets in by
    /// it, and its visitor has to hear of it. How many were forgotten.
    fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Forgets at most `limit` of the series that have ended, and only those. How many; where it says 0 of more than 0, none
    /// is left.
    fn purge_series(&self, now: u32, limit: usize) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// A series as it stands in the store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredSeries {
    /// What is kept.
    pub record: SeriesRecord,
    /// How often it was written.
    pub revision: u64,
}

impl StoredSeries {
    /// A series at this revision.
    #[must_use]
    pub fn new(record: SeriesRecord, revision: u64) -> Self {
        Self { record, revision }
    }
}
