//! What a store keeps of a session.
//!
//! - Times are Unix seconds by the policy's clock.
//! - `started` begins the absolute limit and `seen` the idle one; `deadline` is the earlier end of both.
//! - Values are JSON, each under its key; a record's bytes are a version and [postcard](https://docs.rs/postcard).
//! - Version 2 has the key of a remembered login at the end, version 1 has none.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::remember::SeriesKey;

/// A session as a store keeps it. Stores see when it ends and whose it is; what is in it is the application's.
///
/// ```
/// use tower_cookie_policy::SessionRecord;
///
/// // A store that keeps bytes writes `record.to_bytes()` and reads them back; what is no record is an error.
/// assert!(SessionRecord::from_bytes(b"\x01rubbish").is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The signed-in user.
    pub(crate) owner: Option<Arc<str>>,
    /// The owner's epoch when the session was opened.
    pub(crate) epoch: u64,
    /// Names the session to its owner. Random, and no secret.
    pub(crate) handle: Arc<str>,
    /// Whether the user gave credentials for this very session.
    pub(crate) fresh: bool,
    pub(crate) created: u32,
    pub(crate) started: u32,
    pub(crate) seen: u32,
    pub(crate) deadline: u32,
    pub(crate) values: Values,
    /// The remembered login that it was opened from, or that was begun with it.
    pub(crate) series: Option<SeriesKey>,
}

impl SessionRecord {
    /// The signed-in user, if one is.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// The owner's epoch when the session was opened; 0 for an anonymous one.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The random name by which its owner can revoke it. It does not change with a new id.
    #[must_use]
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// When it was opened, in Unix seconds.
    #[must_use]
    pub fn created(&self) -> u32 {
        self.created
    }

    /// When it was last used, in Unix seconds, to a tenth of the idle limit.
    #[must_use]
    pub fn seen(&self) -> u32 {
        self.seen
    }

    /// The first second at which it does not count any more, unless it is used before.
    #[must_use]
    pub fn deadline(&self) -> u32 {
        self.deadline
    }

    /// Whether its user signed in for it, and was not merely remembered.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Moves the two times that a touch moves. They never go back.
    pub fn touch(&mut self, seen: u32, deadline: u32) {
        self.seen = self.seen.max(seen);
        self.deadline = self.deadline.max(deadline);
    }

    /// Raises the epoch, as [`SessionStore::end_owner`](crate::SessionStore::end_owner) does to the session that it spares.
    /// It never goes back.
    pub fn raise_epoch(&mut self, epoch: u64) {
        self.epoch = self.epoch.max(epoch);
    }

    /// The bytes that the session takes in memory: owner, keys and values, and some 128 for each value. It is what the
    /// 1 MiB that a session may have is about, and what a store that bounds its memory counts.
    #[must_use]
    pub fn size(&self) -> usize {
        self.owner.as_ref().map_or(0, |owner| owner.len()) + self.values.size()
    }

    /// The record as bytes, behind a version.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.append_to(Vec::new())
    }

    /// The same, behind what stands there.
    pub(crate) fn append_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        // Servers that know version 1 only can read whatever needs no more. Writing into a vector cannot fail; were it to,
        // the record would read as none.
        bytes.push(if self.series.is_none() { 1 } else { 2 });
        let appended = match &self.series {
            None => postcard::to_extend(&Body::from(self), bytes),
            Some(series) => postcard::to_extend(&(Body::from(self), series), bytes),
        };
        appended.unwrap_or_default()
    }

    /// The record that these bytes are.
    ///
    /// # Errors
    /// [`NoRecord`] if they are none, or of a version that is not known here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoRecord> {
        let read = match bytes {
            [1, body @ ..] => postcard::take_from_bytes::<Body>(body).map(|(body, rest)| (body, None, rest)),
            [2, body @ ..] => {
                let read = postcard::take_from_bytes::<(Body, SeriesKey)>(body);
                read.map(|((body, series), rest)| (body, Some(series), rest))
            }
            _ => return Err(NoRecord::SESSION),
        };
        match read {
            Ok((body, series, [])) if body.values.is_in_order() => Ok(Self { series, ..body.into() }),
            _ => Err(NoRecord::SESSION),
        }
    }
}

/// The fields that every version has, in order.
#[derive(Serialize, Deserialize)]
struct Body {
    owner: Option<Arc<str>>,
    epoch: u64,
    handle: Arc<str>,
    fresh: bool,
    created: u32,
    started: u32,
    seen: u32,
    deadline: u32,
    values: Values,
}

impl From<&SessionRecord> for Body {
    fn from(record: &SessionRecord) -> Self {
        let SessionRecord { owner, epoch, handle, fresh, created, started, seen, deadline, values, .. } =
            record.clone();
        Self { owner, epoch, handle, fresh, created, started, seen, deadline, values }
    }
}

impl From<Body> for SessionRecord {
    fn from(body: Body) -> Self {
        let Body { owner, epoch, handle, fresh, created, started, seen, deadline, values } = body;
        Self { owner, epoch, handle, fresh, created, started, seen, deadline, values, series: None }
    }
}

/// Whose it is and when it ends; nothing of what is in it.
impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("signed_in", &self.owner.is_some())
            .field("epoch", &self.epoch)
            .field("deadline", &self.deadline)
            .field("values", &self.values.0.len())
            .finish_non_exhaustive()
    }
}

/// These bytes are no record of a session, or of a remembered login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRecord(&'static str);

impl NoRecord {
    const SESSION: Self = Self("session");
    pub(super) const SERIES: Self = Self("remembered login");
}

impl fmt::Display for NoRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bytes are no record of a {} in a version that is known here", self.0)
    }
}

impl std::error::Error for NoRecord {}

/// The application's values as JSON, by key. They are few, so a sorted list holds them; a copy shares the bytes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Values(Vec<(Arc<str>, Bytes)>);

impl Values {
    pub(crate) fn get(&self, key: &str) -> Option<&Bytes> {
        let at = self.place(key).ok()?;
        Some(&self.0[at].1)
    }

    pub(crate) fn insert(&mut self, key: Arc<str>, value: Bytes) {
        match self.place(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Ok(at) = self.place(key) {
            self.0.remove(at);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn size(&self) -> usize {
        self.0.iter().map(|(key, value)| key.len() + value.len() + PER_VALUE).sum()
    }

    fn is_in_order(&self) -> bool {
        self.0.is_sorted_by(|(one, _), (other, _)| one < other)
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(key))
    }
}

/// What a value takes beside its bytes and its key's: the entry, and two allocations with their counts.
const PER_VALUE: usize = 128;
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{SeriesKey, SessionRecord, Values};

    fn record() -> SessionRecord {
        let mut values = Values::default();
        for (key, value) in [("b", "2"), ("a", "\"one\""), ("c", "[3]"), ("b", "4")] {
            values.insert(key.into(), value.as_bytes().to_vec().into());
        }
        SessionRecord {
            owner: Some("alice".into()),
            epoch: 3,
            handle: "handle".into(),
            fresh: true,
            created: 1,
            started: 2,
            seen: 3,
            deadline: 4,
            values,
            series: None,
        }
    }

    #[test]
    fn values_are_found_by_key() {
        let mut values = record().values;
        assert_eq!(values.keys().map(|key| &**key).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(values.get("b").unwrap().as_ref(), b"4");
        values.remove("b");
        assert_eq!((values.get("b"), values.get("d")), (None, None));
        assert_eq!(values.size(), "a\"one\"c[3]".len() + 2 * super::PER_VALUE);
    }

    #[test]
    fn bytes_are_compact_and_come_back() {
        let bytes = record().to_bytes();
        assert!(SessionRecord::from_bytes(&bytes).unwrap() == record());
        assert!(bytes.len() < 50, "{}", bytes.len());
    }

    #[test]
    fn the_format_of_version_1_stays_readable() {
        let bytes =
            b"\x01\x01\x05alice\x03\x06handle\x01\x01\x02\x03\x04\x03\x01a\x05\"one\"\x01b\x014\x01c\x03[3]";
        assert_eq!(record().to_bytes(), bytes);
        assert!(SessionRecord::from_bytes(bytes).unwrap() == record());
    }

    #[test]
    fn the_format_of_version_2_stays_readable() {
        let record = SessionRecord { series: Some(SeriesKey::from_bytes([0x5a; 32])), ..record() };
        let body =
            b"\x02\x01\x05alice\x03\x06handle\x01\x01\x02\x03\x04\x03\x01a\x05\"one\"\x01b\x014\x01c\x03[3]";
        let bytes = [&body[..], &[0x5a; 32]].concat();
        assert_eq!(record.to_bytes(), bytes);
        assert!(SessionRecord::from_bytes(&bytes).unwrap() == record);
        assert!(SessionRecord::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    }

    proptest! {
        /// T20: what is no record is no record, and no panic.
        #[test]
        fn rubbish_is_no_record(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..40) {
            drop(SessionRecord::from_bytes(&bytes));
            let whole = record().to_bytes();
            prop_assert!(SessionRecord::from_bytes(&whole[..cut.min(whole.len() - 1)]).is_err());
            let longer = [whole.as_slice(), &[0]].concat();
            prop_assert!(SessionRecord::from_bytes(&longer).is_err());
        }
    }
}
