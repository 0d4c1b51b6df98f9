//! The TS companion: what a guarded cookie had as its value, and in which transaction.
//!
//! ```text
//! b64( 0x01 ‖ kid ‖ txn[0..4] ‖ issued ‖ mac("ts-guard", len(name) ‖ name ‖ txn[8] ‖ issued ‖ value) )
//! ```
//!
//! `name` and `value` are the guarded cookie's. Half of the transaction's id is in the text, all of it is under the MAC:
//! so a companion of another transaction can be told from a changed value.

use super::main::Transaction;
use super::{Flaw, VERSION, decode, length, text};
use crate::key::{Subkey, Subkeys};
use crate::mac::TAG;

const SHORT: usize = 4;
const TOKEN: usize = 1 + 1 + SHORT + 4 + TAG;
/// Version and key id.
const HEAD: usize = 2;

/// The value of the companion of the cookie `name`, of at most 255 bytes, whose value is `value`.
pub(crate) fn sign(
    keys: &Subkeys,
    transaction: &Transaction,
    issued: u32,
    name: &str,
    value: &str,
) -> String {
    let key = keys.first();
    let issued = issued.to_be_bytes();
    let tag = key.guard.tag(&[
        &[length(name.as_bytes())],
        name.as_bytes(),
        &transaction.id,
        &issued,
        value.as_bytes(),
    ]);
    let mut token = [0; TOKEN];
    token[..HEAD].copy_from_slice(&[VERSION, key.id]);
    token[HEAD..HEAD + SHORT].copy_from_slice(&transaction.short_id());
    token[HEAD + SHORT..TOKEN - TAG].copy_from_slice(&issued);
    token[TOKEN - TAG..].copy_from_slice(&tag);
    text(&token)
}

/// A companion that is well-formed. Whether it speaks for a value is not known yet.
pub(crate) struct Companion<'k> {
    key: &'k Subkey,
    token: [u8; TOKEN],
}

impl<'k> Companion<'k> {
    pub(crate) fn read(keys: &'k Subkeys, value: &[u8]) -> Result<Self, Flaw> {
        let token: [u8; TOKEN] = decode(value).ok_or(Flaw::Malformed)?;
        if token[0] != VERSION {
            return Err(Flaw::Malformed);
        }
        let key = keys.by_id(token[1]).ok_or(Flaw::UnknownKey)?;
        Ok(Self { key, token })
    }

    /// Whether it names this transaction, as far as its text tells.
    pub(crate) fn names(&self, transaction: &Transaction) -> bool {
        self.token[HEAD..HEAD + SHORT] == transaction.short_id()
    }

    /// Whether it says that, in this transaction, the cookie `name` was given the value `value`.
    pub(crate) fn speaks_for(&self, transaction: &Transaction, name: &[u8], value: &[u8]) -> bool {
        let (head, tag) = self.token.split_at(TOKEN - TAG);
        let issued = &head[HEAD + SHORT..];
        self.key.guard.verifies(&[&[length(name)], name, &transaction.id, issued, value], tag)
    }
}

#[cfg(test)]
mod tests {
    use super::{Companion, sign};
    use crate::key::{Key, KeyRing, Subkeys};
    use crate::wire::Flaw;
    use crate::wire::main::Transaction;

    const NOW: u32 = 1_795_455_792;
    const HERE: Transaction =
        Transaction { id: [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7], started: NOW };

    fn keys(first: u8, policy: &str) -> Subkeys {
        let bytes: [u8; 32] = std::array::from_fn(|at| first + u8::try_from(at).unwrap());
        KeyRing::new(Key::from_bytes(&bytes).unwrap()).subkeys(policy)
    }

    fn speaks(keys: &Subkeys, transaction: &Transaction, name: &str, value: &str, text: &[u8]) -> bool {
        Companion::read(keys, text)
            .is_ok_and(|one| one.speaks_for(transaction, name.as_bytes(), value.as_bytes()))
    }

    /// Computed by another implementation of HMAC and HKDF (CPython's `hmac` and `hashlib`).
    #[test]
    fn known_answers() {
        let long = "n".repeat(255);
        for (keys, issued, name, value, expected) in [
            (keys(0, "broadcloud"), NOW, "cart", "3", "AfugoaKjawR7MCsZnUSRNSfRqBCWQt3R4nQ"),
            (keys(32, "broadcloud"), NOW, "cart", "3", "AUigoaKjawR7MEXVwxU8rDNq5Z9PvT4L2Qo"),
            (keys(0, "shop"), NOW, "cart", "3", "AfugoaKjawR7MA1wpHWiVXEVJYnnxgCbAx8"),
            (
                keys(0, "broadcloud"),
                NOW,
                "JSESSIONID",
                "19AE8C76404ACD4FC66BBCE3F6FF0705",
                "AfugoaKjawR7MLwzIeVCAlIHvSW6ZrreF5k",
            ),
            (keys(0, "broadcloud"), NOW + 60, &long, "", "AfugoaKjawR7bPQVEp6sct8xc-xge7TfK3A"),
        ] {
            let companion = sign(&keys, &HERE, issued, name, value);
            assert_eq!(companion, expected);
            assert!(speaks(&keys, &HERE, name, value, companion.as_bytes()));
            assert!(Companion::read(&keys, companion.as_bytes()).unwrap().names(&HERE));
        }
    }

    #[test]
    fn every_flipped_bit_truncation_and_extension_is_noticed() {
        let keys = keys(0, "broadcloud");
        let text = sign(&keys, &HERE, NOW, "cart", "3").into_bytes();
        // The short id is not under the MAC as such: who changes it names another transaction.
        let holds = |text: &[u8]| {
            Companion::read(&keys, text)
                .is_ok_and(|one| one.names(&HERE) && one.speaks_for(&HERE, b"cart", b"3"))
        };
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut forged = text.clone();
                forged[at] ^= 1 << bit;
                assert!(!holds(&forged), "bit {bit} of byte {at}");
            }
            assert_eq!(Companion::read(&keys, &text[..at]).err(), Some(Flaw::Malformed), "first {at}");
        }
        for extra in [&b"A"[..], b"=", b".", b"AAAA"] {
            assert_eq!(Companion::read(&keys, &[&text[..], extra].concat()).err(), Some(Flaw::Malformed));
        }
    }

    #[test]
    fn name_value_transaction_policy_and_key_are_under_the_mac() {
        let here = keys(0, "broadcloud");
        let text = sign(&here, &HERE, NOW, "cart", "3").into_bytes();
        let other = Transaction { id: [0xa0, 0xa1, 0xa2, 0xa3, 0, 0, 0, 0], started: NOW };
        assert!(!speaks(&here, &HERE, "Cart", "3", &text) && !speaks(&here, &HERE, "cart", "4", &text));
        assert!(Companion::read(&here, &text).unwrap().names(&other), "its short id is the same");
        assert!(!speaks(&here, &other, "cart", "3", &text));
        assert!(!speaks(&keys(0, "shop"), &HERE, "cart", "3", &text));
        assert_eq!(Companion::read(&keys(32, "broadcloud"), &text).err(), Some(Flaw::UnknownKey));
        // `ab` + `c` against `a` + `bc`: the length byte and the widths keep the parts apart.
        let text = sign(&here, &HERE, NOW, "ab", "c").into_bytes();
        for (name, value) in [("a", "bc"), ("abc", ""), ("", "abc")] {
            assert!(!speaks(&here, &HERE, name, value, &text), "{name}={value}");
        }
    }
}
