//! Laundering: what did not verify never gets a companion, whatever the mode.

use std::time::{Duration, UNIX_EPOCH};

use tower_cookie_policy::{Action, Basis, CookieSpec, Integrity, Role};

use super::jar::{Jar, MAIN, OF_CART, OF_SESSION, clocked, guarded, verifies};
use crate::support::{NOW, lines, visit};

/// Under `Report` a changed value is let in and counted, and is never signed: not by a response, not by a rotation.
#[test]
fn what_is_reported_is_never_signed() {
    let policy = guarded().action(Action::Report).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3", "basket=1"]);
    for tampered in [jar.with("cart", "4"), jar.with(OF_CART, "x"), jar.without(OF_CART)] {
        let seen = tampered.seen(&policy);
        assert!(seen.value("cart").is_some(), "{seen:?}");
        assert_eq!(seen.refusals.len(), 1);
        assert_eq!(lines(&tampered.answer(&policy, &[])), [""; 0]);
        let other = lines(&tampered.answer(&policy, &["basket=2"]));
        assert!(other.iter().all(|line| !line.starts_with(OF_CART)), "{other:?}");
        let rotated = tampered.clone().signed_in(&policy, "alice");
        assert_eq!(rotated.find(OF_CART), tampered.find(OF_CART), "as it was");
        assert_eq!(rotated.seen(&policy).refusals.len(), 1);
        assert_eq!(rotated.seen(&policy).value("basket").as_deref(), Some("1"), "what verified goes on");
        let out = rotated.signed_out(&policy);
        assert_eq!(out.find(OF_CART), tampered.find(OF_CART));
    }
    assert!(policy.counts().refused["modified"] > 0);
    // Once the server sets it, it is the server's.
    verifies(&policy, &jar.with("cart", "4").set(&policy, &["cart=5"]));
}

/// The refusal of a cookie that was let in says so.
#[test]
fn a_report_says_that_the_cookie_was_let_in() {
    let policy = guarded().action(Action::Report).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).with("cart", "4");
    let answer = jar.answer(&policy, &[]);
    let report = answer.extensions().get::<tower_cookie_policy::Report>().unwrap();
    assert!(report.refusals()[0].was_let_in());
    let strict = guarded().build().unwrap();
    let answer = jar.answer(&strict, &[]);
    assert!(!answer.extensions().get::<tower_cookie_policy::Report>().unwrap().refusals()[0].was_let_in());
}

/// `Report` is for plain guarded cookies: what is signed, sealed or managed and fails is absent.
#[test]
fn report_lets_no_other_cookie_in() {
    let policy = guarded().action(Action::Report).build().unwrap();
    for cookie in [
        "theme=dark",
        "theme=dark.AftrBHswbOWusK6DBEV27kRhYU9MeNA1DlA",
        "ticket=x",
        "draft=x",
        "root.autoUserLoginId=AAAAAAAAAAAAAAAAAAAAAA~AAAAAAAAAAAAAAAAAAAAAA",
        "JSESSIONID=0123456789ABCDEF0123456789ABCDEF",
        "X-Appia-UUID=8c9f2b9e-0a4e-4d8f-9b4b-0123456789ab",
        "X-Appia-ExtAuth=alice",
        "bsloc=abcdefgh_-1",
        "OFBiz.Visitor=10000",
    ] {
        let seen = visit(&policy, &[cookie]);
        assert_eq!((seen.pairs.len(), seen.refusals.len()), (0, 1), "{cookie}");
    }
    let jar = Jar::default().signed_in(&policy, "alice").with(OF_SESSION, "x");
    assert_eq!(jar.user(&policy), None);
    // Nor does a duplicate under it: with one that verifies the other is only refused.
    let jar = Jar::default().set(&policy, &["cart=3"]);
    let seen = jar.beside(&Jar(vec![("cart".into(), "4".into())]), true).seen(&policy);
    assert_eq!((seen.header().as_str(), seen.reasons("cart")), ("cart=3", vec!["modified"]));
}

/// While a site adopts: without any TS main a bare guarded cookie is let in and counted by name, until the date.
#[test]
fn what_is_adopted_is_never_signed() {
    let until = UNIX_EPOCH + Duration::from_secs(NOW + 100);
    let (clock, builder) = clocked();
    let policy = builder.adopt_unsigned_until(until).build().unwrap();
    let bare = Jar(vec![("cart".into(), "3".into()), ("item_1".into(), "4".into())]);
    verifies(&policy, &bare);
    assert_eq!(lines(&bare.answer(&policy, &[])), [""; 0]);
    assert_eq!(
        policy.counts().adopted.iter().map(|(name, n)| (name.as_str(), *n)).collect::<Vec<_>>(),
        [("cart", 2), ("item_*", 2)]
    );
    assert!(policy.counts().refused.is_empty());
    // However many copies come, it is one cookie of one request.
    bare.beside(&Jar(vec![("cart".into(), "3".into()); 100]), true).seen(&policy);
    assert_eq!(policy.counts().adopted["cart"], 3);
    // A rotation signs what verified, and that did not.
    let after = bare.clone().signed_in(&policy, "alice");
    assert_eq!(after.find(OF_CART), None);
    let seen = after.seen(&policy);
    assert_eq!(seen.reasons("cart"), ["unsigned"], "with a main it has to have a companion");
    // What the server sets is signed, and the rest stays bare.
    let set = bare.clone().set(&policy, &["cart=5"]);
    assert_eq!(set.seen(&policy).value("cart").as_deref(), Some("5"));
    assert_eq!(set.seen(&policy).reasons("item_1"), ["unsigned"]);
    // Any main at all, also one that is none.
    for main in ["", "x", set.value(MAIN)] {
        let seen = bare.with(MAIN, main).seen(&policy);
        assert_eq!(seen.reasons("cart"), ["unsigned"], "{main}");
    }
    // A companion that does not hold is no missing one.
    assert_eq!(bare.with(OF_CART, "x").seen(&policy).reasons("cart"), ["no_transaction"]);
    clock.advance(Duration::from_secs(99));
    verifies(&policy, &bare);
    clock.advance(Duration::from_secs(1));
    assert_eq!(bare.seen(&policy).reasons("cart"), ["unsigned"]);
}

/// The crate's own cookies are never adopted; an application's own of the same name is its own.
#[test]
fn no_managed_cookie_is_adopted() {
    let until = UNIX_EPOCH + Duration::from_secs(NOW + 100);
    let policy = guarded().adopt_unsigned_until(until).build().unwrap();
    for cookie in
        ["JSESSIONID=0123456789ABCDEF0123456789ABCDEF", "bsloc=abcdefgh_-1", "theme=dark", "draft=x"]
    {
        assert_eq!(visit(&policy, &[cookie]).pairs, [], "{cookie}");
    }
    let row = CookieSpec::new("JSESSIONID", Basis::essential("a test")).integrity(Integrity::Guarded);
    assert_eq!(row.declared_role(), Role::Plain);
    let policy = guarded().without("JSESSIONID").with(row).adopt_unsigned_until(until).build().unwrap();
    assert_eq!(visit(&policy, &["JSESSIONID=0123"]).header(), "JSESSIONID=0123");
}
