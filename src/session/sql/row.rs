//! Records as columns. What decides about a record has a column of its own; the rest are its bytes.

use crate::session::record::SessionRecord;
use crate::session::remember::{SeriesRecord, StoredSeries};
use crate::session::store::{ENDED_FOR, StoreError, StoreErrorKind, Stored};

use super::fault;

/// A session to be written.
pub(super) struct Session<'r> {
    pub(super) owner: Option<&'r str>,
    pub(super) epoch: i64,
    pub(super) seen: i64,
    pub(super) deadline: i64,
    pub(super) bytes: Vec<u8>,
}

impl<'r> From<&'r SessionRecord> for Session<'r> {
    fn from(record: &'r SessionRecord) -> Self {
        Self {
            owner: record.owner(),
            epoch: number(record.epoch()),
            seen: record.seen().into(),
            deadline: record.deadline().into(),
            bytes: record.to_bytes(),
        }
    }
}

/// A session as it was read.
pub(super) struct ReadSession {
    pub(super) revision: i64,
    pub(super) epoch: i64,
    pub(super) seen: i64,
    pub(super) deadline: i64,
    pub(super) bytes: Vec<u8>,
}

impl ReadSession {
    /// The session, with the times and the epoch that it has by now.
    pub(super) fn stored(self) -> Result<Stored, StoreError> {
        let record = SessionRecord::from_bytes(&self.bytes);
        let mut record = record.map_err(|error| StoreError::caused(StoreErrorKind::Undecodable, error))?;
        record.touch(moment(self.seen)?, moment(self.deadline)?);
        record.raise_epoch(count(self.epoch)?);
        Ok(Stored::new(record, count(self.revision)?))
    }
}

/// A remembered login to be written.
pub(super) struct Series<'r> {
    pub(super) owner: &'r str,
    pub(super) epoch: i64,
    pub(super) ends: i64,
    pub(super) stolen: bool,
    pub(super) bytes: Vec<u8>,
}

impl<'r> From<&'r SeriesRecord> for Series<'r> {
    fn from(record: &'r SeriesRecord) -> Self {
        Self {
            owner: record.owner(),
            epoch: number(record.epoch()),
            ends: record.ends().into(),
            stolen: record.is_stolen(),
            bytes: record.to_bytes(),
        }
    }
}

/// A remembered login as it was read.
pub(super) fn stored_series(revision: i64, epoch: i64, bytes: &[u8]) -> Result<StoredSeries, StoreError> {
    let record = SeriesRecord::from_bytes(bytes);
    let mut record = record.map_err(|error| StoreError::caused(StoreErrorKind::Undecodable, error))?;
    record.raise_epoch(count(epoch)?);
    Ok(StoredSeries::new(record, count(revision)?))
}

/// A number that both databases have. No epoch and no revision comes to more than that by counting.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A limit on rows.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Until when a key is remembered that is given up now.
pub(super) fn until(now: u32) -> i64 {
    now.saturating_add(ENDED_FOR).into()
}

pub(super) fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| odd())
}

/// How many rows, as a function of the database says it.
#[cfg(feature = "postgres")]
pub(super) fn rows(number: i64) -> Result<usize, StoreError> {
    usize::try_from(number).map_err(|_| odd())
}

fn moment(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| odd())
}

/// 32 bytes of a key.
pub(super) fn key(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| odd())
}

fn odd() -> StoreError {
    fault::failed(StoreErrorKind::Corrupt, "a row is not as this store writes it")
}
