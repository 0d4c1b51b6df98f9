//! The session's id, which the browser keeps, and its key, under which the store keeps the session.

use std::fmt;

use crate::key::{self, KeyError};
use crate::mac;

/// A session's id: 16 random bytes as 32 upper-case hexadecimal digits. It stands in the cookie and nowhere else.
#[derive(Clone)]
pub(crate) struct SessionId([u8; 32]);

impl SessionId {
    pub(crate) fn random() -> Result<Self, KeyError> {
        let mut digits = [0; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(key::random::<16>()?) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
        Ok(Self(digits))
    }

    /// The id that a cookie presents, which may be nobody's.
    pub(crate) fn presented(cookie: &[u8]) -> Option<Self> {
        cookie.try_into().ok().map(Self)
    }

    pub(crate) fn key(&self) -> SessionKey {
        SessionKey(mac::sha256(&[&self.0]))
    }

    /// As the cookie has it.
    pub(crate) fn to_cookie(&self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(secret)")
    }
}

/// Under which a store keeps a session: the SHA-256 of its id. Whoever reads the store learns no id from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
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
impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::SessionId;

    /// T5: the whole alphabet, evenly, and no id twice.
    #[test]
    fn ids_are_random_in_every_digit() {
        const IDS: usize = 100_000;
        let mut seen = HashSet::with_capacity(IDS);
        let mut counts = [[0_u32; 16]; 32];
        for _ in 0..IDS {
            let id = SessionId::random().unwrap().to_cookie();
            for (at, digit) in id.chars().enumerate() {
                assert!(!digit.is_ascii_lowercase(), "{digit}");
                counts[at][usize::try_from(digit.to_digit(16).unwrap()).unwrap()] += 1;
            }
            assert!(seen.insert(id));
        }
        let expected = f64::from(u32::try_from(IDS).unwrap()) / 16.0;
        for (at, counts) in counts.iter().enumerate() {
            let chi_square: f64 =
                counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
            // 15 degrees of freedom: beyond 60 once in three million digits.
            assert!(chi_square < 60.0, "digit {at}: {counts:?}");
        }
    }

    /// T7: the key is the SHA-256 of what stands in the cookie. The answer is CPython's.
    #[test]
    fn a_key_is_the_hash_of_the_id() {
        let key = SessionId::presented(b"19AE8C76404ACD4FC66BBCE3F6FF0705").unwrap().key();
        let hex: String = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "33093664b602fa07d28e35a9eff536a3a26f365de51ac78111918d43e8361aca");
    }
}
