//! Being remembered, and being signed in by it.

use std::time::Duration;

use tower_cookie_policy::{CookiePolicy, CookieSpec, Lifetime, SessionError, SignIn};

use super::support::{LOGIN, YEAR, does, login, meets, remembered, restarted, resumes, stage};
use crate::session::staged::Staged;
use crate::session::support::{clocked, policy};
use crate::support::{Answer, attributes, keys, lines};
use crate::transaction::jar::Jar;

#[tokio::test]
async fn a_login_is_remembered_where_that_was_asked_for_and_nowhere_else() {
    let policy = policy();
    let mut jar = Jar::default();
    let (_, answer) = does(&policy, &mut jar, async |session| session.sign_in("alice").await.unwrap()).await;
    assert_eq!(login(&answer), None);
    assert_eq!(meets(&policy, &mut jar).await.remembered, None);
    let (_, answer) = does(&policy, &mut jar, async |session| {
        session.sign_in(SignIn::new("alice").remembered()).await.unwrap();
    })
    .await;
    let line = login(&answer).unwrap();
    let said = attributes(&line);
    for attribute in ["max-age=31536000", "httponly", "secure", "samesite=lax", "path=/"] {
        assert!(said.iter().any(|one| one.eq_ignore_ascii_case(attribute)), "{attribute}: {said:?}");
    }
    assert!(said.iter().any(|one| one.to_ascii_lowercase().starts_with("expires=")), "{said:?}");
    let value = jar.value(LOGIN);
    let (token, signature) = value.rsplit_once('.').unwrap();
    let (series, validator) = token.split_once('~').unwrap();
    assert_eq!((series.len(), validator.len(), signature.len()), (22, 22, 35));
}

/// It greets and fills in a name. Nobody is signed in by it before a handler says so.
#[tokio::test]
async fn who_is_remembered_is_not_signed_in() {
    let policy = policy();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    let met = meets(&policy, &mut jar).await;
    assert_eq!((met.remembered.as_deref(), met.user, met.fresh), (Some("alice"), None, false));
    assert_eq!(jar.names(), [LOGIN], "no session has begun");
    assert_eq!(resumes(&policy, &mut jar).await, 200);
    let met = meets(&policy, &mut jar).await;
    assert_eq!(
        (met.remembered.as_deref(), met.user.as_deref(), met.fresh),
        (Some("alice"), Some("alice"), false)
    );
    does(&policy, &mut jar, async |session| session.sign_in("alice").await.unwrap()).await;
    let met = meets(&policy, &mut jar).await;
    assert_eq!((met.user.as_deref(), met.fresh), (Some("alice"), true));
}

/// A session of the user is live, so nothing is redeemed: the validator stays.
#[tokio::test]
async fn a_live_session_redeems_nothing() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let mut jar = remembered(&policy, "alice").await;
    store.count_all();
    let met = meets(&policy, &mut jar).await;
    assert_eq!((met.remembered.as_deref(), met.successor()), (Some("alice"), None));
    assert_eq!((store.count("load_series"), store.count("update_series")), (0, 0), "the session tells");
    // The same user, signed in by another session than the login's.
    let mut other = Jar::default();
    does(&policy, &mut other, async |session| session.sign_in("alice").await.unwrap()).await;
    let mut both = other.beside(&restarted(&jar), true);
    let met = meets(&policy, &mut both).await;
    assert_eq!((met.remembered.as_deref(), met.successor()), (Some("alice"), None));
    assert_eq!(store.count("update_series"), 0);
    // Another user's session is none of the user's.
    let mut other = Jar::default();
    does(&policy, &mut other, async |session| session.sign_in("bob").await.unwrap()).await;
    let mut both = other.beside(&restarted(&jar), true);
    let met = meets(&policy, &mut both).await;
    assert_eq!((met.remembered.as_deref(), met.user.as_deref()), (Some("alice"), Some("bob")));
    assert!(met.successor().is_some());
}

/// T28. The validator is another one after each visit, in the same series, and the year does not start anew.
#[tokio::test]
async fn each_visit_brings_a_successor_that_ends_with_the_first() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    let mut seen = vec![jar.value(LOGIN).to_owned()];
    for day in 1..=10_u64 {
        clock.advance(Duration::from_secs(86_400));
        let met = meets(&policy, &mut jar).await;
        assert_eq!(met.remembered.as_deref(), Some("alice"), "day {day}");
        let line = login(&met.answer).unwrap();
        assert!(line.contains(&format!("Max-Age={};", YEAR - day * 86_400)), "{line}");
        let value = jar.value(LOGIN).to_owned();
        assert_eq!(value.split('~').next(), seen[0].split('~').next());
        assert!(!seen.contains(&value));
        seen.push(value);
    }
    clock.advance(Duration::from_secs(YEAR - 10 * 86_400 - 1));
    assert_eq!(meets(&policy, &mut jar.clone()).await.remembered.as_deref(), Some("alice"));
    let met_late = {
        clock.advance(Duration::from_secs(1));
        meets(&policy, &mut jar).await
    };
    assert_eq!((met_late.remembered.as_deref(), met_late.reasons(LOGIN)), (None, vec!["expired".to_owned()]));
}

/// The response got lost, and the old cookie comes again, minutes or months later.
#[tokio::test]
async fn a_lost_response_is_no_theft() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let jar = restarted(&remembered(&policy, "alice").await);
    let mut lost = vec![];
    for pause in [0, 61, 3600, 86_400 * 100] {
        clock.advance(Duration::from_secs(pause));
        let met = meets(&policy, &mut jar.clone()).await;
        assert_eq!((met.remembered.as_deref(), met.stolen), (Some("alice"), None), "after {pause} s");
        lost.push(login(&met.answer).expect("another one"));
    }
    lost.dedup();
    assert_eq!(lost.len(), 4);
    // The one that arrives counts.
    let mut arrived = jar;
    clock.advance(Duration::from_secs(61));
    meets(&policy, &mut arrived).await;
    assert_eq!(meets(&policy, &mut arrived).await.remembered.as_deref(), Some("alice"));
}

#[tokio::test]
async fn an_unknown_series_is_an_absent_cookie() {
    let first = policy();
    let mut jar = restarted(&remembered(&first, "alice").await);
    // The same keys, and a store that never heard of it.
    let second = policy();
    let met = meets(&second, &mut jar).await;
    assert_eq!((met.remembered.as_deref(), met.stolen.as_deref()), (None, None));
    assert_eq!((login(&met.answer), met.reasons(LOGIN)), (None, vec!["unknown".to_owned()]));
}

/// Forged, cut, of another policy's keys, of another cookie's name, twice: none of them reaches the store.
#[tokio::test]
async fn what_does_not_verify_is_not_looked_up() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let jar = restarted(&remembered(&policy, "alice").await);
    let other = restarted(&remembered(&policy, "bob").await);
    store.count_all();
    let value = jar.value(LOGIN);
    let (token, signature) = value.rsplit_once('.').unwrap();
    let (_, foreign) = other.value(LOGIN).rsplit_once('.').unwrap();
    let flipped = format!("{}{token}.{signature}", if token.starts_with('A') { "B" } else { "A" });
    for (forged, reason) in [
        (token.to_owned(), "unsigned"),
        (format!("{token}.{foreign}"), "modified"),
        (flipped, "modified"),
        (value[..value.len() - 1].to_owned(), "malformed"),
        (format!("\"{value}\""), "unsigned"),
        ("097".to_owned(), "unsigned"),
        (String::new(), "unsigned"),
    ] {
        let mut forged = jar.with(LOGIN, &forged);
        let met = meets(&policy, &mut forged).await;
        assert_eq!(met.remembered, None);
        assert!(
            met.reasons(LOGIN).iter().all(|one| one == reason || one == "malformed"),
            "{:?}",
            met.reasons(LOGIN)
        );
        assert!(!met.reasons(LOGIN).is_empty());
    }
    let mut twice = jar.beside(&other, true);
    let met = meets(&policy, &mut twice).await;
    assert_eq!((met.remembered.as_deref(), met.reasons(LOGIN)[0].as_str()), (None, "duplicate"));
    assert_eq!(store.count("load_series"), 0);
    let mut same = jar.beside(&jar, true);
    assert_eq!(meets(&policy, &mut same).await.remembered.as_deref(), Some("alice"));
}

/// A handler or a middleware that does not know of the policy cannot write, move or delete it by hand.
#[tokio::test]
async fn the_cookie_is_the_crates_alone() {
    let policy = policy();
    for line in ["root.autoUserLoginId=097; Max-Age=31536000", "root.autoUserLoginId=; Max-Age=0"] {
        let answer = crate::support::write(&policy, &[line]);
        assert_eq!(lines(&answer), [""; 0]);
    }
    let answer = crate::support::order(&policy, |cookies| {
        assert!(cookies.set(LOGIN, "097").is_err());
        assert!(cookies.remove(LOGIN).is_err());
    });
    assert_eq!(lines(&answer), [""; 0]);
}

/// A row with another name, another scope and another lifetime is kept to as well.
#[tokio::test]
async fn the_row_is_the_tables() {
    let (clock, builder) = clocked();
    let row = CookieSpec::new("__Host-me", tower_cookie_policy::Basis::Requested)
        .role(tower_cookie_policy::Role::AutoLogin)
        .integrity(tower_cookie_policy::Integrity::Signed)
        .lifetime(Lifetime::days(30));
    let builder = builder.without(LOGIN);
    let store = Staged::new();
    let builder = builder.store(store);
    let longer = builder.clone().with(row.clone().lifetime(Lifetime::YEAR)).build().unwrap();
    let policy = builder.with(row).build().unwrap();
    let mut jar = Jar::default();
    does(&policy, &mut jar, async |session| {
        session.sign_in(SignIn::new("alice").remembered()).await.unwrap();
    })
    .await;
    let mut jar = jar.only(&["__Host-me"]);
    clock.advance(Duration::from_secs(86_400));
    let met = meets(&policy, &mut jar).await;
    assert_eq!(met.remembered.as_deref(), Some("alice"));
    let line = lines(&met.answer).into_iter().find(|line| line.starts_with("__Host-me=")).unwrap();
    assert!(line.contains(&format!("Max-Age={}", 29 * 86_400)), "{line}");
    // A row that lives longer by now prolongs none of those that are out there, and makes none of them shorter.
    clock.advance(Duration::from_secs(86_400));
    let met = meets(&longer, &mut jar).await;
    let line = lines(&met.answer).into_iter().find(|line| line.starts_with("__Host-me=")).unwrap();
    assert!(line.contains(&format!("Max-Age={}", 28 * 86_400)), "{line}");
}

/// A new sign-in that is to be remembered takes the place of what the browser remembered before.
#[tokio::test]
async fn a_new_login_takes_the_place_of_the_old_one() {
    let policy = policy();
    let before = restarted(&remembered(&policy, "alice").await);
    let mut jar = before.clone();
    does(&policy, &mut jar, async |session| {
        session.sign_in(SignIn::new("bob").remembered()).await.unwrap();
    })
    .await;
    assert_eq!(meets(&policy, &mut restarted(&jar)).await.remembered.as_deref(), Some("bob"));
    let met = meets(&policy, &mut before.clone()).await;
    assert_eq!((met.remembered.as_deref(), met.reasons(LOGIN)), (None, vec!["unknown".to_owned()]));
    // One that is not to be remembered leaves it as it is.
    let mut jar = restarted(&jar);
    does(&policy, &mut jar, async |session| session.sign_in("carol").await.unwrap()).await;
    let met = meets(&policy, &mut jar).await;
    assert_eq!((met.user.as_deref(), met.remembered.as_deref()), (Some("carol"), Some("bob")));
}

/// What an anonymous visitor had stored stays, what another user had goes, and who is signed in already is not made less so.
#[tokio::test]
async fn to_resume_is_to_sign_in() {
    let policy = policy();
    let login = restarted(&remembered(&policy, "alice").await);
    let mut jar = login.clone();
    does(&policy, &mut jar, async |session| session.insert("note", "milk").await.unwrap()).await;
    let anonymous = jar.value("JSESSIONID").to_owned();
    resumes(&policy, &mut jar).await;
    assert_ne!(jar.value("JSESSIONID"), anonymous);
    let (note, _) =
        does(&policy, &mut jar, async |session| session.get::<String>("note").await.unwrap()).await;
    assert_eq!(note.as_deref(), Some("milk"));
    let mut bob = Jar::default();
    does(&policy, &mut bob, async |session| {
        session.sign_in("bob").await.unwrap();
        session.insert("note", "bob's").await.unwrap();
    })
    .await;
    let mut jar = bob.beside(&restarted(&jar), true);
    resumes(&policy, &mut jar).await;
    let (note, _) =
        does(&policy, &mut jar, async |session| session.get::<String>("note").await.unwrap()).await;
    assert_eq!((note, meets(&policy, &mut jar).await.user.as_deref()), (None, Some("alice")));
    let mut fresh = remembered(&policy, "alice").await;
    let id = fresh.value("JSESSIONID").to_owned();
    resumes(&policy, &mut fresh).await;
    let met = meets(&policy, &mut fresh).await;
    assert_eq!((met.fresh, fresh.value("JSESSIONID")), (true, id.as_str()));
}

/// T7. The store learns neither of the two parts.
#[tokio::test]
async fn the_store_keeps_hashes_only() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    let mut values = vec![jar.value(LOGIN).to_owned()];
    for _ in 0..3 {
        meets(&policy, &mut jar).await;
        values.push(jar.value(LOGIN).to_owned());
    }
    let kept = store.kept();
    let has = |part: &[u8]| kept.windows(part.len()).any(|window| window == part);
    assert!(has(b"alice"));
    for value in values {
        let (token, _) = value.rsplit_once('.').unwrap();
        for part in token.split('~') {
            let raw = base64(part);
            assert!(!has(part.as_bytes()) && !has(&raw));
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |character: u8| -> u32 {
        let at = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".iter();
        u32::try_from(at.copied().position(|one| one == character).unwrap()).unwrap()
    };
    let bits: Vec<u32> =
        text.bytes().flat_map(|one| (0..6).rev().map(move |at| digit(one) >> at & 1)).collect();
    let byte = |bits: &[u32]| u8::try_from(bits.iter().fold(0, |sum, bit| sum << 1 | bit)).unwrap();
    bits.chunks_exact(8).map(byte).collect()
}

/// A policy with a session store of its own remembers nobody unless it is told where, and says so.
#[tokio::test]
async fn without_a_place_for_it_no_login_is_remembered() {
    let (_, builder) = clocked();
    for policy in [
        builder.clone().session_store(Staged::new()).build().unwrap(),
        builder.clone().without(LOGIN).build().unwrap(),
    ] {
        let mut jar = Jar::default();
        let (made, answer) =
            does(&policy, &mut jar, async |session| session.sign_in(SignIn::new("alice").remembered()).await)
                .await;
        assert!(matches!(made, Err(SessionError::NotRemembering)));
        assert_eq!(lines(&answer), [""; 0]);
        assert!(made.unwrap_err().to_string().contains("remember_store"));
        assert_eq!(meets(&policy, &mut jar).await.remembered, None);
    }
    let rowless = CookiePolicy::empty(keys()).remember_store(Staged::new()).build();
    assert!(matches!(rowless, Err(tower_cookie_policy::BuildError::RememberStoreWithoutRow)));
    let _: Answer = Answer::default();
}

/// Nothing of it is told by `Debug`.
#[tokio::test]
async fn debug_tells_no_secret() {
    let policy = policy();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    let (debug, _) = does(&policy, &mut jar, async |session| {
        format!("{session:?} {:?} {:?}", session.remembered().await, SignIn::new("alice").remembered())
    })
    .await;
    assert!(!debug.contains("alice") && debug.contains("Remembered"), "{debug}");
}
