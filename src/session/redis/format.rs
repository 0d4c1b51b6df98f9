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
use crate::session::record::SessionRecord;
use crate::session::remember::{SeriesRecord, StoredSeries};
use crate::session::store::{Loaded, StoreError, Stored};

/// What a value is to whoever comes with its key.
pub(super) enum Found {
    This(Loaded),
    /// The mark of one that moved on, which may still lead to where it is.
    LeadsOn,
}

/// A session of this owner, by the SHA-256 of the name.
pub(super) fn session(record: &SessionRecord, owner: Option<&[u8; 32]>, revision: u64) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEAD + record.size());
    value.push(if owner.is_some() { SIGNED_IN } else { ANONYMOUS });
    value.extend(record.seen().to_be_bytes());
    value.extend(record.deadline().to_be_bytes());
    value.extend(revision.to_be_bytes());
    value.extend(record.epoch().to_be_bytes());
    value.extend_from_slice(owner.map_or(&[][..], |owner| owner));
    record.append_to(value)
}

pub(super) fn series(record: &SeriesRecord, owner: &[u8; 32], revision: u64) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEAD + record.owner().len());
    value.push(LOGIN);
    value.extend(record.ends().to_be_bytes());
    value.extend(revision.to_be_bytes());
    value.extend(record.epoch().to_be_bytes());
    value.push(u8::from(record.is_stolen()));
    value.extend_from_slice(owner);
    record.append_to(value)
}

/// What is under a session's key at this moment.
///
/// # Errors
/// `Undecodable` if it is neither a session nor the mark of one.
pub(super) fn read_session(value: &[u8], now: u32) -> Result<Found, StoreError> {
    match value {
        // Redis does not tell it from nothing where it reads a part.
        [] => Ok(Found::This(Loaded::Absent)),
        [MARK, rest @ ..] if rest.len() == MARK_ENDS || rest.len() == MARK_LEADS => marked(rest, now),
        _ => live(value, now).map(|found| Found::This(found.map_or(Loaded::Absent, Loaded::Live))),
    }
}

fn marked(mut rest: &[u8], now: u32) -> Result<Found, StoreError> {
    let until = u32::from_be_bytes(take(&mut rest)?);
    let leads_until = if rest.is_empty() { 0 } else { u32::from_be_bytes(take(&mut rest)?) };
    Ok(match () {
        () if now >= until => Found::This(Loaded::Absent),
        () if now >= leads_until => Found::This(Loaded::Ended),
        () => Found::LeadsOn,
    })
}

/// The session that this value is, as it was touched and raised since; none if it is over.
///
/// # Errors
/// `Undecodable` if it is no session.
pub(super) fn live(value: &[u8], now: u32) -> Result<Option<Stored>, StoreError> {
    let mut rest = value;
    let tag = take(&mut rest)?;
    let (seen, deadline) = (u32::from_be_bytes(take(&mut rest)?), u32::from_be_bytes(take(&mut rest)?));
    let (revision, epoch) = (u64::from_be_bytes(take(&mut rest)?), u64::from_be_bytes(take(&mut rest)?));
    match tag {
        [ANONYMOUS] => {}
        [SIGNED_IN] => drop(take::<32>(&mut rest)?),
        _ => return Err(undecodable()),
    }
    if now >= deadline {
        return Ok(None);
    }
    let mut record = SessionRecord::from_bytes(rest).map_err(|_| undecodable())?;
    record.touch(seen, deadline);
    record.raise_epoch(epoch);
    Ok(Some(Stored::new(record, revision)))
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
const MARK: u8 = b'M';
/// Bytes behind the first of a mark, without and with where it leads to.
const MARK_ENDS: usize = 4;
const MARK_LEADS: usize = 40;
/// About what stands in front of an application's values: the fixed places, and the record's own.
const HEAD: usize = 256;
