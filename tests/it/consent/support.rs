//! A visitor of a policy's consent service.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::{Layer, Service};
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity, Lifetime, TestClock,
};

use crate::support::{Answer, NOW, keys, lines, now, sent_back};

/// A table that asks for two categories, with rows of each kind.
pub(super) fn table() -> CookiePolicyBuilder {
    let statistics = || Basis::Consent(Category::Statistics);
    CookiePolicy::empty(keys())
        .clock(TestClock::at(NOW).clock())
        .languages(["en", "de"])
        .with(CookieSpec::new("plain", Basis::essential("a test")))
        .with(
            CookieSpec::new("stats", statistics())
                .lifetime(Lifetime::days(30))
                .purpose("en", "Counts visits.")
                .purpose("de", "Zählt Besuche."),
        )
        .with(
            CookieSpec::new("stats_kept", statistics())
                .integrity(Integrity::Signed)
                .lifetime(Lifetime::days(30)),
        )
        .with(CookieSpec::new("stats_now", statistics()).integrity(Integrity::Guarded))
        .with(CookieSpec::new("promo_*", Basis::Consent(Category::Marketing)).lifetime(Lifetime::days(90)))
}

/// The answer of the service under its policy's layer.
pub(super) fn ask(policy: &CookiePolicy, request: Request<Full<Bytes>>) -> Answer {
    let mut service = policy.layer().layer(policy.consent_service());
    let Ok(answer) = now(service.call(request));
    answer
}

/// `GET` of a path, with this `Cookie` header.
pub(super) fn get(policy: &CookiePolicy, path: &str, cookies: &str) -> Answer {
    ask(policy, request(Method::GET, path, cookies, ""))
}

pub(super) fn request(method: Method, path: &str, cookies: &str, body: &str) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::from(body.to_owned()));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    if !cookies.is_empty() {
        request.headers_mut().insert(COOKIE, HeaderValue::from_str(cookies).unwrap());
    }
    request
}

/// A form with the present revision in English.
pub(super) fn decide(policy: &CookiePolicy, cookies: &str, form: &str) -> Answer {
    submit(policy, cookies, &format!("{form}&revision={}", revision(policy, "en")))
}

/// A form as it is.
pub(super) fn submit(policy: &CookiePolicy, cookies: &str, form: &str) -> Answer {
    let mut request = request(Method::POST, "/cookies/consent", cookies, form);
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, kind);
    ask(policy, request)
}

/// The consent cookie after a decision, as a browser sends it back.
pub(super) fn decided(policy: &CookiePolicy, form: &str) -> String {
    consent_cookie(&decide(policy, "", form))
}

pub(super) fn accepted(policy: &CookiePolicy) -> String {
    decided(policy, "decision=accept")
}

pub(super) fn refused(policy: &CookiePolicy) -> String {
    decided(policy, "decision=reject")
}

/// The consent cookie that an answer sets.
pub(super) fn consent_cookie(answer: &Answer) -> String {
    let lines = lines(answer);
    let line =
        lines.iter().find(|line| line.starts_with("cookie_consent=")).expect("a decision sets the cookie");
    sent_back(line)
}

pub(super) fn revision(policy: &CookiePolicy, language: &str) -> String {
    state(policy, language, "")["revision"].as_str().unwrap().to_owned()
}

/// The state as scripts get it.
pub(super) fn state(policy: &CookiePolicy, language: &str, cookies: &str) -> Value {
    let mut request = request(Method::GET, &format!("/cookies/consent?lng={language}"), cookies, "");
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    json(ask(policy, request))
}

pub(super) fn json(answer: Answer) -> Value {
    serde_json::from_str(&text(answer)).unwrap()
}

pub(super) fn text(answer: Answer) -> String {
    let body = now(answer.into_body().collect()).unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// The names of the categories that these cookies grant.
pub(super) fn granted(policy: &CookiePolicy, cookies: &str) -> Vec<String> {
    let state = state(policy, "en", cookies);
    state["granted"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// The names that lines set, and those that they delete.
pub(super) fn set_and_deleted(answer: &Answer) -> (Vec<String>, Vec<String>) {
    let (deleted, set): (Vec<String>, Vec<String>) =
        lines(answer).into_iter().partition(|line| line.contains("Max-Age=0;"));
    let names = |lines: Vec<String>| {
        let mut names: Vec<String> =
            lines.iter().map(|line| line.split('=').next().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    };
    (names(set), names(deleted))
}
