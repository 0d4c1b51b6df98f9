//! Published vectors through this crate's own seam.

use serde_json::Value;

use super::{MacKey, TAG, are_same, hkdf_sha256, key_id, sha256, subkey};

fn vectors(file: &str) -> Value {
    let path = format!("{}/tests/vectors/crypto/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn cases<'v>(file: &'v Value, group_key: &'v str) -> impl Iterator<Item = (&'v Value, &'v Value)> {
    let groups = file["testGroups"].as_array().unwrap().iter();
    groups.flat_map(move |group| {
        group["tests"].as_array().unwrap().iter().map(move |case| (&group[group_key], case))
    })
}

#[test]
fn wycheproof_hmac_sha256() {
    let file = vectors("wycheproof_hmac_sha256_test.json");
    let mut seen = 0;
    for (size, case) in cases(&file, "tagSize") {
        let key = MacKey::new(&bytes(&case["key"]));
        let (message, tag) = (bytes(&case["msg"]), bytes(&case["tag"]));
        let valid = case["result"] == "valid";
        let id = &case["tcId"];
        if size == 128 {
            assert_eq!(key.verifies(&[&message], &tag), valid, "case {id}");
        } else if valid {
            assert_eq!(key.tag(&[&message]), tag[..TAG], "case {id}");
            assert!(!key.verifies(&[&message], &tag), "a tag of 32 bytes is none of ours: case {id}");
        }
        seen += 1;
    }
    assert_eq!(seen, 174);
}

#[test]
fn rfc4231_hmac_sha256() {
    let file = vectors("rfc4231_hmac_sha256.json");
    for case in file["cases"].as_array().unwrap() {
        let key = MacKey::new(&bytes(&case["key"]));
        let (data, mac) = (bytes(&case["data"]), bytes(&case["mac"]));
        assert_eq!(key.tag(&[&data]), mac[..TAG], "{}", case["id"]);
    }
}

#[test]
fn a_truncated_tag_is_refused() {
    let key = MacKey::new(&[7; 32]);
    let tag = key.tag(&[b"message"]);
    assert!(key.verifies(&[b"message"], &tag));
    for length in 0..TAG {
        assert!(!key.verifies(&[b"message"], &tag[..length]), "{length} bytes");
    }
    let longer = [&tag[..], &[0]].concat();
    assert!(!key.verifies(&[b"message"], &longer));
}

#[test]
fn wycheproof_hkdf_sha256() {
    let file = vectors("wycheproof_hkdf_sha256_test.json");
    let mut seen = 0;
    for (_, case) in cases(&file, "keySize") {
        let (ikm, salt, info) = (bytes(&case["ikm"]), bytes(&case["salt"]), bytes(&case["info"]));
        let mut okm = vec![0; usize::try_from(case["size"].as_u64().unwrap()).unwrap()];
        let done = hkdf_sha256(&ikm, Some(&salt), &[&info], &mut okm);
        assert_eq!(done.is_some(), case["result"] == "valid", "case {}", case["tcId"]);
        if done.is_some() {
            assert_eq!(okm, bytes(&case["okm"]), "case {}", case["tcId"]);
        }
        seen += 1;
    }
    assert_eq!(seen, 86);
}

#[test]
fn rfc5869_hkdf_sha256() {
    let file = vectors("rfc5869_hkdf_sha256.json");
    for case in file["cases"].as_array().unwrap() {
        let expected = bytes(&case["okm"]);
        let mut okm = vec![0; expected.len()];
        let done = hkdf_sha256(
            &bytes(&case["ikm"]),
            Some(&bytes(&case["salt"])),
            &[&bytes(&case["info"])],
            &mut okm,
        );
        assert!(done.is_some());
        assert_eq!(okm, expected, "{}", case["id"]);
    }
}

/// Computed by another implementation of HMAC and HKDF (CPython's `hmac` and `hashlib`).
#[test]
fn known_answers_of_the_derivations() {
    let first: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let second: [u8; 32] = std::array::from_fn(|at| u8::try_from(at + 32).unwrap());
    let tag = |key: &[u8], policy: &str| {
        u128::from_be_bytes(MacKey::new(subkey(key, "signed", policy).as_slice()).tag(&[]))
    };
    assert_eq!(key_id(&first), 0xfb);
    assert_eq!(key_id(&second), 0x48);
    assert_eq!(tag(&first, "broadcloud"), 0x293d_b85a_29fe_73b3_f65b_aa3e_e188_36b1);
    assert_eq!(tag(&second, "broadcloud"), 0xe3fa_0483_17a8_7770_7612_a0e1_6943_f0e3);
    assert_ne!(tag(&first, "shop"), tag(&first, "broadcloud"));
    assert_eq!(sha256(&[b"a", b"bc"]), sha256(&[b"abc"]));
}

#[test]
fn same_is_the_same_bytes_and_as_many() {
    for (one, other, expected) in [
        (&b""[..], &b""[..], true),
        (b"a", b"a", true),
        (b"id", b"id", true),
        (b"id", b"if", false),
        (b"id", b"jd", false),
        (b"id", b"ide", false),
        (b"ide", b"id", false),
        (b"", b"i", false),
        (b"\x80", b"\x00", false),
        (b"\x01\x02", b"\x02\x01", false),
    ] {
        assert_eq!(are_same(one, other), expected, "{one:?} {other:?}");
    }
}
