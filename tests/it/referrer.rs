//! What a policy may say of where requests come from.

use tower_cookie_policy::{BuildError, CookiePolicy, CookiePolicyBuilder};

use crate::support::keys;

fn empty() -> CookiePolicyBuilder {
    CookiePolicy::empty(keys())
}

#[test]
fn an_origin_that_is_none_is_quoted() {
    for (origin, needs) in [
        ("https://shop.example/", "without a path"),
        ("https://shop.example/a", "without a path"),
        ("https://shop.example?a", "a query"),
        ("https://user@shop.example", "without a user"),
        ("https://b\u{fc}cher.example", "in ASCII, as browsers send it (`xn--bcher-kva.example`)"),
        ("https://*.shop.example", "legal host name"),
        ("https://shop.example.", "trailing dot"),
        ("https://shop.example:0", "legal port"),
        ("https://[::1", "legal host name"),
        ("shop.example", "one of these two schemes"),
        ("wss://shop.example", "one of these two schemes"),
        ("null", "sandboxed"),
        ("", "one of these two schemes"),
    ] {
        for builder in [
            empty().origin(origin),
            empty().allowed_origins([origin]),
            empty().allowed_origins(["https://login.example", origin]),
        ] {
            let error = builder.build().unwrap_err();
            assert!(matches!(error, BuildError::IllegalOrigin { .. }), "{error}");
            assert!(error.to_string().contains(&format!("{origin:?}")), "{error}");
            assert!(error.to_string().contains(needs), "{error}");
        }
    }
}

/// Our own pages are not over plain HTTP, unless the policy says so; those of others are theirs.
#[test]
fn an_own_origin_over_plain_http_is_local_or_allowed_by_name() {
    for origin in ["http://shop.example", "http://192.168.0.1:80", "http://localhost.shop.example"] {
        let error = empty().origin(origin).build().unwrap_err();
        assert!(matches!(error, BuildError::HttpOrigin { .. }), "{error}");
        assert!(error.to_string().contains(&format!("{origin:?}")), "{error}");
        assert!(error.to_string().contains(".danger_allow_http()"), "{error}");
        assert!(empty().origin(origin).danger_allow_http().build().is_ok());
        assert!(empty().danger_allow_http().origin(origin).build().is_ok());
        assert!(empty().allowed_origins([origin]).build().is_ok());
    }
    for origin in [
        "https://shop.example",
        "HTTPS://Shop.example:443",
        "https://my_app.internal:8443",
        "http://localhost",
        "http://shop.localhost:3000",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
    ] {
        assert!(empty().origin(origin).build().is_ok(), "{origin}");
    }
}

#[test]
fn a_flow_that_cannot_be_is_quoted() {
    for (path, page, quoted) in [
        ("transfer", "/account", ["\"transfer\"", "starts with `/`"]),
        ("", "/account", ["\"\"", "starts with `/`"]),
        ("*", "/account", ["\"*\"", "starts with `/`"]),
        ("/transfer?a", "/account", ["\"/transfer?a\"", "no query"]),
        ("/transfer#a", "/account", ["\"/transfer#a\"", "no fragment"]),
        ("/x/../transfer", "/account", ["\"/x/../transfer\"", "no `.` and `..`"]),
        ("/transfer;x", "/account", ["\"/transfer;x\"", "no `;`"]),
        ("/transfer%3bx", "/account", ["\"/transfer%3bx\"", "no `;`"]),
        ("/trans\nfer", "/account", ["\"/trans\\nfer\"", "no control characters"]),
        ("/transfer", "account", ["\"account\"", "starts with `/`"]),
        ("/transfer", "https://shop.example/account", ["https://shop.example/account", "starts with `/`"]),
        ("/transfer", "/account?a", ["\"/account?a\"", "no query"]),
        ("/transfer", "/account#a", ["\"/account#a\"", "no fragment"]),
        ("/transfer", "/x/%2e%2e/account", ["\"/x/%2e%2e/account\"", "no `.` and `..`"]),
        ("/transfer", "", ["\"\"", "starts with `/`"]),
    ] {
        for pages in [vec![page], vec!["/a", page]] {
            let error = empty().flow("/a", ["/b"]).flow(path, pages).build().unwrap_err();
            assert!(matches!(error, BuildError::IllegalFlowPath { .. }), "{error}");
            assert!(error.to_string().contains(&format!("flow {path:?}")), "{error}");
            for quote in quoted {
                assert!(error.to_string().contains(quote), "{quote} in {error}");
            }
        }
    }
    let error = empty().flow("/transfer", [""; 0]).build().unwrap_err();
    assert!(matches!(error, BuildError::NoFlowPages { .. }), "{error}");
    assert!(error.to_string().contains("\"/transfer\""), "{error}");
}

#[test]
fn a_flow_that_is_just_legal_builds() {
    for (path, page) in [
        ("/", "/"),
        ("/transfer/", "//account/"),
        ("/.well-known", "/a..b/..."),
        ("/\u{fc}ber uns", "/%C3%BCber%20uns"),
        ("/transfer", "/account;jsessionid=1"),
        ("/transfer", "/transfer"),
    ] {
        assert!(empty().flow(path, [page]).flow(path, [page]).build().is_ok(), "{path} {page}");
    }
}
