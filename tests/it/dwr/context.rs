//! The context path, and the way through axum.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::any;
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tower::ServiceExt;
use tower_cookie_policy::dwr::{Exchange, Reply};
use tower_cookie_policy::{BuildError, CookiePolicy, NoExchange};

use super::support::{ID, echo, generate, post, set};
use crate::session::support::{clocked, policy};
use crate::support::keys;

/// The path of the cookie is the engine's, so that a browser has one cookie.
#[tokio::test]
async fn the_cookie_has_the_context_path() {
    for (said, path) in
        [("/app", "/app"), ("/app/", "/app"), ("/a/b", "/a/b"), ("/", "/"), ("", "/"), ("//", "/")]
    {
        let policy = clocked().1.context_path(said).build().unwrap();
        let got = post(&policy, &[""; 0], &generate()).await;
        assert!(set(&got).1.contains(&format!("path={path}")), "{said:?}");
        let of =
            |name: &str| policy.specs().iter().find(|row| row.name().to_string() == name).unwrap().clone();
        assert_eq!(of("JSESSIONID"), self::policy().specs()[0], "no other row is touched");
        for again in [
            CookiePolicy::from_toml(&policy.to_toml().unwrap(), keys()).unwrap().build().unwrap(),
            CookiePolicy::from_json(&policy.to_json().unwrap(), keys()).unwrap().build().unwrap(),
        ] {
            assert_eq!(again.specs(), policy.specs(), "{said:?}");
            assert_eq!(again.to_toml().unwrap(), policy.to_toml().unwrap());
        }
    }
}

#[test]
fn a_document_says_it_or_not() {
    let silent = policy().to_toml().unwrap();
    assert!(!silent.contains("context_path"), "{silent}");
    let said = format!("context_path = \"/app\"\n{silent}");
    let policy = CookiePolicy::from_toml(&said, keys()).unwrap().build().unwrap();
    assert!(policy.to_toml().unwrap().contains("context_path = \"/app\"\n"));
    assert_eq!(policy.specs(), clocked().1.context_path("/app").build().unwrap().specs());
}

#[test]
fn it_is_judged_like_any_path() {
    for wrong in ["app", "/a;b", "/a\nb", "/\u{e4}", "/a ", &format!("/{}", "a".repeat(1024))] {
        let error = clocked().1.context_path(wrong).build().unwrap_err().to_string();
        assert!(error.contains("\"DWRSESSIONID\"") && error.contains(&format!("{wrong:?}")), "{error}");
    }
}

/// A path for a row that is not there would be said in vain.
#[test]
fn it_needs_a_row() {
    let builder = clocked().1.without("DWRSESSIONID").context_path("/app");
    let json = r#"{"context_path": "/app"}"#;
    for builder in [
        builder,
        CookiePolicy::from_toml("context_path = \"/app\"\n", keys()).unwrap(),
        CookiePolicy::from_json(json, keys()).unwrap(),
    ] {
        let error = builder.build().unwrap_err();
        assert!(matches!(error, BuildError::ContextPathWithoutRow { .. }));
        assert!(error.to_string().contains("\"/app\"") && error.to_string().contains("Role::ScriptSession"));
    }
}

fn app() -> Router {
    async fn handler(mut exchange: Exchange) -> Reply {
        for call in exchange.calls() {
            if (call.script(), call.method()) == ("Portal", "echo") {
                call.answer(&call.text(0).unwrap());
            }
        }
        exchange.into_reply()
    }
    Router::new().route("/dwr/call/plaincall/{file}", any(handler)).layer(policy().layer())
}

async fn ask(
    app: Router,
    method: &str,
    file: &str,
    body: impl Into<Body>,
) -> (StatusCode, String, Vec<String>) {
    let request = Request::builder().method(method).uri(format!("/dwr/call/plaincall/{file}"));
    let request = request.header(COOKIE, format!("DWRSESSIONID={ID}")).body(body.into()).unwrap();
    let response: Response<Body> = app.oneshot(request).await.unwrap();
    let lines = response.headers().get_all(SET_COOKIE).iter();
    let lines = lines.map(|line| line.to_str().unwrap().to_owned()).collect();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap(), lines)
}

/// The file in the address is for logs: the body counts.
#[tokio::test]
async fn an_exchange_is_an_extractor() {
    for file in [
        "Portal.echo.dwr",
        "Portal.echo.dwr;jsessionid=ABC.node1",
        "Multiple.2.dwr",
        "__System.generateId.dwr",
        "x",
    ] {
        let (status, script, lines) = ask(app(), "POST", file, echo(ID)).await;
        assert!(script.contains(r#"handleCallback("1","0","hello");"#), "{file}: {script}");
        assert_eq!((status, lines.len()), (StatusCode::OK, 0));
    }
    let (status, script, _) = ask(app(), "GET", "Portal.echo.dwr", Body::empty()).await;
    assert!(status == StatusCode::OK && script.contains("GET Disallowed"), "{script}");
    let (status, script, _) = ask(app(), "HEAD", "Portal.echo.dwr", Body::empty()).await;
    assert_eq!((status, script.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_a_script_too() {
    let (status, script, _) = ask(app(), "POST", "x", vec![b'x'; 2 << 20]).await;
    assert!(status == StatusCode::OK && script.contains("the body has more than 1048576 bytes"), "{script}");
    let broken = Body::new(http_body_util::StreamBody::new(Broken));
    let (status, script, _) = ask(app(), "POST", "x", broken).await;
    assert!(status == StatusCode::OK && script.contains("the body could not be read"), "{script}");
}

/// A body that breaks off.
struct Broken;

impl futures_core::Stream for Broken {
    type Item = Result<http_body::Frame<bytes::Bytes>, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("gone"))))
    }
}

/// A handler that answers a rejection itself can name it.
#[tokio::test]
async fn a_rejection_has_a_name() {
    let handler = async |exchange: Result<Exchange, NoExchange>| match exchange {
        Err(NoExchange::Layer(error)) => error.to_string(),
        _ => String::new(),
    };
    let app = Router::new().route("/dwr/call/plaincall/{file}", any(handler));
    let (status, text, _) = ask(app, "POST", "x", echo(ID)).await;
    assert!(status == StatusCode::OK && text.contains("`Exchange`"), "{text}");
}

#[tokio::test]
async fn a_route_without_the_layer_says_so() {
    let app = Router::new()
        .route("/dwr/call/plaincall/{file}", any(async |exchange: Exchange| exchange.into_reply()));
    let (status, text, _) = ask(app, "POST", "x", echo(ID)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.contains("`Exchange`") && text.contains("policy.layer()"), "{text}");
}
