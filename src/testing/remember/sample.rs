//! Remembered logins and their keys to try a store with.

use crate::session::{Hash, SeriesKey, SeriesRecord, Timed};
use crate::testing::sample::bytes;

/// A remembered login to try a store with. Its validators are new.
///
/// ```
/// use tower_cookie_policy::testing::SampleSeries;
///
/// let now = 1_795_455_792;
/// let record = SampleSeries::of("alice", now).epoch(3).successor(now + 5).superseded(now + 60).record();
/// assert_eq!((record.owner(), record.epoch()), ("alice", 3));
/// assert_eq!(record.ends(), now + 365 * 24 * 60 * 60);
/// ```
#[derive(Clone, Debug)]
pub struct SampleSeries(SeriesRecord);

impl SampleSeries {
    /// A login of this user that begins now and lasts a year.
    #[must_use]
    pub fn of(owner: &str, now: u32) -> Self {
        Self(SeriesRecord::starting(owner.into(), 0, validator(), now, A_YEAR))
    }

    /// Of this epoch. Without it, 0.
    #[must_use]
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.0.epoch = epoch;
        self
    }

    /// Over from this second on.
    #[must_use]
    pub fn ends(mut self, ends: u32) -> Self {
        self.0.ends = ends;
        self
    }

    /// With a successor that was handed out then, and is unseen.
    #[must_use]
    pub fn successor(mut self, handed_out: u32) -> Self {
        self.0.successor = Some(Timed { validator: validator(), at: handed_out });
        self
    }

    /// With one more validator that has been followed by another, and answers until then.
    #[must_use]
    pub fn superseded(mut self, until: u32) -> Self {
        self.0.superseded.push(Timed { validator: validator(), at: until });
        self
    }

    /// Found out then to be stolen.
    #[must_use]
    pub fn stolen(mut self, detected: u32) -> Self {
        self.0.stolen = Some(detected);
        self
    }

    /// The record.
    #[must_use]
    pub fn record(self) -> SeriesRecord {
        self.0
    }
}

/// The record as it is, to be changed.
impl From<SeriesRecord> for SampleSeries {
    fn from(record: SeriesRecord) -> Self {
        Self(record)
    }
}

/// A key of a remembered login that no store knows.
///
/// # Panics
/// If the system has no random bytes to give.
#[must_use]
pub fn series_key() -> SeriesKey {
    SeriesKey::from_bytes(bytes())
}

fn validator() -> Hash {
    Hash(bytes())
}

const A_YEAR: u32 = 31_536_000;
