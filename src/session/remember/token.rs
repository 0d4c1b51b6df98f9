//! What the cookie carries: `series~validator`, 16 random bytes each in base64url.

use std::fmt;

use super::series::{Hash, SeriesKey};
use crate::key::{self, KeyError};
use crate::mac;
use crate::wire;

/// A series and one of its validators, as the cookie has them. It stands there and nowhere else.
#[derive(Clone, Copy)]
pub(crate) struct Token([u8; TOKEN]);

impl Token {
    /// The first of a new series.
    pub(super) fn random() -> Result<Self, KeyError> {
        Self([0; TOKEN]).with_series(&part()?).successor()
    }

    /// What a cookie presents, which may be nobody's. Its shape was looked at before.
    pub(crate) fn presented(cookie: &[u8]) -> Option<Self> {
        cookie.try_into().ok().map(Self)
    }

    /// The same series with a new validator.
    pub(super) fn successor(mut self) -> Result<Self, KeyError> {
        self.0[PART] = b'~';
        self.0[PART + 1..].copy_from_slice(part()?.as_bytes());
        Ok(self)
    }

    fn with_series(mut self, series: &str) -> Self {
        self.0[..PART].copy_from_slice(series.as_bytes());
        self
    }

    /// Under which the store keeps the series.
    pub(in crate::session) fn key(&self) -> SeriesKey {
        SeriesKey::from_bytes(mac::sha256(&[&self.0[..PART]]))
    }

    /// How the store knows the validator.
    pub(super) fn validator(&self) -> Hash {
        Hash(mac::sha256(&[&self.0[PART + 1..]]))
    }

    /// As the cookie has it.
    pub(crate) fn to_cookie(self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}

fn part() -> Result<String, KeyError> {
    Ok(wire::text(&key::random::<16>()?))
}

/// Characters of 16 bytes in base64url.
const PART: usize = 22;
const TOKEN: usize = PART + 1 + PART;

#[cfg(test)]
mod tests {
    use super::Token;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// T7. The hashes are CPython's.
    #[test]
    fn the_store_knows_hashes_of_both_parts() {
        let token = Token::presented(b"AAECAwQFBgcICQoLDA0ODw~EBESExQVFhcYGRobHB0eHw").unwrap();
        assert_eq!(
            hex(token.key().as_bytes()),
            "5d2611d5a4dd2b40b277dfdb5ecf5b49819150d7d5c62f4eef960cb0c24db20c"
        );
        assert_eq!(
            hex(&token.validator().0),
            "1af3787867727da9403759b9fe483b6ba275698f43098082e3495985f49a3428"
        );
    }

    #[test]
    fn a_successor_is_of_the_same_series() {
        let first = Token::random().unwrap();
        let second = first.successor().unwrap();
        assert!(first.key() == second.key() && first.validator() != second.validator());
        let cookie = second.to_cookie();
        assert_eq!((cookie.len(), cookie.find('~')), (45, Some(22)));
        assert!(Token::presented(cookie.as_bytes()).unwrap().validator() == second.validator());
        assert!(Token::presented(b"short").is_none());
        assert!(!format!("{first:?}").contains(&first.to_cookie()[..22]));
    }
}
