//! The `Cookie` header: published vectors, attacks, a naive parser as oracle, and its bounds.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use tower_cookie_policy::{CookiePolicy, NonAscii};

use crate::support::{Seen, keys, shop, visit};

static OPEN: LazyLock<CookiePolicy> = LazyLock::new(open);
static SHOP: LazyLock<CookiePolicy> = LazyLock::new(|| shop().build().unwrap());

fn open() -> CookiePolicy {
    CookiePolicy::empty(keys()).build().unwrap()
}

fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn pairs_of(seen: &Seen) -> Vec<Vec<String>> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    seen.pairs.iter().map(|(name, value)| vec![name.clone(), text(value)]).collect()
}

#[test]
fn grammatical_headers_give_exactly_their_pairs() {
    let mut seen = 0;
    for file in ["core_grammar_conforming.json", "rfc_examples.json"] {
        for case in vectors(file) {
            let headers = texts(&case["cookie_headers"]);
            let expected: Vec<Vec<String>> =
                case["expect"]["pairs"].as_array().unwrap().iter().map(texts).collect();
            let parsed = visit(&open(), &headers);
            assert_eq!(pairs_of(&parsed), expected, "{}", case["id"]);
            assert_eq!(parsed.refusals, [], "{}", case["id"]);
            let untouched: Vec<Vec<u8>> = headers.into_iter().map(String::into_bytes).collect();
            assert_eq!(parsed.fields, untouched, "left alone: {}", case["id"]);
            seen += 1;
        }
    }
    assert_eq!(seen, 108);
}

/// T35 to T38: each published attack, by what is required of it.
#[test]
fn attacks_do_not_get_what_they_want() {
    let policy = CookiePolicy::empty(keys())
        .with(tower_cookie_policy::CookieSpec::new(
            "__Host-sid",
            tower_cookie_policy::Basis::essential("a test"),
        ))
        .build()
        .unwrap();
    let mut seen = 0;
    for case in vectors("attack_inputs.json") {
        let id = case["id"].as_str().unwrap();
        let hex = case["cookie_header_hex"].as_str().unwrap();
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        // Some of them hold bytes that no HTTP message can carry; there is nothing to parse then.
        let Ok(_) = http::HeaderValue::from_bytes(&bytes) else {
            assert!(matches!(id, "attack/ascii-vt" | "attack/ascii-ff"), "{id}");
            seen += 1;
            continue;
        };
        let parsed = visit(&policy, &[&bytes]);
        let all = |name: &str| -> Vec<String> {
            let named = parsed.pairs.iter().filter(|(present, _)| present == name);
            named.map(|(_, value)| String::from_utf8(value.clone()).unwrap()).collect()
        };
        let requirement = case["requirement"].as_str().unwrap();
        match requirement {
            _ if requirement.contains("must be good") => {
                let name = if requirement.starts_with("sid") { "sid" } else { "__Host-sid" };
                assert_eq!(all(name), ["good"], "{id}");
            }
            _ if requirement.contains("NOT be reported") || requirement == "U+00A0 is not OWS" => {
                assert_eq!(all("__Host-sid"), [""; 0], "{id}");
            }
            "names are never percent-decoded" if id.ends_with("66oo") => {
                assert_eq!((all("foo"), all("%66oo")), (vec!["good".into()], vec!["evil".into()]), "{id}");
            }
            "names are never percent-decoded" => {
                assert_eq!(all("__Host-sid"), ["good"], "{id}");
                assert_eq!(parsed.reasons("%5f%5fHost-sid"), ["alias"], "{id}");
            }
            _ if requirement.starts_with("names are case-sensitive") => {
                assert_eq!(all("__Host-sid"), ["good"], "{id}");
                assert_eq!(parsed.pairs.len(), 2, "{id}");
            }
            "value bytes must not be altered" => assert_eq!(parsed.reasons("sid"), ["non_ascii"], "{id}"),
            "both values visible in order, policy explicit" => {
                assert_eq!(
                    all("sid").iter().map(|value| value.trim_matches('"')).collect::<Vec<_>>(),
                    ["evil", "good"]
                );
            }
            "no value may swallow another cookie: PHPSESSID must not appear inside session" => {
                assert_eq!(all("PHPSESSID"), ["secret"], "{id}");
                assert_eq!(all("session"), ["\"deadbeef"], "{id}");
            }
            "comma is not a separator" => assert_eq!(all("a"), ["1, __Host-sid=evil"], "{id}"),
            "HTAB is OWS" => assert_eq!(all("__Host-sid"), ["x"], "{id}"),
            "\";\" always ends the pair, also inside DQUOTE" => {
                assert_eq!(all("__Host-sid"), ["evil\""], "{id}");
            }
            "\";\" always ends the pair" => assert_eq!(all("__Host-sid"), ["evil"], "{id}"),
            "no character mangling in names" => assert_eq!(all("__Host-sid"), ["good"], "{id}"),
            other => panic!("{id}: nobody has said how to check {other:?}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 29);
}

/// T37: one bad cookie never takes the good one beside it down, in whichever order.
#[test]
fn one_bad_cookie_does_not_hide_the_others() {
    let policy = shop().build().unwrap();
    let theme = crate::support::issue(&policy, "theme", "dark");
    let oversized = format!("x={}", "y".repeat(5000));
    let cases: [(&[u8], Option<&str>); 13] = [
        (b"x=\xff", Some("non_ascii")),
        (b"theme=\xff\xfe", Some("non_ascii")),
        ("\u{2000}theme=evil".as_bytes(), Some("malformed")),
        ("theme\u{a0}=evil".as_bytes(), Some("malformed")),
        (b"%5f%5fHost-pin=evil", Some("alias")),
        (b"%74heme=evil", Some("alias")),
        (b"%2574heme=evil", Some("alias")),
        (b"=theme=evil", Some("malformed")),
        (b"theme", Some("malformed")),
        (b"the me=evil", Some("malformed")),
        (b"\"theme\"=evil", Some("malformed")),
        (b"XRMlower=1", Some("malformed")),
        (oversized.as_bytes(), None),
    ];
    for (bad, reason) in cases {
        for header in [[bad, theme.as_bytes()].join(&b"; "[..]), [theme.as_bytes(), bad].join(&b"; "[..])] {
            let seen = visit(&policy, &[&header]);
            let context = header.escape_ascii();
            assert_eq!(seen.value("theme").as_deref(), Some("dark"), "{context}");
            let reasons: Vec<&str> = seen.refusals.iter().map(|(_, reason)| reason.as_str()).collect();
            assert_eq!(reasons, reason.into_iter().collect::<Vec<_>>(), "{context}");
        }
    }
}

#[test]
fn non_ascii_values_are_kept_where_the_policy_says_so() {
    let policy = CookiePolicy::empty(keys()).non_ascii(NonAscii::Keep).build().unwrap();
    let seen = visit(&policy, &[b"a=\xff\x80; b=1"]);
    assert_eq!(seen.pairs, [("a".to_owned(), b"\xff\x80".to_vec()), ("b".to_owned(), b"1".to_vec())]);
    assert_eq!(seen.fields, [b"a=\xff\x80; b=1".to_vec()]);
}

#[test]
fn at_most_256_pairs_are_looked_at() {
    let many = |count: usize| (0..count).map(|at| format!("c{at}=v")).collect::<Vec<_>>();
    for fields in [vec![many(256).join("; ")], many(256)] {
        let seen = visit(&open(), &fields);
        assert_eq!((seen.pairs.len(), seen.refusals.len()), (256, 0));
    }
    for fields in [vec![many(10_000).join("; ")], many(10_000)] {
        let seen = visit(&open(), &fields);
        assert_eq!(seen.pairs.len(), 256);
        assert_eq!(seen.pairs[255].0, "c255");
        assert_eq!(seen.reasons(""), ["oversized"]);
        assert_eq!(seen.fields.len(), 1, "what was not looked at is not handed on");
    }
}

#[test]
fn at_most_64_kib_are_looked_at_and_no_pair_is_cut() {
    let full = format!("a=1; b={}; last=yyyyyyyy", "x".repeat(65_536 - 22));
    assert_eq!(full.len(), 65_536);
    let seen = visit(&open(), &[&full]);
    assert_eq!((seen.value("last").as_deref(), seen.refusals.len()), (Some("yyyyyyyy"), 0));
    let seen = visit(&open(), &[format!("{full}y")]);
    assert_eq!((seen.value("last"), seen.value("a").as_deref()), (None, Some("1")));
    assert_eq!(seen.reasons(""), ["oversized"]);
    let seen = visit(&open(), &[full.as_str(), "c=1"]);
    assert_eq!((seen.value("last").as_deref(), seen.value("c")), (Some("yyyyyyyy"), None));
    assert_eq!(seen.reasons(""), ["oversized"]);
    let seen = visit(&open(), &["a=1".to_owned(), "y".repeat(70_000)]);
    assert_eq!((seen.value("a").as_deref(), seen.reasons("")), (Some("1"), vec!["oversized"]));
}

/// The rules in the plainest words: split, trim, look.
fn naive(header: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    fn trim(part: &[u8]) -> Vec<u8> {
        let mut part = part.to_vec();
        while part.first().is_some_and(|byte| *byte == b' ' || *byte == b'\t') {
            part.remove(0);
        }
        while part.last().is_some_and(|byte| *byte == b' ' || *byte == b'\t') {
            part.pop();
        }
        part
    }
    let mut pairs = Vec::new();
    for part in header.split(|byte| *byte == b';') {
        let Some(equals) = part.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = (trim(&part[..equals]), trim(&part[equals + 1..]));
        let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        if !name.is_empty() && name.iter().all(token) && value.is_ascii() {
            pairs.push((name, value));
        }
    }
    pairs
}

/// Headers that are mostly delimiters, names of the table and awkward bytes.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["; ", ";", "=", " ", "\t", "\"", ",", "a", "theme", "cart", "%74", "$Version", "1"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>().prop_filter("legal in a header", |byte| {
            *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f)
        }), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn has(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    pairs.iter().map(|(name, value)| (String::from_utf8(name.clone()).unwrap(), value.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parser_agrees_with_the_naive_one(header in header_bytes()) {
        let seen = visit(&OPEN, &[&header]);
        prop_assert_eq!(&seen.pairs, &has(&naive(&header)));
        // What the handler parses for itself is what the handle says, byte for byte.
        let by_hand: Vec<_> = seen.fields.iter().flat_map(|field| naive(field)).collect();
        prop_assert_eq!(has(&by_hand), seen.pairs);
    }

    #[test]
    fn splitting_a_header_into_fields_changes_nothing(header in header_bytes(), cuts in any::<u64>()) {
        let parts: Vec<&[u8]> = header.split(|byte| *byte == b';').collect();
        let mut fields: Vec<Vec<u8>> = vec![parts[0].to_vec()];
        for (at, part) in parts.iter().enumerate().skip(1) {
            if cuts >> (at % 64) & 1 == 1 {
                fields.push(part.to_vec());
            } else if let Some(last) = fields.last_mut() {
                last.push(b';');
                last.extend_from_slice(part);
            }
        }
        let (one, several) = (visit(&SHOP, &[&header]), visit(&SHOP, &fields));
        prop_assert_eq!(one.pairs, several.pairs);
        prop_assert_eq!(one.refusals, several.refusals);
    }
}
