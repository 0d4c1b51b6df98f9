//! The names of the TS cookies: computed from the policy's id and, for a companion, from the guarded name.

use crate::mac::{self, LABEL};

/// `TS01` and 6 lower-case hexadecimal digits.
pub(crate) fn main(policy: &str) -> String {
    let hash = mac::sha256(&[LABEL, b"ts", &[0], policy.as_bytes()]);
    format!("TS01{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2])
}

/// `TS`, 8 lower-case hexadecimal digits and `d`: the companion of the guarded cookie `name`.
pub(crate) fn companion(policy: &str, name: &str) -> String {
    companion_bytes(policy, name.as_bytes()).into_iter().map(char::from).collect()
}

/// The same as bytes, for names that are only met in a request.
pub(crate) fn companion_bytes(policy: &str, name: &[u8]) -> [u8; COMPANION] {
    let hash = mac::sha256(&[LABEL, b"guard", &[0], policy.as_bytes(), &[0], name]);
    let mut companion = *b"TS........d";
    for (pair, byte) in companion[2..10].chunks_exact_mut(2).zip(hash) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    companion
}

/// Bytes in the name of a companion.
pub(crate) const COMPANION: usize = 11;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Whether a name has the shape of a main's or a companion's, of whichever policy.
pub(crate) fn is_transactional(name: &[u8]) -> bool {
    let hex = |digits: &[u8]| digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    match name {
        [b'T', b'S', b'0', b'1', rest @ ..] if rest.len() == 6 => hex(rest),
        [b'T', b'S', rest @ .., b'd'] if rest.len() == 8 => hex(rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{companion, is_transactional, main};

    /// Computed by another implementation of SHA-256 (CPython's `hashlib`).
    #[test]
    fn known_names() {
        assert_eq!(main("broadcloud"), "TS017a625a");
        for (name, expected) in [
            ("JSESSIONID", "TSde659670d"),
            ("X-Appia-UUID", "TS7a10645ed"),
            ("bsloc", "TS1eb38b6cd"),
            ("cart", "TSfe73894ad"),
        ] {
            assert_eq!(companion("broadcloud", name), expected);
        }
    }

    #[test]
    fn shapes() {
        for yes in ["TS017a625a", "TSde659670d"] {
            assert!(is_transactional(yes.as_bytes()), "{yes}");
        }
        for no in
            ["TS017A625A", "TS017a625", "TS01", "TSde659670", "TSDE659670d", "ts017a625a", "TS", "TSd", ""]
        {
            assert!(!is_transactional(no.as_bytes()), "{no}");
        }
    }
}
