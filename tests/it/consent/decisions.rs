//! How a decision is made: forms, scripts, and what is no decision.

use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, ORIGIN};
use http::{HeaderValue, Method, StatusCode};

use super::support::{
    accepted, ask, decide, decided, get, granted, json, refused, request, revision, set_and_deleted, state,
    submit, table, text,
};
use crate::support::lines;

#[test]
fn accept_refuse_and_save_say_what_is_granted() {
    let policy = table().build().unwrap();
    for (form, expected) in [
        ("decision=accept", &["statistics", "marketing"][..]),
        ("decision=reject", &[]),
        ("decision=reject&statistics=on", &[]),
        ("decision=save", &[]),
        ("decision=save&statistics=on", &["statistics"]),
        ("decision=save&marketing=on", &["marketing"]),
        ("decision=save&statistics=on&marketing=on", &["statistics", "marketing"]),
        ("decision=save&statistics=off&marketing=1&other=on&essential=on", &[]),
        ("decision=save&statistics=on&statistics=off&marketing=on&marketing=on", &["marketing"]),
    ] {
        let answer = decide(&policy, "", form);
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{form}");
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(granted(&policy, &decided(&policy, form)), expected, "{form}");
        assert_eq!(state(&policy, "en", &decided(&policy, form))["decided"], true, "{form}");
    }
}

#[test]
fn a_decision_leads_back_to_where_it_was_made_on_this_site_alone() {
    let policy = table().build().unwrap();
    for (return_to, location) in [
        ("%2Fcart%3Fa%3D1%26b%3D2", "/cart?a=1&b=2"),
        ("%2F", "/"),
        ("", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("https%3Aevil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%09%2Fevil.example", "/"),
        ("%2F%0A%2Fevil.example", "/"),
        ("%09%2F%2Fevil.example", "/"),
        ("%2Fa%0D%0ASet-Cookie%3A+x%3D1", "/"),
        ("%2F%00", "/"),
        ("%2F%C3%A4", "/"),
        ("javascript%3Aalert%281%29", "/"),
    ] {
        let answer = decide(&policy, "", &format!("decision=reject&return_to={return_to}"));
        assert_eq!(answer.headers()[LOCATION], location, "{return_to}");
        assert!(lines(&answer).iter().all(|line| !line.starts_with("x=")));
    }
}

#[test]
fn what_was_not_shown_is_not_decided_and_the_form_comes_again() {
    let policy = table().build().unwrap();
    let kept = accepted(&policy);
    for form in [
        "decision=accept",
        "decision=accept&revision=",
        "decision=accept&revision=AAAAAAAA",
        "decision=reject&revision=x",
        "decision=save&statistics=on&revision=%00",
    ] {
        let answer = submit(&policy, &kept, form);
        assert_eq!(answer.status(), StatusCode::CONFLICT, "{form}");
        assert_eq!(lines(&answer), [""; 0], "{form}");
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        let page = text(answer);
        assert!(page.contains(&revision(&policy, "en")) && page.contains("role=\"alert\""), "{page}");
    }
    let other = table()
        .with(tower_cookie_policy::CookieSpec::new(
            "more",
            tower_cookie_policy::Basis::Consent(tower_cookie_policy::Category::Statistics),
        ))
        .build()
        .unwrap();
    let stale = format!("decision=accept&revision={}", revision(&other, "en"));
    assert_eq!(submit(&policy, "", &stale).status(), StatusCode::CONFLICT);
}

#[test]
fn a_form_in_german_is_a_decision_on_what_was_shown_in_german() {
    let policy = table().build().unwrap();
    assert_ne!(revision(&policy, "de"), revision(&policy, "en"));
    let answer = submit(&policy, "", &format!("decision=accept&revision={}", revision(&policy, "de")));
    let consent = super::support::consent_cookie(&answer);
    assert!(consent.contains("~de~"), "{consent}");
    assert_eq!(granted(&policy, &consent).len(), 2);
}

#[test]
fn what_is_no_decision_is_a_bad_request_and_changes_nothing() {
    let policy = table().build().unwrap();
    let revision = revision(&policy, "en");
    for form in [
        String::new(),
        "x".into(),
        format!("revision={revision}"),
        format!("decision=ACCEPT&revision={revision}"),
        format!("decision=accept&decision=reject&revision={revision}"),
        format!("decision=accept&revision={revision}&revision={revision}"),
        format!("decision=accept%00&revision={revision}"),
        "%".repeat(1000),
        "&".repeat(1000),
    ] {
        let answer = submit(&policy, "", &form);
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{form}");
        assert_eq!(lines(&answer), [""; 0]);
    }
    let answer = submit(&policy, "", &"a".repeat(16 * 1024 + 1));
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/xml", "\u{1}"] {
        let Ok(kind) = HeaderValue::from_str(kind) else { continue };
        let mut request =
            request(Method::POST, "/cookies/consent", "", &format!("decision=accept&revision={revision}"));
        request.headers_mut().insert(CONTENT_TYPE, kind);
        assert_eq!(ask(&policy, request).status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

#[test]
fn scripts_send_and_get_json() {
    let policy = table().build().unwrap();
    let send = |body: &str| {
        let mut request = request(Method::POST, "/cookies/consent", "", body);
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        ask(&policy, request)
    };
    let revision = revision(&policy, "en");
    let answer = send(&format!(r#"{{"decision":"save","granted":["statistics"],"revision":"{revision}"}}"#));
    assert_eq!(answer.status(), StatusCode::OK);
    let consent = super::support::consent_cookie(&answer);
    let state = json(answer);
    assert_eq!(state["granted"], serde_json::json!(["statistics"]));
    assert_eq!((&state["decided"], &state["receipt"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(state["categories"][1]["granted"], false);
    assert_eq!(granted(&policy, &consent), ["statistics"]);
    let stale = send(r#"{"decision":"accept","revision":"AAAAAAAA"}"#);
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    assert_eq!(json(stale)["revision"], revision.as_str());
    for mistaken in [
        "{".to_owned(),
        format!(r#"{{"decision":"save","granted":["statistic"],"revision":"{revision}"}}"#),
        format!(r#"{{"decision":"save","revision":"{revision}"}}"#),
        format!(r#"{{"decision":"accept","granted":["statistics"],"revision":"{revision}"}}"#),
    ] {
        let answer = send(&mistaken);
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::BAD_REQUEST, vec![]), "{mistaken}");
    }
    // A form, and an answer for a script.
    let mut form =
        request(Method::POST, "/cookies/consent", "", &format!("decision=reject&revision={revision}"));
    form.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    assert_eq!(json(ask(&policy, form))["granted"], serde_json::json!([]));
}

#[test]
fn nothing_but_a_post_from_here_decides() {
    let policy = table().build().unwrap();
    let revision = revision(&policy, "en");
    let form = format!("decision=accept&revision={revision}");
    for method in [Method::GET, Method::HEAD] {
        let answer = ask(&policy, request(method, &format!("/cookies/consent?{form}"), "", &form));
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::OK, vec![]));
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = ask(&policy, request(method, "/cookies/consent", "", &form));
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::METHOD_NOT_ALLOWED, vec![]));
        assert_eq!(answer.headers()[ALLOW], "GET, HEAD, POST");
    }
    for (header, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let mut request = request(Method::POST, "/cookies/consent", "", &form);
        request.headers_mut().insert(header, HeaderValue::from_static(value));
        let answer = ask(&policy, request);
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::FORBIDDEN, vec![]), "{header}: {value}");
    }
    let mut same = request(Method::POST, "/cookies/consent", "", &form);
    same.headers_mut().insert("host", HeaderValue::from_static("shop.example"));
    same.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://shop.example"));
    assert_eq!(ask(&policy, same).status(), StatusCode::SEE_OTHER);
}

#[test]
fn a_policy_of_essential_rows_has_nothing_to_decide() {
    let policy = crate::support::shop().without("stats").without("promo_*").build().unwrap();
    assert!(policy.categories().is_empty());
    let answer = submit(&policy, "", "decision=accept&revision=AAAAAAAA");
    assert_eq!((answer.status(), lines(&answer)), (StatusCode::NOT_FOUND, vec![]));
    let page = text(get(&policy, "/cookies/consent", ""));
    assert!(page.contains("nothing to decide") && !page.contains("<form"), "{page}");
    assert!(text(get(&policy, "/cookies", "")).contains("cookie-declaration"));
}

/// The banner shows what is not decided yet. What was refused before is not granted by accepting something else.
#[test]
fn who_accepts_in_the_banner_accepts_what_it_shows() {
    let before = table().build().unwrap();
    let consent = decided(&before, "decision=save");
    let after = table()
        .without("stats")
        .with(
            tower_cookie_policy::CookieSpec::new(
                "stats",
                tower_cookie_policy::Basis::Consent(tower_cookie_policy::Category::Statistics),
            )
            .purpose("en", "Counts visits, and clicks."),
        )
        .build()
        .unwrap();
    let answer = decide(&after, &consent, "decision=accept&source=banner&shown=statistics");
    assert_eq!(granted(&after, &super::support::consent_cookie(&answer)), ["statistics"]);

    let answer = decide(&after, &consent, "decision=accept&source=settings");
    assert_eq!(granted(&after, &super::support::consent_cookie(&answer)).len(), 2);
}

/// Who is asked again for one category is not asked for the others, and does not prolong them.
#[test]
fn what_was_decided_before_ends_when_it_always_did() {
    let day = |day: u64| tower_cookie_policy::TestClock::at(crate::support::NOW + day * 86_400).clock();
    let consent = accepted(&table().build().unwrap());
    let changed = |at: u64| {
        table()
            .controller("Others")
            .compatible(tower_cookie_policy::Category::Marketing, hash())
            .clock(day(at))
            .build()
            .unwrap()
    };
    fn hash() -> String {
        table().build().unwrap().consent_hash(&tower_cookie_policy::Category::Marketing, "en").unwrap()
    }
    let again = decide(&changed(170), &consent, "decision=accept&shown=statistics&source=banner");
    let again = super::support::consent_cookie(&again);
    assert_eq!(granted(&changed(179), &again).len(), 2);
    assert_eq!(granted(&changed(181), &again), [""; 0]);
    // Who sees all of it decides on all of it.
    let anew = decide(&changed(170), &consent, "decision=accept");
    assert_eq!(granted(&changed(340), &super::support::consent_cookie(&anew)).len(), 2);
}

#[test]
fn a_refusal_keeps_as_long_as_a_grant_and_asks_no_more() {
    let policy = table().build().unwrap();
    let refusal = refused(&policy);
    let page = state(&policy, "en", &refusal);
    assert_eq!((&page["decided"], &page["granted"]), (&true.into(), &serde_json::json!([])));
    let (set, _) = set_and_deleted(&get(&policy, "/cookies", &refusal));
    assert_eq!(set, [""; 0], "looking renews nothing");
}
