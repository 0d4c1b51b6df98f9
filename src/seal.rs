//! AES-256-GCM-SIV (RFC 8452): the only file that names the AEAD.
//!
//! - The tag is whole, 16 bytes, and is checked before anything of the plaintext is looked at.
//! - Nonces are random. Should two ever be the same under one key, all that shows is whether two values are equal.

use aes_gcm_siv::aead::inout::InOutBuf;
use aes_gcm_siv::{AeadInOut, Aes256GcmSiv, KeyInit, Nonce, Tag};

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;
/// Bytes of a tag.
pub(crate) const TAG: usize = 16;

/// An AES-256-GCM-SIV key that is ready to be used.
#[derive(Clone)]
pub(crate) struct SealKey(Aes256GcmSiv);

impl SealKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(key.into()))
    }

    /// Encrypts in place, and gives the tag of `aad` and text. `None` beyond the 64 GiB that the cipher takes.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE], aad: &[u8], text: &mut [u8]) -> Option<[u8; TAG]> {
        let tag = self.0.encrypt_inout_detached(&Nonce::from(*nonce), aad, InOutBuf::from(text)).ok()?;
        Some(tag.into())
    }

    /// Decrypts in place, if `tag` is that of `aad` and text; else the text is not to be used.
    pub(crate) fn open(&self, nonce: &[u8; NONCE], aad: &[u8], text: &mut [u8], tag: &[u8]) -> Option<()> {
        let tag: [u8; TAG] = tag.try_into().ok()?;
        let text = InOutBuf::from(text);
        self.0.decrypt_inout_detached(&Nonce::from(*nonce), aad, text, &Tag::from(tag)).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{NONCE, SealKey, TAG};

    fn bytes(hex: &Value) -> Vec<u8> {
        let digits = hex.as_str().unwrap();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    /// The vectors for keys of 256 bits, those of RFC 8452 among them.
    #[test]
    fn wycheproof_aes_gcm_siv() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/crypto/wycheproof_aes_gcm_siv_test.json");
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (mut valid, mut invalid) = (0, 0);
        for group in file["testGroups"].as_array().unwrap().iter().filter(|group| group["keySize"] == 256) {
            for case in group["tests"].as_array().unwrap() {
                let id = &case["tcId"];
                let key = SealKey::new(&bytes(&case["key"]).try_into().unwrap());
                let nonce: [u8; NONCE] = bytes(&case["iv"]).try_into().unwrap();
                let (aad, message, tag) = (bytes(&case["aad"]), bytes(&case["msg"]), bytes(&case["tag"]));
                let mut text = bytes(&case["ct"]);
                if case["result"] == "valid" {
                    let mut sealed = message.clone();
                    assert_eq!(key.seal(&nonce, &aad, &mut sealed).unwrap().as_slice(), tag, "case {id}");
                    assert_eq!(sealed, text, "case {id}");
                    let mut cut = text.clone();
                    assert!(key.open(&nonce, &aad, &mut cut, &tag[..TAG - 1]).is_none(), "case {id}");
                    assert!(key.open(&nonce, &aad, &mut text, &tag).is_some(), "case {id}");
                    assert_eq!(text, message, "case {id}");
                    valid += 1;
                } else {
                    assert!(key.open(&nonce, &aad, &mut text, &tag).is_none(), "case {id}");
                    invalid += 1;
                }
            }
        }
        assert_eq!(valid + invalid, 103);
        assert!(invalid > 0);
    }
}
