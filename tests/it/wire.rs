//! What leaves is what the grammar allows and what browsers take, whatever went in.
//!
//! The browser is a model of RFC 6265bis sections 5.6 and 5.7, itself held against the published table.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use tower_cookie_policy::{
    Basis, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity, Lifetime, SameSite, TestClock,
    Undeclared,
};

use crate::support::{NOW, keys, lines, order, shop, visit, write};

static SHOP: LazyLock<CookiePolicy> = LazyLock::new(|| shop().build().unwrap());

/// The name and value that a browser keeps of a line, over a secure connection; `None` if it keeps nothing.
fn kept(line: &[u8], secure_connection: bool) -> Option<(Vec<u8>, Vec<u8>)> {
    let trim = |bytes: &[u8]| -> Vec<u8> {
        let text: Vec<char> = bytes.iter().map(|&byte| char::from(byte)).collect();
        let text: String = text.into_iter().collect();
        text.trim_matches([' ', '\t'])
            .chars()
            .map(|character| u8::try_from(u32::from(character)).unwrap())
            .collect()
    };
    if line.iter().any(|&byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
        return None;
    }
    let mut parts = line.split(|&byte| byte == b';');
    let pair = parts.next()?;
    let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
        Some(at) => (trim(&pair[..at]), trim(&pair[at + 1..])),
        None => (vec![], trim(pair)),
    };
    if name.len() + value.len() > 4096 || (name.is_empty() && value.is_empty()) {
        return None;
    }
    let (mut secure, mut http_only, mut path, mut domain, mut none) =
        (false, false, String::new(), String::new(), false);
    for part in parts {
        let text = String::from_utf8_lossy(part).into_owned();
        let (attribute, value) = text.split_once('=').unwrap_or((&text, ""));
        let (attribute, value) = (attribute.trim().to_ascii_lowercase(), value.trim().to_owned());
        if value.len() > 1024 {
            continue;
        }
        match attribute.as_str() {
            "secure" => secure = true,
            "httponly" => http_only = true,
            "path" => path = value,
            "domain" => domain = value,
            "samesite" => none = value.eq_ignore_ascii_case("none"),
            _ => {}
        }
    }
    let starts = |bytes: &[u8], prefix: &str| {
        bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    #[expect(clippy::nonminimal_bool, reason = "a line for each step of the algorithm")]
    let refused = (secure && !secure_connection)
        || (none && !secure)
        || (starts(&name, "__Secure-") && !secure)
        || (starts(&name, "__Http-") && !(secure && http_only))
        || (starts(&name, "__Host-") && !(secure && path == "/" && domain.is_empty()))
        || (starts(&name, "__Host-Http-") && !http_only)
        || (name.is_empty()
            && ["__Secure-", "__Host-", "__Http-"].iter().any(|prefix| starts(&value, prefix)));
    (!refused).then_some((name, value))
}

#[test]
fn the_model_browser_follows_the_published_table() {
    let path = format!("{}/tests/vectors/wpt_and_prefixes.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut checked = 0;
    for case in file["cases"].as_array().unwrap() {
        let id = &case["id"];
        let text = |value: &Value| value.as_str().unwrap().as_bytes().to_vec();
        let header = |lines: &[Vec<u8>], secure| {
            let kept = lines.iter().filter_map(|line| kept(line, secure));
            let pairs =
                kept.map(|(name, value)| if name.is_empty() { value } else { [name, value].join(&b'=') });
            pairs.collect::<Vec<_>>().join(&b"; "[..])
        };
        if let Some(name) = case["name_length"].as_u64() {
            let (name, value) = (usize::try_from(name).unwrap(), case["value_length"].as_u64().unwrap());
            let line = format!("{}={}", "n".repeat(name), "v".repeat(usize::try_from(value).unwrap()));
            assert_eq!(kept(line.as_bytes(), true).is_some(), case["accepted"] == true, "{id}");
        } else if let Some(accepted) = case["accepted"].as_bool() {
            let line = text(&case["set_cookie"][0]);
            assert_eq!(kept(&line, case["request_scheme"] == "https").is_some(), accepted, "{id}");
        } else if let Some(lines) = case["set_cookie"].as_array() {
            let lines: Vec<_> = lines.iter().map(text).collect();
            assert_eq!(header(&lines, true), text(&case["cookie_header"]), "{id}");
        } else if let Some(hex) = case["set_cookie_hex"].as_str() {
            let bytes: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect();
            assert_eq!(header(std::slice::from_ref(&bytes), true), bytes, "{id}");
        } else {
            assert_eq!(case["attribute_limit"], 1024, "{id}");
        }
        checked += 1;
    }
    assert_eq!(checked, 72);
}

/// `set-cookie-string` of RFC 6265bis section 4.1.1, attribute by attribute, none of them twice.
fn is_grammatical(line: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let octets = |text: &str| {
        text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e))
    };
    let value =
        |text: &str| octets(text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text));
    let mut parts = line.split("; ");
    let Some((name, content)) = parts.next().and_then(|pair| pair.split_once('=')) else { return false };
    let mut seen = Vec::new();
    let legal = parts.all(|part| {
        let (attribute, argument) =
            part.split_once('=').map_or((part, None), |(attribute, rest)| (attribute, Some(rest)));
        let first = !seen.contains(&attribute.to_owned());
        seen.push(attribute.to_owned());
        first
            && match (attribute, argument) {
                ("Secure" | "HttpOnly" | "Partitioned", None) => true,
                ("SameSite", Some(argument)) => ["Strict", "Lax", "None"].contains(&argument),
                ("Max-Age", Some(digits)) => {
                    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
                }
                ("Expires", Some(date)) => is_imf_fixdate(date),
                ("Path", Some(path)) => {
                    path.starts_with('/')
                        && path.len() <= 1024
                        && path.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b';')
                }
                ("Domain", Some(domain)) => {
                    !domain.is_empty()
                        && domain.split('.').all(|label| {
                            !label.is_empty()
                                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                        })
                }
                _ => false,
            }
    });
    token(name) && value(content) && legal
}

/// `IMF-fixdate` (RFC 9110 section 5.6.7).
fn is_imf_fixdate(date: &str) -> bool {
    let shape: String = date
        .chars()
        .map(|c| {
            if c.is_ascii_digit() {
                '0'
            } else if c.is_ascii_alphabetic() {
                'a'
            } else {
                c
            }
        })
        .collect();
    shape == "aaa, 00 aaa 0000 00:00:00 aaa" && date.ends_with(" GMT")
}

/// Text that is mostly what a cookie may hold, and now and then what it may not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9_./-]{0,12}",
        1 => prop::sample::select(vec!["__Host-a", "__secure-b", "__HTTP-c", "__Host-Http-d", "/", "/a b", "example.com", "\"q\"", "a;b", "a,b", "a=b", "a\\b", "\r\n", "\u{e4}", "\0", " ", "\t", "%41", "*"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn spec() -> impl Strategy<Value = CookieSpec> {
    let integrity =
        prop::sample::select(vec![Integrity::Open, Integrity::Guarded, Integrity::Signed, Integrity::Sealed]);
    let same_site = prop::sample::select(vec![SameSite::Strict, SameSite::Lax, SameSite::None]);
    (text(), any::<u32>(), integrity, same_site, text(), text(), any::<(bool, bool, bool, bool, bool)>())
        .prop_map(
            |(
                name,
                seconds,
                integrity,
                same_site,
                path,
                domain,
                (session, scripted, insecure, deep, wide),
            )| {
                let mut spec = CookieSpec::new(name.as_str(), Basis::essential("a test"))
                    .integrity(integrity)
                    .same_site(same_site);
                if !session {
                    spec = spec.lifetime(Lifetime::seconds(seconds % 40_000_000));
                }
                if scripted {
                    spec = spec.readable_by_script();
                }
                if insecure {
                    spec = spec.danger_without_secure();
                }
                if deep {
                    spec = spec.path(path);
                }
                if wide {
                    spec = spec.domain(domain);
                }
                spec
            },
        )
}

fn judged(policy: CookiePolicyBuilder) -> Option<CookiePolicy> {
    policy.clock(TestClock::at(NOW).clock()).build().ok()
}

fn assert_taken(line: &str) {
    assert!(is_grammatical(line), "{line:?}");
    let (name, value) = line.split_once('=').unwrap();
    let value = value.split(';').next().unwrap();
    assert_eq!(kept(line.as_bytes(), true), Some((name.into(), value.into())), "{line:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// T39, T26: no name, value, path, domain or lifetime that builds can make an illegal line.
    #[test]
    fn what_is_ordered_leaves_in_the_grammar(spec in spec(), value in text()) {
        let name = spec.name().to_string();
        if let Some(policy) = judged(CookiePolicy::empty(keys()).with(spec)) {
            let answer = order(&policy, |cookies| {
                let _ = cookies.set(&name, value.as_str());
            });
            lines(&answer).iter().for_each(|line| assert_taken(line));
            lines(&order(&policy, |cookies| cookies.remove(&name).unwrap())).iter().for_each(|line| assert_taken(line));
        }
    }

    #[test]
    fn what_is_written_leaves_in_the_grammar(
        spec in spec(),
        pairs in prop::collection::vec((text(), text()), 1..4),
        attributes in prop::collection::vec((prop::sample::select(vec![
            "Path", "path", "Domain", "Max-Age", "Expires", "Secure", "HttpOnly", "SameSite", "Partitioned", "Foo", "",
        ]), text()), 0..5),
        keep in any::<bool>(),
    ) {
        let undeclared = if keep { Undeclared::Keep } else { Undeclared::Drop };
        let names: Vec<String> = pairs.iter().map(|(name, _)| name.clone()).chain([spec.name().to_string()]).collect();
        if let Some(policy) = judged(CookiePolicy::empty(keys()).with(spec).undeclared(undeclared)) {
            for (name, (_, value)) in names.iter().zip(pairs.iter().cycle()) {
                let rest: String = attributes.iter().map(|(name, value)| format!("; {name}={value}")).collect();
                let line = format!("{name}={value}{rest}");
                if http::HeaderValue::from_bytes(line.as_bytes()).is_ok() {
                    let answer = write(&policy, &[&line, &format!("{line}; Max-Age=0")]);
                    lines(&answer).iter().for_each(|line| assert_taken(line));
                }
            }
        }
    }

    /// No byte of anything makes the way through panic.
    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if http::HeaderValue::from_bytes(&bytes).is_ok() {
            visit(&SHOP, &[&bytes]);
            write(&SHOP, &[&bytes]);
        }
    }
}
