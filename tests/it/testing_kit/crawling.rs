//! Where a crawl goes, and what it says when nothing is wrong.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use http::header::COOKIE;
use http::{Method, StatusCode};
use tower_cookie_policy::testing::{Browser, TestClock, assert_only_declared};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookieSpec, Cookies, Integrity, Session, SessionError, SignIn,
};

use crate::support::{NOW, keys, shop};

/// What was asked for: method, path, and whether with cookies.
type Asked = Arc<Mutex<BTreeSet<(String, String, bool)>>>;

fn watched(app: Router) -> (Router, Asked) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let watch = from_fn(move |request: Request, next: Next| {
        let with_cookies = request.headers().contains_key(COOKIE);
        log.lock().unwrap().insert((request.method().to_string(), request.uri().to_string(), with_cookies));
        next.run(request)
    });
    (app.layer(watch), asked)
}

fn paths(asked: &Asked) -> BTreeSet<String> {
    asked.lock().unwrap().iter().map(|(_, path, _)| path.clone()).collect()
}

fn empty() -> CookiePolicy {
    CookiePolicy::empty(keys()).clock(TestClock::at(NOW).clock()).build().unwrap()
}

fn page(text: &'static str) -> axum::routing::MethodRouter {
    get(move || async move { Html(text) })
}

#[tokio::test]
async fn links_and_redirects_are_followed_on_the_site_alone() {
    let links = "<a href='a?x=1&amp;y=2#z'>a</a> <img src=/b.png> <a href='https://localhost/c'>c</a> <a href='#d'>d</a>
        <a href='https://elsewhere.example/no'>no</a> <a href='//localhost.example/no'>no</a> <a href='mailto:no@localhost'>no</a>
        <form action='/no' method='post'></form> <script>'<a href=/no>'</script> <a href='/moved'>moved</a>";
    let app = Router::new()
        .route("/", page(links))
        .route("/a", page("<base href='/deep/'><a href='e'>e</a>"))
        .route("/moved", get(|| async { Redirect::to("/to?q=2") }))
        .route("/to", get(|| async { ([("content-type", "text/plain")], "<a href='/no'>no</a>") }))
        .route("/no", post(|| async {}));
    let (app, asked) = watched(app);
    let crawl = assert_only_declared(&empty(), app, ["/"]).await;
    let due =
        ["/", "/a?x=1&y=2", "/b.png", "/c", "/deep/e", "/moved", "/there-is-no-such-page-here", "/to?q=2"];
    assert_eq!(paths(&asked), due.map(str::to_owned).into());
    assert_eq!(crawl.pages, due.len());
    assert!(crawl.cookies.is_empty());
}

#[tokio::test]
async fn each_address_is_asked_for_without_cookies_and_with_them() {
    let row = CookieSpec::new("seen", Basis::essential("a test"));
    let policy = CookiePolicy::empty(keys()).clock(TestClock::at(NOW).clock()).with(row).build().unwrap();
    let set =
        |cookies: Cookies| async move { cookies.set("seen", "yes").map(|()| Html("<a href='/b'>b</a>")) };
    let app = Router::new().route("/a", get(set)).route("/b", page("b")).layer(policy.layer());
    let (app, asked) = watched(app);
    let crawl = assert_only_declared(&policy, app, ["/a"]).await;
    assert_eq!((crawl.pages, crawl.cookies), (3, vec!["seen".to_owned()]));
    let asked = asked.lock().unwrap();
    for path in ["/a", "/b", "/there-is-no-such-page-here"] {
        for method in ["GET", "HEAD"] {
            for with_cookies in [false, true] {
                assert!(
                    asked.contains(&(method.into(), path.into(), with_cookies)),
                    "{method} {path} {with_cookies}"
                );
            }
        }
    }
    for path in ["/a", "/there-is-no-such-page-here"] {
        assert!(asked.contains(&("BREW".into(), path.into(), true)), "{path}");
    }
}

#[tokio::test]
async fn a_site_without_end_is_left_after_five_hundred_pages() {
    let app = Router::new().fallback(|request: Request| async move {
        let at: u64 = request.uri().path().trim_start_matches('/').parse().unwrap_or_default();
        Html(format!("<a href='/{}'>a</a><a href='/{}'>b</a>", 2 * at + 1, 2 * at + 2))
    });
    assert_eq!(assert_only_declared(&empty(), app, ["/0"]).await.pages, 500);
}

#[tokio::test]
async fn an_application_that_keeps_its_table_passes() {
    let policy =
        shop().with(CookieSpec::new("note_*", Basis::essential("a test")).integrity(Integrity::Guarded));
    let policy = policy.build().unwrap();
    async fn fill(cookies: Cookies, session: Session) -> Result<Html<&'static str>, SessionError> {
        session.insert("a", &1).await?;
        for (name, value) in
            [("cart", "1"), ("theme", "dark"), ("draft", "text"), ("font", "big"), ("note_1", "x")]
        {
            cookies.set(name, value).unwrap();
        }
        Ok(Html("<a href='/raw'>raw</a><a href='/gone'>gone</a>"))
    }
    let raw = || async {
        ([("set-cookie", "plain=1; Max-Age=0"), ("set-cookie", "ghost=; Max-Age=0; Path=/x")], "")
    };
    let app = Router::new()
        .route("/", get(fill))
        .route("/raw", get(raw))
        .route("/gone", get(|| async { (StatusCode::GONE, [("set-cookie", "deep=1; Path=/deep")]) }))
        .layer(policy.layer());
    let crawl = assert_only_declared(&policy, app, ["/"]).await;
    let names: Vec<&str> =
        crawl.cookies.iter().map(String::as_str).filter(|name| !name.starts_with("TS")).collect();
    assert_eq!(
        names,
        ["JSESSIONID", "X-Appia-UUID", "bsloc", "cart", "deep", "draft", "font", "note_1", "theme"]
    );
    assert!(crawl.cookies.len() > names.len());
}

#[tokio::test]
async fn what_needs_consent_and_is_withheld_is_the_layers_daily_work() {
    let policy = shop().build().unwrap();
    let set = || async { [("set-cookie", "stats=1; Max-Age=60")] };
    let twice =
        || async { axum::response::AppendHeaders([("set-cookie", "plain=1"), ("set-cookie", "plain=2")]) };
    let app = Router::new().route("/", get(set)).route("/twice", get(twice)).layer(policy.layer());
    let crawl = assert_only_declared(&policy, app, ["/", "/twice"]).await;
    assert_eq!(crawl.cookies, ["plain"]);
}

#[tokio::test]
async fn a_browser_that_is_signed_in_sees_what_others_do_not() {
    let clock = TestClock::at(NOW);
    let policy = shop().clock(clock.clock()).build().unwrap();
    async fn sign_in(session: Session) -> Result<Redirect, SessionError> {
        session.sign_in(SignIn::new("anna")).await?;
        Ok(Redirect::to("/account"))
    }
    async fn account(session: Session) -> Result<impl IntoResponse, SessionError> {
        let user = session.user().await?;
        Ok(Html(if user.is_some() { "<a href='/inner'>inner</a>" } else { "" }))
    }
    let app = Router::new()
        .route("/sign-in", post(sign_in))
        .route("/account", get(account))
        .route("/inner", get(|| async { "inner" }))
        .layer(policy.layer());
    let mut browser = Browser::new(app.clone(), &clock);
    assert_eq!(browser.post("/sign-in", &[]).await.status(), 200);
    assert_eq!(browser.assert_only_declared(&policy, ["/account"]).await.pages, 3);
    assert_eq!(
        browser.cookie("X-Appia-ExtAuth").map(str::is_empty),
        Some(false),
        "its cookies are its own still"
    );
    let mut browser = Browser::new(app, &clock);
    assert_eq!(browser.assert_only_declared(&policy, ["/account"]).await.pages, 2);
}

#[tokio::test]
async fn the_application_is_at_the_policys_origin() {
    let policy = CookiePolicy::empty(keys()).origin("https://shop.example");
    let policy =
        policy.with(CookieSpec::new("a", Basis::essential("a test")).domain("shop.example")).build().unwrap();
    let set = |request: Request| async move {
        assert_eq!(request.headers()["host"], "shop.example");
        // The method that nobody handles has come through the layer.
        assert!(request.method() != Method::POST);
        [("set-cookie", "a=1")]
    };
    let app = Router::new().fallback(set).layer(policy.layer());
    assert_eq!(assert_only_declared(&policy, app, ["/"]).await.cookies, ["a"]);
}
