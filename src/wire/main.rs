//! The TS main: names the transaction and when it started.
//!
//! ```text
//! b64( 0x01 ‖ kid ‖ txn[8] ‖ started ‖ mac("ts-main", txn ‖ started ‖ binding) )
//! ```
//!
//! The binding is what the policy's hook says of the request, and comes last; without a hook it is empty.

use super::{Flaw, VERSION, decode, seconds, text};
use crate::key::{self, KeyError, Subkeys};
use crate::mac::TAG;

const ID: usize = 8;
const TOKEN: usize = 1 + 1 + ID + 4 + TAG;
/// Version and key id.
const HEAD: usize = 2;

/// One browser's run of requests. Its id is unique and no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) id: [u8; ID],
    pub(crate) started: u32,
}

impl Transaction {
    /// One that starts now.
    ///
    /// # Errors
    /// [`KeyError::NoEntropy`] if there are no random bytes for its id.
    pub(crate) fn starting(now: u32) -> Result<Self, KeyError> {
        Ok(Self { id: key::random()?, started: now })
    }

    /// As much of the id as companions show.
    pub(crate) fn short_id(&self) -> [u8; 4] {
        [self.id[0], self.id[1], self.id[2], self.id[3]]
    }
}

/// The value of the main cookie of this transaction.
pub(crate) fn sign(keys: &Subkeys, transaction: &Transaction, binding: &[u8]) -> String {
    let key = keys.first();
    let mut token = [0; TOKEN];
    token[..HEAD].copy_from_slice(&[VERSION, key.id]);
    token[HEAD..HEAD + ID].copy_from_slice(&transaction.id);
    token[HEAD + ID..TOKEN - TAG].copy_from_slice(&transaction.started.to_be_bytes());
    let tag = key.main.tag(&[&token[HEAD..TOKEN - TAG], binding]);
    token[TOKEN - TAG..].copy_from_slice(&tag);
    text(&token)
}

/// The transaction that a main cookie names. Whether its time covers the present is the caller's to ask.
pub(crate) fn open(keys: &Subkeys, value: &[u8], binding: &[u8]) -> Result<Transaction, Flaw> {
    let token: [u8; TOKEN] = decode(value).ok_or(Flaw::Malformed)?;
    if token[0] != VERSION {
        return Err(Flaw::Malformed);
    }
    let key = keys.by_id(token[1]).ok_or(Flaw::UnknownKey)?;
    let (head, tag) = token.split_at(TOKEN - TAG);
    if !key.main.verifies(&[&head[HEAD..], binding], tag) {
        return Err(Flaw::Modified);
    }
    let mut id = [0; ID];
    id.copy_from_slice(&head[HEAD..HEAD + ID]);
    Ok(Transaction { id, started: seconds(&head[HEAD + ID..]) })
}

#[cfg(test)]
mod tests {
    use super::{Transaction, open, sign};
    use crate::key::{Key, KeyRing, Subkeys};
    use crate::wire::Flaw;

    const HERE: Transaction =
        Transaction { id: [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7], started: 1_795_455_792 };

    fn keys(first: u8, policy: &str) -> Subkeys {
        let bytes: [u8; 32] = std::array::from_fn(|at| first + u8::try_from(at).unwrap());
        KeyRing::new(Key::from_bytes(&bytes).unwrap()).subkeys(policy)
    }

    /// Computed by another implementation of HMAC and HKDF (CPython's `hmac` and `hashlib`).
    #[test]
    fn known_answers() {
        for (keys, binding, expected) in [
            (keys(0, "broadcloud"), "", "AfugoaKjpKWmp2sEezA3Jmy4nvecgeklKa2cNHKT"),
            (keys(32, "broadcloud"), "", "AUigoaKjpKWmp2sEezBG6-_dQ7gV_ddZVeFXSGOV"),
            (keys(0, "shop"), "", "AfugoaKjpKWmp2sEezCsApjEKbn4B741lJ2GnbUl"),
            (keys(0, "broadcloud"), "device-7", "AfugoaKjpKWmp2sEezB3AzdLqyThMi6nQN6OjMeQ"),
        ] {
            let main = sign(&keys, &HERE, binding.as_bytes());
            assert_eq!(main, expected);
            assert_eq!(open(&keys, main.as_bytes(), binding.as_bytes()), Ok(HERE));
        }
    }

    #[test]
    fn every_flipped_bit_truncation_and_extension_is_noticed() {
        let keys = keys(0, "broadcloud");
        let main = sign(&keys, &HERE, b"").into_bytes();
        for at in 0..main.len() {
            for bit in 0..8 {
                let mut forged = main.clone();
                forged[at] ^= 1 << bit;
                assert!(open(&keys, &forged, b"").is_err(), "bit {bit} of byte {at}");
            }
            assert_eq!(open(&keys, &main[..at], b""), Err(Flaw::Malformed), "first {at}");
        }
        for extra in [&b"A"[..], b"=", b".", b"AAAA"] {
            assert_eq!(open(&keys, &[&main[..], extra].concat(), b""), Err(Flaw::Malformed));
        }
    }

    #[test]
    fn key_policy_and_binding_are_under_the_mac() {
        let main = sign(&keys(0, "broadcloud"), &HERE, b"device-7");
        let flaw = |keys: &Subkeys, binding: &[u8]| open(keys, main.as_bytes(), binding).err();
        assert_eq!(flaw(&keys(0, "broadcloud"), b""), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(0, "broadcloud"), b"device-8"), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(0, "shop"), b"device-7"), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(32, "broadcloud"), b"device-7"), Some(Flaw::UnknownKey));
    }
}
