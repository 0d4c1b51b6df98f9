//! Integrity: nothing of a token or of a value can be changed unnoticed.

use base64_simd::URL_SAFE_NO_PAD;

use super::jar::{Jar, MAIN, OF_CART, guarded, refused, verifies};
use crate::support::{issue, visit};

fn begun() -> (tower_cookie_policy::CookiePolicy, Jar) {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3-apples"]);
    verifies(&policy, &jar);
    (policy, jar)
}

/// Each byte with each of its bits flipped, where the result can stand in a header.
fn flips(value: &str) -> Vec<String> {
    let mut flips = Vec::new();
    for at in 0..value.len() {
        for bit in 0..8 {
            let mut bytes = value.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let legal = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b';' | b'"' | b',' | b'\\');
            if legal(bytes[at]) {
                flips.push(String::from_utf8(bytes).unwrap());
            }
        }
    }
    assert!(flips.len() > 3 * value.len());
    flips
}

/// T30: every bit of a main. What is changed is no main.
#[test]
fn every_flipped_bit_of_a_main_is_noticed() {
    let (policy, jar) = begun();
    for main in flips(jar.value(MAIN)) {
        refused(&policy, &jar.with(MAIN, &main), "cart", "no_transaction");
    }
}

/// T30: every bit of a companion: the format, the key, the transaction, the time, the tag.
#[test]
fn every_flipped_bit_of_a_companion_is_noticed() {
    let (policy, jar) = begun();
    let mut reasons = std::collections::BTreeMap::new();
    for text in flips(jar.value(OF_CART)) {
        let seen = jar.with(OF_CART, &text).seen(&policy);
        assert_eq!(seen.value("cart"), None, "{text}");
        *reasons.entry(seen.refusals[0].1.clone()).or_insert(0) += 1;
    }
    assert_eq!(reasons.keys().collect::<Vec<_>>(), ["malformed", "modified", "other_transaction"]);
}

/// T30: every bit of a guarded, a signed and a sealed value.
#[test]
fn every_flipped_bit_of_a_value_is_noticed() {
    let (policy, jar) = begun();
    for value in flips(jar.value("cart")) {
        refused(&policy, &jar.with("cart", &value), "cart", "modified");
    }
    for name in ["theme", "draft"] {
        let cookie = issue(&policy, name, "dark-and-deep");
        let value = cookie.split_once('=').unwrap().1;
        for flipped in flips(value) {
            let seen = visit(&policy, &[format!("{name}={flipped}")]);
            assert_eq!((seen.value(name), seen.refusals.len()), (None, 1), "{flipped}");
        }
    }
}

/// T30: shorter and longer values and tokens, from either end.
#[test]
fn every_truncation_and_extension_is_noticed() {
    let (policy, jar) = begun();
    for name in ["cart", MAIN, OF_CART] {
        let value = jar.value(name).to_owned();
        let mut others: Vec<String> = (0..value.len()).map(|end| value[..end].to_owned()).collect();
        others.extend((1..value.len()).map(|start| value[start..].to_owned()));
        others.extend(
            ["A", "=", ".", "AAAA", "-"]
                .iter()
                .flat_map(|more| [format!("{value}{more}"), format!("{more}{value}")]),
        );
        for other in others {
            let seen = jar.with(name, &other).seen(&policy);
            assert_eq!(seen.value("cart"), None, "{name}={other}");
            assert_eq!(seen.refusals.len(), 1, "{name}={other}");
        }
    }
}

/// A token has one spelling.
#[test]
fn other_spellings_of_base64_are_refused() {
    let (policy, jar) = begun();
    for (name, reason) in [(MAIN, "no_transaction"), (OF_CART, "malformed")] {
        let value = jar.value(name);
        let bytes = URL_SAFE_NO_PAD.decode_to_vec(value).unwrap();
        let standard = base64_simd::STANDARD.encode_to_string(&bytes);
        let mut spellings = vec![format!("{value}="), format!("{value}=="), format!("\"{value}\"")];
        if standard != value {
            spellings.push(standard);
        }
        if value.len() % 4 != 0 {
            // The last character has bits behind the last byte: every one of its other values is another spelling.
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let last = alphabet.find(value.chars().last().unwrap()).unwrap();
            let same = |other: &usize| *other != last && other >> 2 == last >> 2;
            spellings.extend(
                (0..64)
                    .filter(same)
                    .map(|other| format!("{}{}", &value[..value.len() - 1], &alphabet[other..=other])),
            );
            assert!(spellings.len() > 5);
        }
        for spelling in spellings {
            refused(&policy, &jar.with(name, &spelling), "cart", reason);
        }
    }
}

fn forged(value: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode_to_vec(value).unwrap();
    change(&mut bytes);
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

#[test]
fn unknown_versions_and_keys_are_refused() {
    let (policy, jar) = begun();
    for (at, other) in [(0, 0), (0, 2), (0, 255), (1, 0), (1, 0xfa), (1, 0xfc)] {
        let main = forged(jar.value(MAIN), |bytes| bytes[at] = other);
        refused(&policy, &jar.with(MAIN, &main), "cart", "no_transaction");
        let companion = forged(jar.value(OF_CART), |bytes| bytes[at] = other);
        refused(&policy, &jar.with(OF_CART, &companion), "cart", "malformed");
    }
}

/// T30: a tag of zeros, one of another message, a shorter one, one behind a longer body.
#[test]
fn tags_that_are_none_are_refused() {
    let (policy, jar) = begun();
    let other = Jar::default().set(&policy, &["cart=3-apples"]);
    for (name, tampered) in [(MAIN, "no_transaction"), (OF_CART, "modified")] {
        let of_other = URL_SAFE_NO_PAD.decode_to_vec(other.value(name)).unwrap();
        for tag in [vec![0; 16], vec![0xff; 16], of_other[of_other.len() - 16..].to_vec()] {
            let text = forged(jar.value(name), |bytes| {
                let start = bytes.len() - 16;
                bytes.splice(start.., tag);
            });
            refused(&policy, &jar.with(name, &text), "cart", tampered);
        }
        let malformed = if name == MAIN { "no_transaction" } else { "malformed" };
        for shorter in [15, 12, 8, 4, 1, 0] {
            let text = forged(jar.value(name), |bytes| bytes.truncate(bytes.len() - 16 + shorter));
            refused(&policy, &jar.with(name, &text), "cart", malformed);
        }
        for longer in [1, 2, 16, 3000] {
            let text = forged(jar.value(name), |bytes| bytes.extend(vec![0; longer]));
            refused(&policy, &jar.with(name, &text), "cart", malformed);
        }
        refused(&policy, &jar.with(name, ""), "cart", malformed);
    }
}

/// No length is in any format but the name's, which is under the MAC: a name that lies about where it ends is another one.
#[test]
fn no_name_borrows_from_its_value() {
    let policy = guarded().build().unwrap();
    // `item_a` with `bc` against `item_ab` with `c`: under one companion name each, so the companion goes along.
    let jar = Jar::default().set(&policy, &["item_a=bc"]);
    let token = jar.0.iter().find(|(name, _)| name.starts_with("TS") && name != MAIN).unwrap().1.clone();
    let target = Jar::default().set(&policy, &["item_ab=c"]);
    let companion = target.names().into_iter().find(|name| name.starts_with("TS") && name != MAIN).unwrap();
    let swapped =
        Jar(vec![("item_ab".into(), "c".into()), (MAIN.into(), jar.value(MAIN).into()), (companion, token)]);
    refused(&policy, &swapped, "item_ab", "modified");
}

/// The times that a token can say: the epoch, the end of 32 bits, the future; all under the MAC.
#[test]
fn times_are_under_the_mac() {
    let (policy, jar) = begun();
    for time in [0_u32, 1, 1_795_455_791, 1_795_455_793, u32::MAX - 1, u32::MAX] {
        let main = forged(jar.value(MAIN), |bytes| bytes[10..14].copy_from_slice(&time.to_be_bytes()));
        refused(&policy, &jar.with(MAIN, &main), "cart", "no_transaction");
        let companion = forged(jar.value(OF_CART), |bytes| bytes[6..10].copy_from_slice(&time.to_be_bytes()));
        refused(&policy, &jar.with(OF_CART, &companion), "cart", "modified");
    }
}
