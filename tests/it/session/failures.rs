//! A store that refuses, hangs, answers late or holds rubbish; handlers that fail.

use std::time::{Duration, Instant};

use http::StatusCode;
use tower_cookie_policy::{
    CookiePolicy, Cookies, MemoryStore, Report, Session, SessionError, StoreErrorKind,
};

use super::staged::{Act, Staged};
use super::support::{Browser, about_session, answer, ask, body, clocked, staged};
use crate::support::{Answer, lines, with_lines};

const DOWN: Act = Act::Refuse(StoreErrorKind::Unavailable);
/// All the ways in which a store does not answer.
const WAYS: [Act; 3] = [DOWN, Act::Hang, Act::Late];

/// With a deadline that a test can wait for.
fn impatient() -> (Staged, CookiePolicy) {
    let store = Staged::new();
    let builder = clocked().1.store(store.clone()).store_deadline(Duration::from_millis(30));
    (store, builder.build().unwrap())
}

type Write = fn(Session) -> std::pin::Pin<Box<dyn Future<Output = Result<(), SessionError>>>>;

/// Everything that writes, with the step of the store that it takes.
const WRITES: [(&str, &str, Write); 9] = [
    ("insert", "update", |session| Box::pin(async move { session.insert("note", "eggs").await })),
    ("remove", "update", |session| Box::pin(async move { session.remove("note").await.map(drop) })),
    ("clear", "update", |session| Box::pin(async move { session.clear().await })),
    ("update", "update", |session| {
        Box::pin(async move { session.update("note", |_: Option<String>| "eggs".into()).await.map(drop) })
    }),
    ("take", "update", |session| Box::pin(async move { session.take::<String>("note").await.map(drop) })),
    ("sign_in", "rotate", |session| Box::pin(async move { session.sign_in("alice").await })),
    ("renew", "rotate", |session| Box::pin(async move { session.renew().await })),
    ("sign_out", "delete", |session| Box::pin(async move { session.sign_out().await })),
    ("everywhere", "end_owner", |session| {
        Box::pin(async move { session.sign_out_everywhere().await.map(drop) })
    }),
];

/// T18, T23: what the store did not confirm is answered with 503 within the deadline, whether the handler cared or not,
/// and no cookie is set or deleted. What was there is there when the store is back.
#[tokio::test]
async fn a_write_that_is_not_confirmed_is_a_503() {
    for way in WAYS {
        for (name, step, write) in WRITES {
            let (store, policy) = impatient();
            let mut browser = Browser::user(&policy, "alice").await;
            browser.does(&policy, async |session| session.insert("note", "milk").await).await;
            store.plays(move |asked| if asked == step { way } else { Act::Pass });
            let start = Instant::now();
            let before = browser.clone();
            let (written, answer) = answer(&policy, browser.request(), async |session: Session| {
                let set = with_lines(Answer::default(), &["XRMINT=1", "plain=1"]);
                (write(session).await, set)
            })
            .await;
            assert!(start.elapsed() < Duration::from_secs(5), "{name} {way:?}");
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{name} {way:?}");
            assert_eq!(lines(&answer), [""; 0], "{name} {way:?}");
            if let Err(error) = written {
                let kind = if way == DOWN { StoreErrorKind::Unavailable } else { StoreErrorKind::Timeout };
                assert!(
                    matches!(&error, SessionError::Store(error) if error.kind() == kind),
                    "{name} {error:?}"
                );
            }
            browser.keep(&answer);
            assert_eq!(browser.id, before.id);
            assert_eq!(body(answer).await, "Service Unavailable");
            store.plays(|_| Act::Pass);
            if way != Act::Late {
                assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"), "{name}");
                assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"), "{name}");
            }
        }
    }
}

/// T18: the same where the visitor had no session yet.
#[tokio::test]
async fn a_first_write_that_is_not_confirmed_is_a_503() {
    for way in WAYS {
        let (store, policy) = impatient();
        store.plays(move |_| way);
        for write in [0, 3, 5] {
            let mut browser = Browser::default();
            let (_, answer) = browser.ask(&policy, async |session| WRITES[write].2(session).await).await;
            assert_eq!(
                (answer.status(), browser.id),
                (StatusCode::SERVICE_UNAVAILABLE, None),
                "{way:?} {write}"
            );
        }
    }
}

/// T18: reading says so, and nothing is overwritten with a blank session. The handler may answer without it.
#[tokio::test]
async fn a_store_that_cannot_be_read_is_an_error() {
    for way in WAYS {
        let (store, policy) = impatient();
        let mut browser = Browser::user(&policy, "alice").await;
        browser.does(&policy, async |session| session.insert("note", "milk").await).await;
        store.plays(move |_| way);
        let (read, answer) = browser
            .ask(&policy, async |session| {
                assert!(session.is_live().await.is_err());
                session.user().await
            })
            .await;
        assert_eq!(read.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!((answer.status(), about_session(&answer)), (StatusCode::OK, vec![]));
        for (name, _, write) in WRITES {
            let (written, answer) = browser.ask(&policy, async |session| write(session).await).await;
            assert!(written.is_err(), "{name}");
            assert_eq!(
                (answer.status(), about_session(&answer)),
                (StatusCode::SERVICE_UNAVAILABLE, vec![]),
                "{name}"
            );
        }
        store.plays(|_| Act::Pass);
        assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
        assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
    }
}

/// The same where the session was loaded before the store went down: nobody is told that others were signed out.
#[tokio::test]
async fn a_store_that_goes_down_under_way_confirms_nothing() {
    for everything in [true, false] {
        let (_, store, policy) = staged();
        let mut browser = Browser::user(&policy, "alice").await;
        let (_, answer) = browser
            .ask(&policy, async |session| {
                session.user().await.unwrap();
                store.plays(|_| DOWN);
                if everything {
                    session.sign_out_everywhere().await.unwrap_err();
                } else {
                    session.sign_out_elsewhere().await.unwrap_err();
                }
            })
            .await;
        assert_eq!((answer.status(), about_session(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
        store.plays(|_| Act::Pass);
        assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
    }
}

/// A touch that gets lost fails no response.
#[tokio::test]
async fn a_lost_touch_is_nobodys_error() {
    let (clock, store, policy) = staged();
    let mut browser = Browser::user(&policy, "alice").await;
    clock.advance(Duration::from_secs(600));
    store.plays(|step| if step == "touch" { DOWN } else { Act::Pass });
    assert!(browser.whose(&policy).await.is_some());
    assert_eq!(store.count("touch"), 1);
}

/// T17: a rotation that fails leaves the old session as it was.
#[tokio::test]
async fn a_failed_rotation_leaves_the_old_session() {
    let (_, store, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    store.plays(|step| if step == "rotate" { Act::Refuse(StoreErrorKind::Full) } else { Act::Pass });
    for sign_in in [true, false] {
        let (_, answer) = browser
            .ask(&policy, async |session| match sign_in {
                true => session.sign_in("alice").await,
                false => session.renew().await,
            })
            .await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            (browser.whose(&policy).await, browser.note(&policy).await.as_deref()),
            (None, Some("milk"))
        );
    }
}

/// T17: a handler that answers with an error after a rotation leaves a usable session behind.
#[tokio::test]
async fn an_error_after_a_rotation_is_no_lock_out() {
    let policy = clocked().1.build().unwrap();
    let mut browser = Browser::visitor(&policy).await;
    let (_, failed) = answer(&policy, browser.request(), async |session| {
        let mut failed = Answer::default();
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        (session.sign_in("alice").await, failed)
    })
    .await;
    assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    browser.keep(&failed);
    assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
}

/// A handler that is dropped, or whose service fails, has signed nobody in and stored nothing.
#[tokio::test]
async fn what_no_response_told_of_did_not_happen() {
    use tower::{Layer, Service, service_fn};
    let (_, store, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    store.count_all();
    let mut failing = policy.layer().layer(service_fn(async |request: http::Request<()>| {
        let session = request.extensions().get::<Cookies>().unwrap().session().unwrap();
        session.sign_in("alice").await.unwrap();
        session.insert("note", "eggs").await.unwrap();
        Err::<Answer, _>("failed")
    }));
    assert_eq!(failing.call(browser.request()).await.unwrap_err(), "failed");
    let hanging = ask(&policy, browser.request(), async |session| {
        session.sign_in("alice").await.unwrap();
        std::future::pending::<()>().await;
    });
    assert!(tokio::time::timeout(Duration::from_millis(10), hanging).await.is_err());
    assert_eq!((store.count("rotate"), store.count("update")), (0, 0));
    assert_eq!((browser.whose(&policy).await, browser.note(&policy).await.as_deref()), (None, Some("milk")));
}

/// T20: a record that cannot be read is no session, for a reason that is reported once a request; it is not written over,
/// and the visitor can begin another one.
#[tokio::test]
async fn an_undecodable_record_is_no_session() {
    let (_, store, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    let old = browser.clone();
    store.plays(|step| if step == "load" { Act::Refuse(StoreErrorKind::Undecodable) } else { Act::Pass });
    let (_, answer) = browser
        .ask(&policy, async |session| {
            assert_eq!(session.user().await.unwrap(), None);
            assert!(!session.is_live().await.unwrap());
        })
        .await;
    let report = answer.extensions().get::<Report>().unwrap();
    let reported: Vec<_> = report.refusals().iter().map(|one| (one.name(), one.reason().as_str())).collect();
    assert_eq!(reported, [("JSESSIONID", "undecodable")]);
    assert_eq!(policy.counts().refused.get("undecodable"), Some(&1));
    store.count_all();
    browser.does(&policy, async |session| session.insert("note", "eggs").await).await;
    assert_eq!((store.count("create"), store.count("update"), store.count("delete")), (1, 0, 0));
    assert_ne!(browser.id, old.id);
    store.plays(|_| Act::Pass);
    assert_eq!(browser.note(&policy).await.as_deref(), Some("eggs"));
    assert_eq!(
        old.clone().note(&policy).await.as_deref(),
        Some("milk"),
        "what nobody could read is as it was"
    );
}

/// T21: with no room but that of signed-in sessions a visitor hears 503, and those stay.
#[tokio::test]
async fn a_full_store_is_a_503() {
    let store = MemoryStore::holding(2, 1 << 20);
    let policy = clocked().1.store(store).build().unwrap();
    let mut users = [Browser::user(&policy, "alice").await, Browser::user(&policy, "bob").await];
    let mut browser = Browser::default();
    let (at_once, answer) =
        browser.ask(&policy, async |session| session.update("n", |_: Option<u8>| 1).await).await;
    assert!(matches!(at_once, Err(SessionError::Store(error)) if error.kind() == StoreErrorKind::Full));
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    for user in &mut users {
        assert!(user.whose(&policy).await.is_some());
    }
    users[0].does(&policy, async |session| session.sign_out().await).await;
    browser.does(&policy, async |session| session.insert("n", &1).await).await;
}

/// Ids that are no session's have a reason that operators can see.
#[tokio::test]
async fn absent_sessions_have_a_reason() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut browser = Browser::user(&policy, "alice").await;
    let ended = browser.clone();
    browser.does(&policy, async |session| session.sign_out().await).await;
    for (mut browser, reason) in [(ended, "ended"), (Browser::with("0".repeat(32)), "unknown")] {
        let (_, answer) = browser.ask(&policy, async |session| session.user().await).await;
        let report = answer.extensions().get::<Report>().unwrap();
        assert_eq!(report.refusals()[0].reason().as_str(), reason);
        assert_eq!(policy.counts().refused.get(reason), Some(&1));
        let (_, answer) = browser.ask(&policy, async |_| ()).await;
        assert!(answer.extensions().get::<Report>().is_none(), "nobody asked");
    }
    drop(clock);
}

/// T19: the purge goes on after an error, works in batches, by the policy's clock, and stops when it is told to.
#[tokio::test(start_paused = true)]
async fn the_purge_survives_errors_and_stops() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (clock, store, policy) = staged();
    for _ in 0..1200 {
        Browser::visitor(&policy).await;
    }
    let rounds = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&rounds);
    store.plays(move |step| match step {
        "purge" if seen.fetch_add(1, Ordering::SeqCst) == 1 => DOWN,
        _ => Act::Pass,
    });
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let purge = {
        let policy = policy.clone();
        tokio::spawn(async move { policy.purge(Duration::from_secs(60), stopped).await })
    };
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((store.behind.len(), rounds.load(Ordering::SeqCst)), (1200, 1), "nothing is over yet");
    clock.advance(Duration::from_secs(1800));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((store.behind.len(), rounds.load(Ordering::SeqCst)), (1200, 2), "that round failed");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((store.behind.len(), rounds.load(Ordering::SeqCst)), (0, 5), "500, 500, 200");
    drop(stop);
    tokio::time::timeout(Duration::from_secs(1), purge).await.unwrap().unwrap();
}
