//! HMAC-SHA256, HKDF-SHA256, SHA-256 and comparison in constant time: the only file that names `hmac`, `hkdf`, `sha2` and
//! `subtle`.
//!
//! - A tag is the first 16 bytes of HMAC-SHA256 and is compared in constant time; a shorter one never matches.
//! - A [`MacKey`] keeps the two keyed hash states, so a short message costs two compressions and no key schedule.
//! - Keys of one purpose and one policy come out of HKDF with both in the `info`, so no tag of one is a tag of another.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of a tag on the wire.
pub(crate) const TAG: usize = 16;

/// An HMAC-SHA256 key that is ready to be used.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length (RFC 2104 section 3)")]
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    /// The tag of the parts, one after the other. What keeps the parts apart is the caller's message layout.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> [u8; TAG] {
        let full = self.over(parts).finalize().into_bytes();
        let mut tag = [0; TAG];
        tag.copy_from_slice(&full[..TAG]);
        tag
    }

    /// Whether `tag` is the whole tag of the parts, in a time that does not depend on where they differ.
    pub(crate) fn verifies(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        tag.len() == TAG && self.over(parts).verify_truncated_left(tag).is_ok()
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

/// HKDF-SHA256 (RFC 5869), extract and expand. `None` if more than 255 × 32 bytes are asked for.
pub(crate) fn hkdf_sha256(ikm: &[u8], salt: Option<&[u8]>, info: &[&[u8]], okm: &mut [u8]) -> Option<()> {
    Hkdf::<Sha256>::new(salt, ikm).expand_multi_info(info, okm).ok()
}

/// The key of one purpose under one policy: `HKDF(key, "tower-cookie-policy/v1/" + purpose + 0x00 + policy)`.
pub(crate) fn subkey(key: &[u8], purpose: &str, policy: &str) -> Zeroizing<[u8; 32]> {
    let mut okm = Zeroizing::new([0; 32]);
    let info: [&[u8]; 4] = [LABEL, purpose.as_bytes(), &[0], policy.as_bytes()];
    // 32 bytes are always within what HKDF can give; were they not, the key would be zeros and known to everyone.
    assert!(hkdf_sha256(key, None, &info, okm.as_mut_slice()).is_some(), "HKDF gives 32 bytes");
    okm
}

/// The first byte of `HKDF(key, "tower-cookie-policy/v1/kid")`: names a key without telling it.
pub(crate) fn key_id(key: &[u8]) -> u8 {
    let mut okm = [0; 1];
    assert!(hkdf_sha256(key, None, &[LABEL, b"kid"], &mut okm).is_some(), "HKDF gives one byte");
    okm[0]
}

/// SHA-256 of the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Whether both are the same bytes, in a time that depends on their lengths alone.
pub(crate) fn are_same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// Starts the input of every derivation, so that no other program's keys or names are ours.
pub(crate) const LABEL: &[u8] = b"tower-cookie-policy/v1/";

#[cfg(test)]
mod tests;
