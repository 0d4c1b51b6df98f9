//! Where requests come from, through the service: what is turned away, and with what.

use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use tower_cookie_policy::{Action, CookiePolicy, Report};

use super::jar::{Jar, guarded};
use crate::support::{Answer, lines, serve};

fn from(method: Method, path: &str, headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = Request::builder().method(method).uri(path).body(()).unwrap();
    request.headers_mut().insert("host", HeaderValue::from_static("example.com"));
    for (name, value) in headers {
        request
            .headers_mut()
            .append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

fn status(policy: &CookiePolicy, request: Request<()>) -> StatusCode {
    serve(policy, request, |_| Answer::default()).status()
}

/// What is turned away: the handler is not asked, the answer is opaque, it is counted, and no cookie is touched.
#[test]
fn a_request_from_elsewhere_is_turned_away() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for bad in [
        &[("origin", "https://evil.test")][..],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://example.com")],
        &[("sec-fetch-site", "same-site")],
        &[("referer", "https://evil.test/?https://example.com/")],
        &[("referer", "https://example.com.evil.test/")],
        &[("origin", "https://example.com"), ("origin", "https://example.com")],
        &[("origin", "https://example.com"), ("referer", "https://evil.test/")],
        &[("origin", "http://example.com")],
    ] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::CONNECT] {
            let mut request = from(method, "/cart", bad);
            request.headers_mut().insert("cookie", jar.header().parse().unwrap());
            let answer = serve(&policy, request, |_| panic!("not asked"));
            assert_eq!((answer.status(), lines(&answer)), (StatusCode::FORBIDDEN, vec![]), "{bad:?}");
            let report = answer.extensions().get::<Report>().unwrap();
            let said: Vec<_> =
                report.refusals().iter().map(|one| (one.name(), one.reason().as_str())).collect();
            assert_eq!(said, [("", "referrer")]);
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert_eq!(status(&policy, from(method, "/cart", bad)), StatusCode::OK, "{bad:?}");
        }
    }
    assert_eq!(policy.counts().refused["referrer"], 45);
}

#[test]
fn a_request_from_here_passes() {
    let policy = guarded().build().unwrap();
    for good in [
        &[][..],
        &[("origin", "https://example.com")],
        &[("origin", "HTTPS://EXAMPLE.COM:443")],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[("sec-fetch-site", "none")],
        &[("referer", "https://example.com/a?b")],
        &[("origin", "https://example.com"), ("referer", "https://example.com/")],
    ] {
        assert_eq!(status(&policy, from(Method::POST, "/cart", good)), StatusCode::OK, "{good:?}");
    }
    let strict = guarded().require_referrer().build().unwrap();
    assert_eq!(status(&strict, from(Method::POST, "/cart", &[])), StatusCode::FORBIDDEN);
    assert_eq!(status(&strict, from(Method::GET, "/cart", &[])), StatusCode::OK);
    let allowing = guarded().allowed_origins(["https://pay.test"]).build().unwrap();
    let from_pay = [("origin", "https://pay.test"), ("sec-fetch-site", "cross-site")];
    assert_eq!(status(&allowing, from(Method::POST, "/cart", &from_pay)), StatusCode::OK);
}

/// A WebSocket carries the cookies of its handshake, which is a `GET`.
#[test]
fn an_upgrade_is_no_harmless_get() {
    let policy = guarded().build().unwrap();
    for (origin, expected) in [("https://example.com", 200), ("https://evil.test", 403)] {
        let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket"), ("origin", origin)];
        assert_eq!(status(&policy, from(Method::GET, "/chat", &upgrade)).as_u16(), expected, "{origin}");
    }
}

/// Flows: two tabs and the back button pass, since the page is what counts; without a referrer nobody enters.
#[test]
fn a_flow_is_entered_from_its_pages() {
    let policy = guarded().flow("/transfer", ["/account", "/transfer"]).build().unwrap();
    let go = |path: &str, referrer: Option<&str>| {
        let headers: Vec<_> = referrer.iter().map(|url| ("referer", *url)).collect();
        status(&policy, from(Method::POST, path, &headers)).as_u16()
    };
    for (path, referrer, expected) in [
        ("/transfer", Some("https://example.com/account"), 200),
        ("/transfer", Some("https://example.com/account?tab=2"), 200),
        ("/transfer", Some("https://example.com/transfer"), 200),
        ("/transfer", None, 403),
        ("/transfer", Some("https://example.com/"), 403),
        ("/transfer", Some("https://www.example.com/account"), 403),
        ("/transfer/", None, 403),
        ("//transfer", None, 403),
        ("/%74ransfer", None, 403),
        ("/transfer?x=/account", None, 403),
        ("/transfers", None, 200),
        ("/account", None, 200),
    ] {
        assert_eq!(go(path, referrer), expected, "{path} from {referrer:?}");
    }
    assert_eq!(status(&policy, from(Method::GET, "/transfer", &[])).as_u16(), 403, "whatever the method");
    assert_eq!((policy.counts().refused["flow"], policy.counts().refused["referrer"]), (7, 1));
}

/// What passed because of where it came from is for nobody else: a shared cache must not hand it on.
#[test]
fn a_page_of_a_flow_varies_by_the_referrer() {
    let policy = guarded().flow("/transfer", ["/account"]).build().unwrap();
    let vary = |path: &str, said: Option<&'static str>| {
        let request = from(Method::GET, path, &[("referer", "https://example.com/account")]);
        let answer = serve(&policy, request, |_| {
            let mut answer = Answer::default();
            answer.headers_mut().insert("cache-control", HeaderValue::from_static("public"));
            said.map(|said| answer.headers_mut().insert("vary", HeaderValue::from_static(said)));
            answer
        });
        answer.headers().get("vary").map(|vary| vary.to_str().unwrap().to_owned())
    };
    assert_eq!(vary("/transfer", None).as_deref(), Some("Referer"));
    assert_eq!(vary("/transfer", Some("Accept")).as_deref(), Some("Accept, Referer"));
    assert_eq!(vary("/other", None), None);
}

/// Both reasons at once: one answer, and what was tampered with goes.
#[test]
fn a_tampered_request_from_elsewhere_is_one_rejection() {
    let policy = guarded().action(Action::Reject).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).with("cart", "4");
    let mut request = from(Method::POST, "/", &[("origin", "https://evil.test")]);
    request.headers_mut().insert("cookie", jar.header().parse().unwrap());
    let answer = serve(&policy, request, |_| panic!("not asked"));
    assert_eq!((answer.status(), lines(&answer).len()), (StatusCode::FORBIDDEN, 2));
    assert_eq!(answer.extensions().get::<Report>().unwrap().refusals().len(), 2);
}
