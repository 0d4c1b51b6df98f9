//! Sealed rows: handlers write and read plain values, the wire carries ciphertext.

use std::time::Duration;

use tower_cookie_policy::{CookiePolicy, KeyRing, TestClock};

use crate::support::{
    NOW, attributes, issue, key, lines, order, request, sent_back, serve, shop, suppressed, visit, write,
};

fn policy() -> CookiePolicy {
    shop().build().unwrap()
}

#[test]
fn the_wire_carries_ciphertext_and_the_handler_sees_the_value() {
    let policy = policy();
    for value in ["dear", "", "a.b~c", "dear%20friend", &"v".repeat(2900)] {
        let by_handle = issue(&policy, "draft", value);
        let by_line = sent_back(&lines(&write(&policy, &[format!("draft={value}")]))[0]);
        assert_ne!(by_handle, by_line, "each has a nonce of its own");
        for sent in [by_handle, by_line] {
            assert!(value.len() < 4 || !sent.contains(value), "{sent}");
            let seen = visit(&policy, &[format!("a=1; {sent}; plain=2")]);
            assert_eq!(seen.value("draft").as_deref(), Some(value));
            assert_eq!(seen.header(), format!("a=1; draft={value}; plain=2"));
            assert!(seen.refusals.is_empty());
        }
    }
}

#[test]
fn it_leaves_as_its_row_says() {
    let answer = write(&policy(), &["draft=dear; Max-Age=60; Path=/elsewhere"]);
    assert_eq!(attributes(&lines(&answer)[0]), ["httponly", "path=/", "samesite=lax", "secure"]);
    let deleted = write(&policy(), &["draft=; Max-Age=0"]);
    assert!(lines(&deleted)[0].starts_with("draft=; "), "a deletion is not sealed");
}

/// Browsers take 4096 bytes of name and value, which is asked of the ciphertext.
#[test]
fn what_is_too_long_once_it_is_sealed_does_not_leave() {
    let policy = policy();
    let (mut longest, mut answer) = (0, None);
    for length in 2900..4096 {
        let said = write(&policy, &[format!("draft={}", "v".repeat(length))]);
        if lines(&said).is_empty() {
            assert_eq!(suppressed(&said), [("draft".to_owned(), "oversized".to_owned())]);
            break;
        }
        (longest, answer) = (length, Some(said));
    }
    let sent = sent_back(&lines(&answer.unwrap())[0]);
    assert!((4090..=4097).contains(&sent.len()), "{} for {longest}", sent.len());
    assert!(visit(&policy, &[sent]).value("draft").is_some());
}

/// A changed byte, a value moved to another name, another user's policy, a retired key: absent, with a reason, and nothing
/// beside it goes.
#[test]
fn forgeries_are_absent() {
    let policy = policy();
    let sealed = issue(&policy, "draft", "dear");
    let value = sealed.strip_prefix("draft=").unwrap();
    let mut flipped = value.to_owned().into_bytes();
    flipped[40] = if flipped[40] == b'A' { b'B' } else { b'A' };
    let other = shop().id("other").build().unwrap();
    for (sent, reason) in [
        (format!("draft={}", String::from_utf8(flipped).unwrap()), "modified"),
        (format!("draft={}", &value[..value.len() - 3]), "malformed"),
        (format!("draft={value}="), "malformed"),
        ("draft=dear".to_owned(), "malformed"),
        ("draft=".to_owned(), "malformed"),
        (format!("draft=\"{value}\""), "malformed"),
        (issue(&other, "draft", "dear"), "modified"),
        (sealed.replace("draft=", "X-Appia-ExtAuth="), "modified"),
    ] {
        let seen = visit(&policy, &[format!("plain=1; {sent}")]);
        assert_eq!(seen.header(), "plain=1", "{sent}");
        assert_eq!(seen.refusals.iter().map(|(_, why)| why.as_str()).collect::<Vec<_>>(), [reason], "{sent}");
    }
}

/// Of several that open and differ none can be told to be the true one; equal ones are one.
#[test]
fn two_values_are_none() {
    let policy = policy();
    let (one, other) = (issue(&policy, "draft", "one"), issue(&policy, "draft", "other"));
    let again = issue(&policy, "draft", "one");
    assert_eq!(visit(&policy, &[format!("{one}; {other}")]).reasons("draft"), ["duplicate", "duplicate"]);
    assert_eq!(visit(&policy, &[format!("{one}; {again}; draft=x")]).header(), "draft=one");
}

#[test]
fn it_ends_with_the_absolute_limit() {
    let clock = TestClock::at(NOW);
    let policy = shop().clock(clock.clock()).build().unwrap();
    let sealed = issue(&policy, "draft", "dear");
    clock.advance(Duration::from_secs(12 * 3600 - 1));
    assert!(visit(&policy, &[&sealed]).value("draft").is_some());
    clock.advance(Duration::from_secs(1));
    assert_eq!(visit(&policy, &[&sealed]).reasons("draft"), ["expired"]);
}

/// Under a previous key it opens, and leaves under the present one with its first end.
#[test]
fn a_previous_key_opens_and_the_present_one_seals() {
    let clock = TestClock::at(NOW);
    let ring = KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let old = shop().clock(clock.clock()).build().unwrap();
    let rows = |builder: tower_cookie_policy::CookiePolicyBuilder| {
        old.specs()
            .iter()
            .filter(|row| row.name().to_string() == "draft")
            .cloned()
            .fold(builder, |b, row| b.with(row))
    };
    let both = rows(CookiePolicy::empty(ring)).clock(clock.clock()).build().unwrap();
    let retired = rows(CookiePolicy::empty(KeyRing::new(key(32)))).clock(clock.clock()).build().unwrap();
    let sealed = issue(&old, "draft", "dear");
    assert_eq!(visit(&retired, &[&sealed]).reasons("draft"), ["malformed"]);
    clock.advance(Duration::from_secs(3600));
    let answer = serve(&both, request(&[&sealed]), |_| crate::support::Answer::default());
    let renewed = sent_back(&lines(&answer)[0]);
    assert_eq!(visit(&retired, &[&renewed]).value("draft").as_deref(), Some("dear"));
    clock.advance(Duration::from_secs(11 * 3600));
    assert_eq!(
        visit(&retired, &[&renewed]).reasons("draft"),
        ["expired"],
        "twelve hours after it was first set"
    );
    assert!(lines(&order(&both, |_| ())).is_empty());
}
