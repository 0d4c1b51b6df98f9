//! The Sealed value: encrypted and authenticated, with issue and expiry time inside.
//!
//! ```text
//! b64( 0x01 ‖ kid ‖ nonce[12] ‖ AES-256-GCM-SIV(subkey("sealed"), nonce, aad = name, issued ‖ expires ‖ value) )
//! ```
//!
//! The name is not in the text and yet under the tag, so that a value that is moved to another cookie does not open.

use base64_simd::URL_SAFE_NO_PAD;

use super::{Flaw, Period, VERSION, decode_all, seconds};
use crate::key::{self, KeyError, Subkeys};
use crate::seal::{NONCE, TAG};

/// Version, key id and nonce.
const HEAD: usize = 2 + NONCE;
/// Issue and expiry time.
const TIMES: usize = 8;

/// A Sealed value that opened. Whether its period covers the present is the caller's to ask.
pub(crate) struct Opened {
    pub(crate) value: Vec<u8>,
    pub(crate) period: Period,
    /// Whether the key that seals today sealed it.
    pub(crate) current: bool,
}

/// How many characters a value of so many bytes has once it is sealed.
pub(crate) const fn sealed_length(value: usize) -> usize {
    let bytes = HEAD + TIMES + value + TAG;
    bytes / 3 * 4 + (bytes % 3 * 4).div_ceil(3)
}

/// `value`, sealed for the cookie `name`.
///
/// # Errors
/// [`KeyError::NoEntropy`] if there are no random bytes for the nonce.
pub(crate) fn seal(keys: &Subkeys, name: &str, value: &str, period: Period) -> Result<String, KeyError> {
    Ok(seal_with(&key::random()?, keys, name, value, period))
}

fn seal_with(nonce: &[u8; NONCE], keys: &Subkeys, name: &str, value: &str, period: Period) -> String {
    let key = keys.first();
    let mut token = Vec::with_capacity(HEAD + TIMES + value.len() + TAG);
    token.extend_from_slice(&[VERSION, key.id]);
    token.extend_from_slice(nonce);
    token.extend_from_slice(&period.issued.to_be_bytes());
    token.extend_from_slice(&period.expires.to_be_bytes());
    token.extend_from_slice(value.as_bytes());
    // A cookie is far below the cipher's 64 GiB. Were it not, it would leave without a tag, and be none.
    if let Some(tag) = key.sealed.seal(nonce, name.as_bytes(), &mut token[HEAD..]) {
        token.extend_from_slice(&tag);
    }
    URL_SAFE_NO_PAD.encode_to_string(&token)
}

/// The value that is sealed in `sealed` for the cookie `name`.
pub(crate) fn open(keys: &Subkeys, name: &[u8], sealed: &[u8]) -> Result<Opened, Flaw> {
    let mut token = decode_all(sealed).ok_or(Flaw::Malformed)?;
    let Some((head, body)) = token.split_at_mut_checked(HEAD) else { return Err(Flaw::Malformed) };
    let (&mut [version, id, ref nonce @ ..], Some(end)) = (head, body.len().checked_sub(TAG)) else {
        return Err(Flaw::Malformed);
    };
    if version != VERSION || end < TIMES {
        return Err(Flaw::Malformed);
    }
    let key = keys.by_id(id).ok_or(Flaw::UnknownKey)?;
    let nonce: &[u8; NONCE] = nonce.try_into().map_err(|_| Flaw::Malformed)?;
    let (text, tag) = body.split_at_mut(end);
    key.sealed.open(nonce, name, text, tag).ok_or(Flaw::Modified)?;
    let period = Period { issued: seconds(&text[..4]), expires: seconds(&text[4..TIMES]) };
    token.truncate(HEAD + end);
    token.drain(..HEAD + TIMES);
    Ok(Opened { value: token, period, current: std::ptr::eq(key, keys.first()) })
}

#[cfg(test)]
mod tests {
    use super::{open, seal, seal_with, sealed_length};
    use crate::key::{Key, KeyRing, Subkeys};
    use crate::wire::{Flaw, Period};

    const NOW: u32 = 1_795_455_792;

    fn keys(first: u8, policy: &str) -> Subkeys {
        let bytes: [u8; 32] = std::array::from_fn(|at| first + u8::try_from(at).unwrap());
        KeyRing::new(Key::from_bytes(&bytes).unwrap()).subkeys(policy)
    }

    /// Computed by another implementation (OpenSSL's AES-GCM-SIV and HKDF, through Python's `cryptography`).
    #[test]
    fn known_answers() {
        let nonce = std::array::from_fn(|at| 0x20 + u8::try_from(at).unwrap());
        let (keys, period) = (keys(0, "broadcloud"), Period::starting(NOW, 43_200));
        for (name, value, expected) in [
            (
                "X-Appia-ExtAuth",
                "alice%40example.com",
                "AfsgISIjJCUmJygpKitBrOHrdWSqY0KAJiUmHneF1fpHNKnxhdoFMwP48zX00cIS0Hq5A77KPhx3",
            ),
            ("draft", "", "AfsgISIjJCUmJygpKiuzXP5htwIjyZZL4zAHaYpr2573IxOq6cc"),
        ] {
            let sealed = seal_with(&nonce, &keys, name, value, period);
            assert_eq!(sealed, expected);
            assert_eq!(sealed.len(), sealed_length(value.len()));
            let opened = open(&keys, name.as_bytes(), sealed.as_bytes()).unwrap();
            assert_eq!((opened.value.as_slice(), opened.period), (value.as_bytes(), period));
            assert!(opened.current);
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let keys = keys(0, "broadcloud");
        let sealed = seal(&keys, "draft", "dear", Period::starting(NOW, 60)).unwrap().into_bytes();
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut forged = sealed.clone();
                forged[at] ^= 1 << bit;
                assert!(open(&keys, b"draft", &forged).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn every_truncation_and_extension_is_noticed() {
        let keys = keys(0, "broadcloud");
        let sealed = seal(&keys, "draft", "dear", Period::starting(NOW, 60)).unwrap().into_bytes();
        for length in 0..sealed.len() {
            assert!(open(&keys, b"draft", &sealed[..length]).is_err(), "first {length}");
            assert!(open(&keys, b"draft", &sealed[sealed.len() - length..]).is_err(), "last {length}");
        }
        for extra in [&b"A"[..], b"=", b".", b"AAAA"] {
            assert!(open(&keys, b"draft", &[&sealed[..], extra].concat()).is_err());
            assert!(open(&keys, b"draft", &[extra, &sealed[..]].concat()).is_err());
        }
    }

    #[test]
    fn name_policy_key_and_purpose_are_under_the_tag() {
        let here = keys(0, "broadcloud");
        let sealed = seal(&here, "draft", "dear", Period::starting(NOW, 60)).unwrap();
        let flaw = |keys: &Subkeys, name: &[u8], sealed: &str| open(keys, name, sealed.as_bytes()).err();
        assert_eq!(flaw(&here, b"drafts", &sealed), Some(Flaw::Modified));
        assert_eq!(flaw(&here, b"Draft", &sealed), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(0, "shop"), b"draft", &sealed), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(32, "broadcloud"), b"draft", &sealed), Some(Flaw::UnknownKey));
        let signed = crate::wire::signed::sign(&here, "draft", "", Period::starting(NOW, 60));
        assert!(flaw(&here, b"draft", &signed).is_some() && flaw(&here, b"draft", &signed[1..]).is_some());
        assert_eq!(flaw(&here, b"draft", ""), Some(Flaw::Malformed));
        assert_eq!(flaw(&here, b"draft", "dear"), Some(Flaw::Malformed));
    }

    #[test]
    fn no_nonce_comes_twice() {
        let keys = keys(0, "broadcloud");
        let seals = (0..10_000).map(|_| seal(&keys, "draft", "dear", Period::starting(NOW, 60)).unwrap());
        assert_eq!(seals.collect::<std::collections::HashSet<_>>().len(), 10_000);
    }
}
