//! What a session does to responses: on every status, for caches, and to nobody's ears but the browser's.

use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderValue, Method, Request, StatusCode};
use tower::ServiceExt;
use tower_cookie_policy::{CookiePolicy, Session, SessionError, SignIn, StoreErrorKind};

use super::staged::Act;
use super::support::{Browser, about_session, answer, policy, staged};
use crate::support::{Answer, keys};

/// T44: whatever the status, the cookie is set, deleted or left alone as the session says.
#[tokio::test]
async fn every_status_carries_the_session() {
    for status in [200, 201, 204, 301, 302, 303, 304, 400, 401, 403, 404, 500, 502, 503] {
        let policy = policy();
        let mut browser = Browser::default();
        for (sign_in, left) in [(true, true), (false, false)] {
            let (done, said) = answer(&policy, browser.request(), async |session| {
                let mut said = Answer::default();
                *said.status_mut() = StatusCode::from_u16(status).unwrap();
                let done = if sign_in { session.sign_in("alice").await } else { session.sign_out().await };
                (done, said)
            })
            .await;
            done.unwrap();
            assert_eq!(said.status(), status);
            assert_eq!(said.headers()[CACHE_CONTROL], "no-store");
            browser.keep(&said);
            assert_eq!(browser.id.is_some(), left, "{status}");
            assert_eq!(browser.whose(&policy).await.is_some(), left);
        }
    }
}

type Look = fn(Session) -> std::pin::Pin<Box<dyn Future<Output = ()>>>;

/// T45: an answer that may depend on the session varies by `Cookie`, whichever way it was asked, with a session and
/// without.
#[tokio::test]
async fn who_looks_at_the_session_varies_by_cookie() {
    let looks: [(&str, Look); 10] = [
        ("get", |s| Box::pin(async move { drop(s.get::<String>("note").await.unwrap()) })),
        ("contains", |s| {
            Box::pin(async move {
                let _ = s.contains("note").await.unwrap();
            })
        }),
        ("keys", |s| {
            Box::pin(async move {
                let _ = s.keys().await.unwrap();
            })
        }),
        ("is_live", |s| {
            Box::pin(async move {
                let _ = s.is_live().await.unwrap();
            })
        }),
        ("user", |s| {
            Box::pin(async move {
                let _ = s.user().await.unwrap();
            })
        }),
        ("is_fresh", |s| {
            Box::pin(async move {
                let _ = s.is_fresh().await.unwrap();
            })
        }),
        ("sessions", |s| {
            Box::pin(async move {
                let _ = s.sessions().await;
            })
        }),
        ("remove", |s| {
            Box::pin(async move {
                let _ = s.remove("absent").await.unwrap();
            })
        }),
        ("insert", |s| Box::pin(async move { s.insert("note", "milk").await.unwrap() })),
        ("renew", |s| Box::pin(async move { s.renew().await.unwrap() })),
    ];
    let policy = policy();
    for mut browser in [Browser::default(), Browser::visitor(&policy).await] {
        for (name, look) in &looks {
            for (before, after) in [(None, "Cookie"), (Some("Origin"), "Origin, Cookie"), (Some("*"), "*")] {
                let (_, said) = answer(&policy, browser.request(), async |session| {
                    let mut said = Answer::default();
                    if let Some(before) = before {
                        said.headers_mut().insert(VARY, HeaderValue::from_static(before));
                    }
                    (look(session).await, said)
                })
                .await;
                assert_eq!(said.headers()[VARY], after, "{name}");
                browser.keep(&said);
            }
        }
    }
    let (_, said) = answer(&policy, Request::new(()), async |_| ((), Answer::default())).await;
    assert!(!said.headers().contains_key(VARY), "nobody looked");
}

/// T45: the same where it is only refreshed, and a public answer that sets the cookie is public no more.
#[tokio::test]
async fn an_answer_with_the_cookie_is_for_one_visitor() {
    let policy = policy();
    let (_, said) = answer(&policy, Request::new(()), async |session| {
        let mut said = Answer::default();
        said.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        (session.insert("a", &1).await, said)
    })
    .await;
    assert_eq!(said.headers()[CACHE_CONTROL], "max-age=60, private");
    assert_eq!(said.headers()[VARY], "Cookie");
}

/// T43, T44: a handler cannot write, move or delete the session's cookie by hand; the session's own line stays the one.
#[tokio::test]
async fn the_cookie_is_the_sessions_alone() {
    let policy = policy();
    let mut browser = Browser::default();
    let (_, said) = answer(&policy, browser.request(), async |session| {
        let lines = ["JSESSIONID=0123456789ABCDEF0123456789ABCDEF", "JSESSIONID=; Max-Age=0"];
        (session.insert("a", &1).await, crate::support::with_lines(Answer::default(), &lines))
    })
    .await;
    browser.keep(&said);
    let names: Vec<String> =
        about_session(&said).iter().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["JSESSIONID", "X-Appia-UUID"]);
    assert!(browser.does(&policy, async |session| session.contains("a").await).await);
}

/// A row by another name, with a prefix, is the session's just as well.
#[tokio::test]
async fn the_name_is_the_tables() {
    use tower_cookie_policy::{Basis, CookieSpec, Integrity, Role};
    let row = CookieSpec::new("__Host-sid", Basis::essential("a test")).role(Role::Session);
    let policy =
        CookiePolicy::empty(keys()).id("shop").with(row.integrity(Integrity::Guarded)).build().unwrap();
    let (_, said) =
        answer(&policy, Request::new(()), async |session| (session.insert("a", &1).await, Answer::default()))
            .await;
    let line = said.headers()[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-sid=") && line.contains("Secure"), "{line}");
}

fn app(policy: &CookiePolicy) -> Router {
    async fn optional(session: Option<Session>) -> Result<Json<Option<String>>, SessionError> {
        Ok(Json(match session {
            Some(session) => session.user().await?,
            None => Some("no session".to_owned()),
        }))
    }
    async fn enter(session: Session) -> Result<StatusCode, SessionError> {
        session.sign_in(SignIn::new("alice")).await?;
        Ok(StatusCode::NO_CONTENT)
    }
    async fn write(session: Session) -> Result<StatusCode, SessionError> {
        session.insert("a", &1).await?;
        Ok(StatusCode::NO_CONTENT)
    }
    Router::new()
        .route("/", get(optional))
        .route("/enter", post(enter))
        .route("/write", post(write))
        .route("/untouched", get(async |_: Session| "untouched"))
        .layer(policy.layer())
}

async fn call(app: &Router, method: Method, path: &str, id: Option<&str>) -> http::Response<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(id) = id {
        request = request.header(COOKIE, &Browser::with(id).request().headers()[COOKIE]);
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(response: http::Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_extractors_are_two() {
    let (_, store, policy) = staged();
    let app = app(&policy);
    let entered = call(&app, Method::POST, "/enter", None).await;
    let id = entered.headers()[SET_COOKIE].to_str().unwrap()[11..43].to_owned();
    store.count_all();
    assert_eq!(text(call(&app, Method::GET, "/untouched", Some(&id)).await).await, "untouched");
    assert_eq!(store.count_all(), 0);
    assert_eq!(text(call(&app, Method::GET, "/", Some(&id)).await).await, "\"alice\"");
    assert_eq!(text(call(&app, Method::GET, "/", None).await).await, "\"no session\"");
    assert_eq!(text(call(&app, Method::GET, "/", Some(&"0".repeat(32))).await).await, "\"no session\"");
}

/// T23: errors as responses tell their status and nothing else.
#[tokio::test]
async fn errors_are_opaque_responses() {
    let (_, store, policy) = staged();
    let app = app(&policy);
    let entered = call(&app, Method::POST, "/enter", None).await;
    let id = entered.headers()[SET_COOKIE].to_str().unwrap()[11..43].to_owned();
    store.plays(|_| Act::Refuse(StoreErrorKind::Unavailable));
    for (method, path) in [(Method::GET, "/"), (Method::POST, "/write"), (Method::POST, "/enter")] {
        let response = call(&app, method, path, Some(&id)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(!response.headers().contains_key(SET_COOKIE));
        assert_eq!(text(response).await, "Service Unavailable");
    }
    for (error, status, said) in [
        (SessionError::Ended, 409, "Conflict"),
        (SessionError::NotSignedIn, 401, "Unauthorized"),
        (SessionError::Decode { key: "secret".into(), into: "u8" }, 500, "Internal Server Error"),
        (SessionError::Oversized { bytes: 5 << 20 }, 413, "Payload Too Large"),
    ] {
        let response = error.into_response();
        assert_eq!(response.status(), status);
        assert_eq!(text(response).await, said);
    }
}

#[tokio::test]
async fn what_the_extractor_needs_is_said() {
    let bare = Router::new()
        .route("/", get(async |_: Session| ""))
        .route("/maybe", get(async |_: Option<Session>| ""));
    for path in ["/", "/maybe"] {
        let response = call(&bare, Method::GET, path, None).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(text(response).await.contains("policy.layer()"));
        let rowless = bare.clone().layer(CookiePolicy::empty(keys()).build().unwrap().layer());
        let response = call(&rowless, Method::GET, path, None).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(text(response).await.contains("Role::Session"));
    }
}

/// T6: nothing that can be printed tells an id, a user or a value.
#[tokio::test]
async fn nothing_printed_tells_a_secret() {
    let (_, store, policy) = staged();
    let mut browser = Browser::default();
    let printed = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let prints = std::sync::Arc::clone(&printed);
    store.lies(move |loaded| {
        prints.lock().unwrap().push_str(&format!("{loaded:?}"));
        loaded
    });
    browser
        .does(&policy, async |session| {
            let sign_in = SignIn::new("alice-user").claim("role", "admin-claim");
            printed.lock().unwrap().push_str(&format!("{sign_in:?} {session:?}"));
            session.sign_in(sign_in).await?;
            session.insert("note", "milk-value").await
        })
        .await;
    let id = browser.id.clone().unwrap();
    browser
        .does(&policy, async |session| {
            let wrong = session.get::<u8>("note").await.unwrap_err();
            printed.lock().unwrap().push_str(&format!("{session:?} {wrong:?} {wrong}"));
            Ok(())
        })
        .await;
    let printed = printed.lock().unwrap().clone() + &format!("{policy:?} {:?}", store.behind);
    assert!(printed.contains("SessionRecord"), "{printed}");
    for secret in [id.as_str(), "alice-user", "admin-claim", "milk-value"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
