//! Handles that are parked, dropped, kept or asked for too late.

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, StatusCode};
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{
    Basis, BuildError, CookiePolicy, CookieSpec, Cookies, Integrity, MemoryStore, Report, Role, Session,
    SessionError, StoreErrorKind,
};

use super::staged::{Act, Staged};
use super::support::{Browser, about_session, answer, ask, clocked, policy, staged};
use crate::support::{Answer, keys, lines, with_lines};

/// T16: somebody who began to use the session and does not go on keeps others waiting no longer than the store may.
#[tokio::test(start_paused = true)]
async fn a_parked_operation_delays_nobody_for_long() {
    let (_, store, policy) = staged();
    let mut browser = Browser::user(&policy, "alice").await;
    store.plays(|step| if step == "update" { Act::Hang } else { Act::Pass });
    let mut parked = Vec::new();
    let start = tokio::time::Instant::now();
    let (read, answer) = browser
        .ask(&policy, async |session| {
            session.user().await.unwrap();
            let other = session.clone();
            let mut update = Box::pin(async move { other.update("n", |_: Option<u8>| 1).await });
            assert!(tokio::time::timeout(Duration::ZERO, &mut update).await.is_err());
            parked.push(update);
            session.get::<u8>("n").await
        })
        .await;
    assert!(matches!(read, Err(SessionError::Store(error)) if error.kind() == StoreErrorKind::Timeout));
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(start.elapsed() < Duration::from_secs(7), "{:?}", start.elapsed());
}

/// A deletion that the handler gave up waiting for may have been done or not: no success is told.
#[tokio::test(start_paused = true)]
async fn an_operation_that_was_given_up_is_not_confirmed() {
    for way in [Act::Hang, Act::Late] {
        let (_, store, policy) = staged();
        let mut browser = Browser::user(&policy, "alice").await;
        store.plays(move |step| if step == "delete" { way } else { Act::Pass });
        let (_, answer) = browser
            .ask(&policy, async |session| {
                let sign_out = session.sign_out();
                assert!(tokio::time::timeout(Duration::from_millis(5), sign_out).await.is_err());
            })
            .await;
        assert_eq!((answer.status(), lines(&answer).len()), (StatusCode::SERVICE_UNAVAILABLE, 0), "{way:?}");
    }
}

/// A session that is first asked for after the response has left is as late as one that was asked for before.
#[tokio::test]
async fn a_session_that_is_asked_for_too_late_is_late() {
    let (_, store, policy) = staged();
    let browser = Browser::visitor(&policy).await;
    let kept = std::cell::Cell::new(None);
    let mut service = policy.layer().layer(service_fn(async |request: Request<()>| {
        kept.set(request.extensions().get::<Cookies>().cloned());
        Ok::<_, Infallible>(Answer::default())
    }));
    let Ok(_) = service.call(browser.request()).await;
    drop(service);
    let session = kept.into_inner().unwrap().session().unwrap();
    store.count_all();
    assert!(matches!(session.insert("note", "late").await, Err(SessionError::Late)));
    assert!(matches!(session.update("n", |_: Option<u8>| 1).await, Err(SessionError::Late)));
    assert_eq!(store.count("create"), 0);
    assert_eq!(
        session.get::<String>("note").await.unwrap().as_deref(),
        Some("milk"),
        "reading is never late"
    );
}

/// Where no response ever leaves, because the service failed or was given up, nothing more is written.
#[tokio::test]
async fn without_a_response_nothing_more_is_written() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "alice").await;
    for fails in [true, false] {
        let kept = std::cell::RefCell::new(None::<Session>);
        let mut service = policy.layer().layer(service_fn(async |request: Request<()>| {
            *kept.borrow_mut() = request.extensions().get::<Cookies>().unwrap().session();
            if !fails {
                std::future::pending::<()>().await;
            }
            Err::<Answer, _>("failed")
        }));
        let call = service.call(browser.request());
        assert!(tokio::time::timeout(Duration::from_millis(5), call).await.is_err() != fails);
        drop(service);
        let session = kept.into_inner().unwrap();
        assert!(matches!(session.insert("note", "late").await, Err(SessionError::Late)), "fails: {fails}");
        assert!(matches!(session.sign_in("bob").await, Err(SessionError::Late)));
    }
    assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
}

/// T44: of a response that is replaced what layers further in have let out and reported stays.
#[tokio::test]
async fn a_replaced_response_keeps_what_is_not_its_own() {
    let row = CookieSpec::new("inner_sid", Basis::essential("a test")).role(Role::Session);
    let inner =
        CookiePolicy::empty(keys()).id("inner").with(row.integrity(Integrity::Guarded)).build().unwrap();
    let store = Staged::new();
    let outer = clocked().1.store(store.clone()).build().unwrap();
    store.plays(|_| Act::Refuse(StoreErrorKind::Unavailable));
    let mut both = outer.layer().layer(inner.layer().layer(service_fn(async |request: Request<()>| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        cookies.session().unwrap().sign_in("alice").await.unwrap();
        cookies.of_policy("broadcloud").unwrap().session().unwrap().insert("a", &1).await.unwrap();
        Ok::<_, Infallible>(with_lines(Answer::default(), &["stranger=1"]))
    })));
    let Ok(said) = both.call(Request::new(())).await;
    assert_eq!(said.status(), StatusCode::SERVICE_UNAVAILABLE);
    let left = lines(&said);
    let names: Vec<_> = left.iter().map(|line| &line[..9]).collect();
    assert_eq!(names, ["inner_sid", "TS01435ed", "TSa55910c"], "{left:?}");
    let report = said.extensions().get::<Report>().unwrap();
    assert!(report.suppressions().iter().any(|one| one.name() == "stranger"));
}

/// Configuration that cannot be meant does not build.
#[test]
fn a_store_needs_a_row_and_a_deadline() {
    let store = MemoryStore::new;
    let rowless = CookiePolicy::empty(keys()).store(store()).build();
    assert!(matches!(rowless, Err(BuildError::StoreWithoutSession)));
    let hasty = clocked().1.store(store()).store_deadline(Duration::ZERO).build();
    assert!(matches!(hasty, Err(BuildError::NoStoreDeadline)));
}

/// A handler that keeps its handle busy in the background does not hold the response up beyond what it does.
#[tokio::test]
async fn a_kept_handle_is_no_hindrance() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let (kept, said) = answer(&policy, browser.request(), async |session| {
        session.insert("other", &1).await.unwrap();
        (session, Answer::default())
    })
    .await;
    assert_eq!((said.status(), about_session(&said)), (StatusCode::OK, vec![]));
    assert!(browser.does(&policy, async |session| session.contains("other").await).await);
    drop(kept);
    drop(ask(&policy, browser.request(), async |session| session).await);
}
