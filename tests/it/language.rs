//! `i18next` and `Accept-Language`.

use http::HeaderValue;
use http::header::{ACCEPT_LANGUAGE, VARY};
use tower_cookie_policy::{CookiePolicy, Cookies, SuppressionReason};

use crate::support::{
    Answer, attributes, keys, lines, order, request, serve, shop, suppressed, visit, write,
};

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
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[VARY], "Accept-Language, Cookie", "whatever decided");
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

/// The shape that i18next itself takes for a language code, and the policy's list.
#[test]
fn a_value_of_another_shape_or_off_the_list_is_refused_and_no_error() {
    let policy = shop().languages(["en", "de", "pt-BR", "zh-Hant"]).build().unwrap();
    let long = ["d".repeat(128), "d".repeat(129), "d".repeat(10_000), format!("de{}", "-x".repeat(63))];
    for value in [
        "",
        "<b>x</b>",
        "../../etc",
        "..",
        "de..",
        "d/e",
        "d\\e",
        "de%20x",
        "d%65",
        "%64%65",
        "\"de\"",
        "de x",
        "de,en",
        "de=en",
        "en_US",
        "de_AT",
        "de-",
        "-de",
        "_de",
        "de@euro",
        "de.UTF-8",
        "pt",
        "pt__BR",
        "zh_Hant_TW",
        "\u{131}t",
        "cimode",
        "null",
    ]
    .into_iter()
    .chain(long.iter().map(String::as_str))
    {
        let cookie = format!("i18next={value}");
        let seen = visit(&policy, &[&cookie]);
        let reason = if value.is_ascii() { "malformed" } else { "non_ascii" };
        assert_eq!((seen.header(), seen.reasons("i18next")), (String::new(), vec![reason]), "{value:?}");
        assert_eq!(locale(&policy, &[&cookie], None).as_deref(), Some("en"), "{value:?}");
        assert_eq!(locale(&policy, &[&cookie], Some("de")).as_deref(), Some("de"), "{value:?}");
    }
}

#[test]
fn the_names_of_an_objects_own_properties_are_no_languages() {
    let policy = shop().languages(["en", "de"]).build().unwrap();
    for name in ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__PROTO__"] {
        assert_eq!(
            locale(&policy, &[&format!("i18next={name}")], Some("de")).as_deref(),
            Some("de"),
            "{name}"
        );
        order(&policy, |cookies| {
            assert_eq!(
                cookies.choose_language(name).unwrap_err().reason(),
                Some(SuppressionReason::Malformed)
            );
        });
        let listed = shop().languages(["en", name]).build();
        assert!(listed.is_err(), "{name} is not even for a list");
    }
}

#[test]
fn case_does_not_matter_and_the_lists_spelling_comes_out() {
    let policy = shop().languages(["en", "DE", "pt-br", "zh-hant"]).build().unwrap();
    for (value, expected) in
        [("DE", "de"), ("dE", "de"), ("PT-BR", "pt-BR"), ("pt_br", "pt-BR"), ("ZH_HANT", "zh-Hant")]
    {
        let cookie = format!("i18next={value}");
        assert_eq!(locale(&policy, &[&cookie], None).as_deref(), Some(expected), "{value}");
        // The cookie is another program's as well, and stays as that program wrote it.
        assert_eq!(visit(&policy, &[&cookie]).header(), cookie);
    }
}

#[test]
fn of_several_the_first_that_is_valid_wins() {
    let policy = shop().languages(["en", "de", "fr"]).build().unwrap();
    for (values, expected) in [
        (&["de", "fr"][..], "de"),
        (&["fr", "de"], "fr"),
        (&["it", "fr", "de"], "fr"),
        (&["__proto__", "..", "", "DE", "fr"], "de"),
        (&["it", "es"], "en"),
    ] {
        let pairs: Vec<_> = values.iter().map(|value| format!("i18next={value}")).collect();
        let crumbs: Vec<&str> = pairs.iter().map(String::as_str).collect();
        assert_eq!(locale(&policy, &[&pairs.join("; ")], None).as_deref(), Some(expected), "{values:?}");
        assert_eq!(locale(&policy, &crumbs, None).as_deref(), Some(expected), "{values:?} as crumbs");
    }
}

/// A library that writes the cookie with every answer has not been asked to by the visitor.
#[test]
fn a_raw_header_for_the_language_stays_and_a_deletion_leaves() {
    let policy = shop().build().unwrap();
    let answer =
        write(&policy, &["i18next=en; Path=/; Expires=Fri, 26 Nov 2027 10:00:00 GMT; SameSite=Strict"]);
    assert_eq!(lines(&answer), [""; 0]);
    assert_eq!(suppressed(&answer), [("i18next".to_owned(), "not_requested".to_owned())]);
    let answer = write(&policy, &["i18next=; Path=/; Max-Age=0"]);
    assert!(lines(&answer)[0].starts_with("i18next=; "), "{:?}", lines(&answer));
}

#[test]
fn who_does_not_ask_for_the_language_has_an_answer_that_does_not_vary() {
    let policy = shop().build().unwrap();
    let answer = serve(&policy, request(&["i18next=de"]), |_| Answer::default());
    assert!(!answer.headers().contains_key(VARY));
}
