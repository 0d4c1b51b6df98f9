//! What a store keeps of a remembered login, and what it makes of a validator that is presented.
//!
//! - A series has a current validator and perhaps an unseen successor. A successor that is presented is the current one.
//! - A validator that has been followed by another answers for 60 seconds more, and sets nothing: requests go out in parallel.
//! - A successor that nobody has presented for 60 seconds was lost with its response, and another takes its place.
//! - Whatever else is presented was copied: each validator is handed out once.
//!
//! Times are Unix seconds by the policy's clock. Validators are kept hashed.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::session::record::NoRecord;

/// Under which a store keeps a series: the SHA-256 of what names it in the cookie. Whoever reads the store learns no cookie
/// from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey([u8; 32]);

impl SeriesKey {
    /// The key that these bytes are, for a store that reads it back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes, for a store to write.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// None of it: a key tells one visitor from another.
impl fmt::Debug for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeriesKey(..)")
    }
}

/// The SHA-256 of a validator.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hash(pub(crate) [u8; 32]);

/// A remembered login as a store keeps it: one sign-in on one device. Stores see whose it is and when it ends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRecord {
    pub(crate) owner: Arc<str>,
    /// The owner's epoch when the user signed in.
    pub(crate) epoch: u64,
    /// When the user signed in.
    pub(crate) started: u32,
    pub(crate) ends: u32,
    pub(crate) current: Hash,
    pub(crate) successor: Option<Timed>,
    /// Those that answer a little longer, and until when.
    pub(crate) superseded: Vec<Timed>,
    /// When a validator was presented that had been used up.
    pub(crate) stolen: Option<u32>,
}

/// A validator and a moment.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Timed {
    pub(crate) validator: Hash,
    pub(crate) at: u32,
}

/// What a presented validator is to its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It answers, and the browser is told nothing.
    Answers,
    /// It answers, and the browser is due another one.
    IsDueAnother,
    /// It was handed out and used up, so there are two who have it.
    UsedUp,
}

impl SeriesRecord {
    /// The user who is remembered.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The owner's epoch when the user signed in.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The first second at which it does not count any more. It does not move: the lifetime runs from the sign-in.
    #[must_use]
    pub fn ends(&self) -> u32 {
        self.ends
    }

    /// Whether it was found out to be stolen. Such a one lets nobody in, and tells whoever brings it.
    #[must_use]
    pub fn is_stolen(&self) -> bool {
        self.stolen.is_some()
    }

    /// Raises the epoch, as [`RememberStore::end_series_of`](crate::RememberStore::end_series_of) does to the series that it
    /// spares. It never goes back.
    pub fn raise_epoch(&mut self, epoch: u64) {
        self.epoch = self.epoch.max(epoch);
    }

    /// The record as bytes, behind a version.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.append_to(Vec::new())
    }

    /// The same, behind what stands there.
    pub(crate) fn append_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.push(VERSION);
        // Writing into a vector cannot fail; were it to, the record would read as none.
        postcard::to_extend(self, bytes).unwrap_or_default()
    }

    /// The record that these bytes are.
    ///
    /// # Errors
    /// [`NoRecord`] if they are none, or of a version that is not known here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoRecord> {
        let [VERSION, body @ ..] = bytes else { return Err(NoRecord::SERIES) };
        match postcard::take_from_bytes(body) {
            Ok((record, [])) => Ok(record),
            _ => Err(NoRecord::SERIES),
        }
    }

    pub(crate) fn starting(owner: Arc<str>, epoch: u64, validator: Hash, now: u32, lifetime: u32) -> Self {
        Self {
            owner,
            epoch,
            started: now,
            ends: now.saturating_add(lifetime),
            current: validator,
            successor: None,
            superseded: Vec::new(),
            stolen: None,
        }
    }

    /// What the validator is to the series. A successor becomes the current one by that.
    pub(super) fn present(&mut self, validator: Hash, now: u32) -> Standing {
        self.superseded.retain(|superseded| now < superseded.at);
        if self.successor.is_some_and(|successor| successor.validator == validator) {
            let before = std::mem::replace(&mut self.current, validator);
            self.successor = None;
            self.superseded.push(Timed { validator: before, at: now.saturating_add(GRACE) });
        }
        if validator != self.current {
            let answers = self.superseded.iter().any(|superseded| superseded.validator == validator);
            return if answers { Standing::Answers } else { Standing::UsedUp };
        }
        match self.successor {
            Some(successor) if now.saturating_sub(successor.at) < GRACE => Standing::Answers,
            // Who presents one validator after the other faster than that goes without another for a moment.
            None if self.superseded.len() >= MOST_SUPERSEDED => Standing::Answers,
            _ => Standing::IsDueAnother,
        }
    }

    /// Hands out a successor, in the place of one that was lost.
    pub(super) fn hand_out(&mut self, validator: Hash, now: u32) {
        self.successor = Some(Timed { validator, at: now });
    }
}

/// Nothing that tells one visitor from another.
impl fmt::Debug for SeriesRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesRecord")
            .field("epoch", &self.epoch)
            .field("ends", &self.ends)
            .field("stolen", &self.stolen.is_some())
            .finish_non_exhaustive()
    }
}

/// For how many seconds a validator answers after the next one was handed out or seen.
const GRACE: u32 = 60;
/// Validators that answer a little longer.
const MOST_SUPERSEDED: usize = 16;
/// The version byte before a record's bytes.
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Hash, SeriesRecord, Standing};

    const NOW: u32 = 1_795_455_792;

    fn hash(of: u8) -> Hash {
        Hash([of; 32])
    }

    fn series() -> SeriesRecord {
        SeriesRecord::starting("alice".into(), 3, hash(0), NOW, 31_536_000)
    }

    #[test]
    fn the_current_one_hands_out_a_successor_once_a_minute() {
        let mut series = series();
        assert_eq!(series.present(hash(0), NOW + 5), Standing::IsDueAnother);
        series.hand_out(hash(1), NOW + 5);
        assert_eq!(series.present(hash(0), NOW + 5), Standing::Answers);
        assert_eq!(series.present(hash(0), NOW + 64), Standing::Answers);
        assert_eq!(
            series.present(hash(0), NOW + 65),
            Standing::IsDueAnother,
            "it was lost with its response"
        );
        series.hand_out(hash(2), NOW + 65);
        assert_eq!(series.present(hash(2), NOW + 400), Standing::IsDueAnother);
        assert_eq!(series.present(hash(1), NOW + 400), Standing::UsedUp, "another took its place");
    }

    #[test]
    fn the_old_one_answers_for_a_minute_after_the_new_one_was_seen() {
        let mut series = series();
        series.present(hash(0), NOW);
        series.hand_out(hash(1), NOW);
        assert_eq!(series.present(hash(1), NOW + 1000), Standing::IsDueAnother);
        series.hand_out(hash(2), NOW + 1000);
        assert_eq!(series.present(hash(0), NOW + 1059), Standing::Answers);
        assert_eq!(series.present(hash(1), NOW + 1059), Standing::Answers);
        assert_eq!(series.present(hash(0), NOW + 1060), Standing::UsedUp);
    }

    #[test]
    fn a_fast_browser_leaves_no_slow_request_behind() {
        let mut series = series();
        for step in 0..40 {
            match series.present(hash(step), NOW) {
                Standing::IsDueAnother => series.hand_out(hash(step + 1), NOW),
                Standing::Answers => break,
                Standing::UsedUp => panic!("step {step}"),
            }
        }
        assert_eq!(series.superseded.len(), super::MOST_SUPERSEDED);
        assert_eq!(series.present(hash(0), NOW + 59), Standing::Answers);
        assert_eq!(series.present(hash(0), NOW + 60), Standing::UsedUp);
    }

    #[test]
    fn a_clock_that_was_set_back_raises_no_alarm() {
        let mut series = series();
        series.present(hash(0), NOW);
        series.hand_out(hash(1), NOW);
        assert_eq!(series.present(hash(0), NOW - 3600), Standing::Answers);
        assert_eq!(series.present(hash(1), NOW - 3600), Standing::IsDueAnother);
        assert_eq!(series.present(hash(0), NOW - 3600), Standing::Answers);
    }

    #[test]
    fn the_format_of_version_1_stays_readable() {
        let mut series = SeriesRecord::starting("al".into(), 3, hash(7), 1, 9);
        series.hand_out(hash(8), 2);
        let mut bytes = b"\x01\x02al\x03\x01\x0a".to_vec();
        bytes.extend([7; 32]);
        bytes.push(1);
        bytes.extend([8; 32]);
        bytes.extend([2, 0, 0]);
        assert_eq!(series.to_bytes(), bytes);
        assert!(SeriesRecord::from_bytes(&bytes).unwrap() == series);
    }

    proptest! {
        /// T20: what is no record is no record, and no panic.
        #[test]
        fn rubbish_is_no_record(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..100) {
            drop(SeriesRecord::from_bytes(&bytes));
            let whole = series().to_bytes();
            prop_assert!(SeriesRecord::from_bytes(&whole[..cut.min(whole.len() - 1)]).is_err());
            let longer = [whole.as_slice(), &[0]].concat();
            prop_assert!(SeriesRecord::from_bytes(&longer).is_err());
        }
    }
}
