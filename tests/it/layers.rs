//! The middleware itself: readiness, errors, several layers, bodies, upgrades.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{CONNECTION, SET_COOKIE, UPGRADE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookiePolicyLayer, CookiePolicyService, CookieSpec, Cookies, Integrity, Locale,
    Mode, Report, SetCookieError, TestClock, Undeclared,
};

use crate::support::{
    Answer, NOW, issue, keys, lines, now, request, seen_by, shop, suppressed, vouched, with_lines,
};

/// A service that has to be made ready before each call, as a rate limiter has to.
#[derive(Default)]
struct Strict {
    ready: bool,
}

impl Service<Request<()>> for Strict {
    type Response = Answer;
    type Error = &'static str;
    type Future = Ready<Result<Answer, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called before it was ready");
        ready(Ok(Answer::default()))
    }
}

#[test]
fn readiness_is_forwarded() {
    let mut service = shop().build().unwrap().layer().layer(Strict::default());
    for _ in 0..3 {
        assert!(service.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready());
        assert!(now(service.call(request(&["plain=1"]))).is_ok());
    }
}

/// A service that is busy, then broken.
struct Broken;

impl Service<Request<()>> for Broken {
    type Response = Answer;
    type Error = &'static str;
    type Future = Ready<Result<Answer, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Err("not ready"))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Err("failed"))
    }
}

#[test]
fn errors_are_the_inner_services() {
    let mut service = CookiePolicyService::new(Broken, shop().build().unwrap());
    assert!(matches!(
        service.poll_ready(&mut Context::from_waker(Waker::noop())),
        Poll::Ready(Err("not ready"))
    ));
    assert_eq!(now(service.call(request(&["plain=1"]))).err(), Some("failed"));
}

#[test]
fn the_types_are_send_sync_and_clone() {
    fn all<T: Clone + Send + Sync + 'static>() {}
    all::<CookiePolicy>();
    all::<CookiePolicyLayer>();
    all::<CookiePolicyService<()>>();
    all::<Cookies>();
    all::<Locale>();
    all::<Report>();
}

fn stack(
    outer: &CookiePolicy,
    inner: &CookiePolicy,
    cookies: &str,
    set: &[&str],
) -> (Answer, crate::support::Seen) {
    let seen = std::cell::RefCell::new(crate::support::Seen::default());
    let handler = service_fn(|request: Request<()>| {
        *seen.borrow_mut() = seen_by(&request);
        ready(Ok::<_, Infallible>(with_lines(Answer::default(), set)))
    });
    let mut service = outer.layer().layer(inner.layer().layer(handler));
    let Ok(answer) = now(service.call(request(&[cookies])));
    (answer, seen.into_inner())
}

/// T50: a second layer of the same policy stands aside.
#[test]
fn applied_twice_it_does_no_harm() {
    let policy = shop().build().unwrap();
    let theme = issue(&policy, "theme", "dark");
    let set = ["plain=1", "x=1", "ticket=7"];
    let (once, seen_once) = (crate::support::write(&policy, &set), crate::support::visit(&policy, &[&theme]));
    let (twice, seen_twice) = stack(&policy, &policy, &theme, &set);
    assert_eq!(lines(&once), lines(&twice));
    assert_eq!(seen_once, seen_twice);
    assert_eq!(suppressed(&once), suppressed(&twice));
    assert_eq!(twice.headers().get_all("cache-control").iter().count(), 1);
}

#[test]
fn layers_of_different_policies_live_side_by_side() {
    let policy = |id: &str, name: &str| {
        let row = CookieSpec::new(name, Basis::essential("a test")).integrity(Integrity::Signed);
        CookiePolicy::empty(keys()).id(id).with(row).build().unwrap()
    };
    let (outer, inner) = (policy("outer", "o"), policy("inner", "i"));
    let cookies =
        format!("{}; {}; i=forged; TS01000000=foreign", issue(&outer, "o", "1"), issue(&inner, "i", "2"));
    let (answer, seen) = stack(&outer, &inner, &cookies, &["i=3", "o=4", "x=5"]);
    assert_eq!(seen.header(), "o=1; i=2; TS01000000=foreign");
    let left = lines(&answer);
    assert!(left.len() == 2 && left[0].starts_with("i=3.") && left[1].starts_with("o=4."), "{left:?}");
    assert_eq!(suppressed(&answer), [("x".into(), "undeclared".into())]);
    let refused: Vec<_> = answer
        .extensions()
        .get::<Report>()
        .unwrap()
        .refusals()
        .iter()
        .map(|one| one.reason().as_str())
        .collect();
    assert_eq!(refused, ["unsigned"]);
    let cookies = std::cell::RefCell::new(None);
    let handler = service_fn(|request: Request<()>| {
        *cookies.borrow_mut() = request.extensions().get::<Cookies>().cloned();
        let handle = request.extensions().get::<Cookies>().unwrap();
        handle.set("i", "inner").unwrap();
        handle.of_policy("outer").unwrap().set("o", "outer").unwrap();
        assert!(handle.of_policy("other").is_none());
        ready(Ok::<_, Infallible>(Answer::default()))
    });
    let Ok(answer) = now(outer.layer().layer(inner.layer().layer(handler)).call(request(&["a=1"])));
    let names: Vec<_> = lines(&answer).iter().map(|line| line[..1].to_owned()).collect();
    assert_eq!(names, ["i", "o"]);
}

/// Another policy of the same id is another one: its layer judges for itself, and takes nothing on trust.
#[test]
fn only_the_very_same_policy_stands_aside() {
    let row = CookieSpec::new("role", Basis::essential("a test")).integrity(Integrity::Signed);
    let (outer, inner) = (
        CookiePolicy::empty(keys()).build().unwrap(),
        CookiePolicy::empty(keys()).with(row).build().unwrap(),
    );
    let (_, seen) = stack(&outer, &inner, "role=admin", &[]);
    assert_eq!((seen.header().as_str(), seen.reasons("role")), ("", vec!["unsigned"]));
}

/// A layer further in that keeps what it does not know opens no way round the outer table.
/// What leaves on trial was not let out by a table.
#[test]
fn an_inner_layer_that_only_reports_is_no_way_round_the_outer_one() {
    let inner = CookiePolicy::empty(keys()).id("inner").mode(Mode::ReportOnly);
    let inner = inner.with(CookieSpec::new("i", Basis::essential("a test"))).build().unwrap();
    let set = [
        "i=1",
        "i=2; Max-Age=9",
        "_ga=1; Max-Age=63072000",
        "stats=1",
        "JSESSIONID=1",
        "nameless",
        "plain=1",
    ];
    let (answer, _) = stack(&shop().build().unwrap(), &inner, "a=1", &set);
    let left: Vec<_> = lines(&answer).iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
    assert_eq!(left, ["i=1", "plain=1"]);
}

#[test]
fn an_inner_layer_is_no_way_round_the_outer_one() {
    let inner = CookiePolicy::empty(keys()).id("inner");
    let inner = inner
        .with(CookieSpec::new("i", Basis::essential("a test")))
        .undeclared(Undeclared::Keep)
        .build()
        .unwrap();
    let set = [
        "i=1",
        "i=1",
        "JSESSIONID=1; Max-Age=99999",
        "stats=1",
        "theme=1",
        "plain=1; Domain=a.example",
        "ticket=1",
        "TS017a625a=1",
        "x=1",
        "deep=; Max-Age=0; Path=/old",
    ];
    let (answer, _) = stack(&shop().build().unwrap(), &inner, "a=1", &set);
    let left: Vec<_> =
        lines(&answer).iter().map(|line| line.split([';', '.']).next().unwrap().to_owned()).collect();
    assert_eq!(left, ["i=1", "plain=1", "ticket=1", "deep=", "deep="]);
    // A copy of a line that was let out is not what was let out.
    let copying = service_fn(|request: Request<()>| {
        let mut inner = inner.layer().layer(service_fn(|_: Request<()>| {
            ready(Ok::<_, Infallible>(with_lines(Answer::default(), &["i=1"])))
        }));
        let Ok(answer) = now(inner.call(request));
        let line = lines(&answer)[0].clone();
        ready(Ok::<_, Infallible>(with_lines(answer, &[line])))
    });
    let Ok(answer) = now(shop().build().unwrap().layer().layer(copying).call(request(&["a=1"])));
    assert_eq!(lines(&answer).len(), 1);
}

fn app(policy: &CookiePolicy) -> Router {
    async fn home(cookies: Cookies, locale: Locale) -> String {
        format!("{locale} {:?}", cookies.get("theme"))
    }
    async fn stream() -> Response<Body> {
        let pieces = ["a", "b"].map(|piece| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(piece))));
        let body = http_body_util::StreamBody::new(tokio_stream(pieces));
        let answer = Response::builder().header(SET_COOKIE, "plain=1").header(SET_COOKIE, "x=1");
        answer.body(Body::new(body)).unwrap()
    }
    let app = Router::new().route("/", get(home)).route("/stream", get(stream));
    app.layer(policy.layer())
}

/// The pieces as a stream that never waits.
pub(crate) fn tokio_stream<T: Unpin, const N: usize>(pieces: [T; N]) -> impl futures_core::Stream<Item = T> {
    struct Pieces<T, const N: usize>(std::array::IntoIter<T, N>);
    impl<T: Unpin, const N: usize> futures_core::Stream for Pieces<T, N> {
        type Item = T;
        fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
            Poll::Ready(self.0.next())
        }
    }
    Pieces(pieces.into_iter())
}

#[tokio::test]
async fn an_axum_application_puts_one_layer_on() {
    let policy = shop().build().unwrap();
    let theme = issue(&policy, "theme", "dark");
    let request = Request::builder().uri("/").header("cookie", theme).header("accept-language", "de-CH");
    let answer = app(&policy).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.headers()["vary"], "Accept-Language, Cookie");
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "de Some(\"dark\")");
}

#[tokio::test]
async fn a_streamed_response_keeps_the_policy() {
    let request = Request::builder().uri("/stream").body(Body::empty()).unwrap();
    let answer = app(&shop().build().unwrap()).oneshot(request).await.unwrap();
    assert_eq!(answer.headers().get_all(SET_COOKIE).iter().count(), 1);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "ab");
}

/// A missing layer answers 500 and names the call that is missing.
#[tokio::test]
async fn a_missing_layer_is_named() {
    async fn cookies(_: Cookies) {}
    async fn locale(_: Locale) {}
    let app = Router::new().route("/cookies", get(cookies)).route("/locale", get(locale));
    for (path, extractor) in [("/cookies", "`Cookies`"), ("/locale", "`Locale`")] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(extractor) && body.contains(".layer(policy.layer())"), "{body}");
    }
    let policy = CookiePolicy::empty(keys()).build().unwrap();
    let request = Request::builder().uri("/locale").body(Body::empty()).unwrap();
    let answer = app.layer(policy.layer()).oneshot(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8(body.to_vec()).unwrap().contains(".languages("));
}

/// A language that is not listed is the visitor's mistake: what it takes to mend the program is not for visitors.
#[tokio::test]
async fn an_unlisted_language_answers_400_and_a_missing_row_500() {
    async fn choose(cookies: Cookies, tag: String) -> Result<(), SetCookieError> {
        cookies.choose_language(&tag).map(drop)
    }
    let app = Router::new().route("/language", post(choose));
    let rowless = CookiePolicy::empty(keys()).languages(["de"]).build().unwrap();
    for (policy, tag, status, said) in [
        (shop().build().unwrap(), "de", 200, ""),
        (shop().build().unwrap(), "klingon", 400, "This language is not available."),
        (rowless, "de", 500, ".role(Role::Language)"),
    ] {
        let request = Request::post("/language").body(Body::from(tag)).unwrap();
        let answer = app.clone().layer(policy.layer()).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(said) && (status != 400 || body == said), "{body}");
    }
}

/// T44: over a real connection, an upgrade keeps both its cookies and its upgrade.
#[tokio::test]
async fn an_upgrade_keeps_the_policy() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (client, server) = tokio::io::duplex(4096);
    let handler = service_fn(|mut request: Request<hyper::body::Incoming>| async move {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut io = hyper_util::rt::TokioIo::new(upgrade.await.unwrap());
            io.write_all(b"hello").await.unwrap();
        });
        let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        let answer = answer.header(CONNECTION, "upgrade").header(UPGRADE, "test").header(SET_COOKIE, "x=1");
        Ok::<_, Infallible>(answer.header(SET_COOKIE, "plain=1").body(Full::<Bytes>::default()).unwrap())
    });
    let service =
        hyper_util::service::TowerToHyperService::new(shop().build().unwrap().layer().layer(handler));
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(hyper_util::rt::TokioIo::new(server), service);
    tokio::spawn(connection.with_upgrades());
    let mut client = client;
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n")
        .await
        .unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"hello") {
        let mut piece = [0; 1024];
        let length = client.read(&mut piece).await.unwrap();
        assert!(length > 0, "{}", seen.escape_ascii());
        seen.extend_from_slice(&piece[..length]);
    }
    let head = String::from_utf8(seen).unwrap().to_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    assert_eq!(head.matches("set-cookie: plain=1;").count(), 1, "{head}");
    assert!(!head.contains("x=1"), "{head}");
}

/// What the inner layer's policy has no row for is the outer one's to tell.
#[test]
fn typed_values_are_of_the_policy_that_has_the_row() {
    let outer =
        CookiePolicy::broadcloud(keys()).node("web-1").clock(TestClock::at(NOW).clock()).build().unwrap();
    let inner = CookiePolicy::empty(keys()).id("inner").build().unwrap();
    let seen = std::sync::Mutex::new(None);
    let handler = service_fn(|request: Request<()>| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        let visitor = cookies.visitor_id().unwrap().to_string();
        let language = cookies.choose_language("de").unwrap().to_string();
        let node = cookies.node().map(|node| node.name().to_owned());
        let locale = cookies.locale(&HeaderMap::new()).unwrap().to_string();
        *seen.lock().unwrap() = Some((visitor, language, node, locale, cookies.session().is_some()));
        async { Ok::<_, Infallible>(Answer::default()) }
    });
    let label = outer.node_label("web-1").unwrap();
    let asked = request(&[vouched(&[format!("bsloc={label}")])]);
    let mut both = outer.layer().layer(inner.layer().layer(handler));
    let Ok(answer) = now(both.call(asked));
    let lines = lines(&answer);
    let (visitor, language, node, locale, session) = seen.lock().unwrap().take().unwrap();
    assert_eq!(
        (language.as_str(), node.as_deref(), locale.as_str(), session),
        ("de", Some("web-1"), "en", true)
    );
    assert!(lines.iter().any(|line| line.starts_with(&format!("OFBiz.Visitor={visitor}."))), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("i18next=de;")), "{lines:?}");
}
