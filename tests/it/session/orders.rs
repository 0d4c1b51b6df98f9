//! Methods in unusual orders, and others that come in between.

use std::time::Duration;

use http::StatusCode;
use tower_cookie_policy::{Session, SessionError, SignIn};

use super::support::{Browser, about_session, ask, clocked, policy, staged};

/// T17: what was confirmed is told, whatever fails after it: a browser whose id has changed is not locked out.
#[tokio::test]
async fn a_confirmed_rotation_is_told_even_if_a_later_write_fails() {
    for renews in [true, false] {
        let policy = policy();
        let mut browser = Browser::user(&policy, "alice").await;
        let old = browser.id.clone();
        let (_, answer) = browser
            .ask(&policy, async |session| {
                if renews {
                    session.renew().await.unwrap();
                } else {
                    session.sign_in("bob").await.unwrap();
                }
                session.update("n", |_: Option<u8>| 1).await.unwrap();
                session.insert("large", &"x".repeat(2 << 20)).await
            })
            .await;
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_ne!(browser.id, old);
        assert_eq!(browser.whose(&policy).await.as_deref(), Some(if renews { "alice" } else { "bob" }));
    }
}

/// A sign-out under a renewed id counts as of the moment at which the id came, however long the handler takes.
#[tokio::test]
async fn the_grace_does_not_end_within_a_request() {
    for signs_in in [false, true] {
        let (clock, builder) = clocked();
        let policy = builder.build().unwrap();
        let mut browser = Browser::user(&policy, "alice").await;
        let mut old = browser.clone();
        browser.does(&policy, async |session| session.renew().await).await;
        old.does(&policy, async |session| {
            assert!(session.user().await?.is_some());
            clock.advance(Duration::from_secs(11));
            if signs_in { session.sign_in("bob").await } else { session.sign_out().await }
        })
        .await;
        assert_eq!(browser.whose(&policy).await, None);
        assert_eq!(old.whose(&policy).await.is_some(), signs_in);
    }
}

/// What is done at once is done to what is there then, not to what was there when the handler first looked.
#[tokio::test]
async fn at_once_is_now() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let mut other = browser.clone();
    let (open, code, none) = browser
        .does(&policy, async |session| {
            session.update("open", |_: Option<bool>| false).await?;
            let news = async |session: Session| {
                session.insert("open", &true).await?;
                session.insert("code", &1234).await
            };
            other.does(&policy, news).await;
            let open = session.update("open", |open: Option<bool>| open == Some(false)).await?;
            Ok((open, session.take::<u32>("code").await?, session.take::<u32>("code").await?))
        })
        .await;
    assert_eq!((open, code, none), (false, Some(1234), None));
}

/// Two renewals at once are one: nobody hears of a conflict.
#[tokio::test]
async fn a_second_renewal_has_nothing_to_do() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let mut late = browser.clone();
    let (_, answer) = late
        .ask(&policy, async |session| {
            session.user().await.unwrap();
            browser.does(&policy, async |session| session.renew().await).await;
            session.renew().await
        })
        .await;
    assert_eq!((answer.status(), about_session(&answer)), (StatusCode::OK, vec![]));
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
}

/// A write that was accepted and then got lost is not answered with success, even if the handler heard of the loss from
/// another method and let it pass.
#[tokio::test]
async fn an_accepted_write_does_not_vanish() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "alice").await;
    let (_, answer) = browser
        .ask(&policy, async |session| {
            session.insert("note", "milk").await.unwrap();
            policy.revoke_user("alice").await.unwrap();
            session.update("n", |_: Option<u8>| 1).await.unwrap_err()
        })
        .await;
    assert_eq!((answer.status(), about_session(&answer)), (StatusCode::CONFLICT, vec![]));
}

/// T13: who is signed out everywhere while somebody else signs in with the same browser leaves the new cookie alone.
#[tokio::test]
async fn a_late_everywhere_leaves_another_session_alone() {
    for everywhere in [true, false] {
        let policy = policy();
        let mut browser = Browser::user(&policy, "alice").await;
        let mut late = browser.clone();
        let (_, answer) = late
            .ask(&policy, async |session| {
                session.user().await.unwrap();
                browser.does(&policy, async |session| session.sign_in("bob").await).await;
                match everywhere {
                    true => assert_eq!(session.sign_out_everywhere().await.unwrap(), 0),
                    false => assert!(matches!(session.sign_out_elsewhere().await, Err(SessionError::Ended))),
                }
            })
            .await;
        assert_eq!(about_session(&answer), [""; 0]);
        assert_eq!(browser.whose(&policy).await.as_deref(), Some("bob"));
    }
}

/// A renewal in between does not make this session another one.
#[tokio::test]
async fn elsewhere_knows_its_own_session_by_any_id() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "alice").await;
    let mut other = Browser::user(&policy, "alice").await;
    let mut late = browser.clone();
    let (ended, _) = late
        .ask(&policy, async |session| {
            session.user().await.unwrap();
            browser.does(&policy, async |session| session.renew().await).await;
            session.sign_out_everywhere().await
        })
        .await;
    assert_eq!(ended.unwrap(), 2);
    assert_eq!((browser.whose(&policy).await, other.whose(&policy).await), (None, None));
}

/// A session that was ended while its request is under way speaks for its user no more.
#[tokio::test]
async fn an_ended_session_speaks_for_nobody() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "dave").await;
    let mut device = Browser::default();
    let (_, answer) = browser
        .ask(&policy, async |session| {
            assert!(session.user().await.unwrap().is_some());
            policy.revoke_user("dave").await.unwrap();
            device.does(&policy, async |session| session.sign_in("dave").await).await;
            let sessions = device.does(&policy, async |session| session.sessions().await).await;
            assert!(matches!(session.revoke(&sessions[0].handle).await, Err(SessionError::Ended)));
            assert!(session.sessions().await.is_err());
            assert!(session.sign_out_elsewhere().await.is_err());
            assert!(!matches!(session.sign_out_everywhere().await, Ok(1..)));
        })
        .await;
    assert_eq!(about_session(&answer), [""; 0]);
    assert_eq!(device.whose(&policy).await.as_deref(), Some("dave"));
}

/// Nor does a sign-in that comes to nothing.
#[tokio::test]
async fn a_refused_sign_in_speaks_for_nobody() {
    let policy = policy();
    let old = policy.epoch("alice").await.unwrap();
    policy.revoke_user("alice").await.unwrap();
    let mut device = Browser::user(&policy, "alice").await;
    let handle = device.does(&policy, async |session| session.sessions().await).await.remove(0).handle;
    let mut browser = Browser::default();
    let (_, answer) = browser
        .ask(&policy, async |session| {
            session.sign_in(SignIn::new("alice").since(old)).await.unwrap();
            assert!(session.revoke(&handle).await.is_err());
            assert!(!matches!(session.sign_out_everywhere().await, Ok(1..)));
        })
        .await;
    assert_eq!(about_session(&answer), [""; 0]);
    assert_eq!(device.whose(&policy).await.as_deref(), Some("alice"));
}

/// Another user's session is not ended by a sign-in's handle of it.
#[tokio::test]
async fn a_handle_is_its_owners() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "bob").await;
    let handle = browser.does(&policy, async |session| session.sessions().await).await.remove(0).handle;
    let revoked = browser
        .does(&policy, async |session| {
            session.sign_in("alice").await?;
            session.revoke(&handle).await
        })
        .await;
    assert!(!revoked);
    assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
}

/// A session that expires while its request is under way is over, and a sign-out makes room for another one.
#[tokio::test]
async fn an_expiry_under_way_ends_the_session() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut browser = Browser::user(&policy, "alice").await;
    let (_, answer) = browser
        .ask(&policy, async |session| {
            session.user().await.unwrap();
            clock.advance(Duration::from_secs(5000));
            session.insert("note", "late").await
        })
        .await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    let mut browser = Browser::user(&policy, "alice").await;
    browser
        .does(&policy, async |session| {
            session.user().await?;
            clock.advance(Duration::from_secs(5000));
            session.sign_out().await?;
            session.insert("farewell", "bye").await
        })
        .await;
    assert!(browser.does(&policy, async |session| session.contains("farewell").await).await);
}

/// What is accepted can be read back.
#[tokio::test]
async fn what_cannot_be_read_back_is_not_taken() {
    let policy = policy();
    let mut browser = Browser::default();
    for (depth, fits) in [(126, true), (127, false), (500, false)] {
        let nested: serde_json::Value =
            (0..depth).fold(serde_json::Value::Null, |inner, _| serde_json::Value::Array(vec![inner]));
        let (taken, _) = browser.ask(&policy, async |session| session.insert("deep", &nested).await).await;
        assert_eq!(taken.is_ok(), fits, "{depth}");
    }
    let text = "[".repeat(500) + "\\\"{";
    browser.does(&policy, async |session| session.insert("text", &text).await).await;
    assert_eq!(browser.does(&policy, async |session| session.get::<String>("text").await).await, Some(text));
    assert!(
        browser.does(&policy, async |session| session.get::<serde_json::Value>("deep").await).await.is_some()
    );
}

/// The store has room for a thousand sessions of one user, the ones that were seen last.
#[tokio::test]
async fn nobody_fills_the_store_alone() {
    let (clock, store, policy) = staged();
    let mut first = Browser::user(&policy, "mallory").await;
    clock.advance(Duration::from_secs(1));
    for _ in 0..1000 {
        ask(&policy, Browser::default().request(), async |session| session.sign_in("mallory").await)
            .await
            .0
            .unwrap();
    }
    assert_eq!(store.behind.len(), 1000);
    assert_eq!(first.whose(&policy).await, None);
}
