//! The portal keeps its table: it is looked through in this process, as any application can be in its own tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "that is how tests fail")]

use std::time::Duration;

use axum::Router;
use serde_json::Value;
use tower_cookie_policy::testing::{self, Browser, TestClock};
use tower_cookie_policy::{CookiePolicy, KeyRing};

use crate::watch::Watch;
use crate::{routes, table};

/// What can be read without a form, and asks for nothing: `/visit` asks for a visitor id. What else there is, the pages link to.
const PATHS: [&str; 11] = [
    "/",
    "/account",
    "/whoami",
    "/sessions",
    "/note",
    "/cart",
    "/draft",
    "/theme",
    "/privacy",
    "/cookies.json",
    "/.well-known/gpc.json",
];

/// 23 November 2026.
const NOW: u64 = 1_795_455_792;

fn portal() -> (CookiePolicy, TestClock, Router) {
    let clock = TestClock::at(NOW);
    let policy = table::embedded(KeyRing::generate().unwrap()).clock(clock.clock()).build().unwrap();
    let app = routes::routes(&policy, Watch::new(None)).layer(policy.layer());
    (policy, clock, app)
}

#[tokio::test]
async fn nothing_leaves_before_a_choice() {
    let (policy, _, app) = portal();
    let crawl = testing::assert_only_declared(&policy, app, PATHS).await;
    assert!(crawl.pages > PATHS.len(), "{crawl:?}");
    assert_eq!(crawl.cookies, [""; 0], "who only looks gets no cookie");
}

#[tokio::test]
async fn what_leaves_is_what_was_decided() {
    let (policy, clock, app) = portal();
    let mut browser = Browser::new(app, &clock);
    for (decision, expected) in
        [("reject", &[][..]), ("accept", &["portal_stats", "promo_summer"]), ("reject", &[])]
    {
        browser.decide(&policy, decision, &[]).await;
        let crawl = browser.assert_only_declared(&policy, PATHS).await;
        assert!(crawl.cookies.iter().all(|name| expected.contains(&name.as_str())), "{decision}: {crawl:?}");
        let kept: Vec<&str> =
            browser.cookie_names().into_iter().filter(|name| *name != "cookie_consent").collect();
        assert_eq!(kept, expected, "{decision}");
    }
}

#[tokio::test]
async fn a_session_and_a_decision_do_not_mind_each_other() {
    let (policy, clock, app) = portal();
    let mut browser = Browser::new(app, &clock);
    let form = [("user", "anna"), ("password", "demo"), ("remember", "on")];
    assert!(browser.post("/login", &form).await.status().is_success());
    browser.decide(&policy, "accept", &[]).await;
    browser.assert_only_declared(&policy, PATHS).await;
    browser.decide(&policy, "reject", &[]).await;
    assert_eq!(whoami(&mut browser).await["user"], "anna");
    browser.post("/logout", &[]).await;
    assert_eq!(whoami(&mut browser).await["consent"], serde_json::json!({"decided": true, "granted": []}));
}

#[tokio::test]
async fn a_decision_counts_for_180_days_and_restarts_of_the_browser() {
    let (policy, clock, app) = portal();
    let mut browser = Browser::new(app, &clock);
    browser.decide(&policy, "accept", &[]).await;
    browser.close();
    clock.advance(Duration::from_secs(179 * 86_400));
    assert_eq!(whoami(&mut browser).await["consent"]["decided"], true);
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(whoami(&mut browser).await["consent"]["decided"], false);
    assert!(browser.get("/").await.text().contains("cookie-policy-banner"));
}

async fn whoami(browser: &mut Browser<Router>) -> Value {
    browser.get("/whoami").await.json()
}
