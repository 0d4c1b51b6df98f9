//! What a session holds.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use tower_cookie_policy::{CookiePolicy, Cookies, SessionError, SignIn};

use super::support::{Browser, about_session, ask, body, policy, staged};
use crate::support::keys;

#[tokio::test]
async fn what_was_stored_is_there_on_return() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
    let keys = browser.does(&policy, async |session| session.keys().await).await;
    assert_eq!(keys.iter().map(|key| &**key).collect::<Vec<_>>(), ["note"]);
}

#[tokio::test]
async fn values_have_types() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Cart {
        items: Vec<(String, u32)>,
    }
    let policy = policy();
    let mut browser = Browser::default();
    let cart = || Cart { items: vec![("tea".to_owned(), 2)] };
    browser.does(&policy, async |session| session.insert("cart", &cart()).await).await;
    let found = browser.does(&policy, async |session| session.get::<Cart>("cart").await).await;
    assert_eq!(found, Some(cart()));
    let (number, _) = browser.ask(&policy, async |session| session.get::<u32>("cart").await).await;
    let error = number.unwrap_err();
    assert!(matches!(&error, SessionError::Decode { key, .. } if key == "cart"), "{error}");
    assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!error.to_string().contains("tea"), "{error}");
    let odd: BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
    let (stored, answer) = browser.ask(&policy, async |session| session.insert("odd", &odd).await).await;
    assert!(matches!(stored, Err(SessionError::Encode { .. })), "keys of JSON objects are strings");
    assert_eq!(answer.status(), StatusCode::OK);
}

/// T22.
#[tokio::test]
async fn what_was_removed_is_gone_on_return() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    browser.does(&policy, async |session| session.insert("other", &1).await).await;
    assert!(browser.does(&policy, async |session| session.remove("note").await).await);
    assert!(!browser.does(&policy, async |session| session.contains("note").await).await);
    assert!(!browser.does(&policy, async |session| session.remove("note").await).await);
    assert!(browser.does(&policy, async |session| session.contains("other").await).await);
    browser.does(&policy, async |session| session.clear().await).await;
    assert!(browser.does(&policy, async |session| session.keys().await).await.is_empty());
    assert!(browser.does(&policy, async |session| session.is_live().await).await, "empty is not ended");
    let taken = async |browser: &mut Browser| {
        browser.does(&policy, async |session| session.take::<u8>("once").await).await
    };
    browser.does(&policy, async |session| session.insert("once", &7).await).await;
    assert_eq!((taken(&mut browser).await, taken(&mut browser).await), (Some(7), None));
}

#[tokio::test]
async fn a_handler_reads_what_it_wrote() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    browser
        .does(&policy, async |session| {
            session.insert("a", &1).await?;
            session.remove("note").await?;
            assert_eq!(session.get::<u8>("a").await?, Some(1));
            assert_eq!(session.get::<String>("note").await?, None);
            assert_eq!(session.keys().await?.len(), 1);
            let clone = session.clone();
            clone.clear().await?;
            assert!(!session.contains("a").await?);
            session.insert("b", &2).await
        })
        .await;
    let keys = browser.does(&policy, async |session| session.keys().await).await;
    assert_eq!(keys.iter().map(|key| &**key).collect::<Vec<_>>(), ["b"]);
}

#[tokio::test]
async fn who_only_looks_begins_no_session() {
    let (_, store, policy) = staged();
    let mut browser = Browser::default();
    let (_, answer) = browser
        .ask(&policy, async |session| {
            assert_eq!(session.user().await.unwrap(), None);
            assert!(!session.is_live().await.unwrap());
            assert!(!session.is_fresh().await.unwrap());
            assert!(!session.contains("note").await.unwrap());
            assert!(!session.remove("note").await.unwrap());
            assert_eq!(session.take::<u8>("note").await.unwrap(), None);
            session.clear().await.unwrap();
            session.renew().await.unwrap();
        })
        .await;
    assert_eq!(about_session(&answer), [""; 0]);
    assert_eq!(store.count_all(), 0, "without an id there is nothing to ask for");
}

#[tokio::test]
async fn what_comes_to_nothing_begins_no_session() {
    let (_, store, policy) = staged();
    let mut browser = Browser::default();
    let changes = async |session: tower_cookie_policy::Session| {
        session.insert("note", "milk").await?;
        session.remove("note").await?;
        session.clear().await
    };
    browser.does(&policy, changes).await;
    assert_eq!((browser.id, store.count_all()), (None, 0));
    let mut browser = Browser::visitor(&policy).await;
    store.count_all();
    browser.does(&policy, async |session| session.insert("note", "milk").await).await;
    assert_eq!((store.count("load"), store.count_all()), (1, 0), "it says so already");
}

/// A closure that panics leaves the session as it was, for its request and for others.
#[tokio::test]
async fn an_update_that_panics_changes_nothing() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let request = browser.request();
    let ended = tokio::task::LocalSet::new();
    let panicking = {
        let policy = policy.clone();
        ended.run_until(async move {
            let task = tokio::task::spawn_local(async move {
                ask(&policy, request, async |session| {
                    session.insert("other", &1).await.unwrap();
                    session.update("note", |_: Option<String>| -> String { panic!("in the closure") }).await
                })
                .await
            });
            task.await
        })
    };
    assert!(panicking.await.unwrap_err().is_panic());
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
    assert!(!browser.does(&policy, async |session| session.contains("other").await).await);
}

/// The store is asked when a handler first reads, once, and is written to when there is something new.
#[tokio::test]
async fn the_store_is_asked_no_more_than_has_to_be() {
    let (_, store, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    assert_eq!((store.count("create"), store.count_all()), (1, 0));
    browser.does(&policy, async |_| Ok(())).await;
    assert_eq!(store.count_all(), 0, "nobody read");
    browser
        .does(&policy, async |session| {
            for _ in 0..3 {
                session.get::<String>("note").await?;
                session.user().await?;
            }
            session.insert("note", "milk").await
        })
        .await;
    assert_eq!((store.count("load"), store.count_all()), (1, 0), "nothing is new");
    browser.does(&policy, async |session| session.insert("note", "eggs").await).await;
    assert_eq!((store.count("load"), store.count("update"), store.count_all()), (1, 1, 0));
}

/// T14: one write, whatever was written at once before.
#[tokio::test]
async fn what_was_written_at_once_is_not_written_again() {
    let (_, store, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    store.count_all();
    browser
        .does(&policy, async |session| {
            session.insert("other", &1).await?;
            session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).await
        })
        .await;
    assert_eq!((store.count("load"), store.count("update"), store.count_all()), (1, 1, 0));
    assert_eq!(browser.does(&policy, async |session| session.get::<u8>("other").await).await, Some(1));
    let mut first = Browser::default();
    store.count_all();
    let count = first
        .does(&policy, async |session| {
            session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).await?;
            session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).await
        })
        .await;
    assert_eq!((count, store.count("create"), store.count("update")), (2, 1, 1));
    assert_eq!(first.does(&policy, async |session| session.get::<u32>("count").await).await, Some(2));
}

#[tokio::test]
async fn a_session_has_bounds() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let (at_once, answer) = browser
        .ask(&policy, async |session| session.update("note", |_: Option<String>| "a".repeat(2 << 20)).await)
        .await;
    assert!(matches!(at_once, Err(SessionError::Oversized { .. })));
    assert_eq!(answer.status(), StatusCode::OK, "the handler was told");
    let (_, answer) =
        browser.ask(&policy, async |session| session.insert("note", &"a".repeat(2 << 20)).await).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "the handler was not");
    assert_eq!(about_session(&answer), [""; 0]);
    assert_eq!(body(answer).await, "Payload Too Large");
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
}

#[tokio::test]
async fn claims_are_there_from_the_first_moment() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    browser
        .does(&policy, async |session| {
            session.sign_in(SignIn::new("alice").claim("role", "admin").claim("level", &3)).await?;
            assert_eq!(session.get::<String>("role").await?.as_deref(), Some("admin"));
            Ok(())
        })
        .await;
    assert_eq!(browser.does(&policy, async |session| session.get::<u8>("level").await).await, Some(3));
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"), "an anonymous visitor's data stays");
    let odd: BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
    let mut other = Browser::visitor(&policy).await;
    let (signed_in, _) = other
        .ask(&policy, async |session| session.sign_in(SignIn::new("bob").claim("odd", &odd)).await)
        .await;
    assert!(matches!(signed_in, Err(SessionError::Encode { .. })));
    assert_eq!(other.whose(&policy).await, None);
    other.does(&policy, async |session| session.sign_in(SignIn::new("bob").discarding()).await).await;
    assert_eq!((other.whose(&policy).await.as_deref(), other.note(&policy).await), (Some("bob"), None));
}

#[tokio::test]
async fn after_the_response_nothing_is_written() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let (kept, _) = browser.ask(&policy, async |session| session).await;
    assert!(matches!(kept.insert("note", "late").await, Err(SessionError::Late)));
    assert!(matches!(kept.update("n", |_: Option<u8>| 1).await, Err(SessionError::Late)));
    assert!(matches!(kept.sign_in("alice").await, Err(SessionError::Late)));
    assert!(matches!(kept.sign_out().await, Err(SessionError::Late)));
    assert!(matches!(kept.renew().await, Err(SessionError::Late)));
    assert_eq!(kept.get::<String>("note").await.unwrap().as_deref(), Some("milk"));
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
}

/// A session of a policy around the one that has none is found; without any there is none.
#[tokio::test]
async fn the_session_is_of_the_policy_that_has_one() {
    use tower::{Layer, Service, service_fn};
    let inner = CookiePolicy::empty(keys()).id("inner").build().unwrap();
    assert!(matches!(inner.revoke_user("alice").await, Err(SessionError::NoRow)));
    let outer = policy();
    let handler = || {
        service_fn(async |request: http::Request<()>| {
            let session = request.extensions().get::<Cookies>().unwrap().session();
            let found = session.is_some();
            if let Some(session) = session {
                session.insert("note", "milk").await.unwrap();
            }
            let mut answer = crate::support::Answer::default();
            *answer.status_mut() = if found { StatusCode::OK } else { StatusCode::NOT_FOUND };
            Ok::<_, std::convert::Infallible>(answer)
        })
    };
    let Ok(alone) = inner.layer().layer(handler()).call(http::Request::new(())).await;
    assert_eq!(alone.status(), StatusCode::NOT_FOUND);
    let mut both = outer.layer().layer(inner.layer().layer(handler()));
    let Ok(within) = both.call(http::Request::new(())).await;
    assert_eq!((within.status(), about_session(&within).len()), (StatusCode::OK, 2));
    let mut browser = Browser::default();
    browser.keep(&within);
    assert_eq!(
        ask(&outer, browser.request(), async |session| session.get::<String>("note").await)
            .await
            .0
            .unwrap()
            .as_deref(),
        Some("milk")
    );
}
