//! Planted faults: each is found and named, and no value is.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect};
use axum::routing::{any, get};
use futures_util::FutureExt;
use http::header::SET_COOKIE;
use http::{Method, StatusCode};
use tower_cookie_policy::testing::{TestClock, assert_only_declared};
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookieSpec, Issuer, Lifetime, SameSite, Undeclared,
};

use crate::support::{NOW, keys};

fn table() -> CookiePolicy {
    let essential = || Basis::essential("a test");
    CookiePolicy::empty(keys())
        .clock(TestClock::at(NOW).clock())
        .with(CookieSpec::new("sid", essential()))
        .with(CookieSpec::new("year", essential()).lifetime(Lifetime::YEAR))
        .with(CookieSpec::new("deep", essential()).path("/shop").same_site(SameSite::Strict))
        .with(CookieSpec::new("wide", essential()).domain("shop.example"))
        .with(CookieSpec::new("font", essential()).readable_by_script())
        .with(CookieSpec::new("stats", Basis::Consent(Category::Statistics)).lifetime(Lifetime::days(30)))
        .with(CookieSpec::new("promo_*", essential()).lifetime(Lifetime::days(1)))
        .with(CookieSpec::new("script", essential()).issuer(Issuer::Script).readable_by_script())
        .with(CookieSpec::new("asked", Basis::Requested))
        .origin("https://shop.example")
        .build()
        .unwrap()
}

/// What is said of an application; empty where it passes.
async fn said(policy: &CookiePolicy, app: Router, paths: &[&str]) -> Vec<String> {
    let crawl = AssertUnwindSafe(assert_only_declared(policy, app, paths)).catch_unwind().await;
    let Err(panicked) = crawl else { return Vec::new() };
    let text = *panicked.downcast::<String>().unwrap();
    assert!(!text.contains("secret"), "{text}");
    let (first, findings) = text.split_once('\n').unwrap();
    assert!(
        first.starts_with("the application does not keep its table, as tests/it/testing_kit/faults.rs:"),
        "{first}"
    );
    findings.lines().map(str::to_owned).collect()
}

/// An application, without a layer, whose page `/shop` sets this cookie.
fn setting(line: &str) -> Router {
    let line = line.to_owned();
    Router::new().route("/shop", get(|| async move { [(SET_COOKIE, line)] }))
}

#[tokio::test]
async fn what_differs_from_the_table_is_named() {
    for (line, due) in [
        ("_ga=secret", &["sets \"_ga\", which the table does not declare"][..]),
        (
            "SID=secret; Path=/; Secure; HttpOnly; SameSite=Lax",
            &["sets \"SID\", which the table does not declare"],
        ),
        ("TS01abcdef=secret", &["sets \"TS01abcdef\", which the table does not declare"]),
        ("promo_=secret", &["sets \"promo_\", which the table does not declare"]),
        ("=secret", &["sets a cookie without a name, which the table does not declare"]),
        ("secret", &["sets a cookie without a name, which the table does not declare"]),
        ("", &["sets a cookie in a way that browsers do not take"]),
        ("sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax", &[]),
        (
            "sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=63072000",
            &["sets \"sid\" for 2 years, and the table says session"],
        ),
        (
            "sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Expires=Tue, 24 Nov 2026 17:43:12 GMT",
            &["sets \"sid\" for 1 day, and the table says session"],
        ),
        ("year=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000", &[]),
        ("year=secret; Path=/; Secure; HttpOnly; SameSite=Lax", &[]),
        (
            "year=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536001",
            &["sets \"year\" for 31536001 seconds, and the table says 1 year"],
        ),
        (
            "promo_x=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=172800",
            &["sets \"promo_x\" for 2 days, and the table says 1 day"],
        ),
        (
            "sid=secret; Path=/shop; Secure; HttpOnly; SameSite=Lax",
            &["sets \"sid\" with Path=/shop, and the table says Path=/"],
        ),
        ("deep=secret; Path=/shop; Secure; HttpOnly; SameSite=Strict", &[]),
        (
            // The path that a line does not say is that of the page.
            "deep=secret; Secure; HttpOnly; SameSite=Lax",
            &[
                "sets \"deep\" with Path=/, and the table says Path=/shop",
                "sets \"deep\" with SameSite=Lax, and the table says SameSite=Strict",
            ],
        ),
        ("wide=secret; Domain=.SHOP.example; Path=/; Secure; HttpOnly; SameSite=Lax", &[]),
        (
            "wide=secret; Path=/; Secure; HttpOnly; SameSite=Lax",
            &["sets \"wide\" with no Domain, and the table says Domain=shop.example"],
        ),
        (
            "sid=secret; Domain=shop.example; Path=/; Secure; HttpOnly; SameSite=Lax",
            &["sets \"sid\" with Domain=shop.example, and the table says no Domain"],
        ),
        (
            "sid=secret; Domain=example; Path=/; Secure; HttpOnly; SameSite=Lax",
            &[
                "sets \"sid\" in a way that browsers do not take",
                "sets \"sid\" with Domain=example, and the table says no Domain",
            ],
        ),
        (
            "sid=secret; Path=/",
            &[
                "sets \"sid\" with no Secure, and the table says Secure",
                "sets \"sid\" with no HttpOnly, and the table says HttpOnly",
                "sets \"sid\" with no SameSite, and the table says SameSite=Lax",
            ],
        ),
        (
            "font=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned",
            &[
                "sets \"font\" with HttpOnly, and the table says no HttpOnly",
                "sets \"font\" with Partitioned, and the table says no Partitioned",
            ],
        ),
        (
            "stats=secret; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60",
            &[
                "sets \"stats\" without the visitor's consent to statistics, which the table says that it needs",
            ],
        ),
        ("stats=; Path=/; Max-Age=0", &[]),
        ("_ga=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", &[]),
        (
            "script=secret; Path=/; Secure; SameSite=Lax",
            &["sets \"script\", which the table leaves to a script"],
        ),
    ] {
        let due: Vec<_> = due.iter().map(|due| format!("GET /shop (200) {due}")).collect();
        assert_eq!(said(&table(), setting(line), &["/shop"]).await, due, "{line}");
    }
}

#[tokio::test]
async fn what_the_layer_stopped_or_changed_is_named() {
    for (line, due) in [
        ("_ga=secret", Some("_ga\", which the table does not declare; the policy stopped it")),
        ("sid=secret", None),
        ("sid=secret; Max-Age=60", Some("sid\" for longer than the table says; the policy shortened it")),
        (
            "sid=secret; Path=/shop",
            Some("sid\" with another Path or Domain than the table's; the policy put the table's there"),
        ),
        (
            "asked=secret",
            Some(
                "asked\" by a raw header, and the table says that the visitor has to ask for it; the policy stopped it",
            ),
        ),
        ("script=secret", Some("script\", which the table leaves to another issuer; the policy stopped it")),
        (
            "sid=sec ret secret",
            Some("sid\" in a way that HTTP or browsers do not take; the policy stopped it"),
        ),
        ("stats=secret; Max-Age=60", None),
        (
            "cookie_consent=secret",
            Some("cookie_consent\", which the crate alone writes; the policy stopped it"),
        ),
        ("_ga=; Max-Age=0", None),
    ] {
        let policy = table();
        let findings = said(&policy, setting(line).layer(policy.layer()), &["/shop"]).await;
        let due: Vec<_> =
            due.iter().map(|due| format!("GET /shop (200): the application tries to set \"{due}")).collect();
        assert_eq!(findings, due, "{line}");
    }
    let policy = table();
    let findings = said(&policy, setting(&"sid=".repeat(2000)).layer(policy.layer()), &["/shop"]).await;
    assert!(
        findings[0].ends_with("\"sid\", which is longer than browsers take; the policy stopped it"),
        "{findings:?}"
    );
    let findings = said(&policy, setting("=secret").layer(policy.layer()), &["/shop"]).await;
    assert!(findings[0].contains("tries to set a cookie without a legal name in a way"), "{findings:?}");
}

#[tokio::test]
async fn what_a_policy_keeps_all_the_same_is_named_once() {
    let policy = CookiePolicy::empty(keys()).undeclared(Undeclared::Keep).build().unwrap();
    let findings = said(&policy, setting("_ga=secret").layer(policy.layer()), &["/shop"]).await;
    assert_eq!(findings, ["GET /shop (200) sets \"_ga\", which the table does not declare"]);
}

#[tokio::test]
async fn a_fault_is_found_wherever_it_is() {
    const LINE: [(&str, &str); 1] = [("set-cookie", "_ga=secret")];
    let app = || Router::new().route("/", get(|| async { Html("<a href='/a'>a</a>") }));
    let by_method = |method: Method| async move {
        if method == Method::HEAD { LINE.into_response() } else { ().into_response() }
    };
    let missing = "/there-is-no-such-page-here";
    let with_cookies = |headers: http::HeaderMap| async move {
        match headers.contains_key("cookie") {
            true => LINE.into_response(),
            false => [("set-cookie", "sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax")].into_response(),
        }
    };
    for (app, due) in [
        (
            app().route("/a", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, LINE) })),
            "GET /a (500)".to_owned(),
        ),
        (app().route("/a", get(|| async { (LINE, Redirect::to("/")) })), "GET /a (303)".to_owned()),
        (
            app().route("/a", get(|| async { Redirect::to("/b?c=d") })).route("/b", get(|| async { LINE })),
            "GET /b?c=d (200)".to_owned(),
        ),
        (app().route("/a", any(by_method)), "HEAD /a (200)".to_owned()),
        (app().route("/a", get(with_cookies)), "GET /a (200)".to_owned()),
        (app().fallback(|| async { (StatusCode::NOT_FOUND, LINE) }), format!("GET {missing} (404)")),
        (
            app().method_not_allowed_fallback(|| async { (StatusCode::METHOD_NOT_ALLOWED, LINE) }),
            "BREW / (405)".to_owned(),
        ),
        (
            app().fallback(|method: Method| async move {
                if method.is_safe() { ().into_response() } else { LINE.into_response() }
            }),
            format!("BREW {missing} (200)"),
        ),
    ] {
        let findings = said(&table(), app, &["/"]).await;
        let due = format!("{due} sets \"_ga\", which the table does not declare");
        assert!(findings.contains(&due), "{due}: {findings:?}");
    }
}

#[tokio::test]
async fn a_page_that_only_late_cookies_lead_to_is_found() {
    let home = |headers: http::HeaderMap| async move {
        Html(if headers.contains_key("cookie") {
            "<a href='/inner'>inner</a>"
        } else {
            "<a href='/give'>give</a>"
        })
    };
    let app = Router::new()
        .route("/", get(home))
        .route(
            "/give",
            get(|| async { [("set-cookie", "sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax")] }),
        )
        .route("/inner", get(|| async { [("set-cookie", "_ga=secret")] }));
    let findings = said(&table(), app, &["/"]).await;
    assert_eq!(findings[0], "GET /inner (200) sets \"_ga\", which the table does not declare");
}

#[tokio::test]
async fn twenty_findings_are_printed_and_the_others_counted() {
    let set: Vec<_> = (0..24).map(|at| (SET_COOKIE, format!("ga{at}=secret"))).collect();
    let app = Router::new().route("/", get(|| async { AppendHeaders(set) }));
    let findings = said(&table(), app, &["/"]).await;
    assert_eq!(findings.len(), 21);
    assert_eq!(findings[20], "and 4 more");
}

#[tokio::test]
async fn a_session_id_in_an_address_is_not_printed() {
    let go = || async {
        ([("set-cookie", "_sid=secret-id")], Redirect::to("/shop;jsessionid=secret-id?x=secret-id"))
    };
    let app = Router::new().route("/", get(go)).fallback(|| async { [("set-cookie", "_ga=secret")] });
    let findings = said(&table(), app, &["/"]).await;
    let due = "GET /shop;jsessionid=…?x=… (200) sets \"_ga\", which the table does not declare".to_owned();
    assert!(findings.contains(&due), "{findings:?}");

    // Each visitor has their own, which is in an address that the others are led to.
    let count = Arc::new(AtomicUsize::new(0));
    let go = move || {
        let id = format!("secret-{}", count.fetch_add(1, Ordering::Relaxed));
        async move { ([("set-cookie", format!("_sid={id}"))], Redirect::to(&format!("/shop;jsessionid={id}"))) }
    };
    let app = Router::new().route("/", get(go)).fallback(|| async { [("set-cookie", "_ga=secret")] });
    let findings = said(&table(), app, &["/"]).await;
    let due = "GET /shop;jsessionid=… (200) sets \"_ga\", which the table does not declare".to_owned();
    assert!(findings.contains(&due), "{findings:?}");
}

#[tokio::test]
async fn odd_names_and_paths_are_printed_escaped() {
    let line = format!("{}=secret; Path=/\u{e4}{}", "n".repeat(100), "p".repeat(100));
    let findings = said(&table(), setting(&line), &["/shop"]).await;
    assert_eq!(
        findings[0],
        format!("GET /shop (200) sets \"{}\", which the table does not declare", "n".repeat(64))
    );
    let line = "sid=secret; Path=/\u{e4}; Secure; HttpOnly; SameSite=Lax";
    let findings = said(&table(), setting(line), &["/shop"]).await;
    assert_eq!(findings[0], "GET /shop (200) sets \"sid\" with Path=/\\xc3\\xa4, and the table says Path=/");
}
