//! When a transaction starts, goes on and is rotated, and that companions live and die with their cookies.

use std::collections::HashSet;
use std::time::Duration;

use tower_cookie_policy::{Action, CookiePolicy, KeyRing, SameSite};

use super::jar::{Jar, MAIN, OF_CART, OF_NODE, OF_SESSION, clocked, companion, guarded, verifies};
use crate::support::{Answer, attributes, lines, request, serve, with_lines, write};

/// The formats of section 5, with the row's attributes; and nothing at all before the first guarded cookie.
#[test]
fn a_transaction_starts_with_the_first_guarded_cookie() {
    let policy = guarded().build().unwrap();
    for raw in [&[][..], &["plain=1"], &["cart=; Max-Age=0"], &["stats=1"]] {
        let set = lines(&write(&policy, raw));
        assert!(set.iter().all(|line| !line.starts_with("TS") || line.contains("Max-Age=0")), "{set:?}");
        assert!(set.iter().all(|line| !line.starts_with(MAIN)), "{set:?}");
    }
    let set = lines(&write(&policy, &["cart=3"]));
    let names: Vec<_> = set.iter().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names, ["cart", MAIN, OF_CART]);
    for (line, length) in set[1..].iter().zip([40, 35]) {
        let value = line.split(';').next().unwrap().split_once('=').unwrap().1;
        assert_eq!(value.len(), length, "{line}");
        assert!(
            value.starts_with("Afug") || value.starts_with("Aft") || value.starts_with("Af"),
            "version and key id: {line}"
        );
        assert_eq!(attributes(line), ["httponly", "path=/", "samesite=lax", "secure"]);
    }
    // By whoever sets it, and on whatever response.
    for status in [101, 204, 301, 304, 403, 404, 500] {
        let answer = serve(&policy, request::<&str>(&[]), |_| {
            let mut answer = with_lines(Answer::default(), &["cart=3"]);
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            answer
        });
        assert_eq!(lines(&answer).len(), 3, "{status}");
    }
    let by_handle = crate::support::order(&policy, |cookies| cookies.set("cart", "3").unwrap());
    assert_eq!(lines(&by_handle).len(), 3);
}

/// No two transactions have one id.
#[test]
fn every_transaction_is_another() {
    let policy = guarded().build().unwrap();
    let mains = (0..1000).map(|_| Jar::default().set(&policy, &["cart=3"]).value(MAIN).to_owned());
    assert_eq!(mains.collect::<HashSet<_>>().len(), 1000);
}

/// The scope is the policy's, over plain HTTP and with a domain too.
#[test]
fn ts_cookies_have_the_policys_scope() {
    let policy = |builder: tower_cookie_policy::CookiePolicyBuilder| {
        builder.without("__Host-list").without("__Host-pin").build().unwrap()
    };
    let set =
        lines(&write(&policy(guarded().domain("example.com").same_site(SameSite::Strict)), &["cart=3"]));
    for line in &set {
        assert_eq!(
            attributes(line),
            ["domain=example.com", "httponly", "path=/", "samesite=strict", "secure"]
        );
    }
    let set = lines(&write(&policy(guarded().danger_allow_http()), &["cart=3"]));
    assert!(set.len() == 3 && set.iter().all(|line| !line.contains("Secure")));
}

/// Within a transaction the main stays, and each guarded cookie gets its companion.
#[test]
fn within_a_transaction_the_main_is_not_written() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    clock.advance(Duration::from_secs(3600));
    let set = lines(&jar.answer(&policy, &["basket=4", "__Host-list=5", "item_1=6", "cart=7"]));
    assert_eq!(set.len(), 8, "{set:?}");
    assert!(set.iter().all(|line| !line.starts_with(MAIN)));
    let mut jar = jar;
    jar.keep(&jar.clone().answer(&policy, &["basket=4", "__Host-list=5", "item_1=6", "cart=7"]));
    verifies(&policy, &jar);
    // A renewed session id is another guarded cookie, and no other transaction.
    let jar = jar.does(&policy, async |session| session.insert("a", &1).await.unwrap());
    let renewed = jar.clone().does(&policy, async |session| session.renew().await.unwrap());
    assert_eq!(renewed.value(MAIN), jar.value(MAIN));
    assert_ne!(renewed.value(OF_SESSION), jar.value(OF_SESSION));
    verifies(&policy, &renewed);
}

/// Whatever deletes a guarded cookie deletes its companion: a line, the handle, another scope, a sign-out.
#[test]
fn companions_die_with_their_cookies() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3", "item_7=1"]);
    for line in
        ["cart=; Max-Age=0", "cart=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "cart=; Max-Age=0; Path=/old"]
    {
        let after = jar.clone().set(&policy, &[line]);
        assert_eq!((after.find("cart"), after.find(OF_CART)), (None, None), "{line}");
        verifies(&policy, &after);
    }
    let mut after = jar.clone();
    after.keep(&serve(&policy, jar.request(), |request| {
        let cookies = request.extensions().get::<tower_cookie_policy::Cookies>().unwrap();
        cookies.remove("item_7").unwrap();
        Answer::default()
    }));
    assert_eq!((after.find("item_7"), after.find(&companion("item_7"))), (None, None));
    // Deleted and set in one response it is set, whichever order.
    for raw in [["cart=; Max-Age=0", "cart=4"], ["cart=; Max-Age=0; Path=/old", "cart=4"]] {
        let after = jar.clone().set(&policy, &raw);
        assert_eq!(after.seen(&policy).value("cart").as_deref(), Some("4"), "{raw:?}");
        verifies(&policy, &after);
    }
    // What does not leave takes no companion along.
    let set = lines(&write(&policy, &["cart=a b", "cart=\u{e4}"]));
    assert_eq!(set, [""; 0]);
    let kept = jar.clone().set(&policy, &["cart=a b"]);
    assert_eq!(kept, jar);
}

/// At sign-in and sign-out another transaction begins, with what verified and lives on.
#[test]
fn signing_in_and_out_rotates() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let before = Jar::default().set(&policy, &["cart=3", "item_1=4"]);
    clock.advance(Duration::from_secs(6 * 3600));
    let signed_in = before.clone().signed_in(&policy, "alice");
    for name in [MAIN, OF_CART, &companion("item_1")] {
        assert_ne!(signed_in.value(name), before.value(name), "{name}");
    }
    verifies(&policy, &signed_in);
    // It started anew: the old one would be over by then.
    clock.advance(Duration::from_secs(6 * 3600 + 60));
    verifies(&policy, &signed_in);
    let seen = before.seen(&policy);
    assert_eq!(seen.reasons("cart"), ["expired"]);
    let again = signed_in.clone().signed_in(&policy, "alice");
    assert_ne!(again.value(MAIN), signed_in.value(MAIN), "each sign-in does");
    verifies(&policy, &again);
    let out = again.clone().signed_out(&policy);
    assert_ne!(out.value(MAIN), again.value(MAIN));
    assert_eq!((out.find("JSESSIONID"), out.find(OF_SESSION)), (None, None));
    verifies(&policy, &out);
    assert_eq!(out.seen(&policy).value("cart").as_deref(), Some("3"));
}

/// Where a sign-out leaves nothing guarded, nothing is left of the transaction either. The node's label is left, which says where
/// the visitor has been, and not who he was.
#[test]
fn a_sign_out_that_leaves_nothing_leaves_nothing() {
    let policy = guarded().without("bsloc").build().unwrap();
    let jar = Jar::default().signed_in(&policy, "alice").signed_out(&policy);
    assert_eq!(jar, Jar::default());
    let policy = guarded().build().unwrap();
    let signed_in = Jar::default().signed_in(&policy, "alice");
    let jar = signed_in.clone().signed_out(&policy);
    assert_eq!(jar.names(), ["bsloc", MAIN, OF_NODE]);
    assert_eq!(jar.value("bsloc"), signed_in.value("bsloc"));
    assert_ne!(jar.value(MAIN), signed_in.value(MAIN));
    verifies(&policy, &jar);
    let nobody = Jar::default().signed_out(&policy);
    assert_eq!(nobody, Jar::default(), "and creates nothing");
}

/// What the response sets or deletes itself goes before what would go on.
#[test]
fn a_rotation_goes_by_what_the_response_says() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3", "basket=4", "item_1=5"]);
    let ((), said) =
        crate::support::now(crate::session::support::answer(&policy, jar.request(), async |session| {
            session.sign_in("alice").await.unwrap();
            ((), with_lines(Answer::default(), &["cart=6", "basket=; Max-Age=0"]))
        }));
    let mut jar = jar;
    jar.keep(&said);
    verifies(&policy, &jar);
    let seen = jar.seen(&policy);
    assert_eq!(
        (seen.value("cart").as_deref(), seen.value("basket"), seen.value("item_1").as_deref()),
        (Some("6"), None, Some("5"))
    );
    assert_eq!(jar.find(&companion("basket")), None);
}

/// Whatever replaces the handler's response: without its orders there are no TS cookies either.
#[test]
fn a_failed_sign_in_rotates_nothing() {
    use crate::session::support::staged;
    let (_, store, policy) = staged();
    let jar = Jar::default().does(&policy, async |session| session.insert("a", &1).await.unwrap());
    store.plays(|_| crate::session::staged::Act::Refuse(tower_cookie_policy::StoreErrorKind::Unavailable));
    let ((), said) =
        crate::support::now(crate::session::support::answer(&policy, jar.request(), async |session| {
            let _ = session.sign_in("alice").await;
            ((), Answer::default())
        }));
    assert_eq!((said.status().as_u16(), lines(&said)), (503, vec![]));
}

/// A sign-in that was written, and whose session others have ended before the response left: nothing is said of any cookie.
#[test]
fn a_session_that_is_lost_rotates_nothing() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "bob");
    let ((), said) =
        crate::support::now(crate::session::support::answer(&policy, jar.request(), async |session| {
            session.sign_in("alice").await.unwrap();
            session.update("n", |_: Option<u8>| 1).await.unwrap();
            policy.revoke_user("alice").await.unwrap();
            session.insert("a", &1).await.unwrap();
            ((), Answer::default())
        }));
    assert_eq!((said.status().as_u16(), lines(&said)), (409, vec![]));
}

/// A policy with nothing guarded has no transaction, whoever signs in or out of nothing.
#[test]
fn without_guarded_rows_there_are_no_transactions() {
    let policy = CookiePolicy::empty(KeyRing::generate().unwrap()).action(Action::Reject).build().unwrap();
    assert_eq!(lines(&write(&policy, &["cart=3"])), [""; 0]);
}
