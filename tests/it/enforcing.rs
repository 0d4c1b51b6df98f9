//! Every rule of the response half, on every kind of response.

use http::{Method, Request, StatusCode};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookieSpec, Cookies, Integrity, SuppressionReason, Undeclared,
};

use crate::support::{
    Answer, attributes, issue, keys, lines, order, serve, shop, suppressed, visit, with_lines, write,
};

/// What leaves of one raw line, and the reasons that are reported.
fn outcome(policy: &CookiePolicy, line: &str) -> (Vec<String>, Vec<String>) {
    let answer = write(policy, &[line]);
    (lines(&answer), suppressed(&answer).into_iter().map(|(_, reason)| reason).collect())
}

type Rule = (&'static str, Option<(&'static str, &'static str)>, Vec<&'static str>);

/// Each rule as a raw line, what leaves of it (name and value, sorted attributes), and the reasons.
fn rules() -> Vec<Rule> {
    const LAX: &str = "httponly; path=/; samesite=lax; secure";
    const GONE: &str =
        "expires=thu, 01 jan 1970 00:00:00 gmt; httponly; max-age=0; path=/; samesite=lax; secure";
    const FONT_DAY: &str =
        "expires=tue, 24 nov 2026 17:43:12 gmt; max-age=86400; path=/; samesite=lax; secure";
    const FONT_MONTH: &str =
        "expires=wed, 23 dec 2026 17:43:12 gmt; max-age=2592000; path=/; samesite=lax; secure";
    vec![
        // Not in the table.
        ("x=1", None, vec!["undeclared"]),
        ("Plain=1", None, vec!["undeclared"]),
        ("XRMlower=1", None, vec!["undeclared"]),
        // Not for a handler to set by a raw header.
        ("stats=1", None, vec!["no_consent"]),
        ("promo_x=1; Max-Age=60", None, vec!["no_consent"]),
        ("theme=dark", None, vec!["not_requested"]),
        ("i18next=de", None, vec!["not_requested"]),
        ("XRMINT=n1", None, vec!["not_issuer"]),
        ("JSESSIONID=0123456789ABCDEF0123456789ABCDEF", None, vec!["managed"]),
        ("OFBiz.Visitor=1", None, vec!["managed"]),
        ("cookie_consent=1", None, vec!["managed"]),
        ("TS017a625a=x", None, vec!["managed"]),
        ("TSfe73894ad=x", None, vec!["managed"]),
        // In the table: the row's scope, whatever the line says.
        ("plain=1", Some(("plain=1", LAX)), vec![]),
        ("cart=3", Some(("cart=3", LAX)), vec![]),
        ("plain=\"1\"", Some(("plain=\"1\"", LAX)), vec![]),
        ("plain=", Some(("plain=", LAX)), vec![]),
        ("  plain  =  1  ", Some(("plain=1", LAX)), vec![]),
        ("plain=1;;; ;=;x=y;Priority=High", Some(("plain=1", LAX)), vec![]),
        ("plain=1; SameSite=None", Some(("plain=1", LAX)), vec![]),
        ("plain=1; Path=/elsewhere", Some(("plain=1", LAX)), vec!["rescoped"]),
        ("plain=1; Domain=example.com", Some(("plain=1", LAX)), vec!["rescoped"]),
        ("deep=1; Path=/", Some(("deep=1", "httponly; path=/deep; samesite=lax; secure")), vec!["rescoped"]),
        // A session row loses both.
        ("plain=1; Max-Age=60", Some(("plain=1", LAX)), vec!["clamped"]),
        ("plain=1; EXPIRES=Wed, 21 Oct 2099 07:28:00 GMT", Some(("plain=1", LAX)), vec!["clamped"]),
        // A persistent row is cut to its lifetime, and says both.
        ("font=1", Some(("font=1", "path=/; samesite=lax; secure")), vec![]),
        ("font=1; Max-Age=86400", Some(("font=1", FONT_DAY)), vec![]),
        ("font=1; mAX-aGE=86400; Expires=Wed, 21 Oct 2099 07:28:00 GMT", Some(("font=1", FONT_DAY)), vec![]),
        ("font=1; Expires=Tue, 24 Nov 2026 17:43:12 GMT", Some(("font=1", FONT_DAY)), vec![]),
        ("font=1; Max-Age=2592000", Some(("font=1", FONT_MONTH)), vec![]),
        ("font=1; Max-Age=2592001", Some(("font=1", FONT_MONTH)), vec!["clamped"]),
        ("font=1; Max-Age=99999999999999999999999", Some(("font=1", FONT_MONTH)), vec!["clamped"]),
        ("font=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", Some(("font=1", FONT_MONTH)), vec!["clamped"]),
        ("font=1; Max-Age=1.5", Some(("font=1", "path=/; samesite=lax; secure")), vec![]),
        // Names and values that are not legal.
        ("plain", None, vec!["malformed"]),
        ("", None, vec!["malformed"]),
        ("=1", None, vec!["malformed"]),
        ("=plain=1", None, vec!["malformed"]),
        ("pla in=1", None, vec!["malformed"]),
        ("plain=a b", None, vec!["malformed"]),
        ("plain=a,b", None, vec!["malformed"]),
        ("plain=a\\b", None, vec!["malformed"]),
        ("plain=\"a", None, vec!["malformed"]),
        ("plain=a\tb", None, vec!["malformed"]),
        ("ticket=\"a\"", None, vec!["malformed"]),
        // A deletion passes, in the row's scope and in its own.
        ("plain=; Max-Age=0", Some(("plain=", GONE)), vec![]),
        ("plain=secret; Max-Age=-1", Some(("plain=", GONE)), vec![]),
        ("plain=; Expires=Thu, 01 Jan 1970 00:00:10 GMT", Some(("plain=", GONE)), vec![]),
        ("plain=x; Expires=Thu, 1 Jan 1970 0:0:0", Some(("plain=", GONE)), vec![]),
        ("plain=; Max-Age=60; Max-Age=0", Some(("plain=", GONE)), vec![]),
        ("plain=; Max-Age=0; Expires=Wed, 21 Oct 2099 07:28:00 GMT", Some(("plain=", GONE)), vec![]),
        ("plain=a b,c; Max-Age=0", Some(("plain=", GONE)), vec![]),
        ("theme=; Max-Age=0", Some(("theme=", GONE)), vec![]),
        ("draft=; Max-Age=0", Some(("draft=", GONE)), vec![]),
        ("promo_x=; Max-Age=0", Some(("promo_x=", GONE)), vec![]),
        ("XRMINT=; Max-Age=0", Some(("XRMINT=", GONE)), vec![]),
        ("x=; Max-Age=0", Some(("x=", "expires=thu, 01 jan 1970 00:00:00 gmt; max-age=0")), vec![]),
        (
            "x=; Max-Age=0; Path=/a; Domain=.Example.com",
            Some(("x=", "domain=example.com; expires=thu, 01 jan 1970 00:00:00 gmt; max-age=0; path=/a")),
            vec![],
        ),
        ("JSESSIONID=; Max-Age=0", None, vec!["managed"]),
        ("TS017a625a=; Max-Age=0", None, vec!["managed"]),
        ("__Host-pin=; Max-Age=0; Path=/", Some(("__Host-pin=", GONE)), vec![]),
        (
            "__Host-x=; Max-Age=0",
            Some(("__Host-x=", "expires=thu, 01 jan 1970 00:00:00 gmt; httponly; max-age=0; path=/; secure")),
            vec![],
        ),
    ]
}

#[test]
fn each_rule_holds_on_each_kind_of_response() {
    let policy = shop().build().unwrap();
    for (line, expected, reasons) in rules() {
        for status in [101, 200, 204, 302, 304, 404, 500] {
            for method in [Method::GET, Method::HEAD, Method::POST] {
                let mut request = Request::new(());
                *request.method_mut() = method.clone();
                let answer = serve(&policy, request, |_| {
                    let mut answer = with_lines(Answer::default(), &[line]);
                    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                    answer
                });
                // A guarded cookie brings TS cookies along, of which other tests tell.
                let left: Vec<_> =
                    lines(&answer).into_iter().filter(|line| !line.starts_with("TS")).collect();
                let seen: Vec<_> = left
                    .iter()
                    .map(|line| (line.split(';').next().unwrap(), attributes(line).join("; ")))
                    .collect();
                let wanted: Vec<_> =
                    expected.iter().map(|(pair, rest)| (*pair, (*rest).to_owned())).collect();
                assert_eq!(seen, wanted, "{method} {status}: {line}");
                let said: Vec<_> = suppressed(&answer).into_iter().map(|(_, reason)| reason).collect();
                assert_eq!(said, reasons, "{method} {status}: {line}");
            }
        }
    }
}

/// T40: a declared cookie is deleted in its row's scope, and in the scope that the line names besides.
#[test]
fn a_deletion_in_another_scope_is_sent_besides() {
    let policy = shop().build().unwrap();
    let (left, _) = outcome(&policy, "plain=; Max-Age=0; Path=/old; Domain=example.com");
    let scopes: Vec<_> = left.iter().map(|line| attributes(line).join("; ")).collect();
    assert_eq!(
        scopes,
        [
            "expires=thu, 01 jan 1970 00:00:00 gmt; httponly; max-age=0; path=/; samesite=lax; secure",
            "domain=example.com; expires=thu, 01 jan 1970 00:00:00 gmt; httponly; max-age=0; path=/old; samesite=lax; secure",
        ]
    );
}

/// A cookie that moves to another path is set and deleted there in one response, in either order.
#[test]
fn a_deletion_elsewhere_leaves_the_new_cookie_alone() {
    let policy = shop().build().unwrap();
    for lines_written in
        [["plain=1", "plain=; Max-Age=0; Path=/old"], ["plain=; Max-Age=0; Path=/old", "plain=1"]]
    {
        let answer = write(&policy, &lines_written);
        let mut left: Vec<_> =
            lines(&answer).iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
        left.sort();
        assert_eq!(left, ["plain=", "plain=1"], "{lines_written:?}");
        assert_eq!(suppressed(&answer), []);
    }
}

/// T43: one cookie for each name, domain and path, the last one; the order is that of the lines.
#[test]
fn the_last_one_leaves() {
    let policy = shop().build().unwrap();
    let answer = write(&policy, &["plain=1", "font=1", "plain=2", "plain=; Max-Age=0", "plain=3"]);
    let pairs: Vec<_> =
        lines(&answer).iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
    assert_eq!(pairs, ["font=1", "plain=3"]);
    assert_eq!(suppressed(&answer), vec![("plain".to_owned(), "replaced".to_owned()); 3]);
    let answer = serve(&policy, Request::new(()), |request| {
        request.extensions().get::<Cookies>().unwrap().set("plain", "handle").unwrap();
        with_lines(Answer::default(), &["plain=header"])
    });
    assert!(lines(&answer)[0].starts_with("plain=handle;"), "the handle's order comes last");
}

/// T42: measured after signing, and told to who orders through the handle.
#[test]
fn what_browsers_would_not_take_does_not_leave() {
    let policy = shop().build().unwrap();
    let fits = |name: &str, overhead: usize| "v".repeat(4096 - name.len() - overhead);
    for (name, overhead) in [("plain", 0), ("ticket", 36)] {
        let value = fits(name, overhead);
        assert_eq!(lines(&write(&policy, &[format!("{name}={value}")])).len(), 1);
        let (left, reasons) = outcome(&policy, &format!("{name}={value}v"));
        assert_eq!((left.len(), reasons), (0, vec!["oversized".to_owned()]));
        order(&policy, |cookies| {
            cookies.set(name, value.clone()).unwrap();
            let error = cookies.set(name, format!("{value}v")).unwrap_err();
            assert_eq!(error.reason(), Some(SuppressionReason::Oversized));
        });
    }
    for (length, reasons) in [(1023, vec!["rescoped"]), (1024, vec!["oversized"])] {
        assert_eq!(outcome(&policy, &format!("plain=1; Path=/{}", "p".repeat(length))).1, reasons);
    }
}

#[test]
fn undeclared_cookies_are_kept_and_reported_where_the_policy_says_so() {
    let policy = CookiePolicy::empty(keys()).undeclared(Undeclared::Keep).build().unwrap();
    for (line, left) in [
        ("x=1", Some("x=1")),
        (
            "x=1; Path=/a; Domain=.example.com; HttpOnly; SameSite=strict",
            Some("x=1; HttpOnly; SameSite=Strict; Path=/a; Domain=example.com"),
        ),
        ("x=1; Path=relative; Foo=bar", Some("x=1")),
        (
            "x=1; Secure; Partitioned; SameSite=None; Path=/",
            Some("x=1; SameSite=None; Partitioned; Secure; Path=/"),
        ),
        ("__Host-x=1; Secure; Path=/", Some("__Host-x=1; Secure; Path=/")),
        ("__Host-x=1; Path=/", None),
        ("__hOST-x=1; Secure", None),
        ("__Secure-x=1", None),
        ("__HTTP-x=1; Secure", None),
        ("__Host-Http-x=1; Secure; Path=/", None),
        ("__Host-Http-x=1; Secure; HttpOnly; Path=/", Some("__Host-Http-x=1; HttpOnly; Secure; Path=/")),
        ("x=1; SameSite=None", None),
        ("x=1; Partitioned", None),
        ("x=1; Domain=ex ample", None),
        ("x=a b", None),
    ] {
        let (lines, reasons) = outcome(&policy, line);
        assert_eq!(lines, left.into_iter().collect::<Vec<_>>(), "{line}");
        let expected = if left.is_some() { vec!["undeclared"] } else { vec!["undeclared", "malformed"] };
        assert_eq!(reasons, expected, "{line}");
    }
    let (lines, _) = outcome(&policy, "x=1; Max-Age=99999999999");
    assert!(attributes(&lines[0]).contains(&"max-age=34560000".to_owned()), "no longer than browsers take");
}

/// What the handle sets has the scope of rows, also where there is no row.
#[test]
fn an_undeclared_order_has_the_scope_of_rows() {
    let policy =
        CookiePolicy::empty(keys()).undeclared(Undeclared::Keep).domain("a.example").build().unwrap();
    let answer = order(&policy, |cookies| {
        cookies.set("x", "1").unwrap();
        cookies.remove("y").unwrap();
        assert_eq!(cookies.set("z%", "1"), Ok(()), "a percent sign alone is no alias");
    });
    for line in lines(&answer) {
        let sent = attributes(&line);
        for attribute in ["domain=a.example", "httponly", "path=/", "samesite=lax", "secure"] {
            assert!(sent.contains(&attribute.to_owned()), "{line}");
        }
    }
}

#[test]
fn the_handle_orders_by_the_table() {
    let policy = shop().build().unwrap();
    for (name, value, reason) in [
        ("plain", "1", None),
        ("theme", "dark", None),
        ("i18next", "de", None),
        ("x", "1", Some(SuppressionReason::Undeclared)),
        ("JSESSIONID", "1", Some(SuppressionReason::Managed)),
        ("TS017a625a", "1", Some(SuppressionReason::Managed)),
        ("XRMINT", "1", Some(SuppressionReason::NotIssuer)),
        ("stats", "1", Some(SuppressionReason::NoConsent)),
        ("draft", "1", None),
        ("draft", "\"1\"", Some(SuppressionReason::Malformed)),
        ("i18next", "fr", Some(SuppressionReason::Malformed)),
        ("plain", "a;b", Some(SuppressionReason::Malformed)),
        ("plain", "a\r\nSet-Cookie: x=1", Some(SuppressionReason::Malformed)),
        ("plain", "\u{e4}", Some(SuppressionReason::Malformed)),
        ("ticket", "\"a\"", Some(SuppressionReason::Malformed)),
    ] {
        let answer = order(&policy, |cookies| {
            let outcome = cookies.set(name, value);
            assert_eq!(outcome.err().map(|error| error.reason()), reason.map(Some), "{name}={value}");
        });
        assert_eq!(lines(&answer).len(), usize::from(reason.is_none()), "{name}={value}");
    }
    let answer = order(&policy, |cookies| {
        cookies.set("plain", "1").unwrap();
        cookies.remove("theme").unwrap();
        cookies.remove("plain").unwrap();
        assert!(cookies.remove("JSESSIONID").is_err());
    });
    let left = lines(&answer);
    assert!(left[0].starts_with("theme=;") && left[1].starts_with("plain=;"), "{left:?}");
}

#[test]
fn an_order_after_the_response_left_is_an_error() {
    let policy = shop().build().unwrap();
    let kept = std::cell::RefCell::new(None);
    order(&policy, |cookies| *kept.borrow_mut() = Some(cookies.clone()));
    let error = kept.borrow().as_ref().unwrap().set("plain", "1").unwrap_err();
    assert_eq!((error.reason(), error.to_string().contains("has left")), (None, true));
}

/// A jar's header and a raw one are the same to the table.
#[test]
fn a_jar_writes_by_the_table() {
    use axum::response::IntoResponse;
    let policy = shop().build().unwrap();
    let jar = axum_extra::extract::CookieJar::new().add(("plain", "1")).add(("x", "1"));
    let answer = jar.into_response();
    let written: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|line| line.as_bytes().to_vec()).collect();
    let answer = write(&policy, &written);
    assert_eq!(lines(&answer), ["plain=1; HttpOnly; SameSite=Lax; Secure; Path=/"]);
}

/// What the handler set comes back to it.
#[test]
fn what_leaves_comes_back() {
    let policy = shop().build().unwrap();
    for (name, value) in
        [("plain", "\"q\""), ("ticket", "a.b"), ("theme", "dark"), ("theme", ""), ("font", "%20")]
    {
        let seen = visit(&policy, &[issue(&policy, name, value)]);
        assert_eq!(seen.pairs, [(name.to_owned(), value.as_bytes().to_vec())]);
    }
}

/// Lines that are not text are dropped, and take no other with them.
#[test]
fn bytes_beyond_ascii_do_not_leave() {
    let policy = shop().build().unwrap();
    let bad: [&[u8]; 4] = [b"plain=\xff", b"pl\xffain=1", b"plain=1; Path=/\xff", b"plain=1; Domain=\xff"];
    for line in bad {
        let answer = write(&policy, &[line, b"font=1"]);
        assert_eq!(lines(&answer).len(), 1, "{}", line.escape_ascii());
        assert_eq!(suppressed(&answer).len(), 1);
    }
    let answer = write(&policy, &[b"plain=1; Foo=\xff"]);
    assert_eq!(lines(&answer).len(), 1, "an attribute that nobody knows is passed over");
}

/// T39: a name that is none cannot carry attributes, or another cookie, out.
#[test]
fn an_illegal_name_is_no_order() {
    let policy = shop().build().unwrap();
    for name in
        ["", "a b", "=x", "plain=; Path=/; x", "TS017a625a=; Path=/; x", "a\r\nb", "\u{e4}", "a,b", " plain"]
    {
        let answer = order(&policy, |cookies| {
            let malformed = Some(SuppressionReason::Malformed);
            assert_eq!(cookies.remove(name).unwrap_err().reason(), malformed, "{name:?}");
            assert_eq!(cookies.set(name, "1").unwrap_err().reason(), malformed, "{name:?}");
        });
        assert_eq!(lines(&answer), [""; 0], "{name:?}");
    }
}

/// T41: a pattern may stand for a name whose prefix its scope does not honour; such a cookie does not leave.
#[test]
fn prefixes_hold_under_patterns() {
    let row = |row: CookieSpec| CookiePolicy::empty(keys()).with(row).build().unwrap();
    let underscore = || CookieSpec::new("_*", Basis::essential("a test"));
    for (policy, name) in [
        (row(underscore().danger_without_secure()), "__Secure-x"),
        (row(underscore().danger_without_secure()), "__host-x"),
        (row(underscore().path("/x")), "__Host-x"),
        (row(underscore().readable_by_script()), "__Http-x"),
    ] {
        assert_eq!(outcome(&policy, &format!("{name}=1")), (vec![], vec!["malformed".to_owned()]));
        assert_eq!(outcome(&policy, "_x=1").0.len(), 1);
        let (lines, _) = outcome(&policy, &format!("{name}=; Max-Age=0"));
        assert!(attributes(&lines[0]).contains(&"secure".to_owned()), "a deletion honours it: {lines:?}");
    }
}

/// The companions of a guarded pattern are TS names too, and their names cannot be told from the table.
#[test]
fn companions_of_patterns_are_managed() {
    let row = CookieSpec::new("basket_*", Basis::essential("a test")).integrity(Integrity::Guarded);
    let policy = CookiePolicy::empty(keys()).with(row).undeclared(Undeclared::Keep).build().unwrap();
    for line in ["TSa05f2ca9d=1", "TSa05f2ca9d=; Max-Age=0"] {
        assert_eq!(outcome(&policy, line), (vec![], vec!["managed".to_owned()]));
    }
}

/// What would be refused when it comes back does not leave.
#[test]
fn what_has_not_the_rows_shape_does_not_leave() {
    let policy = shop().build().unwrap();
    assert_eq!(outcome(&policy, "DWRSESSIONID=abc"), (vec![], vec!["malformed".to_owned()]));
    assert_eq!(outcome(&policy, "DWRSESSIONID=KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cX").0.len(), 1);
    let keep =
        CookiePolicy::empty(keys()).with(CookieSpec::new("a", Basis::Requested)).undeclared(Undeclared::Keep);
    assert_eq!(outcome(&keep.build().unwrap(), "%61=1").1, ["malformed"]);
}

/// T42: of thousands of lines the last of each name leaves.
#[test]
fn many_lines_are_each_judged() {
    let policy = CookiePolicy::empty(keys()).undeclared(Undeclared::Keep).build().unwrap();
    let many: Vec<String> = (0..8000).map(|at| format!("c{}=v", at % 4000)).collect();
    assert_eq!(lines(&write(&policy, &many)).len(), 4000);
}
