//! T45: what a response says to those that store it.

use http::header::{CACHE_CONTROL, HeaderName, VARY};
use http::{HeaderValue, Request};
use tower_cookie_policy::Cookies;

use crate::support::{Answer, request, serve, shop, with_lines};

fn answer_with(headers: &[(&'static str, &'static str)]) -> Answer {
    let mut answer = Answer::default();
    for (name, value) in headers {
        answer.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

#[test]
fn a_response_that_sets_a_cookie_is_for_one_visitor() {
    let policy = shop().build().unwrap();
    for (headers, cache_control) in [
        (&[][..], Some("no-store")),
        (&[("cache-control", "public, max-age=60")], Some("max-age=60, private")),
        (&[("cache-control", "private")], Some("private")),
        (&[("cache-control", "no-store")], Some("no-store")),
        (&[("surrogate-control", "max-age=60"), ("cdn-cache-control", "max-age=60")], Some("no-store")),
        (&[("some-cdn-cache-control", "max-age=60"), ("x-accel-expires", "60")], Some("no-store")),
    ] {
        let answer = serve(&policy, Request::new(()), |_| with_lines(answer_with(headers), &["plain=1"]));
        assert_eq!(answer.headers().get(CACHE_CONTROL).map(|line| line.to_str().unwrap()), cache_control);
        let other =
            answer.headers().keys().filter(|name| !matches!(name.as_str(), "cache-control" | "set-cookie"));
        assert_eq!(other.count(), 0, "{:?}", answer.headers());
    }
}

#[test]
fn a_response_that_sets_none_keeps_its_cache_headers() {
    let policy = shop().build().unwrap();
    let headers = &[("cache-control", "public, max-age=60"), ("surrogate-control", "max-age=60")];
    let answer =
        serve(&policy, request(&["plain=1"]), |_| with_lines(answer_with(headers), &["undeclared=1"]));
    assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=60");
    assert_eq!(answer.headers()["surrogate-control"], "max-age=60");
    assert!(!answer.headers().contains_key(VARY));
}

#[test]
fn a_response_varies_by_what_its_handler_read() {
    let policy = shop().build().unwrap();
    type Read = (&'static str, fn(&Cookies), Option<&'static str>);
    let reads: [Read; 9] = [
        ("nothing", |_| (), None),
        ("get", |cookies| assert_ne!(cookies.get("plain"), Some("2")), Some("Cookie")),
        ("a missing one", |cookies| assert_eq!(cookies.get("x"), None), Some("Cookie")),
        ("contains", |cookies| assert!(!cookies.contains("x")), Some("Cookie")),
        ("get_all", |cookies| assert_eq!(cookies.get_all("x").count(), 0), Some("Cookie")),
        ("refusals", |cookies| assert_eq!(cookies.refusals(), []), Some("Cookie, Sec-GPC")),
        ("iter", |cookies| assert!(cookies.iter().count() < 2), Some("Cookie, Sec-GPC")),
        (
            "locale",
            |cookies| assert!(cookies.locale(&http::HeaderMap::new()).is_some()),
            Some("Accept-Language, Cookie"),
        ),
        ("set", |cookies| cookies.set("plain", "2").unwrap(), None),
    ];
    for (what, read, vary) in reads {
        for cookies in [vec![], vec!["plain=1"]] {
            let answer = serve(&policy, request(&cookies), |request| {
                read(request.extensions().get::<Cookies>().unwrap());
                Answer::default()
            });
            assert_eq!(answer.headers().get(VARY).map(|line| line.to_str().unwrap()), vary, "{what}");
        }
    }
}

#[test]
fn a_vary_that_is_there_is_merged() {
    let policy = shop().build().unwrap();
    for (before, after) in [("Origin", "Origin, Cookie"), ("*", "*"), ("origin, COOKIE", "origin, COOKIE")] {
        let answer = serve(&policy, request(&["plain=1"]), |request| {
            assert_eq!(request.extensions().get::<Cookies>().unwrap().get("plain"), Some("1"));
            let mut answer = Answer::default();
            answer.headers_mut().insert(VARY, HeaderValue::from_static(before));
            answer
        });
        assert_eq!(answer.headers().get_all(VARY).iter().collect::<Vec<_>>(), [after]);
    }
}

/// A map of headers has an end; a response that is full of other headers sets no cookie, and nothing panics.
#[test]
fn a_response_without_room_sets_no_cookie() {
    let policy = shop().build().unwrap();
    for spare in 0..3 {
        let full = || {
            let mut answer = Answer::default();
            let mut at = 0;
            while answer
                .headers_mut()
                .try_append(HeaderName::try_from(format!("h{at}")).unwrap(), HeaderValue::from_static("1"))
                .is_ok()
            {
                at += 1;
            }
            for taken in 0..spare {
                answer.headers_mut().remove(format!("h{taken}"));
            }
            answer
        };
        let answer = serve(&policy, request(&["plain=1"]), |request| {
            let cookies = request.extensions().get::<Cookies>().unwrap();
            assert_eq!(cookies.get("plain"), Some("1"));
            cookies.set("plain", "2").unwrap();
            full()
        });
        let (set, private) =
            (answer.headers().contains_key("set-cookie"), answer.headers().contains_key(CACHE_CONTROL));
        assert!(!set || private, "{spare} to spare");
    }
    let mut request = request(&["plain=1", "bad", "plain=2"]);
    let mut at = 0;
    while request
        .headers_mut()
        .try_append(HeaderName::try_from(format!("h{at}")).unwrap(), HeaderValue::from_static("1"))
        .is_ok()
    {
        at += 1;
    }
    serve(&policy, request, |request| {
        assert_eq!(request.headers()["cookie"], "plain=1; plain=2");
        Answer::default()
    });
}
