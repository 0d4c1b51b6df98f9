//! The banner and the form: equal buttons, nothing ticked, nothing injected.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode};
use tower_cookie_policy::{Basis, Category, CookiePolicy, CookieSpec, Cookies, Declaration, STYLESHEET};

use super::support::{accepted, ask, decided, get, refused, request, table, text};
use crate::support::{Answer, serve};

fn banner(policy: &CookiePolicy, language: &str, cookies: &str, target: &str) -> Option<String> {
    let found = std::cell::RefCell::new(None);
    let request = request(Method::GET, target, cookies, "");
    serve(policy, request, |request| {
        *found.borrow_mut() = request.extensions().get::<Cookies>().unwrap().consent().banner(language);
        Answer::default()
    });
    found.into_inner()
}

#[test]
fn it_asks_once_and_only_where_there_is_something_to_ask() {
    let policy = table().build().unwrap();
    assert!(banner(&policy, "en", "", "/").is_some());
    assert!(banner(&policy, "en", &decided(&policy, "decision=save&statistics=on"), "/").is_none());
    assert!(banner(&policy, "en", &refused(&policy), "/").is_none());
    assert!(banner(&policy, "en", &accepted(&policy), "/").is_none());
    let essential = crate::support::shop().without("stats").without("promo_*").build().unwrap();
    assert!(banner(&essential, "en", "", "/").is_none());
}

#[test]
fn it_says_what_a_visitor_has_to_know() {
    let policy = table()
        .controller("Example GmbH")
        .privacy_notice("/privacy")
        .with(CookieSpec::new("seen", Basis::Consent(Category::Statistics)).shared_with("A").shared_with("B"))
        .build()
        .unwrap();
    let english = banner(&policy, "en", "", "/shop?a=1&b=2").unwrap();
    for text in [
        "Example GmbH",
        "consent",
        "Statistics",
        "Counts visits.",
        "1 month",
        "2 third parties",
        "No third party",
        "90 days",
        "withdraw",
        "href=\"/cookies\"",
        "href=\"/privacy\"",
        "Accept all",
        "Reject all",
        "Cookie settings",
        "action=\"/cookies/consent\"",
        "value=\"/shop?a=1&amp;b=2\"",
    ] {
        assert!(english.contains(text), "{text}: {english}");
    }
    let german = banner(&policy, "de-AT", "", "/").unwrap();
    for text in
        ["lang=\"de\"", "Zählt Besuche.", "Alle akzeptieren", "Alle ablehnen", "widerrufen", "2 Dritte"]
    {
        assert!(german.contains(text), "{text}: {german}");
    }
}

#[test]
fn a_page_that_answered_a_form_is_not_returned_to_and_a_query_goes_into_no_other_address() {
    let policy = table().build().unwrap();
    let found = std::cell::RefCell::new(String::new());
    serve(&policy, request(Method::POST, "/login?token=x", "", ""), |request| {
        *found.borrow_mut() = request.extensions().get::<Cookies>().unwrap().consent().banner("en").unwrap();
        Answer::default()
    });
    assert!(!found.borrow().contains("login"), "{}", found.borrow());
    let shown = banner(&policy, "en", "", "/reset?token=x").unwrap();
    let (decision, settings) = shown.split_once("method=\"get\"").unwrap();
    assert!(
        decision.contains("/reset?token=x") && settings.contains("/reset") && !settings.contains("token"),
        "{shown}"
    );
}

#[test]
fn printing_what_is_known_of_a_visitor_tells_nothing_and_changes_nothing() {
    let policy = table().build().unwrap();
    let answer = serve(&policy, request(Method::GET, "/", &accepted(&policy), ""), |request| {
        let consent = request.extensions().get::<Cookies>().unwrap().consent();
        assert_eq!(format!("{consent:?}"), "Consent { .. }");
        Answer::default()
    });
    assert!(!answer.headers().contains_key("vary"));
}

#[test]
fn to_refuse_is_as_easy_as_to_accept_and_nothing_is_ticked() {
    let policy = table().build().unwrap();
    for page in [banner(&policy, "en", "", "/").unwrap(), text(get(&policy, "/cookies/consent", ""))] {
        let button = |value: &str, label: &str| {
            format!("<button name=\"decision\" value=\"{value}\">{label}</button>")
        };
        let (accept, reject) = (button("accept", "Accept all"), button("reject", "Reject all"));
        assert!(page.contains(&format!("{accept}{reject}")), "{page}");
        assert!(!page.contains("checked"), "{page}");
        for foreign in ["<script", "style=", "onclick", "http://", "https://", "<img", "<iframe"] {
            assert!(!page.contains(foreign), "{foreign}: {page}");
        }
    }
    let page = text(get(&policy, "/cookies/consent", &decided(&policy, "decision=save&statistics=on")));
    assert_eq!(page.matches("checked").count(), 1, "what the visitor ticked: {page}");
    assert!(!STYLESHEET.contains("url(") && !STYLESHEET.contains("@import"));
}

#[test]
fn nothing_of_the_request_or_the_texts_is_markup() {
    let evil = "\"><script>alert(1)</script>";
    let policy = table()
        .controller(evil)
        .text("en", "accept", evil)
        .text("en", "title", evil)
        .with(
            CookieSpec::new("x", Basis::Consent(Category::Statistics)).purpose("en", evil).shared_with(evil),
        )
        .build()
        .unwrap();
    let encoded = "%22%3E%3Cscript%3E";
    for target in ["/%22%3E%3Cscript%3E", "/?a=%22%3E%3Cscript%3E", "/?a='><b>"] {
        let Ok(_) = target.parse::<http::Uri>() else { continue };
        let banner = banner(&policy, evil, "", target).unwrap();
        assert!(!banner.contains("<script") && !banner.contains("<b>"), "{banner}");
    }
    for path in [
        format!("/cookies/consent?return_to=/{encoded}&lng={encoded}"),
        format!("/cookies?lng={encoded}"),
        format!("/cookies/consent?lng=en&return_to=%2F{encoded}"),
    ] {
        let page = text(get(&policy, &path, ""));
        assert!(!page.contains("<script"), "{page}");
    }
}

#[test]
fn all_places_answer_as_they_should() {
    let policy = table().build().unwrap();
    let service = policy.consent_service();
    assert_eq!(
        service.paths(),
        [
            "/cookies",
            "/cookies.json",
            "/cookies.md",
            "/cookies/style.css",
            "/cookies/consent",
            "/.well-known/gpc.json"
        ]
    );
    for (path, kind, cache) in [
        ("/cookies", "text/html; charset=utf-8", Some("no-store")),
        ("/cookies.json", "application/json", None),
        ("/cookies.md", "text/markdown; charset=utf-8", None),
        ("/cookies/style.css", "text/css; charset=utf-8", Some("public, max-age=300")),
        ("/cookies/consent", "text/html; charset=utf-8", Some("no-store")),
        ("/.well-known/gpc.json", "application/json", Some("public, max-age=300")),
    ] {
        assert!(service.answers(path));
        let answer = get(&policy, path, "");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[CONTENT_TYPE], kind);
        assert_eq!(answer.headers().get(CACHE_CONTROL).map(|line| line.to_str().unwrap()), cache, "{path}");
        let head = ask(&policy, request(Method::HEAD, path, "", ""));
        assert_eq!((head.status(), head.headers()[CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, kind));
        assert_eq!(text(head), "");
    }
    for path in ["/", "/cookies/", "/cookies/consent/", "/cookies/x", "/shop/cookies", "/Cookies"] {
        assert!(!service.answers(path));
        assert_eq!(get(&policy, path, "").status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn the_pages_lie_where_the_policy_says_and_look_as_the_application_wants() {
    let policy = table().consent_path("/legal/cookies").build().unwrap();
    let service = policy.consent_service().frame(|parts, page| {
        format!(
            "<title>{}</title><i>{}</i>{}{}",
            page.title(),
            page.language(),
            parts.uri.path(),
            page.content()
        )
    });
    assert_eq!(service.paths()[4], "/legal/cookies/consent");
    let mut service = tower::Layer::layer(&policy.layer(), service);
    let Ok(answer) = crate::support::now(tower::Service::call(
        &mut service,
        request(Method::GET, "/legal/cookies?lng=de", "", ""),
    ));
    let page = text(answer);
    assert!(
        page.starts_with("<title>Cookies auf dieser Website</title><i>de</i>/legal/cookies<section"),
        "{page}"
    );
    assert!(banner(&policy, "en", "", "/").unwrap().contains("action=\"/legal/cookies/consent\""));
}

#[test]
fn one_more_language_is_what_the_policy_says_of_it_and_english() {
    let policy = table()
        .text("fr", "accept", "Tout accepter")
        .text("fr", "reject", "Tout refuser")
        .text("fr", "category.statistics", "Statistiques")
        .text("fr", "many_third_parties", "{count} tiers")
        .text("de", "accept", "Ja, alle")
        .build()
        .unwrap();
    let french = banner(&policy, "fr-CA", "", "/").unwrap();
    for text in ["lang=\"fr\"", "Tout accepter", "Tout refuser", "Statistiques", "Cookie settings"] {
        assert!(french.contains(text), "{text}: {french}");
    }
    assert!(banner(&policy, "de", "", "/").unwrap().contains("Ja, alle"));
    assert!(banner(&policy, "es", "", "/").unwrap().contains("Accept all"));
    let declaration: Declaration = policy.declaration("fr");
    assert_eq!(declaration.language, "fr");
}

#[test]
fn without_its_layer_the_service_says_what_it_needs() {
    let policy = table().build().unwrap();
    let mut service = policy.consent_service();
    let Ok(answer) =
        crate::support::now(tower::Service::call(&mut service, request(Method::GET, "/cookies", "", "")));
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text(answer).contains(".layer(policy.layer())"));
}
