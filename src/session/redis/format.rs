//! Values as they stand in Redis: what steps have to know, in fixed places and big-endian, in front of the record's bytes.
//!
//! | value | first byte | then |
//! |---|---|---|
//! | anonymous session | `A` | seen 4, deadline 4, revision 8, epoch 8, record |
//! | signed-in session | `U` | seen 4, deadline 4, revision 8, epoch 8, owner's SHA-256 32, record |
//! | mark of a session | `M` | until 4; and where its key still leads to another: until when 4, that one's key 32 |
//! | remembered login | `R` | end 4, revision 8, epoch 8, whether it is stolen 1, owner's SHA-256 32, record |
//!
//! A touch and a raised epoch are written there alone, and put over the record when that is read.

use super::error::undecodable;
use super::names::owner_id;
use crate::session::record::SessionRecord;
use crate::session::remember::{SeriesRecord, StoredSeries};
use crate::session::store::{StoreError, Stored};

pub(super) fn session(record: &SessionRecord, revision: u64) -> Vec<u8> {
    let mut value = vec![if record.owner().is_some() { SIGNED_IN } else { ANONYMOUS }];
    value.extend(record.seen().to_be_bytes());
    value.extend(record.deadline().to_be_bytes());
    value.extend(revision.to_be_bytes());
    value.extend(record.epoch().to_be_bytes());
    value.extend(record.owner().into_iter().flat_map(owner_id));
    value.extend(record.to_bytes());
    value
}

pub(super) fn series(record: &SeriesRecord, revision: u64) -> Vec<u8> {
    let mut value = vec![LOGIN];
    value.extend(record.ends().to_be_bytes());
    value.extend(revision.to_be_bytes());
    value.extend(record.epoch().to_be_bytes());
    value.push(u8::from(record.is_stolen()));
    value.extend(owner_id(record.owner()));
    value.extend(record.to_bytes());
    value
}

/// The session that this value is, as it was touched and raised since.
///
/// # Errors
/// `Undecodable` if it is none.
pub(super) fn read_session(value: &[u8]) -> Result<Stored, StoreError> {
    let mut rest = value;
    let tag = take(&mut rest)?;
    let (seen, deadline) = (u32::from_be_bytes(take(&mut rest)?), u32::from_be_bytes(take(&mut rest)?));
    let (revision, epoch) = (u64::from_be_bytes(take(&mut rest)?), u64::from_be_bytes(take(&mut rest)?));
    match tag {
        [ANONYMOUS] => {}
        [SIGNED_IN] => drop(take::<32>(&mut rest)?),
        _ => return Err(undecodable()),
    }
    let mut record = SessionRecord::from_bytes(rest).map_err(|_| undecodable())?;
    record.touch(seen, deadline);
    record.raise_epoch(epoch);
    Ok(Stored::new(record, revision))
}

/// The remembered login that this value is, as it was raised since.
///
/// # Errors
/// `Undecodable` if it is none.
pub(super) fn read_series(value: &[u8]) -> Result<StoredSeries, StoreError> {
    let mut rest = value;
    if take(&mut rest)? != [LOGIN] {
        return Err(undecodable());
    }
    let _ends = take::<4>(&mut rest)?;
    let (revision, epoch) = (u64::from_be_bytes(take(&mut rest)?), u64::from_be_bytes(take(&mut rest)?));
    let _stolen_and_owner = take::<33>(&mut rest)?;
    let mut record = SeriesRecord::from_bytes(rest).map_err(|_| undecodable())?;
    record.raise_epoch(epoch);
    Ok(StoredSeries::new(record, revision))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (taken, left) = rest.split_first_chunk().ok_or_else(undecodable)?;
    *rest = left;
    Ok(*taken)
}

const ANONYMOUS: u8 = b'A';
const SIGNED_IN: u8 = b'U';
const LOGIN: u8 = b'R';
