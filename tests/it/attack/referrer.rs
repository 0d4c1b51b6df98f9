//! Where requests come from, in spellings that fool laxer parsers.

use http::header::{HOST, ORIGIN, REFERER};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::support::{Answer, serve};
use crate::transaction::jar::guarded;

/// Where a request comes from, in spellings that fool laxer parsers.
#[test]
fn no_odd_spelling_is_our_own_origin() {
    let policy = guarded().allowed_origins(["https://pay.test"]).build().unwrap();
    let status = |host: &[&[u8]], target: &str, fields: &[(HeaderName, &[u8])]| {
        let mut request = Request::builder().method(Method::POST).uri(target).body(()).unwrap();
        for host in host {
            request.headers_mut().append(HOST, HeaderValue::from_bytes(host).unwrap());
        }
        for (name, value) in fields {
            request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
        serve(&policy, request, |_| Answer::default()).status().as_u16()
    };
    let site = HeaderName::from_static("sec-fetch-site");
    let shop: &[&[u8]] = &[b"shop.test"];
    for origin in [
        &b"https://shop.test:0"[..],
        b"https://shop.test:65536",
        b"https://shop.test:+443",
        b"https://shop.test:0443",
        b"https://shop.test:",
        b"https://shop.test/",
        b"https://shop.test?",
        b"https://shop.test#",
        b"NULL",
        b"",
        b"https://shop.test, https://shop.test",
        b"https://shop.test https://shop.test",
        b"https://shop.test@evil.test",
        b"https://evil@shop.test",
        b"https://shop.test.",
        b"https://shop.test\xff",
        b"\xa0https://shop.test",
        b"https:\\\\shop.test",
        b"https:shop.test",
        b"https:///shop.test",
        b"https://shop%2etest",
        b"https://shop\t.test",
        b"https://pay.test/",
        b"https://pay.test.evil",
        b"https://pay.test, https://evil.test",
    ] {
        assert_eq!(status(shop, "/", &[(ORIGIN, origin)]), 403, "{}", origin.escape_ascii());
    }
    for origin in
        [&b"https://shop.test"[..], b"HTTPS://SHOP.TEST", b"https://shop.test:443", b"https://pay.test"]
    {
        assert_eq!(status(shop, "/", &[(ORIGIN, origin)]), 200, "{}", origin.escape_ascii());
    }
    for value in [
        &b"same-origin, cross-site"[..],
        b"same-origin,none",
        b"",
        b"SAME-ORIGIN",
        b"same-origin;x",
        b"\"same-origin\"",
        b"same-origin\xff",
    ] {
        let fields = [(site.clone(), value), (ORIGIN, b"https://shop.test")];
        assert_eq!(status(shop, "/", &fields), 403, "{}", value.escape_ascii());
    }
    let twice = [(site.clone(), &b"same-origin"[..]), (site, b"same-origin")];
    assert_eq!(status(shop, "/", &twice), 403);
    let allowed_and_not = [(ORIGIN, &b"https://pay.test"[..]), (ORIGIN, b"https://evil.test")];
    assert_eq!(status(shop, "/", &allowed_and_not), 403);
    for referer in [
        &b"https://shop.test\\@evil.test/"[..],
        b"https://shop.test:x@evil.test/",
        b"https://a@shop.test/",
        b"about:client",
        b"/x",
        b"",
        b"https://shop.test, https://evil.test",
        b"//shop.test/",
    ] {
        assert_eq!(status(shop, "/", &[(REFERER, referer)]), 403, "{}", referer.escape_ascii());
    }
    // Hosts that are none of ours, beside an origin that says the same.
    for host in [
        &b""[..],
        b"a@shop.test",
        b"shop.test, shop.test",
        b"shop.test.",
        b"shop.test\xff",
        b"shop.test/",
        b"shop.test:65536",
        b"shop.test:0",
        b"shop.test:",
        b"[fe80::1%25eth0]",
        b"[0::1",
    ] {
        let origin = [b"https://", host].concat();
        assert_eq!(status(&[host], "/", &[(ORIGIN, &origin)]), 403, "{}", host.escape_ascii());
        assert_eq!(status(&[host], "/", &[(ORIGIN, b"https://shop.test")]), 403, "{}", host.escape_ascii());
    }
    assert_eq!(
        status(&[b"shop.test", b"shop.test"], "/", &[(ORIGIN, b"https://shop.test")]),
        403,
        "two hosts"
    );
    assert_eq!(status(&[], "/", &[(ORIGIN, b"https://shop.test")]), 403, "no host");
    assert_eq!(
        status(&[b"shop.test"], "http://real.test/", &[(ORIGIN, b"https://shop.test")]),
        403,
        "absolute form"
    );
    // Plain HTTP is our own on hosts that stay on the machine, and only there.
    for host in ["localhost", "a.localhost", "127.1.2.3", "[::1]", "localhost:3000"] {
        assert_eq!(
            status(&[host.as_bytes()], "/", &[(ORIGIN, format!("http://{host}").as_bytes())]),
            200,
            "{host}"
        );
    }
    for host in [
        "localhost.evil",
        "127.0.0.1.evil",
        "0.0.0.0",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "evillocalhost",
        "127.0.0.256",
        "127.0.0.01",
        "128.0.0.1",
    ] {
        assert_eq!(
            status(&[host.as_bytes()], "/", &[(ORIGIN, format!("http://{host}").as_bytes())]),
            403,
            "{host}"
        );
    }
}

/// A router that takes `\` for `/` is as lax as one that drops `;parameters`.
#[test]
fn a_backslash_is_no_way_around_a_flow() {
    let policy = guarded().flow("/transfer", ["/account"]).build().unwrap();
    for path in ["/%5Ctransfer", "/transfer%5C", "/x/..%5Ctransfer"] {
        let answer = serve(&policy, Request::builder().uri(path).body(()).unwrap(), |_| Answer::default());
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
}
