//! The formats that leave this process: encode beside decode, strict, versioned.
//!
//! - Integers are big-endian, times are unsigned 32-bit Unix seconds.
//! - Tokens are base64url without padding; a non-canonical encoding is refused, so one token has one spelling.
//! - What does not verify is a [`Flaw`], which says why and carries nothing of the value.

pub(crate) mod companion;
pub(crate) mod main;
pub(crate) mod name;
pub(crate) mod sealed;
pub(crate) mod signed;

use base64_simd::{Out, URL_SAFE_NO_PAD};

/// The version byte that starts every token.
pub(crate) const VERSION: u8 = 1;

/// How far ahead of our clock another of our servers may be, in seconds.
pub(crate) const TOLERANCE: u32 = 60;

/// Why a value of ours is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It carries no signature at all.
    Unsigned,
    /// Not the format, or of a version that is not known here.
    Malformed,
    /// The format, under a key that is not known here: a retired one, or one lost in a restart.
    UnknownKey,
    /// The format, but the MAC does not hold.
    Modified,
}

/// The period that a genuine token names. It is under the MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// When it was issued.
    pub(crate) issued: u32,
    /// The first second at which it does not count any more.
    pub(crate) expires: u32,
}

impl Period {
    /// The period that starts now and lasts so many seconds.
    pub(crate) fn starting(now: u32, lifetime: u32) -> Self {
        Self { issued: now, expires: now.saturating_add(lifetime) }
    }

    /// How many seconds it lasts.
    pub(crate) fn seconds(self) -> u32 {
        self.expires.saturating_sub(self.issued)
    }

    /// The first second at which it does not cover any more, for a row whose present lifetime is `lifetime` seconds.
    pub(crate) fn end(self, lifetime: u32) -> u32 {
        self.expires.min(self.issued.saturating_add(lifetime))
    }

    /// For how many seconds it still covers, likewise.
    pub(crate) fn left(self, now: u32, lifetime: u32) -> u32 {
        self.end(lifetime).saturating_sub(now)
    }

    /// Whether `now` lies in it, for a row whose present lifetime is `lifetime` seconds: shortening a row in the
    /// table shortens what is already out there.
    pub(crate) fn covers(self, now: u32, lifetime: u32) -> bool {
        self.issued <= now.saturating_add(TOLERANCE)
            && self.expires > self.issued
            && now < self.expires
            && now < self.issued.saturating_add(lifetime)
    }
}

/// These bytes in base64url.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The `N` bytes that `text` encodes, or `None` if it is not their one canonical encoding.
pub(crate) fn decode<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if URL_SAFE_NO_PAD.decoded_length(text).ok()? != N {
        return None;
    }
    let decoded = URL_SAFE_NO_PAD.decode(text, Out::from_slice(&mut bytes)).ok()?;
    (decoded.len() == N).then_some(bytes)
}

/// The bytes that `text` encodes, however many, or `None` if it is not their one canonical encoding.
fn decode_all(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// The length byte of a name. The policy holds names at 255 bytes, so this cuts nothing.
fn length(name: &[u8]) -> u8 {
    u8::try_from(name.len()).unwrap_or(u8::MAX)
}

/// The time that four bytes say.
fn seconds(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |seconds, &byte| seconds << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::{Period, TOLERANCE, decode};

    #[test]
    fn only_the_canonical_spelling_is_decoded() {
        assert_eq!(decode::<1>(b"AQ"), Some([1]));
        // "AR" has the same first eight bits and a stray bit behind them (RFC 4648 section 3.5).
        for wrong in ["AR", "AQ=", "AQ==", "A", "", "AQA", "A+", "A/", " AQ", "AQ\n", "\u{e4}"] {
            assert_eq!(decode::<1>(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert_eq!(decode::<2>(b"AAE"), Some([0, 1]));
        assert_eq!(decode::<2>(b"AAF"), None);
    }

    #[test]
    fn a_period_covers_its_seconds_and_no_other() {
        let period = Period::starting(1000, 100);
        assert!(period.covers(1000, 100) && period.covers(1099, 100));
        assert!(!period.covers(1100, 100), "its last second is before `expires`");
        assert!(!period.covers(1050, 50), "the row is shorter now");
        assert!(period.covers(1000 - TOLERANCE, 100) && !period.covers(999 - TOLERANCE, 100));
        assert!(!Period { issued: 5, expires: 5 }.covers(5, 100));
        assert!(!Period { issued: 5, expires: 4 }.covers(4, 100));
        assert!(!Period { issued: u32::MAX, expires: u32::MAX }.covers(0, u32::MAX));
        assert!(Period { issued: 0, expires: u32::MAX }.covers(0, 1));
        assert!(!Period::starting(u32::MAX, 100).covers(u32::MAX, 100), "the clock's end is no period");
    }
}
