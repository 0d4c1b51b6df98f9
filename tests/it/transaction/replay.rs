//! Strip and replay: what is missing, what comes again, what is over.

use std::time::Duration;

use super::jar::{Jar, MAIN, OF_CART, OF_NODE, OF_SESSION, OF_UUID, clocked, guarded, refused, verifies};
use crate::support::{NOW, visit, vouched_at};

/// T31: dropping TS makes no one a new visitor.
#[test]
fn a_dropped_ts_cookie_is_no_way_in() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "alice");
    for (dropped, reason) in [
        (vec![MAIN], "no_transaction"),
        (vec![OF_CART, OF_SESSION, OF_UUID, OF_NODE], "unsigned"),
        (vec![MAIN, OF_CART, OF_SESSION, OF_UUID, OF_NODE], "unsigned"),
    ] {
        let bare = dropped.iter().fold(jar.clone(), |jar, name| jar.without(name));
        let seen = bare.seen(&policy);
        assert_eq!(
            (seen.reasons("cart"), seen.reasons("JSESSIONID")),
            (vec![reason], vec![reason]),
            "{dropped:?}"
        );
        // The sealed user id needs none, and signs nobody in.
        let left: Vec<&str> = seen.pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((left, bare.user(&policy)), (vec!["X-Appia-ExtAuth"], None));
    }
    // One companion, and the others stay.
    let seen = jar.without(OF_CART).seen(&policy);
    assert_eq!(seen.reasons("cart"), ["unsigned"]);
    assert!(seen.value("JSESSIONID").is_some() && seen.value("X-Appia-UUID").is_some());
    assert_eq!(jar.without(OF_CART).user(&policy).as_deref(), Some("alice"));
}

/// A cookie that the server deleted stays away without its companion; with both of them it is the roll-back that the docs
/// tell of, until the transaction ends.
#[test]
fn a_deleted_cookie_comes_back_with_its_companion_only() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let before = Jar::default().set(&policy, &["cart=3", "basket=1"]);
    let after = before.clone().set(&policy, &["cart=; Max-Age=0"]);
    assert_eq!((after.find("cart"), after.find(OF_CART)), (None, None), "both are deleted");
    refused(&policy, &after.with("cart", "3"), "cart", "unsigned");
    let revived = after.with("cart", "3").with(OF_CART, before.value(OF_CART));
    verifies(&policy, &revived);
    clock.advance(Duration::from_secs(12 * 3600));
    assert_eq!(revived.seen(&policy).reasons("cart"), ["expired"]);
}

/// An older value with its older companion is let in until the transaction ends, and no longer; mixed they are not.
#[test]
fn a_roll_back_needs_the_older_companion() {
    let policy = guarded().build().unwrap();
    let older = Jar::default().set(&policy, &["cart=cheap"]);
    let newer = older.clone().set(&policy, &["cart=dear"]);
    assert_eq!(older.value(MAIN), newer.value(MAIN), "the main is written once");
    refused(&policy, &newer.with("cart", "cheap"), "cart", "modified");
    refused(&policy, &newer.with(OF_CART, older.value(OF_CART)), "cart", "modified");
    verifies(&policy, &newer.with("cart", "cheap").with(OF_CART, older.value(OF_CART)));
    let ended = newer.signed_in(&policy, "alice");
    let rolled_back = ended.with("cart", "cheap").with(OF_CART, older.value(OF_CART));
    refused(&policy, &rolled_back, "cart", "other_transaction");
}

/// The absolute limit to the second, and another limit.
#[test]
fn a_transaction_ends_with_the_absolute_limit() {
    for limit in [12 * 3600, 90] {
        let (clock, builder) = clocked();
        let policy = builder.absolute_limit(Duration::from_secs(limit)).build().unwrap();
        let jar = Jar::default().set(&policy, &["cart=3"]);
        clock.advance(Duration::from_secs(limit - 1));
        verifies(&policy, &jar);
        // What is set in the last second belongs to the same transaction, and ends with it.
        let jar = jar.set(&policy, &["basket=1"]);
        verifies(&policy, &jar);
        clock.advance(Duration::from_secs(1));
        let seen = jar.seen(&policy);
        assert_eq!((seen.reasons("cart"), seen.reasons("basket")), (vec!["expired"], vec!["expired"]));
        // The next guarded cookie starts another one.
        let jar = jar.set(&policy, &["cart=4"]);
        assert_eq!(jar.seen(&policy).value("cart").as_deref(), Some("4"));
        assert_eq!(jar.seen(&policy).reasons("basket"), ["other_transaction"]);
    }
}

/// Another server's clock may be a minute ahead.
#[test]
fn a_transaction_of_the_future_is_none() {
    let policy = guarded().build().unwrap();
    for (ahead, reasons) in [(0, 0), (59, 0), (60, 0), (61, 1), (3600, 1), (u64::from(u32::MAX) - NOW, 1)] {
        let seen = visit(&policy, &[vouched_at(NOW + ahead, &["cart=3"]).join("; ")]);
        assert_eq!(seen.reasons("cart"), vec!["expired"; reasons], "{ahead} s ahead");
    }
    // The times at the ends of what the wire can say, each with the clock there.
    for (started, seen_at, reasons) in [
        (0, 0, 0),
        (0, 43_199, 0),
        (0, 43_200, 1),
        (0, NOW, 1),
        (u64::from(u32::MAX), u64::from(u32::MAX), 1),
        (u64::from(u32::MAX) - 1, u64::from(u32::MAX) - 1, 0),
    ] {
        let policy = guarded().clock(tower_cookie_policy::TestClock::at(seen_at).clock()).build().unwrap();
        let seen = visit(&policy, &[vouched_at(started, &["cart=3"]).join("; ")]);
        assert_eq!(seen.reasons("cart"), vec!["expired"; reasons], "started {started}, seen at {seen_at}");
    }
}
