//! Swaps: what is genuine for one name, one visitor, one policy or one purpose is nothing for another.

use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, Integrity, KeyRing, TestClock};

use super::jar::{Jar, MAIN, OF_CART, OF_SESSION, companion, guarded, refused, verifies};
use crate::support::{NOW, issue, key, keys, visit, vouched};

/// T29: the values of two guarded cookies, with and without their companions.
#[test]
fn swapped_values_are_refused() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=apples", "basket=pears"]);
    verifies(&policy, &jar);
    let of_basket = companion("basket");
    let values = jar.with("cart", "pears").with("basket", "apples");
    let seen = values.seen(&policy);
    assert_eq!((seen.reasons("cart"), seen.reasons("basket")), (vec!["modified"], vec!["modified"]));
    let (cart, basket) = (jar.value(OF_CART).to_owned(), jar.value(&of_basket).to_owned());
    let seen = values.with(OF_CART, &basket).with(&of_basket, &cart).seen(&policy);
    assert_eq!((seen.reasons("cart"), seen.reasons("basket")), (vec!["modified"], vec!["modified"]));
    // Equal values have different companions all the same.
    let jar = Jar::default().set(&policy, &["cart=same", "basket=same"]);
    let basket = jar.value(&of_basket).to_owned();
    refused(&policy, &jar.with(OF_CART, &basket), "cart", "modified");
}

/// T29: a cookie under another name, with its value and its companion's.
#[test]
fn a_renamed_cookie_is_refused() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=apples"]);
    let renamed = Jar(vec![
        (MAIN.into(), jar.value(MAIN).into()),
        ("basket".into(), "apples".into()),
        (companion("basket"), jar.value(OF_CART).into()),
    ]);
    refused(&policy, &renamed, "basket", "modified");
    let alone = renamed.without(&companion("basket")).with(OF_CART, jar.value(OF_CART));
    refused(&policy, &alone, "basket", "unsigned");
}

/// One visitor's TS cookies say nothing of another's cookies.
#[test]
fn another_visitors_cookies_are_refused() {
    let policy = guarded().build().unwrap();
    let mine = Jar::default().set(&policy, &["cart=mine"]).signed_in(&policy, "alice");
    let other = Jar::default().set(&policy, &["cart=other"]).signed_in(&policy, "mallory");
    // The other's TS with my cookies.
    let mixed =
        ["cart", "JSESSIONID"].iter().fold(other.clone(), |jar, name| jar.with(name, mine.value(name)));
    let seen = mixed.seen(&policy);
    assert_eq!((seen.reasons("cart"), seen.reasons("JSESSIONID")), (vec!["modified"], vec!["modified"]));
    assert_eq!(mixed.user(&policy), None);
    // One cookie of the other, with its companion, in my jar.
    let planted = mine.with("cart", "other").with(OF_CART, other.value(OF_CART));
    refused(&policy, &planted, "cart", "other_transaction");
    assert_eq!(planted.user(&policy).as_deref(), Some("alice"));
    // The session and its companion.
    let planted =
        mine.with("JSESSIONID", other.value("JSESSIONID")).with(OF_SESSION, other.value(OF_SESSION));
    refused(&policy, &planted, "JSESSIONID", "other_transaction");
    assert_eq!(planted.user(&policy), None);
    // The main alone.
    let seen = mine.with(MAIN, other.value(MAIN)).seen(&policy);
    assert_eq!(seen.reasons("cart"), ["other_transaction"]);
    assert_eq!(seen.reasons("JSESSIONID"), ["other_transaction"]);
}

fn of_id(id: &str, ring: KeyRing) -> CookiePolicy {
    let row = CookieSpec::new("cart", Basis::essential("a test")).integrity(Integrity::Guarded);
    CookiePolicy::empty(ring).id(id).clock(TestClock::at(NOW).clock()).with(row).build().unwrap()
}

/// Another policy id under the same key has other names, and under our names its tokens are nothing.
#[test]
fn another_policys_tokens_are_refused() {
    let (ours, theirs) = (of_id("broadcloud", keys()), of_id("shop", keys()));
    let jar = Jar::default().set(&theirs, &["cart=3"]);
    verifies(&theirs, &jar);
    refused(&ours, &jar.only(&["cart"]), "cart", "unsigned");
    let (main, companion) = (theirs.transaction_names()[0], theirs.transaction_names()[1]);
    let renamed = Jar(vec![
        ("cart".into(), "3".into()),
        (MAIN.into(), jar.value(main).into()),
        (OF_CART.into(), jar.value(companion).into()),
    ]);
    refused(&ours, &renamed, "cart", "no_transaction");
    let mixed = Jar::default().set(&ours, &["cart=3"]).with(OF_CART, jar.value(companion));
    refused(&ours, &mixed, "cart", "other_transaction");
    // Another key under the same id.
    let jar = Jar::default().set(&of_id("broadcloud", KeyRing::new(key(32))), &["cart=3"]);
    refused(&ours, &jar, "cart", "no_transaction");
    let mixed = Jar::default().set(&ours, &["cart=3"]).with(OF_CART, jar.value(OF_CART));
    refused(&ours, &mixed, "cart", "malformed");
}

/// T29: a token of one purpose is none of another, wherever it is offered.
#[test]
fn a_token_of_one_purpose_is_none_of_another() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=dark"]);
    let signed = issue(&policy, "theme", "dark");
    let signed = signed.split_once('=').unwrap().1;
    let signature = signed.split_once('.').unwrap().1;
    let sealed = issue(&policy, "draft", "dark");
    let sealed = sealed.split_once('=').unwrap().1;
    let (main, guard) = (jar.value(MAIN).to_owned(), jar.value(OF_CART).to_owned());
    for token in [signature, signed, sealed, &guard] {
        refused(&policy, &jar.with(MAIN, token), "cart", "no_transaction");
    }
    for (token, reason) in
        [(signature, "other_transaction"), (signed, "malformed"), (sealed, "malformed"), (&main, "malformed")]
    {
        refused(&policy, &jar.with(OF_CART, token), "cart", reason);
    }
    for token in [&main, &guard, sealed] {
        for cookie in
            [format!("theme={token}"), format!("theme=dark.{token}"), format!("ticket=dark.{token}")]
        {
            assert_eq!(visit(&policy, &[&cookie]).pairs, [], "{cookie}");
        }
    }
    for token in [&main, &guard, signature, signed] {
        assert_eq!(visit(&policy, &[format!("draft={token}")]).pairs, [], "{token}");
    }
    // A signed value is signed for its own name.
    assert_eq!(visit(&policy, &[format!("ticket={signed}")]).reasons("ticket"), ["modified"]);
    // What a guarded cookie may say is anything, also what looks like a token; it is no more than its value.
    let vouched = vouched(&[format!("cart={signed}")]);
    assert_eq!(visit(&policy, &[vouched]).value("cart").as_deref(), Some(signed));
}
