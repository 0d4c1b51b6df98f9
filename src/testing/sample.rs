//! Records and keys to try a store with.

use bytes::Bytes;

use crate::key::random;
use crate::session::{SessionKey, SessionRecord};
use crate::wire;

/// A record to try a store with.
///
/// ```
/// use tower_cookie_policy::testing::Sample;
///
/// let record = Sample::of("alice", 1_795_455_792).epoch(3).value("note", r#""milk""#).record();
/// assert_eq!((record.owner(), record.epoch()), (Some("alice"), 3));
/// assert_eq!(record.deadline(), 1_795_455_792 + 1800);
/// ```
#[derive(Clone, Debug)]
pub struct Sample(SessionRecord);

impl Sample {
    /// An anonymous session that begins now and lasts half an hour.
    #[must_use]
    pub fn anonymous(now: u32) -> Self {
        Self(SessionRecord {
            owner: None,
            epoch: 0,
            handle: text().into(),
            fresh: false,
            created: now,
            started: now,
            seen: now,
            deadline: now.saturating_add(HALF_AN_HOUR),
            values: Default::default(),
            series: None,
        })
    }

    /// A signed-in user's session that begins now and lasts half an hour.
    #[must_use]
    pub fn of(owner: &str, now: u32) -> Self {
        let mut sample = Self::anonymous(now);
        (sample.0.owner, sample.0.fresh) = (Some(owner.into()), true);
        sample
    }

    /// Of this epoch. Without it, 0.
    #[must_use]
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.0.epoch = epoch;
        self
    }

    /// Last seen then.
    #[must_use]
    pub fn seen(mut self, seen: u32) -> Self {
        self.0.seen = seen;
        self
    }

    /// Over from this second on.
    #[must_use]
    pub fn deadline(mut self, deadline: u32) -> Self {
        self.0.deadline = deadline;
        self
    }

    /// With a value, which is JSON as the library writes it.
    #[must_use]
    pub fn value(mut self, key: &str, json: impl Into<Bytes>) -> Self {
        self.0.values.insert(key.into(), json.into());
        self
    }

    /// The record.
    #[must_use]
    pub fn record(self) -> SessionRecord {
        self.0
    }
}

/// The record as it is, to be changed.
impl From<SessionRecord> for Sample {
    fn from(record: SessionRecord) -> Self {
        Self(record)
    }
}

/// A key that no store knows.
///
/// # Panics
/// If the system has no random bytes to give.
#[must_use]
pub fn key() -> SessionKey {
    SessionKey::from_bytes(bytes())
}

/// Sixteen characters that nobody has used before.
pub(super) fn text() -> String {
    wire::text(&bytes::<12>())
}

#[expect(clippy::expect_used, reason = "a test without random bytes has failed")]
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    random().expect("the system has random bytes")
}

const HALF_AN_HOUR: u32 = 1800;
