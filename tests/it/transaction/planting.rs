//! Planting: what another host of the domain, or another browser, puts beside the true cookies.

use super::jar::{Jar, MAIN, OF_CART, OF_SESSION, guarded, refused, verifies};
use crate::support::{lines, suppressed, write};

/// A foreign main or companion, genuine for its own browser, before and behind the true one, in five copies.
#[test]
fn a_foreign_ts_cookie_locks_nobody_out() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "alice");
    let foreign = Jar::default().set(&policy, &["cart=evil"]).signed_in(&policy, "mallory");
    for name in [MAIN, OF_CART, OF_SESSION] {
        for before in [true, false] {
            for count in [1, 5] {
                let planted = Jar(vec![(name.to_owned(), foreign.value(name).to_owned()); count]);
                let both = jar.beside(&planted, before);
                assert_eq!(both.seen(&policy).refusals, [], "{count} {name}, before: {before}");
                assert_eq!(both.seen(&policy).value("cart").as_deref(), Some("3"));
                assert_eq!(both.user(&policy).as_deref(), Some("alice"));
            }
        }
    }
    // Five different ones, and a companion that goes with one of them.
    let others: Vec<Jar> = (0..5).map(|_| Jar::default().set(&policy, &["basket=evil"])).collect();
    let mains = Jar(others.iter().map(|other| (MAIN.to_owned(), other.value(MAIN).to_owned())).collect());
    for before in [true, false] {
        let both = jar.beside(&mains, before);
        assert_eq!((both.seen(&policy).refusals.len(), both.user(&policy).as_deref()), (0, Some("alice")));
    }
}

/// Of more than eight the last eight are looked at, because browsers put longer paths first.
#[test]
fn the_last_eight_of_a_name_are_looked_at() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for (name, reason) in [(MAIN, "no_transaction"), (OF_CART, "malformed")] {
        let planted = |count| Jar(vec![(name.to_owned(), "x".to_owned()); count]);
        verifies(&policy, &jar.beside(&planted(100), true));
        verifies(&policy, &jar.beside(&planted(7), false));
        refused(&policy, &jar.beside(&planted(8), false), "cart", reason);
    }
}

/// A whole valid set of another browser: with one session it is the session that tells, without one nobody can. The two are
/// never mixed.
#[test]
fn a_whole_foreign_set_is_never_mixed_in() {
    let policy = guarded().build().unwrap();
    let mine = Jar::default().set(&policy, &["cart=mine", "basket=mine"]);
    let foreign = Jar::default().set(&policy, &["cart=evil", "basket=evil"]);
    for before in [true, false] {
        let both = mine.beside(&foreign, before);
        let seen = both.seen(&policy);
        assert_eq!(seen.pairs, [], "nobody can tell");
        assert_eq!(seen.refusals.iter().filter(|(_, reason)| reason == "duplicate").count(), 4);
        // A part of the foreign set, with its main: whichever set it is, it is one.
        for part in [&["cart", OF_CART, MAIN][..], &["basket", MAIN], &[OF_CART, MAIN]] {
            let seen = mine.beside(&foreign.only(part), before).seen(&policy);
            let values: Vec<_> = seen.pairs.iter().map(|(_, value)| value.as_slice()).collect();
            assert!(values.is_empty() || values == [b"mine", b"mine"], "{part:?} {seen:?}");
        }
    }
    // My session decides for my set.
    let signed_in = mine.signed_in(&policy, "alice");
    for before in [true, false] {
        let both = signed_in.beside(&foreign, before);
        let seen = both.seen(&policy);
        assert_eq!(
            (seen.value("cart").as_deref(), seen.value("basket").as_deref()),
            (Some("mine"), Some("mine"))
        );
        assert_eq!(seen.reasons("cart"), ["modified"], "by my companion");
        assert_eq!(both.user(&policy).as_deref(), Some("alice"));
    }
    // Two sessions: neither.
    let other = foreign.signed_in(&policy, "mallory");
    for before in [true, false] {
        let both = signed_in.beside(&other, before);
        assert_eq!((both.seen(&policy).pairs.len(), both.user(&policy)), (0, None));
    }
}

/// Under `Reject` neither: a 403 would delete the visitor's own cookies, the only ones that it reaches, and leave the planted
/// ones, which have another scope, alone in the jar.
#[test]
fn a_whole_foreign_set_is_never_left_as_the_only_one() {
    let policy = guarded().action(tower_cookie_policy::Action::Reject).build().unwrap();
    let mine = Jar::default().set(&policy, &["cart=mine"]).signed_in(&policy, "alice");
    let foreign = Jar::default().set(&policy, &["cart=evil"]).signed_in(&policy, "mallory");
    for before in [true, false] {
        let both = mine.beside(&foreign, before);
        let answer = both.answer(&policy, &[]);
        assert_eq!((answer.status().as_u16(), lines(&answer)), (200, vec![]));
        assert_eq!((both.seen(&policy).pairs.len(), both.user(&policy)), (0, None));
    }
}

/// A set that was planted before the sign-in gives its maker nothing after it.
#[test]
fn a_set_planted_before_the_sign_in_is_worth_nothing_after() {
    let policy = guarded().build().unwrap();
    let planted = Jar::default()
        .set(&policy, &["cart=planted"])
        .does(&policy, async |session| session.insert("note", "planted").await.unwrap());
    let attacker = planted.clone();
    let victim = planted.clone().signed_in(&policy, "alice");
    assert_eq!(victim.user(&policy).as_deref(), Some("alice"));
    for name in [MAIN, OF_CART, OF_SESSION, "JSESSIONID"] {
        assert_ne!(victim.value(name), attacker.value(name), "{name} is another");
    }
    assert_eq!(attacker.user(&policy), None);
    // What the attacker still has is of another transaction than the victim's.
    refused(
        &policy,
        &victim.with("cart", "x").with(OF_CART, attacker.value(OF_CART)),
        "cart",
        "other_transaction",
    );
    refused(
        &policy,
        &victim.with("JSESSIONID", attacker.value("JSESSIONID")).with(OF_SESSION, attacker.value(OF_SESSION)),
        "JSESSIONID",
        "other_transaction",
    );
    let stolen = attacker.with("JSESSIONID", victim.value("JSESSIONID"));
    assert_eq!(stolen.user(&policy), None, "an id that leaked is nothing without its companion and main");
}

/// T14: a late response of a request that began before the sign-in: its guarded cookie is lost, and nothing else is.
#[test]
fn a_late_response_puts_nothing_back() {
    let policy = guarded().build().unwrap();
    let before = Jar::default().set(&policy, &["cart=3"]);
    let mut after = before.clone().signed_in(&policy, "alice");
    let main = after.value(MAIN).to_owned();
    after.keep(&before.answer(&policy, &["basket=late"]));
    assert_eq!(after.value(MAIN), main, "the main is written when a transaction starts, and only then");
    refused(&policy, &after, "basket", "other_transaction");
    assert_eq!(after.user(&policy).as_deref(), Some("alice"));
}

/// TS names are the policy's to write, exact ones and those that patterns may have.
#[test]
fn a_handler_writes_no_ts_cookie() {
    let policy = guarded().build().unwrap();
    for name in [MAIN, OF_CART, OF_SESSION, "TS00000000d"] {
        for line in [format!("{name}=x"), format!("{name}=; Max-Age=0")] {
            let answer = write(&policy, &[line.as_str()]);
            assert_eq!(lines(&answer), [""; 0], "{line}");
            assert_eq!(suppressed(&answer), [(name.to_owned(), "managed".to_owned())]);
        }
        let answer = write(&policy, &[format!("{name}=x"), "cart=3".to_owned()]);
        let own = lines(&answer).into_iter().filter(|line| line.starts_with(name));
        assert!(
            own.clone().all(|line| !line.starts_with(&format!("{name}=x"))),
            "{:?}",
            own.collect::<Vec<_>>()
        );
        let jar = Jar::default().set(&policy, &[&format!("{name}=x"), "cart=3"]);
        verifies(&policy, &jar);
    }
}

/// A jar so full that the browser evicted TS cookies: the guarded ones are absent, and the next one begins anew.
#[test]
fn an_evicted_ts_cookie_is_a_loss_and_no_alarm() {
    let policy = guarded().action(tower_cookie_policy::Action::Reject).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3", "basket=4"]);
    for evicted in [MAIN, OF_CART] {
        let left = jar.without(evicted);
        let answer = left.answer(&policy, &["basket=5"]);
        assert_eq!(answer.status(), 200);
        let mut left = left;
        left.keep(&answer);
        assert_eq!(left.seen(&policy).value("basket").as_deref(), Some("5"), "without {evicted}");
        assert_eq!(left.seen(&policy).value("cart"), None);
    }
}
