//! Nothing before a choice, and what was chosen after it.

use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderValue, StatusCode};
use tower_cookie_policy::{Category, Cookies, SuppressionReason};

use super::support::{accepted, decided, refused, table};
use crate::support::{
    Answer, lines, order, request, seen_by, sent_back, serve, suppressed, visit, with_lines,
};

const RAW: [&str; 3] = ["stats=1", "stats_kept=1", "promo_x=1"];

#[test]
fn nothing_that_needs_a_consent_leaves_before_it_is_given_whatever_the_status() {
    let policy = table().build().unwrap();
    let refusal = refused(&policy);
    for cookies in [vec![], vec![refusal]] {
        for status in [101, 200, 204, 301, 303, 304, 401, 404, 500, 599] {
            let answer = serve(&policy, request(&cookies), |_| {
                let mut answer = with_lines(Answer::default(), &RAW);
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                answer
            });
            assert_eq!(lines(&answer), [""; 0], "{status}");
            let reasons: Vec<_> = suppressed(&answer).into_iter().map(|(_, reason)| reason).collect();
            assert_eq!(reasons, ["no_consent"; 3], "{status}");
        }
    }
}

#[test]
fn however_it_is_written_it_does_not_leave() {
    let policy = table().build().unwrap();
    for line in [
        "stats=1",
        "stats = 1",
        " stats=1; Path=/",
        "stats=1; Max-Age=1",
        "stats=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        "stats=1; Domain=example.com; Path=/x; HttpOnly",
        "stats=1; Max-Age=0; Max-Age=5",
        "promo_=1",
        "promo_a%20b=1",
        "stats=1, promo_x=2",
        "STATS=1",
        "__Host-stats=1",
        "stats",
        "=stats",
        "stats_now=1",
    ] {
        let answer = serve(&policy, request::<&str>(&[]), |_| with_lines(Answer::default(), &[line, line]));
        assert_eq!(lines(&answer), [""; 0], "{line}");
        assert_eq!(suppressed(&answer).len(), 2, "{line}: {:?}", suppressed(&answer));
    }
}

#[test]
fn what_was_granted_leaves_and_comes_back() {
    let policy = table().build().unwrap();
    let consent = accepted(&policy);
    let answer = serve(&policy, request(&[&consent]), |_| with_lines(Answer::default(), &RAW));
    let sent = lines(&answer);
    assert_eq!(sent.len(), 3, "{sent:?}");
    let mut jar: Vec<String> = sent.iter().map(|line| sent_back(line)).collect();
    jar.push(consent);
    let seen = visit(&policy, &[jar.join("; ")]);
    for name in ["stats", "stats_kept", "promo_x"] {
        assert_eq!(seen.value(name).as_deref(), Some("1"), "{name}");
    }
    assert_eq!(seen.refusals, []);
}

#[test]
fn what_was_not_granted_is_not_read() {
    let policy = table().build().unwrap();
    let jar = "plain=1; stats=1; promo_x=1";
    for (consent, left) in [
        (String::new(), "plain=1"),
        (refused(&policy), "plain=1"),
        (decided(&policy, "decision=save&statistics=on"), "plain=1; stats=1"),
        (decided(&policy, "decision=save&marketing=on"), "plain=1; promo_x=1"),
        (accepted(&policy), "plain=1; stats=1; promo_x=1"),
    ] {
        let seen = visit(&policy, &[format!("{jar}; {consent}")]);
        let header = seen.header();
        let header = header.split("; cookie_consent").next().unwrap();
        assert_eq!(header, left, "{consent}");
        assert!(seen.refusals.iter().all(|(_, reason)| reason == "no_consent"), "{:?}", seen.refusals);
    }
}

#[test]
fn the_handle_says_that_consent_is_missing() {
    let policy = table().build().unwrap();
    order(&policy, |cookies| {
        let error = cookies.set("stats", "1").unwrap_err();
        assert_eq!(error.reason(), Some(SuppressionReason::NoConsent));
        assert!(!error.to_string().contains('1'), "{error}");
        assert!(!cookies.consent().allows(&Category::Statistics));
    });
    let consent = accepted(&policy);
    let answer = serve(&policy, request(&[&consent]), |request| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        cookies.set("stats", "1").unwrap();
        assert!(cookies.consent().allows(&Category::Statistics));
        assert!(!cookies.consent().allows(&Category::Other("maps".into())));
        Answer::default()
    });
    assert_eq!(lines(&answer).len(), 1);
}

#[test]
fn whoever_asks_for_consent_varies_by_it() {
    let policy = table().build().unwrap();
    type Asked = fn(&Cookies);
    let asked: [(Asked, Option<&str>); 6] = [
        (|_| (), None),
        (|cookies| drop(cookies.consent()), None),
        (|cookies| assert!(!cookies.consent().is_decided()), Some("Cookie, Sec-GPC")),
        (|cookies| assert!(cookies.consent().banner("en").is_some()), Some("Cookie, Sec-GPC")),
        (|cookies| assert_eq!(cookies.get("stats"), None), Some("Cookie, Sec-GPC")),
        (|cookies| assert_eq!(cookies.get("plain"), None), Some("Cookie")),
    ];
    for (at, (ask, vary)) in asked.into_iter().enumerate() {
        let answer = order(&policy, ask);
        assert_eq!(answer.headers().get(VARY).map(|line| line.to_str().unwrap()), vary, "{at}");
    }
}

/// The visitor beside would get a cookie in its place, so it is no answer for both.
#[test]
fn an_answer_whose_cookie_was_withheld_is_not_for_all() {
    let policy = table().build().unwrap();
    let answer = serve(&policy, request::<&str>(&[]), |_| {
        let mut answer = with_lines(Answer::default(), &["stats=1"]);
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=600"));
        answer
    });
    assert!(!answer.headers().contains_key(SET_COOKIE));
    assert_eq!(answer.headers()[CACHE_CONTROL], "max-age=600, private");
    assert_eq!(answer.headers()[VARY], "Cookie, Sec-GPC");
}

#[test]
fn a_visitor_who_does_nothing_is_undecided_for_ever() {
    let policy = table().build().unwrap();
    for _ in 0..20 {
        serve(&policy, request::<&str>(&[]), |request| {
            assert_eq!(seen_by(&request).pairs, []);
            let consent = request.extensions().get::<Cookies>().unwrap().consent();
            assert!(!consent.is_decided() && consent.granted().is_empty() && consent.decided_at().is_none());
            Answer::default()
        });
    }
}

/// As a jar writes it, and beside a body that is under way.
#[tokio::test]
async fn neither_a_jar_nor_a_stream_gets_past() {
    use axum::body::{Body, Bytes};
    use axum::response::{AppendHeaders, IntoResponse};
    use axum_extra::extract::cookie::{Cookie, CookieJar};
    use futures_util::stream;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn streamed() -> impl IntoResponse {
        let jar = CookieJar::new().add(Cookie::new("stats", "1")).add(Cookie::new("promo_x", "1"));
        let parts = ["one, ", "two"].map(|part| Ok::<_, std::io::Error>(Bytes::from_static(part.as_bytes())));
        (jar, AppendHeaders([(SET_COOKIE, "stats_kept=1")]), Body::from_stream(stream::iter(parts)))
    }

    let policy = table().build().unwrap();
    let app = axum::Router::new().route("/", axum::routing::get(streamed)).layer(policy.layer());
    for (consent, sent) in [(String::new(), 0), (refused(&policy), 0), (accepted(&policy), 3)] {
        let mut request = http::Request::new(Body::empty());
        request.headers_mut().insert("cookie", HeaderValue::from_str(&consent).unwrap());
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.headers().get_all(SET_COOKIE).iter().count(), sent, "{consent}");
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "one, two");
    }
}
