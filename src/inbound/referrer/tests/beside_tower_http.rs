//! Our verdict and that of tower-http's `CsrfLayer` on one request, with one list of allowed origins.
//!
//! - On what browsers send they agree, from plain `http` and `Referer` apart.
//! - What ours lets through, theirs does too, with two exceptions: TRACE, which is safe by RFC 9110 and which no browser
//!   sends, and origins that are spelled otherwise than browsers spell them.

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{Response, StatusCode};
use tower::{Layer, Service, service_fn};
use tower_http::csrf::CsrfLayer;

use super::{CROSS_SITE, EVIL, FROM_EVIL, FROM_OWN, Fields, NULL, OWN, SAME_ORIGIN, empty, request, verdict};
use crate::policy::CookiePolicy;

const ALLOWED: &str = "https://login.example";
const FROM_ALLOWED: (&str, &str) = ("origin", ALLOWED);
const HOST: (&str, &str) = ("host", "example.com");

/// One list of allowed origins under both.
struct Both {
    ours: CookiePolicy,
    theirs: CsrfLayer,
}

impl Both {
    fn new() -> Self {
        let ours = empty().allowed_origins([ALLOWED]).build().unwrap();
        Self { ours, theirs: CsrfLayer::new().add_trusted_origin(ALLOWED).unwrap() }
    }

    /// Our verdict, and theirs.
    fn judge(&self, method: &str, target: &str, fields: Fields<'_>) -> (bool, bool) {
        let request = request(method, target, fields);
        let ours = verdict(&self.ours, &request).is_none();
        let inner = service_fn(|_| ready(Ok::<_, Infallible>(Response::new(()))));
        let answer = pin!(self.theirs.layer(inner).call(request));
        match answer.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(answer)) => (ours, answer.status() == StatusCode::OK),
            Poll::Pending => panic!("there is nothing to wait for"),
        }
    }
}

#[test]
fn on_what_browsers_send_over_https_both_agree() {
    let both = Both::new();
    let none = ("sec-fetch-site", "none");
    let same_site = ("sec-fetch-site", "same-site");
    let sibling = ("origin", "https://www.example.com");
    for (fields, passing) in [
        // Browsers of today: a form or a script of our own, one under `no-referrer`, a typed address.
        (&[SAME_ORIGIN, OWN, FROM_OWN][..], true),
        (&[SAME_ORIGIN, OWN], true),
        (&[SAME_ORIGIN, NULL], true),
        (&[none], true),
        (&[CROSS_SITE, EVIL, FROM_EVIL], false),
        (&[CROSS_SITE, EVIL], false),
        (&[CROSS_SITE, NULL], false),
        (&[CROSS_SITE], false),
        (&[same_site, sibling], false),
        (&[CROSS_SITE, FROM_ALLOWED, ("referer", "https://login.example/")], true),
        // Browsers of before.
        (&[OWN, FROM_OWN], true),
        (&[OWN], true),
        (&[FROM_OWN], true),
        (&[EVIL, FROM_EVIL], false),
        (&[EVIL], false),
        (&[NULL], false),
        (&[sibling], false),
        (&[FROM_ALLOWED], true),
        // Programs.
        (&[], true),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
            assert_eq!(
                both.judge(method, "/", &[&[HOST], fields].concat()),
                (passing, passing),
                "{fields:?}"
            );
            assert_eq!(both.judge(method, "https://example.com/", fields), (passing, passing), "{fields:?}");
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert_eq!(both.judge(method, "/", &[&[HOST], fields].concat()), (true, true), "{fields:?}");
        }
    }
}

#[test]
fn ours_refuses_more() {
    let both = Both::new();
    let upgrade = ("upgrade", "websocket");
    for (method, fields) in [
        // A WebSocket of another site is a GET.
        ("GET", &[HOST, upgrade, EVIL, CROSS_SITE][..]),
        ("GET", &[HOST, upgrade, EVIL]),
        // `Referer` counts.
        ("POST", &[HOST, FROM_EVIL]),
        ("POST", &[HOST, FROM_OWN, FROM_EVIL]),
        ("POST", &[HOST, OWN, FROM_EVIL]),
        // So does the scheme.
        ("POST", &[HOST, ("origin", "http://example.com")]),
        // Two fields of one name, of which theirs reads the first.
        ("POST", &[HOST, OWN, EVIL]),
        ("POST", &[HOST, FROM_ALLOWED, EVIL]),
        ("POST", &[HOST, SAME_ORIGIN, CROSS_SITE]),
        ("POST", &[HOST, ("host", "evil.test"), OWN]),
        // Empty fields are there.
        ("POST", &[HOST, ("origin", "")]),
        ("POST", &[HOST, ("sec-fetch-site", "")]),
        ("POST", &[HOST, ("sec-fetch-site", ""), OWN]),
        // What is no origin is none.
        ("POST", &[HOST, ("origin", "https://example.com/")]),
        ("POST", &[HOST, ("origin", "https://example.com/x?y")]),
        ("POST", &[("host", "u@example.com"), ("origin", "https://u@example.com")]),
        ("POST", &[("host", "example.com."), ("origin", "https://example.com.")]),
        ("POST", &[("host", "ex!mple.com"), ("origin", "https://ex!mple.com")]),
    ] {
        assert_eq!(both.judge(method, "/", fields), (false, true), "{method} {fields:?}");
    }
}

#[test]
fn theirs_refuses_trace_and_other_spellings_of_an_origin() {
    let both = Both::new();
    for (method, fields) in [
        ("TRACE", &[HOST, EVIL, CROSS_SITE][..]),
        ("POST", &[HOST, ("origin", "https://EXAMPLE.com")]),
        ("POST", &[HOST, ("origin", "https://example.com:443")]),
        ("POST", &[("host", "example.com:443"), OWN]),
        ("POST", &[("host", "Example.com"), OWN]),
        ("POST", &[HOST, ("origin", "https://LOGIN.example")]),
        ("POST", &[HOST, ("origin", "https://login.example:443")]),
        ("POST", &[("host", "[0::1]"), ("origin", "http://[::1]")]),
    ] {
        assert_eq!(both.judge(method, "/", fields), (true, false), "{method} {fields:?}");
    }
}

/// Every combination of values that matter, TRACE and other spellings apart: what ours lets through, theirs does too.
#[test]
fn ours_lets_nothing_through_that_theirs_refuses() {
    let origins = [
        "https://example.com",
        "http://example.com",
        "https://example.com:8443",
        "https://example.com.",
        "https://example.com/",
        "https://u@example.com",
        "https://www.example.com",
        "https://login.example",
        "https://login.example/",
        "http://login.example",
        "https://evil.test",
        "http://localhost:3000",
        "null",
        "",
    ];
    let choice = |name, values: &[&'static str]| -> Vec<Vec<(&'static str, &'static str)>> {
        let once = values.iter().map(|value| vec![(name, *value)]);
        let twice = values.iter().map(|value| vec![(name, values[0]), (name, *value)]);
        std::iter::once(vec![]).chain(once).chain(twice).collect()
    };
    let sites =
        choice("sec-fetch-site", &["same-origin", "none", "same-site", "cross-site", "Same-Origin", ""]);
    let referrers =
        choice("referer", &["https://example.com/a", "https://evil.test/", "https://login.example/"]);
    let hosts = choice(
        "host",
        &[
            "example.com",
            "example.com:8443",
            "example.com.",
            "u@example.com",
            "evil.test",
            "localhost:3000",
            "",
        ],
    );
    let both = Both::new();
    let (mut ours_only, mut seen) = (Vec::new(), [0, 0]);
    for method in ["GET", "POST"] {
        for target in ["/", "https://example.com/", "http://localhost:3000/"] {
            for host in &hosts {
                for origin in choice("origin", &origins) {
                    for site in &sites {
                        for referrer in &referrers {
                            let fields = [&host[..], &origin, site, referrer].concat();
                            let (ours, theirs) = both.judge(method, target, &fields);
                            seen[usize::from(ours)] += 1;
                            if ours && !theirs {
                                ours_only.push((method, target, fields));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 1000), "{seen:?}");
    assert!(ours_only.is_empty(), "{} of them: {:?}", ours_only.len(), ours_only.first());
}
