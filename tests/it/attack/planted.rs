//! Planted cookies of another scope, and what the 403 of `Reject` makes of them.

use tower_cookie_policy::{Action, CookiePolicy};

use crate::support::issue;
use crate::transaction::jar::{Jar, MAIN, guarded};

fn rejecting() -> CookiePolicy {
    guarded().action(Action::Reject).build().unwrap()
}

/// What a sibling host can plant: everything but names with the prefix `__Host-`. It stays, whatever this host deletes.
fn planted(jar: Jar) -> Jar {
    Jar(jar.0.into_iter().filter(|(name, _)| !name.starts_with("__Host-")).collect())
}

/// After the visitor's own cookies, beside planted ones, have met the policy: the status of three requests in turn.
fn three_requests(policy: &CookiePolicy, own: &mut Jar, planted: &Jar) -> Vec<u16> {
    (0..3)
        .map(|_| {
            let answer = own.beside(planted, true).answer(policy, &[]);
            own.keep(&answer);
            answer.status().as_u16()
        })
        .collect()
}

/// Section 6 says that a planted set can make the visitor's ambiguous, and the docs that both count as none. Under `Reject` the
/// 403 deletes the visitor's set only, and the attacker's answers from then on.
#[test]
fn a_planted_session_is_not_taken_after_a_rejection() {
    let policy = rejecting();
    let mut own = Jar::default().set(&policy, &["cart=mine"]).signed_in(&policy, "victim");
    let theirs = planted(Jar::default().set(&policy, &["cart=evil"]).signed_in(&policy, "attacker"));
    three_requests(&policy, &mut own, &theirs);
    assert_ne!(own.beside(&theirs, true).user(&policy).as_deref(), Some("attacker"));
}

/// The same for a signed row, for which no transaction is needed.
#[test]
fn a_planted_signed_value_is_not_taken_after_a_rejection() {
    let policy = rejecting();
    let of = |value| {
        let pair = issue(&policy, "ticket", value);
        let (name, value) = pair.split_once('=').unwrap();
        Jar(vec![(name.to_owned(), value.to_owned())])
    };
    let (mut own, theirs) = (of("mine"), of("evil"));
    three_requests(&policy, &mut own, &theirs);
    assert_ne!(own.beside(&theirs, true).seen(&policy).value("ticket").as_deref(), Some("evil"));
}

/// Nobody can plant `__Host-list`, and a planted set need not have it: it is enough that it has another guarded cookie.
#[test]
fn a_host_cookie_is_not_drawn_into_an_ambiguity() {
    let policy = guarded().build().unwrap();
    let own = Jar::default().set(&policy, &["cart=mine", "__Host-list=mine"]);
    let theirs = planted(Jar::default().set(&policy, &["cart=evil"]));
    assert_eq!(own.beside(&theirs, true).seen(&policy).value("__Host-list").as_deref(), Some("mine"));
}

/// Where a browser has one cookie of a name, one 403 is enough, whatever was tampered with.
#[test]
fn one_rejection_is_enough_within_one_scope() {
    let policy = rejecting();
    let good =
        Jar::default().set(&policy, &["cart=3", "item_a=1", "__Host-list=1"]).signed_in(&policy, "alice");
    let names = good.names();
    for chosen in 0..1_usize << names.len() {
        let mut jar = good.clone();
        for (_, name) in names.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1) {
            let value = jar.value(name).replace(|c: char| c.is_ascii_alphanumeric(), "0");
            jar = jar.with(name, &value);
        }
        let mut statuses: Vec<u16> = Vec::new();
        for _ in 0..3 {
            let answer = jar.answer(&policy, &[]);
            jar.keep(&answer);
            statuses.push(answer.status().as_u16());
        }
        // Where the main was lost, the first answer begins another for the node's label. Only then are there companions to judge.
        let is_lost = chosen >> names.iter().position(|name| name == MAIN).unwrap() & 1 == 1;
        let expected: &[[u16; 3]] = match is_lost {
            true => &[[200, 200, 200], [200, 403, 200]],
            false => &[[200, 200, 200], [403, 200, 200]],
        };
        assert!(expected.iter().any(|expected| statuses == expected), "{names:?} {chosen:b} {statuses:?}");
    }
}
