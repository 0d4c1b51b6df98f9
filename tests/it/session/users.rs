//! All the sessions of one user.

use std::time::Duration;

use http::StatusCode;
use tower_cookie_policy::{SessionError, SignIn};

use super::support::{Browser, about_session, clocked, policy};

/// T47: nothing is left of a session but the deletion of its cookies.
#[tokio::test]
async fn signing_out_empties() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "alice").await;
    browser.does(&policy, async |session| session.insert("note", "milk").await).await;
    let old = browser.clone();
    // What tells who somebody is, and was ever given out, comes along. One of them is malformed.
    let id = browser.id.as_mut().unwrap();
    id.push_str("; X-Appia-UUID=6f1d2c9e-6f0b-4a58-9c55-6d3f1c2b7a10; X-Appia-ExtAuth=x; root.autoUserLoginId=y; i18next=de");
    let (_, answer) = browser
        .ask(&policy, async |session| {
            session.insert("more", &1).await.unwrap();
            session.sign_out().await.unwrap();
            assert_eq!(session.user().await.unwrap(), None);
            assert!(session.keys().await.unwrap().is_empty());
            assert!(!session.is_live().await.unwrap());
        })
        .await;
    let mut deleted: Vec<String> = about_session(&answer)
        .iter()
        .map(|line| {
            assert!(line.contains("Max-Age=0") && line.contains("Path=/"), "{line}");
            line.split('=').next().unwrap().to_owned()
        })
        .collect();
    deleted.sort();
    assert_eq!(deleted, ["JSESSIONID", "X-Appia-ExtAuth", "X-Appia-UUID", "root.autoUserLoginId"]);
    for mut browser in [old, browser] {
        assert_eq!((browser.whose(&policy).await, browser.note(&policy).await), (None, None));
    }
    let (_, answer) = Browser::default().ask(&policy, async |session| session.sign_out().await).await;
    assert_eq!(about_session(&answer), [""; 0], "what did not come has not to go");
}

#[tokio::test]
async fn a_user_sees_and_revokes_sessions() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut desk = Browser::user(&policy, "alice").await;
    clock.advance(Duration::from_secs(200));
    let mut phone = Browser::user(&policy, "alice").await;
    let mut stranger = Browser::user(&policy, "mallory").await;
    phone.does(&policy, async |session| session.renew().await).await;
    let sessions = desk.does(&policy, async |session| session.sessions().await).await;
    assert_eq!(sessions.iter().map(|one| one.current).collect::<Vec<_>>(), [true, false]);
    assert_eq!(sessions[0].created + 200, sessions[1].created);
    let json = serde_json::to_string(&sessions).unwrap();
    for id in [&desk.id, &phone.id] {
        assert!(!json.contains(id.as_deref().unwrap()));
    }
    let handle = sessions[1].handle.clone();
    assert!(!stranger.does(&policy, async |session| session.revoke(&handle).await).await, "not the owner");
    assert_eq!(phone.whose(&policy).await.as_deref(), Some("alice"));
    assert!(desk.does(&policy, async |session| session.revoke(&handle).await).await);
    assert_eq!(phone.whose(&policy).await, None);
    assert!(!desk.does(&policy, async |session| session.revoke(&handle).await).await, "it is gone");
    assert!(!desk.does(&policy, async |session| session.revoke("no handle").await).await);
    let own = sessions[0].handle.clone();
    assert!(desk.does(&policy, async |session| session.revoke(&own).await).await);
    assert_eq!(desk.id, None);
    for mut nobody in [Browser::default(), Browser::visitor(&policy).await] {
        let (listed, answer) = nobody.ask(&policy, async |session| session.sessions().await).await;
        assert!(matches!(listed, Err(SessionError::NotSignedIn)));
        assert_eq!(answer.status(), StatusCode::OK);
        let (revoked, _) = nobody.ask(&policy, async |session| session.revoke(&own).await).await;
        assert_eq!(revoked.unwrap_err().status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_list_has_a_sign_in_of_the_same_request() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let sessions = browser
        .does(&policy, async |session| {
            session.sign_in("alice").await?;
            session.sessions().await
        })
        .await;
    assert_eq!(sessions.iter().map(|one| one.current).collect::<Vec<_>>(), [true]);
    assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn everywhere_is_everywhere() {
    let policy = policy();
    let mut devices = [Browser::user(&policy, "alice").await, Browser::user(&policy, "alice").await];
    let mut other = Browser::user(&policy, "bob").await;
    let ended = devices[0].does(&policy, async |session| session.sign_out_everywhere().await).await;
    assert_eq!((ended, &devices[0].id), (2, &None));
    for device in &mut devices {
        assert_eq!(device.whose(&policy).await, None);
    }
    assert_eq!(other.whose(&policy).await.as_deref(), Some("bob"));
    let mut visitor = Browser::visitor(&policy).await;
    assert_eq!(visitor.does(&policy, async |session| session.sign_out_everywhere().await).await, 1);
    assert_eq!(visitor.id, None, "without a user it is a sign-out");
}

#[tokio::test]
async fn elsewhere_is_everywhere_but_here() {
    let policy = policy();
    let (mut here, mut there) =
        (Browser::user(&policy, "alice").await, Browser::user(&policy, "alice").await);
    let ended = here
        .does(&policy, async |session| {
            let ended = session.sign_out_elsewhere().await?;
            session.insert("note", "milk").await?;
            Ok(ended)
        })
        .await;
    assert_eq!((ended, there.whose(&policy).await), (1, None));
    assert_eq!(here.note(&policy).await.as_deref(), Some("milk"));
    here.does(&policy, async |session| session.renew().await).await;
    assert_eq!(here.whose(&policy).await.as_deref(), Some("alice"), "its epoch is the new one");
}

/// T46: after a changed password no session of the user is left, and none that was about to be opened is.
#[tokio::test]
async fn a_revoked_user_has_no_session() {
    let policy = policy();
    let mut devices = [Browser::user(&policy, "alice").await, Browser::user(&policy, "alice").await];
    let mut late = Browser::visitor(&policy).await;
    let (signed_in, answer) = late
        .ask(&policy, async |session| {
            let signed_in = session.sign_in("alice").await;
            assert_eq!(policy.revoke_user("alice").await.unwrap(), 2);
            signed_in
        })
        .await;
    assert!(signed_in.is_ok());
    assert_eq!((answer.status(), about_session(&answer)), (StatusCode::CONFLICT, vec![]));
    assert_eq!(late.whose(&policy).await, None);
    assert_eq!(late.note(&policy).await.as_deref(), Some("milk"), "the anonymous session is as it was");
    for device in &mut devices {
        assert_eq!(device.whose(&policy).await, None);
        let (written, answer) = device.ask(&policy, async |session| session.insert("a", &1).await).await;
        assert!(matches!(written, Err(SessionError::Ended)));
        assert_eq!(about_session(&answer), [""; 0]);
    }
    assert_eq!(policy.revoke_user("alice").await.unwrap(), 0);
    assert_eq!(Browser::user(&policy, "alice").await.whose(&policy).await.as_deref(), Some("alice"));
}

/// T46: a password that changes while the old one is being checked lets nobody in.
#[tokio::test]
async fn a_sign_in_under_an_older_epoch_comes_to_nothing() {
    let policy = policy();
    for revoked in [false, true] {
        let mut browser = Browser::default();
        let epoch = policy.epoch("alice").await.unwrap();
        if revoked {
            policy.revoke_user("alice").await.unwrap();
        }
        let (_, answer) = browser
            .ask(&policy, async |session| session.sign_in(SignIn::new("alice").since(epoch)).await)
            .await;
        let status = if revoked { StatusCode::CONFLICT } else { StatusCode::OK };
        assert_eq!((answer.status(), browser.id.is_none()), (status, revoked));
    }
}

#[tokio::test]
async fn users_are_told_apart_by_every_byte() {
    let policy = policy();
    let names = ["alice", "Alice", "alice ", "alic\u{e9}", "alice'", "%", "_", "*", &"a".repeat(255)];
    let mut browsers = Vec::new();
    for name in names {
        browsers.push((name, Browser::user(&policy, name).await));
    }
    for name in ["", "alice\0", &"a".repeat(256)] {
        let (signed_in, _) =
            Browser::default().ask(&policy, async |session| session.sign_in(name).await).await;
        assert!(matches!(signed_in, Err(SessionError::IllegalUser { .. })), "{name:?}");
        assert_eq!(policy.epoch(name).await.unwrap_err().status(), StatusCode::BAD_REQUEST);
        assert!(policy.revoke_user(name).await.is_err());
    }
    assert_eq!(policy.revoke_user("alice").await.unwrap(), 1);
    for (name, mut browser) in browsers {
        assert_eq!(browser.whose(&policy).await.as_deref(), Some(name).filter(|name| *name != "alice"));
    }
}

#[tokio::test]
async fn who_signed_in_here_is_fresh() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    assert!(!browser.does(&policy, async |session| session.is_fresh().await).await);
    let at_once = browser
        .does(&policy, async |session| {
            session.sign_in("alice").await?;
            session.is_fresh().await
        })
        .await;
    assert!(at_once && browser.does(&policy, async |session| session.is_fresh().await).await);
}
