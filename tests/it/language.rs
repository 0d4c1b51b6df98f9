//! `i18next` and `Accept-Language`.

use http::HeaderValue;
use http::header::ACCEPT_LANGUAGE;
use tower_cookie_policy::{CookiePolicy, Cookies, SuppressionReason};

use crate::support::{Answer, attributes, keys, lines, order, request, serve, shop};

fn locale(policy: &CookiePolicy, cookies: &[&str], accept: Option<&'static str>) -> Option<String> {
    let locale = std::cell::RefCell::new(None);
    let mut request = request(cookies);
    if let Some(accept) = accept {
        request.headers_mut().insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
    }
    let answer = serve(policy, request, |request| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        *locale.borrow_mut() = cookies.locale(request.headers()).map(|locale| locale.to_string());
        Answer::default()
    });
    assert_eq!(lines(&answer), [""; 0], "detection sets nothing");
    locale.into_inner()
}

#[test]
fn the_choice_comes_before_the_browser() {
    let policy = shop().languages(["en", "de", "pt-BR"]).build().unwrap();
    for (cookies, accept, expected) in [
        (&["i18next=de"][..], Some("pt-BR"), "de"),
        (&["i18next=PT-br"], None, "pt-BR"),
        (&["i18next=fr"], Some("de"), "de"),
        (&["i18next=fr; i18next=de"], Some("en"), "de"),
        (&["i18next=de; i18next=en"], None, "de"),
        (&["i18next=../de"], None, "en"),
        (&[], Some("fr;q=0.9, de-CH;q=0.8, en;q=0.1"), "de"),
        (&[], None, "en"),
    ] {
        assert_eq!(locale(&policy, cookies, accept).as_deref(), Some(expected), "{cookies:?} {accept:?}");
    }
}

#[test]
fn a_choice_is_kept_for_a_month_in_the_lists_spelling() {
    let policy = shop().languages(["en", "pt-BR"]).build().unwrap();
    let answer = order(&policy, |cookies| {
        assert_eq!(cookies.choose_language("PT-br").unwrap().as_str(), "pt-BR");
    });
    let line = &lines(&answer)[0];
    assert!(line.starts_with("i18next=pt-BR;"), "{line}");
    assert_eq!(
        attributes(line),
        ["expires=wed, 23 dec 2026 17:43:12 gmt", "max-age=2592000", "path=/", "samesite=lax", "secure"]
    );
}

#[test]
fn an_unlisted_choice_is_an_error() {
    let policy = shop().build().unwrap();
    let answer = order(&policy, |cookies| {
        for tag in ["fr", "", "de; Domain=evil", "__proto__"] {
            assert_eq!(
                cookies.choose_language(tag).unwrap_err().reason(),
                Some(SuppressionReason::Malformed)
            );
        }
    });
    assert_eq!(lines(&answer), [""; 0]);
}

#[test]
fn without_languages_there_is_no_locale() {
    let policy = CookiePolicy::empty(keys()).build().unwrap();
    assert_eq!(locale(&policy, &[], Some("de")), None);
    let policy = CookiePolicy::empty(keys()).languages(["de"]).build().unwrap();
    assert_eq!(locale(&policy, &[], None).as_deref(), Some("de"), "a list without a row still negotiates");
}
