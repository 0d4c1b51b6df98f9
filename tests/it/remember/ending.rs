//! What ends a remembered login: this device's sign-out, everywhere, elsewhere, a changed password, a revoked session.

use std::time::Duration;

use tower_cookie_policy::{CookiePolicy, Session, SignIn};

use super::support::{LOGIN, does, login, meets, remembered, restarted, resumes};
use crate::session::support::{clocked, policy};
use crate::transaction::jar::Jar;

async fn is_remembered(policy: &CookiePolicy, jar: &Jar) -> bool {
    meets(policy, &mut restarted(jar)).await.remembered.is_some()
}

/// What tells of a user. The way to the node stays, with the TS cookies that it needs.
fn of_the_user(jar: &Jar) -> Vec<String> {
    jar.names().into_iter().filter(|name| name != "bsloc" && !name.starts_with("TS")).collect()
}

#[tokio::test]
async fn a_sign_out_ends_this_devices_login_only() {
    let policy = policy();
    let (mut this, other) = (remembered(&policy, "alice").await, remembered(&policy, "alice").await);
    let before = this.clone();
    let (_, answer) = does(&policy, &mut this, async |session| session.sign_out().await.unwrap()).await;
    assert!(login(&answer).unwrap().contains("Max-Age=0"));
    assert_eq!(of_the_user(&this), [""; 0], "nothing is left");
    assert!(!is_remembered(&policy, &before).await);
    assert!(is_remembered(&policy, &other).await);
    // Also where nobody is signed in by now.
    let mut bare = restarted(&other);
    let (_, answer) = does(&policy, &mut bare, async |session| session.sign_out().await.unwrap()).await;
    assert!(login(&answer).unwrap().contains("Max-Age=0"));
    assert!(!is_remembered(&policy, &other).await);
}

/// The login's cookie was lost or is another's by now: the session knows its own.
#[tokio::test]
async fn a_session_takes_its_login_along() {
    let policy = policy();
    let jar = remembered(&policy, "alice").await;
    does(&policy, &mut jar.without(LOGIN), async |session| session.sign_out().await.unwrap()).await;
    assert!(!is_remembered(&policy, &jar).await);
}

#[tokio::test]
async fn everywhere_is_every_device() {
    let policy = policy();
    let (mut this, other) = (remembered(&policy, "alice").await, remembered(&policy, "alice").await);
    let bob = remembered(&policy, "bob").await;
    let before = this.clone();
    does(&policy, &mut this, async |session| session.sign_out_everywhere().await.unwrap()).await;
    assert!(!is_remembered(&policy, &before).await && !is_remembered(&policy, &other).await);
    assert!(is_remembered(&policy, &bob).await);
    assert_eq!(of_the_user(&this), [""; 0]);
}

#[tokio::test]
async fn elsewhere_spares_this_device() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let (mut this, other) = (remembered(&policy, "alice").await, remembered(&policy, "alice").await);
    does(&policy, &mut this, async |session| session.sign_out_elsewhere().await.unwrap()).await;
    assert!(!is_remembered(&policy, &other).await);
    assert!(is_remembered(&policy, &this).await);
    // Also where the session is of a later sign-in than the login.
    does(&policy, &mut this, async |session| {
        session.sign_in("alice").await.unwrap();
        session.sign_out_elsewhere().await.unwrap();
    })
    .await;
    assert!(is_remembered(&policy, &this).await);
    clock.advance(Duration::from_secs(61));
    let mut this = restarted(&this);
    assert_eq!(resumes(&policy, &mut this).await, 200);
    assert_eq!(meets(&policy, &mut this).await.user.as_deref(), Some("alice"));
}

#[tokio::test]
async fn a_changed_password_is_remembered_nowhere() {
    let policy = policy();
    let (one, other) = (remembered(&policy, "alice").await, remembered(&policy, "alice").await);
    policy.revoke_user("alice").await.unwrap();
    for jar in [one, other] {
        let met = meets(&policy, &mut restarted(&jar)).await;
        assert_eq!((met.remembered.as_deref(), met.stolen.as_deref()), (None, None));
    }
}

#[tokio::test]
async fn a_revoked_session_does_not_come_back_by_its_login() {
    let policy = policy();
    let (mut this, other) = (remembered(&policy, "alice").await, remembered(&policy, "alice").await);
    does(&policy, &mut this, async |session: Session| {
        let sessions = session.sessions().await.unwrap();
        let other = sessions.iter().find(|one| !one.current).unwrap();
        assert!(session.revoke(&other.handle).await.unwrap());
    })
    .await;
    assert!(!is_remembered(&policy, &other).await);
    assert!(is_remembered(&policy, &this).await);
    assert_eq!(meets(&policy, &mut other.clone()).await.user, None);
    // Nor one in which the password was given once more.
    let mut other = remembered(&policy, "alice").await;
    does(&policy, &mut other, async |session| session.sign_in("alice").await.unwrap()).await;
    does(&policy, &mut this, async |session: Session| {
        let sessions = session.sessions().await.unwrap();
        let other = sessions.iter().find(|one| !one.current).unwrap();
        assert!(session.revoke(&other.handle).await.unwrap());
    })
    .await;
    assert!(!is_remembered(&policy, &other).await);
}

/// T27. The epoch decides, in whatever order things happen: a login that was begun before counts no more.
#[tokio::test]
async fn a_login_that_was_slower_than_the_revocation_counts_for_nothing() {
    let policy = policy();
    let mut jar = Jar::default();
    let inner = policy.clone();
    let (_, answer) = does(&policy, &mut jar, async |session| {
        session.sign_in(SignIn::new("alice").remembered()).await.unwrap();
        inner.revoke_user("alice").await.unwrap();
    })
    .await;
    assert_eq!((answer.status().as_u16(), jar.names().len()), (409, 0));
    // A resumption under way.
    let mut jar = restarted(&remembered(&policy, "bob").await);
    let inner = policy.clone();
    let (_, answer) = does(&policy, &mut jar, async |session| {
        let bob = session.remembered().await.unwrap().unwrap();
        inner.revoke_user("bob").await.unwrap();
        session.resume(bob).await.unwrap();
    })
    .await;
    assert_eq!(answer.status(), 409);
    assert_eq!(meets(&policy, &mut jar.without(LOGIN)).await.user, None);
    let met = meets(&policy, &mut restarted(&jar)).await;
    assert_eq!(met.remembered, None);
}

/// Whoever signs out in the request that has just redeemed the login is not told of its successor.
#[tokio::test]
async fn a_login_that_ends_in_its_own_request_leaves_nothing() {
    let policy = policy();
    let before = restarted(&remembered(&policy, "alice").await);
    let mut jar = before.clone();
    let (left, answer) = does(&policy, &mut jar, async |session| {
        let alice = session.remembered().await.unwrap().unwrap();
        session.resume(alice).await.unwrap();
        session.sign_out().await.unwrap();
        session.remembered().await.unwrap().is_some()
    })
    .await;
    assert!(!left && login(&answer).unwrap().contains("Max-Age=0"));
    assert_eq!(of_the_user(&jar), [""; 0]);
    assert!(!is_remembered(&policy, &before).await);
}

/// The session was ended from elsewhere while this request was under way: the browser signs out of its login all the same.
#[tokio::test]
async fn a_sign_out_from_an_ended_session_ends_the_login() {
    for everywhere in [false, true] {
        let policy = policy();
        let jar = remembered(&policy, "alice").await;
        let handle = {
            let look = async |session: Session| session.sessions().await.unwrap()[0].handle.clone();
            does(&policy, &mut jar.clone(), look).await.0
        };
        let mut other = Jar::default();
        does(&policy, &mut other, async |session| session.sign_in("alice").await.unwrap()).await;
        let (inner, mut here) = (policy.clone(), jar.clone());
        let (_, answer) = does(&policy, &mut here, async |session| {
            assert!(session.user().await.unwrap().is_some());
            // Ended by a password, which leaves the login to be ended here.
            let handle = handle.clone();
            does(&inner, &mut other, async |session| session.revoke(&handle).await.unwrap()).await;
            match everywhere {
                true => drop(session.sign_out_everywhere().await.unwrap()),
                false => session.sign_out().await.unwrap(),
            }
        })
        .await;
        assert!(login(&answer).unwrap().contains("Max-Age=0"), "{everywhere}");
        assert!(!is_remembered(&policy, &jar).await);
    }
}

/// A browser that brings somebody else's sealed user id beside its session, and signs out, is rid of both.
#[tokio::test]
async fn a_sign_out_ends_what_was_set_aside() {
    let policy = policy();
    let alice = Jar::default().signed_in(&policy, "alice");
    let bob = Jar::default().signed_in(&policy, "bob");
    let mut swapped = alice.with("X-Appia-ExtAuth", bob.value("X-Appia-ExtAuth"));
    does(&policy, &mut swapped, async |session| session.sign_out().await.unwrap()).await;
    assert_eq!(meets(&policy, &mut alice.clone()).await.user, None);
    assert_eq!(meets(&policy, &mut bob.clone()).await.user.as_deref(), Some("bob"));
}

/// Where two whole sets verify, nobody can tell whose session is to end: nothing is deleted, and so the planted one is not left alone.
#[tokio::test]
async fn a_sign_out_between_two_sets_leaves_no_planted_one() {
    let policy = policy();
    let own = Jar::default().signed_in(&policy, "alice");
    let planted = Jar::default().signed_in(&policy, "mallory");
    for before in [true, false] {
        let mut both = own.beside(&planted, before);
        let names = both.names();
        let (_, answer) = does(&policy, &mut both, async |session| session.sign_out().await.unwrap()).await;
        assert_eq!(
            crate::support::lines(&answer).iter().filter(|line| !line.starts_with("X-Appia-ExtAuth")).count(),
            0
        );
        assert_eq!(own.user(&policy).as_deref(), Some("alice"), "{names:?}");
    }
}
