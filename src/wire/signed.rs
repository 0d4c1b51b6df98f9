//! The Signed value: `value.signature`, where the signature carries issue and expiry time, and name and value are
//! under its MAC.
//!
//! ```text
//! value "." b64( 0x01 ‖ kid ‖ issued ‖ expires ‖ mac("signed", len(name) ‖ name ‖ issued ‖ expires ‖ value) )
//! ```
//!
//! The length byte and the fixed widths keep the parts apart; the value comes last. MAC first, then times: what is
//! not ours is not looked into.

use base64_simd::URL_SAFE_NO_PAD;

use super::{Flaw, Period, VERSION, decode, length, seconds};
use crate::key::Subkeys;
use crate::mac::TAG;

/// Characters of a signature, without the dot before it.
const SIGNATURE: usize = 35;
/// What signing adds to a value: a dot and a signature.
pub(crate) const OVERHEAD: usize = 1 + SIGNATURE;
const TOKEN: usize = 1 + 1 + 4 + 4 + TAG;

/// A Signed value whose MAC holds. Whether its period covers the present is the caller's to ask.
#[derive(Clone, Copy)]
pub(crate) struct Opened<'v> {
    /// The value without its signature.
    pub(crate) value: &'v [u8],
    pub(crate) period: Period,
    /// Whether the key that signs today signed it.
    pub(crate) current: bool,
}

/// `value` with its signature for the cookie `name`, of at most 255 bytes.
pub(crate) fn sign(keys: &Subkeys, name: &str, value: &str, period: Period) -> String {
    let key = keys.first();
    let (issued, expires) = (period.issued.to_be_bytes(), period.expires.to_be_bytes());
    let tag =
        key.signed.tag(&[&[length(name.as_bytes())], name.as_bytes(), &issued, &expires, value.as_bytes()]);
    let mut token = [0; TOKEN];
    token[..2].copy_from_slice(&[VERSION, key.id]);
    token[2..6].copy_from_slice(&issued);
    token[6..10].copy_from_slice(&expires);
    token[10..].copy_from_slice(&tag);
    let mut signed = String::with_capacity(value.len() + OVERHEAD);
    signed.push_str(value);
    signed.push('.');
    URL_SAFE_NO_PAD.encode_append(token, &mut signed);
    signed
}

/// The value that `signed` carries for the cookie `name`.
pub(crate) fn open<'v>(keys: &Subkeys, name: &[u8], signed: &'v [u8]) -> Result<Opened<'v>, Flaw> {
    let Some((value, signature)) = split(signed) else {
        return Err(if signed.contains(&b'.') { Flaw::Malformed } else { Flaw::Unsigned });
    };
    let token: [u8; TOKEN] = decode(signature).ok_or(Flaw::Malformed)?;
    let (head, tag) = token.split_at(TOKEN - TAG);
    let &[version, id, ref times @ ..] = head else { return Err(Flaw::Malformed) };
    if version != VERSION {
        return Err(Flaw::Malformed);
    }
    let key = keys.by_id(id).ok_or(Flaw::UnknownKey)?;
    if !key.signed.verifies(&[&[length(name)], name, times, value], tag) {
        return Err(Flaw::Modified);
    }
    let (issued, expires) = times.split_at(4);
    Ok(Opened {
        value,
        period: Period { issued: seconds(issued), expires: seconds(expires) },
        current: std::ptr::eq(key, keys.first()),
    })
}

/// The value and its signature, which are one dot apart.
fn split(signed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (value, tail) = signed.split_at(signed.len().checked_sub(OVERHEAD)?);
    tail.strip_prefix(b".").map(|signature| (value, signature))
}

#[cfg(test)]
mod tests {
    use super::{open, sign};
    use crate::key::{Key, KeyRing, Subkeys};
    use crate::wire::{Flaw, Period};

    const NOW: u32 = 1_795_455_792;

    fn keys(first: u8, policy: &str) -> Subkeys {
        let bytes: [u8; 32] = std::array::from_fn(|at| first + u8::try_from(at).unwrap());
        KeyRing::new(Key::from_bytes(&bytes).unwrap()).subkeys(policy)
    }

    /// Computed by another implementation of HMAC and HKDF (CPython's `hmac` and `hashlib`).
    #[test]
    fn known_answers() {
        let long = "n".repeat(255);
        let year = Period::starting(NOW, 31_536_000);
        for (keys, name, value, period, signature) in [
            (keys(0, "broadcloud"), "theme", "dark", year, "AftrBHswbOWusK6DBEV27kRhYU9MeNA1DlM"),
            (keys(32, "broadcloud"), "theme", "dark", year, "AUhrBHswbOWusOAmXU57Np9bJcXoiRDixwM"),
            (keys(0, "shop"), "theme", "dark", year, "AftrBHswbOWusF9OdrXzd5dGnCnk247_lx4"),
            (
                keys(0, "broadcloud"),
                "theme",
                "",
                Period::starting(NOW, 43_200),
                "AftrBHswawUj8PohUSKR_u73YKVe09erLr8",
            ),
            (
                keys(0, "broadcloud"),
                &long,
                &"v".repeat(3000),
                Period::starting(NOW, 1),
                "AftrBHswawR7MQ6w23QjNoC_09wGHDZo4D4",
            ),
        ] {
            let signed = sign(&keys, name, value, period);
            assert_eq!(signed, format!("{value}.{signature}"));
            let opened = open(&keys, name.as_bytes(), signed.as_bytes()).unwrap();
            assert_eq!((opened.value, opened.period, opened.current), (value.as_bytes(), period, true));
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let keys = keys(0, "broadcloud");
        let signed = sign(&keys, "theme", "dark", Period::starting(NOW, 60)).into_bytes();
        for at in 0..signed.len() {
            for bit in 0..8 {
                let mut forged = signed.clone();
                forged[at] ^= 1 << bit;
                assert!(open(&keys, b"theme", &forged).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn every_truncation_and_extension_is_noticed() {
        let keys = keys(0, "broadcloud");
        let signed = sign(&keys, "theme", "dark", Period::starting(NOW, 60)).into_bytes();
        for length in 0..signed.len() {
            assert!(open(&keys, b"theme", &signed[..length]).is_err(), "first {length}");
            assert!(open(&keys, b"theme", &signed[signed.len() - length..]).is_err(), "last {length}");
        }
        for extra in [&b"A"[..], b"=", b".", b"AAAA"] {
            assert!(open(&keys, b"theme", &[&signed[..], extra].concat()).is_err());
            assert!(open(&keys, b"theme", &[extra, &signed[..]].concat()).is_err());
        }
    }

    #[test]
    fn name_policy_and_key_are_under_the_mac() {
        let keys_here = keys(0, "broadcloud");
        let signed = sign(&keys_here, "theme", "dark", Period::starting(NOW, 60));
        let flaw = |keys: &Subkeys, name: &[u8], signed: &str| open(keys, name, signed.as_bytes()).err();
        assert_eq!(flaw(&keys_here, b"themes", &signed), Some(Flaw::Modified));
        assert_eq!(flaw(&keys_here, b"Theme", &signed), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(0, "shop"), b"theme", &signed), Some(Flaw::Modified));
        assert_eq!(flaw(&keys(32, "broadcloud"), b"theme", &signed), Some(Flaw::UnknownKey));
        assert_eq!(flaw(&keys_here, b"theme", "dark"), Some(Flaw::Unsigned));
        assert_eq!(flaw(&keys_here, b"theme", "dark.short"), Some(Flaw::Malformed));
        let zeros = format!("dark.{}{}", &signed[5..19], "A".repeat(21));
        assert!(flaw(&keys_here, b"theme", &zeros).is_some());
    }

    /// `ab` + `c` against `a` + `bc`: the length byte keeps name and value apart.
    #[test]
    fn no_two_inputs_share_a_message() {
        let keys = keys(0, "broadcloud");
        let period = Period { issued: 0x6363_6363, expires: 0x6363_6364 };
        let signed = sign(&keys, "ab", "cccc", period);
        let signature = &signed[4..];
        for (name, value) in [("a", "bcccc"), ("abc", "ccc"), ("abcccc", ""), ("", "abcccc")] {
            assert!(
                open(&keys, name.as_bytes(), format!("{value}{signature}").as_bytes()).is_err(),
                "{name}={value}"
            );
        }
    }
}
