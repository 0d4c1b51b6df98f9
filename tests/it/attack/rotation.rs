//! Rotations in odd orders, and what they sign.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use tower_cookie_policy::{Action, CookiePolicy, Session};

use crate::session::support::answer;
use crate::support::{Answer, NOW, lines, now};
use crate::transaction::jar::{Jar, MAIN, OF_CART, OF_NODE, OF_UUID, companion, guarded};

/// The names that an answer sets, and those that it deletes with a minus.
fn said(answer: &Answer) -> Vec<String> {
    let said = |line: &String| {
        let name = line.split('=').next().unwrap();
        if line.contains("Max-Age=0") { format!("-{name}") } else { name.to_owned() }
    };
    lines(answer).iter().map(said).collect()
}

/// The answer to a request whose handler does this with its session.
fn act(policy: &CookiePolicy, jar: &Jar, handler: impl AsyncFnOnce(Session)) -> Answer {
    let handler = async |session| (handler(session).await, Answer::default());
    now(answer(policy, jar.request(), handler)).1
}

/// What a rotation signs, in every order of what ends and begins a session: what verified or was set, and nothing else.
#[test]
fn rotations_in_one_request_come_out_as_one() {
    let policy = guarded().build().unwrap();
    let begun = || Jar::default().set(&policy, &["cart=3", "__Host-list=1"]).signed_in(&policy, "alice");
    let (of_list, of_session) = (companion("__Host-list"), "TSde659670d");
    let both = |rest: &[&str]| -> BTreeSet<String> {
        [MAIN, OF_CART, &of_list].into_iter().chain(rest.iter().copied()).map(str::to_owned).collect()
    };
    let check = |jar: Jar, answer: Answer, set: BTreeSet<String>, user: Option<&str>| {
        assert_eq!(said(&answer).into_iter().collect::<BTreeSet<_>>(), set);
        assert_eq!(said(&answer).len(), set.len(), "each once");
        let mut after = jar.clone();
        after.keep(&answer);
        let seen = after.seen(&policy);
        assert_eq!(
            (seen.value("cart").as_deref(), seen.value("__Host-list").as_deref()),
            (Some("3"), Some("1"))
        );
        assert_eq!(seen.refusals, []);
        assert_eq!(after.user(&policy).as_deref(), user);
        // The old TS cookies speak for nothing under the new main.
        let stale =
            jar.with(MAIN, after.value(MAIN)).with("JSESSIONID", after.find("JSESSIONID").unwrap_or("x"));
        let left = stale.without("X-Appia-ExtAuth").seen(&policy).pairs;
        assert_eq!(left, [], "{:?}", stale.names());
    };
    let signed_in = ["JSESSIONID", of_session, OF_NODE, "X-Appia-UUID", OF_UUID, "X-Appia-ExtAuth"];
    let signed_out =
        ["-JSESSIONID", "-TSde659670d", OF_NODE, "-X-Appia-UUID", "-TS7a10645ed", "-X-Appia-ExtAuth"];
    let jar = begun();
    let twice = act(&policy, &jar, async |session| {
        session.sign_in("bob").await.unwrap();
        session.sign_in("carol").await.unwrap();
    });
    check(jar, twice, both(&signed_in), Some("carol"));
    let jar = begun();
    let out_in = act(&policy, &jar, async |session| {
        session.sign_out().await.unwrap();
        session.sign_in("bob").await.unwrap();
    });
    check(jar, out_in, both(&signed_in), Some("bob"));
    let jar = begun();
    let renewed = act(&policy, &jar, async |session| {
        session.renew().await.unwrap();
        session.sign_in("bob").await.unwrap();
        session.renew().await.unwrap();
    });
    check(jar, renewed, both(&signed_in), Some("bob"));
    let jar = begun();
    let out = act(&policy, &jar, async |session| session.sign_out().await.unwrap());
    check(jar, out, both(&signed_out), None);
    // With an id that does not verify there is no session to end, and the cookie goes all the same.
    let jar = begun().with("JSESSIONID", &"F".repeat(32));
    let out = act(&policy, &jar, async |session| session.sign_out().await.unwrap());
    check(jar, out, both(&signed_out), None);
    let jar = Jar::default().set(&policy, &["cart=3", "__Host-list=1"]);
    let nothing = act(&policy, &jar, async |session| session.sign_out().await.unwrap());
    check(jar, nothing, both(&[]), None);
}

/// What was only reported or adopted is not signed by a rotation, nor is a withheld cookie, and never is one value signed for
/// another that stood beside it.
#[test]
fn a_rotation_launders_nothing() {
    let until = UNIX_EPOCH + Duration::from_secs(NOW + 100);
    let report = guarded().action(Action::Report).adopt_unsigned_until(until).build().unwrap();
    let good = Jar::default().set(&report, &["cart=3", "basket=4"]);
    let signed_in = |jar: &Jar| act(&report, jar, async |session| session.sign_in("alice").await.unwrap());
    let bad = good.with("cart", "9");
    let answer = signed_in(&bad);
    assert!(!said(&answer).contains(&OF_CART.to_owned()));
    let mut after = bad.clone();
    after.keep(&answer);
    assert_eq!(after.seen(&report).reasons("cart"), ["other_transaction"]);
    let adopted = Jar(vec![("cart".into(), "9".into()), ("basket".into(), "9".into())]);
    assert_eq!(adopted.seen(&report).refusals, []);
    let own =
        ["JSESSIONID", "X-Appia-UUID", "X-Appia-ExtAuth", "bsloc", MAIN, "TSde659670d", OF_UUID, OF_NODE];
    assert_eq!(said(&signed_in(&adopted)), own);
    // The verified one is signed again, not the last one of its name.
    let strip = guarded().build().unwrap();
    for before in [true, false] {
        let beside = good.beside(&Jar(vec![("cart".into(), "9".into())]), before);
        let answer = signed_in(&beside);
        let mut after = beside.clone();
        after.keep(&answer);
        let alone = Jar(vec![
            ("cart".into(), "9".into()),
            (MAIN.into(), after.value(MAIN).into()),
            (OF_CART.into(), after.value(OF_CART).into()),
        ]);
        assert_eq!(alone.seen(&strip).reasons("cart"), ["modified"]);
        assert_eq!(alone.with("cart", "3").seen(&strip).value("cart").as_deref(), Some("3"));
    }
}

/// The response that comes last has the main that stays, so what the *faster* of two first visits set is lost.
#[test]
fn the_slower_of_two_first_visits_keeps_its_cookies() {
    let policy = guarded().build().unwrap();
    let (fast, slow) =
        (Jar::default().answer(&policy, &["cart=1"]), Jar::default().answer(&policy, &["basket=2"]));
    let mut jar = Jar::default();
    jar.keep(&fast);
    jar.keep(&slow);
    let seen = jar.seen(&policy);
    assert_eq!(
        (seen.reasons("cart"), seen.value("basket").as_deref()),
        (vec!["other_transaction"], Some("2"))
    );
}

/// A deletion beside a cookie takes the companion of its own scope along and no other.
#[test]
fn a_deletion_elsewhere_leaves_the_companion() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for raw in [
        ["cart=5", "cart=; Max-Age=0; Path=/x"],
        ["cart=; Max-Age=0; Path=/x", "cart=5"],
        ["cart=; Max-Age=0", "cart=5"],
        ["cart=; Max-Age=0; Domain=example.com", "cart=5"],
    ] {
        let answer = jar.answer(&policy, &raw);
        assert!(said(&answer).contains(&OF_CART.to_owned()), "{raw:?}: {:?}", said(&answer));
    }
    let answer = jar.answer(&policy, &["cart=5", "cart=; Max-Age=0"]);
    assert_eq!(said(&answer), ["-cart", &format!("-{OF_CART}")]);
}
