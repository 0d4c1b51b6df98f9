//! Requests as browsers make them, and redirects as they follow them.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{OriginalUri, Query};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get};
use axum::{Json, Router};
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tower::{Layer, service_fn};
use tower_cookie_policy::testing::{Browser, TestClock};
use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec};

use crate::support::{NOW, keys};

/// Tells what it was asked.
async fn mirror(
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: String,
) -> Json<Value> {
    let names = ["host", "origin", "referer", "sec-fetch-site", "content-type", "cookie", "sec-gpc"];
    let seen = names.into_iter().filter_map(|name| Some((name, headers.get(name)?.to_str().unwrap())));
    let seen: serde_json::Map<_, _> = seen.map(|(name, value)| (name.to_owned(), value.into())).collect();
    Json(json!({ "method": method.as_str(), "uri": uri.to_string(), "headers": seen, "body": body }))
}

async fn redirect(Query(asked): Query<Vec<(String, String)>>) -> impl IntoResponse {
    let [(_, status), (_, to)] = &asked[..] else { return ().into_response() };
    (StatusCode::from_bytes(status.as_bytes()).unwrap(), [(LOCATION, to.clone())], [("set-cookie", "hop=1")])
        .into_response()
}

fn site() -> Router {
    Router::new()
        .route("/redirect", any(redirect))
        .route("/round", get(|| async { Redirect::to("/round") }))
        .route(
            "/down/{left}",
            get(|axum::extract::Path(left): axum::extract::Path<u32>| async move {
                match left {
                    0 => "down".into_response(),
                    left => Redirect::to(&format!("/down/{}", left - 1)).into_response(),
                }
            }),
        )
        .fallback(mirror)
}

fn visitor() -> Browser<Router> {
    Browser::new(site(), &TestClock::at(NOW)).at("https://shop.example")
}

#[tokio::test]
async fn a_request_is_what_a_server_sees() {
    let mut browser = visitor().with_header("Sec-GPC", "1");
    browser.plant("a=1");
    let seen: Value = browser.get("/cart?x=1#top").await.json();
    let headers =
        json!({ "host": "shop.example", "cookie": "a=1", "sec-gpc": "1", "sec-fetch-site": "none" });
    assert_eq!(seen, json!({ "method": "GET", "uri": "/cart?x=1", "headers": headers, "body": "" }));

    let seen: Value = browser.post("/cart", &[("item", "a cup & tea"), ("count", "2")]).await.json();
    assert_eq!(seen["body"], "item=a+cup+%26+tea&count=2");
    let headers = json!({
        "host": "shop.example", "cookie": "a=1", "sec-gpc": "1", "sec-fetch-site": "same-origin",
        "origin": "https://shop.example", "referer": "https://shop.example/cart?x=1",
        "content-type": "application/x-www-form-urlencoded",
    });
    assert_eq!((&seen["method"], &seen["headers"]), (&json!("POST"), &headers));

    let request = Request::put("http://localhost:3000/x").header("sec-gpc", "0").header("cookie", "b=2");
    let seen: Value = browser.send(request.body("text").unwrap()).await.json();
    let headers = json!({ "host": "localhost:3000", "cookie": "b=2", "sec-gpc": "0" });
    assert_eq!(seen, json!({ "method": "PUT", "uri": "/x", "headers": headers, "body": "text" }));
}

#[tokio::test]
async fn what_the_user_says_goes_before_what_browsers_say() {
    let evil =
        visitor().with_header("origin", "https://evil.example").with_header("sec-fetch-site", "cross-site");
    let mut browser = evil;
    browser.plant("a=1");
    let seen: Value = browser.post("/cart", &[]).await.json();
    assert_eq!(seen["headers"]["origin"], "https://evil.example");
    assert_eq!(seen["headers"]["sec-fetch-site"], "cross-site");
    assert_eq!(seen["headers"]["cookie"], Value::Null, "Lax");
    // Over plain HTTP browsers do not say where a request comes from.
    let seen: Value = visitor().get("http://shop.example/").await.json();
    assert_eq!(seen["headers"], json!({ "host": "shop.example" }));
}

#[tokio::test]
async fn redirects_are_followed_as_browsers_do() {
    for (status, method) in [("301", "GET"), ("302", "GET"), ("303", "GET"), ("307", "POST"), ("308", "POST")]
    {
        let mut browser = visitor();
        let page = browser.post(&format!("/redirect?status={status}&to=/there"), &[("a", "1")]).await;
        let seen: Value = page.json();
        assert_eq!(page.status(), 200);
        assert_eq!(page.path(), "/there", "{status}");
        assert_eq!(page.redirects().iter().map(StatusCode::as_str).collect::<Vec<_>>(), [status]);
        assert_eq!(seen["method"], method, "{status}");
        assert_eq!(seen["body"], if method == "POST" { "a=1" } else { "" }, "{status}");
        assert_eq!(seen["headers"].get("origin").is_some(), method == "POST", "{status}");
        assert_eq!(seen["headers"].get("content-type").is_some(), method == "POST", "{status}");
        // What the redirect set goes along at once.
        assert_eq!(seen["headers"]["cookie"], "hop=1");
        let set: Vec<_> = page.set_cookies().iter().map(|set| (set.name(), set.line())).collect();
        assert_eq!(set, [("hop", "hop=1")]);

        let page = browser.get_once(&format!("/redirect?status={status}&to=/there")).await;
        assert_eq!((page.status().as_str(), page.redirects().len()), (status, 0));
        let page = browser.post_once(&format!("/redirect?status={status}&to=/there"), &[]).await;
        assert_eq!(page.status().as_str(), status);
    }
}

#[tokio::test]
async fn locations_are_resolved_as_browsers_do() {
    for (to, path) in [
        ("/there", "/there"),
        ("there%3Fx%3D1", "/there?x=1"),
        ("%3Fx", "/redirect?x"),
        ("../a/./b/../c/", "/a/c/"),
        ("/a/..", "/"),
        ("%20/there%23here", "/there"),
        ("%5Cthere", "/there"),
        ("/a%20b", "/a%20b"),
        ("https://shop.example/there", "/there"),
        ("https://SHOP.example", "/"),
        ("//shop.example:8443/there", "/there"),
        ("http://shop.example/there", "/there"),
    ] {
        let page = visitor().get(&format!("/redirect?status=302&to={to}")).await;
        assert_eq!((page.status().as_u16(), page.path()), (200, path), "{to}");
    }
    for to in [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "mailto:a@shop.example",
        "https://www.shop.example/",
    ] {
        let page = visitor().get(&format!("/redirect?status=302&to={to}")).await;
        assert_eq!(page.status(), 302, "{to}");
        assert_eq!(page.headers()[LOCATION], to);
    }
    for status in ["300", "304", "201"] {
        let page = visitor().get(&format!("/redirect?status={status}&to=/there")).await;
        assert_eq!(page.status().as_str(), status);
    }
}

#[tokio::test]
async fn twenty_redirects_are_followed() {
    let page = visitor().get("/down/20").await;
    assert_eq!((page.text().as_str(), page.redirects().len()), ("down", 20));
}

#[tokio::test]
#[should_panic = "/round leads on after 20 redirects"]
async fn a_round_of_redirects_ends() {
    visitor().get("/round").await;
}

#[tokio::test]
#[should_panic = "`mailto:me` is no path and no address"]
async fn what_is_no_path_is_told() {
    visitor().get("mailto:me").await;
}

#[test]
#[should_panic = "`shop.example` is no origin"]
fn what_is_no_origin_is_told() {
    let _ = visitor().at("shop.example");
}

#[tokio::test]
#[should_panic = "the page (200) did not answer with the JSON that was due: Data error at line 1"]
async fn json_of_another_shape_is_told() {
    let _: Vec<u8> = visitor().get("/x").await.json();
}

#[tokio::test]
async fn nothing_prints_a_value() {
    let mut browser = visitor();
    browser.plant("sid=secret; Max-Age=60");
    let page = browser.get("/redirect?status=303&to=/secret").await;
    let printed = format!("{browser:?} {page:?} {:?}", page.set_cookies());
    assert!(!printed.contains("secret") && !printed.contains("hop=1"), "{printed}");
    assert!(printed.contains("\"sid\"") && printed.contains("SetCookie(\"hop\")"), "{printed}");
}

#[tokio::test]
async fn the_report_is_of_the_whole_way() {
    let clock = TestClock::at(NOW);
    let row =
        CookieSpec::new("hop", Basis::essential("a test")).lifetime(tower_cookie_policy::Lifetime::days(1));
    let policy = CookiePolicy::empty(keys()).clock(clock.clock()).with(row).build().unwrap();
    let empty = CookiePolicy::empty(keys()).clock(clock.clock()).build().unwrap();
    let mut browser = Browser::new(site().layer(policy.layer()), &clock);
    let page = browser.post("/redirect?status=303&to=/there", &[]).await;
    assert!(page.report().suppressions().is_empty());
    assert_eq!(browser.cookie("hop"), Some("1"));
    let mut browser = Browser::new(site().layer(empty.layer()), &clock);
    let page = browser.post("/redirect?status=303&to=/there", &[]).await;
    let names: Vec<_> = page.report().suppressions().iter().map(|one| one.name()).collect();
    assert_eq!(names, ["hop"]);
    assert!(page.set_cookies().is_empty() && browser.cookie_names().is_empty());
}

#[tokio::test]
async fn any_service_and_any_body_will_do() {
    let app = service_fn(|request: Request<Body>| async move {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(request.uri().to_string())))
    });
    let mut browser = Browser::<_, Body>::over(app, &TestClock::at(NOW));
    assert_eq!(browser.get("/path").await.text(), "/path");

    let policy = CookiePolicy::empty(keys()).build().unwrap();
    let mut browser = Browser::new(policy.layer().layer(site()), &TestClock::at(NOW));
    assert_eq!(browser.get("/x").await.status(), 200);
    let inner = service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let mut browser = Browser::over(policy.layer().layer(inner), &TestClock::at(NOW));
    assert_eq!(browser.get("/x").await.text(), "");
}
