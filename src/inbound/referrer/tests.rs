//! The rules as tables, and beside tower-http's check.

use http::header::HeaderName;
use http::{HeaderValue, Request};

use super::judge;
use crate::key::KeyRing;
use crate::policy::{CookiePolicy, CookiePolicyBuilder};
use crate::report::RefusalReason;

mod beside_tower_http;

type Fields<'f> = &'f [(&'f str, &'f str)];

fn empty() -> CookiePolicyBuilder {
    CookiePolicy::empty(KeyRing::generate().unwrap())
}

/// A request to `/` or another target, with these fields, `Host` among them.
fn request(method: &str, target: &str, fields: Fields<'_>) -> Request<()> {
    let mut request = Request::builder().method(method).uri(target).body(()).unwrap();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

fn verdict(policy: &CookiePolicy, request: &Request<()>) -> Option<RefusalReason> {
    judge(policy, request.method(), request.uri(), request.headers()).err()
}

fn passes(policy: &CookiePolicy, method: &str, target: &str, fields: Fields<'_>) -> bool {
    match verdict(policy, &request(method, target, fields)) {
        None => true,
        Some(RefusalReason::Referrer) => false,
        other => panic!("{other:?}"),
    }
}

/// What a POST to `Host: example.com` with these fields is told.
fn posted(policy: &CookiePolicy, fields: Fields<'_>) -> bool {
    passes(policy, "POST", "/", &[&[("host", "example.com")], fields].concat())
}

const OWN: (&str, &str) = ("origin", "https://example.com");
const EVIL: (&str, &str) = ("origin", "https://evil.test");
const NULL: (&str, &str) = ("origin", "null");
const FROM_OWN: (&str, &str) = ("referer", "https://example.com/a?b");
const FROM_EVIL: (&str, &str) = ("referer", "https://evil.test/");
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");
const CROSS_SITE: (&str, &str) = ("sec-fetch-site", "cross-site");

#[test]
fn safe_methods_pass_and_unsafe_ones_and_upgrades_are_judged() {
    let policy = empty().build().unwrap();
    let evil = [("host", "example.com"), EVIL, FROM_EVIL, CROSS_SITE];
    for (method, passing) in [
        ("GET", true),
        ("HEAD", true),
        ("OPTIONS", true),
        ("TRACE", true),
        ("POST", false),
        ("PUT", false),
        ("PATCH", false),
        ("DELETE", false),
        ("CONNECT", false),
        ("PROPFIND", false),
        ("get", false),
    ] {
        assert_eq!(passes(&policy, method, "/", &evil), passing, "{method}");
    }
    let host = ("host", "example.com");
    for upgrade in ["websocket", "WebSocket", "h2c", ""] {
        let upgrade = ("upgrade", upgrade);
        assert!(!passes(&policy, "GET", "/", &[host, upgrade, EVIL]));
        assert!(!passes(&policy, "GET", "/", &[host, upgrade, NULL]));
        assert!(!passes(&policy, "GET", "/", &[host, upgrade, OWN, CROSS_SITE]));
        assert!(passes(&policy, "GET", "/", &[host, upgrade, OWN]));
        assert!(passes(&policy, "GET", "/", &[host, upgrade]));
    }
}

/// Rule 1.
#[test]
fn an_allowed_origin_passes_before_all_else() {
    let allowed = ["https://login.example", "http://kiosk.example:8080"];
    let policy = empty().allowed_origins(allowed).build().unwrap();
    let login = ("origin", "https://login.example");
    for (fields, passing) in [
        (&[login][..], true),
        (&[login, CROSS_SITE], true),
        (&[login, CROSS_SITE, CROSS_SITE], true),
        (&[login, FROM_EVIL], true),
        (&[("origin", "HTTPS://Login.Example:443")], true),
        (&[("origin", "http://kiosk.example:8080")], true),
        (&[("origin", "http://login.example")], false),
        (&[("origin", "https://login.example:8443")], false),
        (&[("origin", "https://kiosk.example:8080")], false),
        (&[("origin", "https://login.example/")], false),
        (&[("origin", "https://login.example.")], false),
        (&[("origin", "https://login.example.evil.test")], false),
        (&[("origin", "https://evil-login.example")], false),
        (&[("origin", "https://a.login.example")], false),
        (&[("origin", "https://user@login.example")], false),
        (&[login, login], false),
        (&[login, EVIL], false),
        (&[login, login, CROSS_SITE], false),
        // The list is about `Origin`; a `Referer` of such a page alone is another origin's.
        (&[("referer", "https://login.example/")], false),
        (&[NULL], false),
        (&[OWN], true),
    ] {
        assert_eq!(posted(&policy, fields), passing, "{fields:?}");
    }
}

/// Rule 2.
#[test]
fn sec_fetch_site_alone_decides() {
    let policy = empty().build().unwrap();
    for (site, passing) in [
        ("same-origin", true),
        ("none", true),
        ("same-site", false),
        ("cross-site", false),
        ("Same-Origin", false),
        ("NONE", false),
        ("same-origin, cross-site", false),
        ("same-origin;x", false),
        (" same-origin", false),
        ("same-originx", false),
        ("?1", false),
        ("", false),
    ] {
        let site = ("sec-fetch-site", site);
        for beside in
            [&[][..], &[OWN], &[EVIL], &[NULL], &[FROM_OWN], &[FROM_EVIL], &[OWN, FROM_OWN], &[EVIL, OWN]]
        {
            assert_eq!(posted(&policy, &[&[site], beside].concat()), passing, "{site:?} {beside:?}");
        }
    }
    for twice in
        [[SAME_ORIGIN, SAME_ORIGIN], [SAME_ORIGIN, CROSS_SITE], [("sec-fetch-site", "none"), SAME_ORIGIN]]
    {
        assert!(!posted(&policy, &twice) && !posted(&policy, &[&twice[..], &[OWN, FROM_OWN]].concat()));
    }
}

/// Rule 3.
#[test]
fn origin_has_to_be_our_own() {
    let policy = empty().build().unwrap();
    for (origin, passing) in [
        ("https://example.com", true),
        ("HTTPS://EXAMPLE.com", true),
        ("https://example.com:443", true),
        ("http://example.com", false),
        ("http://example.com:443", false),
        ("https://example.com:80", false),
        ("https://example.com:8443", false),
        ("https://example.com/", false),
        ("https://example.com/x", false),
        ("https://example.com.", false),
        ("https://example.com.evil.test", false),
        ("https://example.comevil.test", false),
        ("https://evilexample.com", false),
        ("https://evil.test?https://example.com", false),
        ("https://evil.test/?https://example.com", false),
        ("https://www.example.com", false),
        ("https://sibling.com", false),
        ("https://com", false),
        ("https://user@example.com", false),
        ("https://user:password@example.com", false),
        ("https://example.com@evil.test", false),
        ("https://example.com:443@evil.test", false),
        ("https://evil.test\\@example.com", false),
        ("https://ex\u{e4}mple.com", false),
        ("https://example.com\u{3002}", false),
        ("https://%65xample.com", false),
        ("https://example.com https://evil.test", false),
        ("https://evil.test, https://example.com", false),
        ("wss://example.com", false),
        ("file://", false),
        ("example.com", false),
        ("//example.com", false),
        ("null", false),
        ("NULL", false),
        ("", false),
    ] {
        assert_eq!(posted(&policy, &[("origin", origin)]), passing, "{origin}");
    }
    for twice in [[OWN, OWN], [OWN, EVIL], [EVIL, OWN], [OWN, NULL]] {
        assert!(
            !posted(&policy, &twice) && !posted(&policy, &[&twice[..], &[FROM_OWN]].concat()),
            "{twice:?}"
        );
    }
}

/// Rule 3, second half.
#[test]
fn a_referer_beside_origin_has_to_agree() {
    let policy = empty().build().unwrap();
    for (fields, passing) in [
        (&[OWN, FROM_OWN][..], true),
        (&[OWN, ("referer", "HTTPS://EXAMPLE.COM:443")], true),
        (&[OWN, FROM_EVIL], false),
        (&[EVIL, FROM_OWN], false),
        (&[EVIL, FROM_EVIL], false),
        (&[NULL, FROM_OWN], false),
        (&[OWN, ("referer", "http://example.com/")], false),
        (&[OWN, ("referer", "https://www.example.com/")], false),
        (&[OWN, ("referer", "")], false),
        (&[OWN, ("referer", "/a")], false),
        (&[OWN, FROM_OWN, FROM_OWN], false),
        (&[OWN, FROM_OWN, FROM_EVIL], false),
    ] {
        assert_eq!(posted(&policy, fields), passing, "{fields:?}");
    }
    // Both are our own, and they differ.
    let host = ("host", "localhost");
    let fields = [host, ("origin", "http://localhost"), ("referer", "https://localhost/")];
    assert!(!passes(&policy, "POST", "/", &fields));
    assert!(passes(&policy, "POST", "/", &fields[..2]));
}

/// Rule 4.
#[test]
fn a_referer_alone_has_to_be_our_own() {
    let policy = empty().build().unwrap();
    for (referrer, passing) in [
        ("https://example.com/", true),
        ("https://example.com", true),
        ("https://example.com/a/b?c=https://evil.test/#d", true),
        ("https://example.com:443/", true),
        ("hTTps://eXample.com/", true),
        ("https://example.com?a", true),
        ("https://example.com/\u{fc}", true),
        ("https://example.com.evil.test/", false),
        ("https://evil.test/?https://example.com/", false),
        ("https://evil.test/https://example.com/", false),
        ("https://evil.test#https://example.com/", false),
        ("https://evilexample.com/", false),
        ("https://example.com./", false),
        ("https://www.example.com/", false),
        ("https://example.com:8443/", false),
        ("http://example.com/", false),
        ("https://user@example.com/", false),
        ("https://example.com@evil.test/", false),
        ("https://example.com\\.evil.test/", false),
        ("https://b\u{fc}cher.example/", false),
        ("https:/example.com/", false),
        ("https:example.com/", false),
        ("//example.com/", false),
        ("/a", false),
        ("about:blank", false),
        ("null", false),
        ("", false),
    ] {
        assert_eq!(posted(&policy, &[("referer", referrer)]), passing, "{referrer}");
    }
    assert!(!posted(&policy, &[FROM_OWN, FROM_OWN]) && !posted(&policy, &[FROM_OWN, FROM_EVIL]));
}

/// Rule 5.
#[test]
fn none_of_the_three_passes_unless_one_is_required() {
    for (policy, passing) in [(empty(), true), (empty().require_referrer(), false)] {
        let policy = policy.origin("https://example.com").build().unwrap();
        assert_eq!(posted(&policy, &[]), passing);
        assert_eq!(posted(&policy, &[("sec-fetch-mode", "cors"), ("user-agent", "curl")]), passing);
        assert_eq!(passes(&policy, "GET", "/", &[("upgrade", "websocket")]), passing);
        assert!(passes(&policy, "GET", "/", &[]));
        assert!(posted(&policy, &[OWN]) && posted(&policy, &[FROM_OWN]) && posted(&policy, &[SAME_ORIGIN]));
    }
}

#[test]
fn our_own_origin_is_the_authority_or_host_over_https() {
    let policy = empty().build().unwrap();
    let http = empty().danger_allow_http().build().unwrap();
    let no_fields = Fields::default();
    for (target, hosts, origin, passing, with_http) in [
        ("/", &[("host", "example.com")][..], "https://example.com", true, true),
        ("/", &[("host", "EXAMPLE.com:443")], "https://example.com", true, true),
        ("/", &[("host", "example.com:8443")], "https://example.com:8443", true, true),
        ("/", &[("host", "example.com:8443")], "https://example.com", false, false),
        ("/", &[("host", "example.com:80")], "https://example.com", false, false),
        ("/", &[("host", "example.com")], "http://example.com", false, true),
        ("/", &[("host", "example.com:80")], "http://example.com", false, true),
        ("/", &[("host", "xn--bcher-kva.example")], "https://XN--bcher-KVA.example", true, true),
        ("/", &[("host", "b\u{fc}cher.example")], "https://b\u{fc}cher.example", false, false),
        ("/", &[("host", "user@example.com")], "https://example.com", false, false),
        ("/", &[("host", "user@example.com")], "https://user@example.com", false, false),
        ("/", &[("host", "example.com@evil.test")], "https://evil.test", false, false),
        ("/", &[("host", "example.com.")], "https://example.com", false, false),
        ("/", &[("host", "example.com.")], "https://example.com.", false, false),
        ("/", &[("host", "example.com/x")], "https://example.com", false, false),
        ("/", &[("host", "example.com, evil.test")], "https://example.com", false, false),
        ("/", &[("host", "")], "https://example.com", false, false),
        ("/", &[("host", "")], "https://", false, false),
        ("/", no_fields, "https://example.com", false, false),
        ("/", &[("host", "example.com"), ("host", "example.com")], "https://example.com", false, false),
        ("/", &[("host", "example.com"), ("host", "evil.test")], "https://evil.test", false, false),
        // HTTP/2, and the absolute form of HTTP/1: whatever the scheme there says, it is what the last proxy spoke.
        ("https://example.com/", no_fields, "https://example.com", true, true),
        ("http://example.com/", no_fields, "https://example.com", true, true),
        ("https://example.com/", no_fields, "http://example.com", false, true),
        ("https://example.com:8443/", no_fields, "https://example.com:8443", true, true),
        ("https://example.com/", &[("host", "evil.test")], "https://example.com", true, true),
        ("https://example.com/", &[("host", "evil.test")], "https://evil.test", false, false),
        ("https://user@example.com/", no_fields, "https://example.com", false, false),
        ("https://user@example.com/", &[("host", "example.com")], "https://example.com", false, false),
        ("https://example.com./", &[("host", "example.com")], "https://example.com", false, false),
        // Loopback.
        ("/", &[("host", "localhost:3000")], "http://localhost:3000", true, true),
        ("/", &[("host", "localhost:3000")], "https://localhost:3000", true, true),
        ("/", &[("host", "shop.localhost:3000")], "http://shop.localhost:3000", true, true),
        ("/", &[("host", "127.0.0.1:3000")], "http://127.0.0.1:3000", true, true),
        ("/", &[("host", "127.3.2.1")], "http://127.3.2.1", true, true),
        ("/", &[("host", "[::1]:3000")], "http://[::1]:3000", true, true),
        ("http://localhost:3000/", no_fields, "http://localhost:3000", true, true),
        ("/", &[("host", "localhost:3000")], "http://localhost:3001", false, false),
        ("/", &[("host", "localhost:3000")], "http://127.0.0.1:3000", false, false),
        ("/", &[("host", "localhost.evil.test")], "http://localhost.evil.test", false, true),
        ("/", &[("host", "evil-localhost")], "http://evil-localhost", false, true),
        ("/", &[("host", "192.168.0.1")], "http://192.168.0.1", false, true),
        // Headers that proxies add are not read.
        (
            "/",
            &[("host", "app.internal"), ("x-forwarded-host", "example.com")],
            "https://example.com",
            false,
            false,
        ),
        (
            "/",
            &[("host", "app.internal"), ("forwarded", "host=example.com")],
            "https://example.com",
            false,
            false,
        ),
        (
            "/",
            &[("host", "example.com"), ("x-forwarded-host", "evil.test")],
            "https://evil.test",
            false,
            false,
        ),
        ("/", &[("host", "example.com"), ("x-forwarded-proto", "http")], "http://example.com", false, true),
        ("/", &[("host", "example.com"), ("x-forwarded-proto", "http")], "https://example.com", true, true),
    ] {
        for (policy, passing) in [(&policy, passing), (&http, with_http)] {
            let fields = [hosts, &[("origin", origin)]].concat();
            assert_eq!(passes(policy, "POST", target, &fields), passing, "{target} {fields:?}");
            let referrer = format!("{origin}/a");
            let fields = [hosts, &[("referer", &referrer)]].concat();
            assert_eq!(passes(policy, "POST", target, &fields), passing, "{target} {fields:?}");
        }
    }
}

/// Behind a proxy that rewrites `Host`, and where `Host` is made up.
#[test]
fn a_declared_origin_is_the_only_own_one() {
    let policy = empty().origin("https://Shop.example:443").build().unwrap();
    for host in ["app.internal:8080", "evil.test", "", "shop.example", "user@shop.example"] {
        let posted = |origin| passes(&policy, "POST", "/", &[("host", host), ("origin", origin)]);
        assert!(posted("https://shop.example"), "{host}");
        assert!(!posted("http://shop.example") && !posted("https://evil.test"), "{host}");
        assert!(!posted("https://app.internal:8080"), "{host}");
    }
    assert!(passes(&policy, "POST", "https://evil.test/", &[("origin", "https://shop.example")]));
    let local = empty().origin("http://localhost:3000").build().unwrap();
    assert!(passes(&local, "POST", "/", &[("origin", "http://localhost:3000")]));
    assert!(!passes(&local, "POST", "/", &[("origin", "https://localhost:3000")]));
    let plain = empty().origin("http://shop.example").danger_allow_http().build().unwrap();
    assert!(passes(&plain, "POST", "/", &[("origin", "http://shop.example")]));
    assert!(!passes(&plain, "POST", "/", &[("origin", "https://shop.example")]));
}

fn bank() -> CookiePolicyBuilder {
    empty()
        .flow("/transfer", ["/account", "/transfer"])
        .flow("/transfer/", ["/history"])
        .flow("/\u{fc}ber uns", ["/100%25"])
        .allowed_origins(["https://login.example"])
}

/// What is said of a way from a page to a path, by GET and as a POST of the same origin.
fn entered(policy: &CookiePolicy, target: &str, referrers: &[&str]) -> bool {
    let mut fields = vec![("host", "example.com")];
    fields.extend(referrers.iter().map(|referrer| ("referer", *referrer)));
    let by_get = verdict(policy, &request("GET", target, &fields));
    for method in ["HEAD", "OPTIONS", "POST", "DELETE"] {
        let fields = [&fields[..], &[SAME_ORIGIN]].concat();
        assert_eq!(
            verdict(policy, &request(method, target, &fields)),
            by_get,
            "{method} {target} {referrers:?}"
        );
    }
    match by_get {
        None => true,
        Some(RefusalReason::Flow) => false,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_flow_is_entered_from_its_pages_only() {
    let policy = bank().build().unwrap();
    for (referrers, passing) in [
        (&["https://example.com/account"][..], true),
        (&["https://example.com/account/"], true),
        (&["https://example.com//account"], true),
        (&["https://example.com/%61ccount"], true),
        (&["https://example.com/account?a=/b#c"], true),
        (&["HTTPS://EXAMPLE.COM:443/account"], true),
        (&["https://example.com/transfer"], true),
        (&["https://example.com/history"], true),
        (&[], false),
        (&[""], false),
        (&["https://example.com"], false),
        (&["https://example.com/"], false),
        (&["https://example.com/?/account"], false),
        (&["https://example.com/#/account"], false),
        (&["https://example.com/Account"], false),
        (&["https://example.com/accounts"], false),
        (&["https://example.com/account/x"], false),
        (&["https://example.com/x/account"], false),
        (&["https://example.com/account;x=1"], false),
        (&["https://example.com/x/../account"], false),
        (&["https://example.com/%2561ccount"], false),
        (&["http://example.com/account"], false),
        (&["https://example.com:8443/account"], false),
        (&["https://www.example.com/account"], false),
        (&["https://example.com.evil.test/account"], false),
        (&["https://evil.test/account"], false),
        (&["https://evil.test/?https://example.com/account"], false),
        (&["https://user@example.com/account"], false),
        (&["https://login.example/account"], false),
        (&["/account"], false),
        (&["https://example.com/account", "https://example.com/account"], false),
        (&["https://example.com/account", "https://evil.test/"], false),
    ] {
        assert_eq!(entered(&policy, "/transfer", referrers), passing, "{referrers:?}");
    }
}

#[test]
fn a_flow_cannot_be_reached_around_by_spelling() {
    let policy = bank().build().unwrap();
    for target in [
        "/transfer",
        "/transfer/",
        "/transfer//",
        "//transfer",
        "///transfer/",
        "/%74ransfer",
        "/%74%72%61%6e%73%66%65%72",
        "/%2Ftransfer",
        "/transfer%2f",
        "/x/../transfer",
        "/x/%2e%2e/transfer",
        "/x%2F..%2Ftransfer",
        "/./transfer",
        "/transfer/.",
        "/transfer/x/..",
        "/../transfer",
        "/transfer;x=1",
        "/transfer;",
        "/transfer%3bx=1",
        "/;x/transfer",
        "/x/..;/transfer",
        "/transfer?to=1",
        "/transfer/?to=/x",
        "https://example.com/transfer",
        "/%C3%BCber%20uns",
    ] {
        assert!(!entered(&policy, target, &[]), "{target}");
        assert!(!entered(&policy, target, &["https://example.com/other"]), "{target}");
    }
    for target in
        ["/", "/Transfer", "/transfers", "/transfer/x", "/x/transfer", "/x?/transfer", "/%2574ransfer"]
    {
        assert!(entered(&policy, target, &[]), "{target}");
    }
    assert!(entered(&policy, "/%74ransfer;x/", &["https://example.com/account"]));
    assert!(entered(&policy, "/%C3%BCber%20uns", &["https://example.com/100%25"]));
    assert!(!entered(&policy, "/%C3%BCber%20uns", &["https://example.com/account"]));
}

/// HTTP/2, the other forms of a target, and a declared origin.
#[test]
fn a_flow_knows_our_own_origin_as_the_check_does() {
    let policy = bank().build().unwrap();
    let from = |referrer| [("referer", referrer)];
    let by_authority = |referrer| {
        verdict(&policy, &request("GET", "https://shop.example/transfer", &from(referrer))).is_none()
    };
    assert!(by_authority("https://shop.example/account"));
    assert!(!by_authority("http://shop.example/account") && !by_authority("https://example.com/account"));
    let no_host = request("GET", "/transfer", &[("referer", "https://example.com/account")]);
    assert_eq!(verdict(&policy, &no_host), Some(RefusalReason::Flow));
    let declared = bank().origin("https://example.com").build().unwrap();
    assert_eq!(verdict(&declared, &no_host), None);
    assert_eq!(verdict(&policy, &request("OPTIONS", "*", &[])), None);
    assert_eq!(verdict(&policy, &request("CONNECT", "example.com:443", &[])), None);
}

/// A request that is wrong in both ways is told the first; an allowed origin may send requests, not enter flows.
#[test]
fn the_referrer_is_judged_before_the_flow() {
    let policy = bank().build().unwrap();
    let posted = |fields: Fields<'_>| {
        verdict(&policy, &request("POST", "/transfer", &[&[("host", "example.com")], fields].concat()))
    };
    let account = ("referer", "https://example.com/account");
    assert_eq!(posted(&[OWN, account]), None);
    assert_eq!(posted(&[EVIL, account]), Some(RefusalReason::Referrer));
    assert_eq!(posted(&[CROSS_SITE, account]), Some(RefusalReason::Referrer));
    assert_eq!(posted(&[OWN]), Some(RefusalReason::Flow));
    assert_eq!(posted(&[]), Some(RefusalReason::Flow));
    // A form under `Referrer-Policy: no-referrer`.
    assert_eq!(posted(&[NULL, SAME_ORIGIN]), Some(RefusalReason::Flow));
    let login = ("origin", "https://login.example");
    assert_eq!(posted(&[login, ("referer", "https://login.example/account")]), Some(RefusalReason::Flow));
}
