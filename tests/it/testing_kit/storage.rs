//! What browsers keep, and what they send (RFC 6265bis sections 5.1, 5.6, 5.7 and 5.8).

use std::time::Duration;

use http::Request;

use super::{sent, set, visitor};

const HOME: &str = "https://shop.example/";

#[tokio::test]
async fn a_cookie_goes_where_its_scope_says() {
    let long = "x".repeat(1025);
    for (from, line, to, goes) in [
        // Host and Domain (sections 5.1.3 and 5.7).
        (HOME, "a=1", HOME, true),
        (HOME, "a=1", "https://www.shop.example/", false),
        (HOME, "a=1; Domain=shop.example", "https://www.shop.example/", true),
        (HOME, "a=1; Domain=.Shop.Example", "https://www.shop.example/", true),
        (HOME, "a=1; Domain=", "https://shop.example/", true),
        (HOME, "a=1; Domain=", "https://www.shop.example/", false),
        (HOME, "a=1; Domain=shop.example; Domain=", "https://www.shop.example/", false),
        (HOME, "a=1; Domain=www.shop.example", "https://www.shop.example/", false),
        (HOME, "a=1; Domain=other.example", "https://other.example/", false),
        (HOME, "a=1; Domain=example", HOME, false),
        (HOME, "a=1; Domain=hop.example", HOME, false),
        ("https://www.shop.example/", "a=1; Domain=shop.example", HOME, true),
        ("https://www.shop.example/", "a=1; Domain=shop.example", "https://myshop.example/", false),
        ("https://localhost/", "a=1; Domain=localhost", "https://localhost/", true),
        ("https://localhost/", "a=1; Domain=localhost", "https://app.localhost/", false),
        ("https://127.0.0.1/", "a=1; Domain=0.0.1", "https://127.0.0.1/", false),
        ("https://127.0.0.1/", "a=1; Domain=127.0.0.1", "https://127.0.0.1/", true),
        // Ports do not count.
        ("https://shop.example:8443/", "a=1", HOME, true),
        ("https://SHOP.example/", "a=1", HOME, true),
        // Path (section 5.1.4).
        (HOME, "a=1; Path=/cart", "https://shop.example/cart", true),
        (HOME, "a=1; Path=/cart", "https://shop.example/cart/2", true),
        (HOME, "a=1; Path=/cart", "https://shop.example/cart?x=/", true),
        (HOME, "a=1; Path=/cart", "https://shop.example/carton", false),
        (HOME, "a=1; Path=/cart", "https://shop.example/Cart", false),
        (HOME, "a=1; Path=/cart", HOME, false),
        (HOME, "a=1; Path=/cart/", "https://shop.example/cart", false),
        (HOME, "a=1; Path=/cart/", "https://shop.example/cart/", true),
        ("https://shop.example/cart/2?x=/y/", "a=1", "https://shop.example/cart", true),
        ("https://shop.example/cart/2", "a=1", HOME, false),
        ("https://shop.example/cart/", "a=1", "https://shop.example/cart", true),
        ("https://shop.example/cart", "a=1", HOME, true),
        ("https://shop.example/cart/2", "a=1; Path=", "https://shop.example/cart/3", true),
        ("https://shop.example/cart/2", "a=1; Path=shop", "https://shop.example/cart/3", true),
        ("https://shop.example/cart/2", "a=1; Path=/; Path=shop", HOME, false),
        ("https://shop.example/cart/2", "a=1; Path=/cart; Path=/", HOME, true),
        // Secure (section 5.7), which this machine itself is trusted with.
        (HOME, "a=1; Secure", HOME, true),
        (HOME, "a=1; Secure", "http://shop.example/", false),
        (HOME, "a=1", "http://shop.example/", true),
        ("http://shop.example/", "a=1; Secure", HOME, false),
        ("http://localhost:3000/", "a=1; Secure", "http://localhost:3000/", true),
        ("http://app.localhost/", "a=1; Secure", "http://app.localhost/", true),
        ("http://127.1.2.3/", "a=1; Secure", "http://127.1.2.3/", true),
        ("http://[::1]:3000/", "__Host-a=1; Secure; Path=/", "http://[::1]:3000/", true),
        ("http://127.0.0.1.example/", "a=1; Secure", "http://127.0.0.1.example/", false),
        // What needs Secure.
        (HOME, "a=1; SameSite=None", HOME, false),
        (HOME, "a=1; SameSite=None; Secure", HOME, true),
        (HOME, "a=1; Partitioned", HOME, false),
        (HOME, "a=1; Partitioned; Secure", HOME, true),
        // Prefixes, in any case (section 5.7).
        (HOME, "__Host-a=1; Secure; Path=/", HOME, true),
        (HOME, "__HOST-a=1; Secure", HOME, false),
        (HOME, "__host-a=1; Secure; Path=/; Domain=shop.example", HOME, false),
        (HOME, "__Secure-a=1", HOME, false),
        (HOME, "__secure-a=1; Secure", HOME, true),
        (HOME, "__Http-a=1; Secure", HOME, false),
        (HOME, "__http-a=1; Secure; HttpOnly", HOME, true),
        (HOME, "__Host-Http-a=1; Secure; Path=/", HOME, false),
        (HOME, "__Host-Http-a=1; Secure; Path=/; HttpOnly", HOME, true),
        (HOME, "=__Host-a=1", HOME, false),
        (HOME, "__secure-a", HOME, false),
        // Lifetimes that are over (section 5.6).
        (HOME, "a=1; Max-Age=0", HOME, false),
        (HOME, "a=1; Max-Age=-1", HOME, false),
        (HOME, "a=1; Max-Age=-", HOME, true),
        (HOME, "a=1; Max-Age=+0", HOME, true),
        (HOME, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HOME, false),
        (HOME, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", HOME, true),
        (HOME, "a=1; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT", HOME, false),
        (HOME, "a=1; Max-Age=sixty; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HOME, false),
        (HOME, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=never", HOME, false),
        (HOME, "a=1; Max-Age=0; Max-Age=60", HOME, true),
        // Attributes over 1024 bytes count for nothing.
        (HOME, &format!("a=1; Path=/{long}"), HOME, true),
        (HOME, &format!("a=1; Domain={long}.example"), HOME, true),
        (HOME, &format!("a=1; Max-Age={}", "0".repeat(1025)), HOME, true),
    ] {
        let (mut browser, _) = visitor();
        set(&mut browser, from, &[line]).await;
        assert_eq!(sent(&mut browser, to).await.ends_with('1'), goes, "{line:.80} from {from} to {to}");
    }
}

#[tokio::test]
async fn longer_paths_come_first_and_older_cookies_before_newer_ones() {
    let (mut browser, clock) = visitor();
    set(&mut browser, HOME, &["a=1", "b=1; Path=/cart", "c=1", "d=1; Path=/cart/2"]).await;
    clock.advance(Duration::from_secs(1));
    // A cookie that is replaced keeps its age (section 5.7 step 23).
    set(&mut browser, HOME, &["e=1", "a=2"]).await;
    assert_eq!(sent(&mut browser, "https://shop.example/cart/2").await, "d=1; b=1; a=2; c=1; e=1");
    assert_eq!(browser.cookie_names(), ["d", "b", "a", "c", "e"]);
}

#[tokio::test]
async fn name_domain_and_path_make_a_cookie_and_partitions_part_it() {
    let (mut browser, _) = visitor();
    let lines = [
        "a=1",
        "a=2; Path=/cart",
        "a=3; Domain=shop.example",
        "A=4",
        "a=5; Partitioned; Secure",
        "a=6; Path=/; HttpOnly",
    ];
    set(&mut browser, HOME, &lines).await;
    let all = "a=2; a=6; a=3; A=4; a=5";
    assert_eq!(sent(&mut browser, "https://shop.example/cart").await, all);
    // A deletion takes the one that it names.
    set(&mut browser, HOME, &["a=; Max-Age=0; Path=/cart", "a=; Max-Age=0; Path=/elsewhere"]).await;
    assert_eq!(sent(&mut browser, "https://shop.example/cart").await, "a=6; a=3; A=4; a=5");
    set(&mut browser, HOME, &["a=; Max-Age=0", "a=; Max-Age=0; Domain=shop.example"]).await;
    assert_eq!(sent(&mut browser, HOME).await, "A=4; a=5");
    browser.forget("a");
    assert_eq!(browser.cookie_names(), ["A"]);
}

#[tokio::test]
async fn plain_http_takes_no_secure_cookies_place() {
    for (line, taken) in [
        ("a=2", false),
        ("a=2; Path=/cart/2", false),
        ("a=2; Path=/", true),
        ("a=2; Domain=shop.example; Path=/cart", false),
        ("b=2; Path=/cart", true),
    ] {
        let (mut browser, _) = visitor();
        set(&mut browser, HOME, &["a=1; Secure; Path=/cart"]).await;
        set(&mut browser, "http://shop.example/cart/", &[line]).await;
        assert_eq!(browser.cookie_names().len(), if taken { 2 } else { 1 }, "{line}");
    }
}

#[tokio::test]
async fn cookies_end_by_the_clock_and_with_the_session() {
    let (mut browser, clock) = visitor();
    let lines = [
        "session=1",
        "short=1; Max-Age=60",
        "dated=1; Expires=Wed, 25 Nov 2026 00:00:00 GMT",
        "long=1; Max-Age=99999999999999999999",
        "far=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
    ];
    set(&mut browser, HOME, &lines).await;
    clock.advance(Duration::from_secs(59));
    assert_eq!(browser.cookie_names().len(), 5);
    clock.advance(Duration::from_secs(1));
    assert_eq!(browser.cookie("short"), None);
    assert_eq!(sent(&mut browser, HOME).await, "session=1; dated=1; long=1; far=1");
    browser.close();
    assert_eq!(sent(&mut browser, HOME).await, "dated=1; long=1; far=1");
    clock.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(sent(&mut browser, HOME).await, "long=1; far=1");
    // 400 days (section 5.5), of which these are past.
    clock.advance(Duration::from_secs(398 * 86_400 - 61));
    assert_eq!(sent(&mut browser, HOME).await, "long=1; far=1");
    clock.advance(Duration::from_secs(1));
    assert_eq!(sent(&mut browser, HOME).await, "");
}

#[tokio::test]
async fn from_other_sites_cookies_come_as_same_site_allows() {
    let lines = [
        "s=1; SameSite=strict",
        "l=1; SameSite=Lax",
        "d=1",
        "u=1; SameSite=Odd",
        "n=1; SameSite=None; Secure",
    ];
    for (site, mode, method, due) in [
        ("same-origin", "cors", "POST", "s=1; l=1; d=1; u=1; n=1"),
        ("same-site", "navigate", "GET", "s=1; l=1; d=1; u=1; n=1"),
        ("none", "navigate", "GET", "s=1; l=1; d=1; u=1; n=1"),
        ("cross-site", "navigate", "GET", "l=1; d=1; u=1; n=1"),
        ("cross-site", "navigate", "POST", "n=1"),
        ("cross-site", "no-cors", "GET", "n=1"),
    ] {
        let (mut browser, _) = visitor();
        set(&mut browser, HOME, &lines).await;
        let request = Request::builder().method(method).uri(HOME);
        let request = request.header("sec-fetch-site", site).header("sec-fetch-mode", mode);
        let page = browser.send(request.body("").unwrap()).await;
        assert_eq!(page.text(), due, "{site} {mode} {method}");
    }
    // An unknown SameSite takes an earlier one back.
    let (mut browser, _) = visitor();
    set(&mut browser, HOME, &["s=1; SameSite=Strict; SameSite=Odd"]).await;
    let request = Request::get(HOME).header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(request.body("").unwrap()).await.text(), "s=1");
}

#[test]
fn what_is_planted_is_what_a_page_sets() {
    let (browser, _) = visitor();
    let mut browser = browser.at("http://shop.example");
    assert!(browser.plant("a=1"));
    assert!(browser.plant("a=2; Max-Age=60"));
    assert!(browser.plant("b=; Max-Age=0"));
    assert!(!browser.plant("c=1; Secure"));
    assert!(!browser.plant("c=\u{7}"));
    assert!(!browser.plant("c=1\r\nd=1"));
    assert_eq!(browser.cookie("a"), Some("2"));
    assert_eq!(browser.cookie_names(), ["a"]);
    assert_eq!(browser.cookie("c"), None);
    browser.forget("a");
    assert!(browser.cookie_names().is_empty());
}
