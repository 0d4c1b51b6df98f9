//! Global Privacy Control: `Sec-GPC`, exactly `1`.

use http::{HeaderValue, Method, Request};
use tower_cookie_policy::{Category, Cookies};

use super::support::{accepted, ask, consent_cookie, granted, json, request, revision, table, text};
use crate::support::{Answer, lines, serve, with_lines};

fn signalled<B>(mut request: Request<B>, fields: &[&'static str]) -> Request<B> {
    for field in fields {
        request.headers_mut().append("sec-gpc", HeaderValue::from_static(field));
    }
    request
}

#[test]
fn exactly_1_in_one_of_the_fields_switches_marketing_off() {
    let policy = table().build().unwrap();
    let consent = accepted(&policy);
    for (fields, is_on) in [
        (&["1"][..], true),
        (&["0", "1"], true),
        (&["1", "x"], true),
        (&[], false),
        (&["0"], false),
        (&["true"], false),
        (&["1, 1"], false),
        (&["1x"], false),
        (&[" 1"], false),
        (&["\"1\""], false),
        (&["01"], false),
        (&[""], false),
    ] {
        let jar = format!("promo_x=1; stats=1; {consent}");
        let request = signalled(crate::support::request(&[jar]), fields);
        let answer = serve(&policy, request, |request| {
            let cookies = request.extensions().get::<Cookies>().unwrap();
            assert_eq!(cookies.consent().is_signalled(), is_on, "{fields:?}");
            assert_eq!(cookies.consent().allows(&Category::Marketing), !is_on, "{fields:?}");
            assert!(cookies.consent().allows(&Category::Statistics) && cookies.consent().is_decided());
            assert_eq!(cookies.contains("promo_x"), !is_on);
            assert!(cookies.contains("stats"));
            assert_eq!(
                request.headers().get_all("sec-gpc").iter().count(),
                fields.len(),
                "it goes on to the service"
            );
            with_lines(Answer::default(), &["promo_y=1"])
        });
        let set = lines(&answer).iter().any(|line| line.starts_with("promo_y=1"));
        assert_eq!(set, !is_on, "{fields:?}");
    }
}

#[test]
fn it_is_told_on_the_form_and_marketing_cannot_be_granted() {
    let policy = table().build().unwrap();
    let page = text(ask(&policy, signalled(request(Method::GET, "/cookies/consent", "", ""), &["1"])));
    assert!(page.contains("Global Privacy Control"), "{page}");
    let marketing = page.split("name=\"marketing\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(marketing.contains("disabled"), "{marketing}");
    for decision in ["accept", "save&statistics=on&marketing=on"] {
        let form = format!("decision={decision}&revision={}", revision(&policy, "en"));
        let answer = ask(&policy, signalled(request(Method::POST, "/cookies/consent", "", &form), &["1"]));
        assert_eq!(granted(&policy, &consent_cookie(&answer)), ["statistics"], "also without the signal");
    }
}

#[test]
fn what_was_granted_before_is_kept_for_when_the_signal_is_gone() {
    let policy = table().build().unwrap();
    let consent = accepted(&policy);
    let form = |decision: &str| {
        let form = format!("decision={decision}&revision={}", revision(&policy, "en"));
        let answer =
            ask(&policy, signalled(request(Method::POST, "/cookies/consent", &consent, &form), &["1"]));
        granted(&policy, &consent_cookie(&answer))
    };
    assert_eq!(form("accept").len(), 2);
    assert_eq!(form("save"), ["marketing"]);
    assert_eq!(form("reject"), [""; 0], "who refuses all refuses that too");
}

/// The banner did not show marketing, since the signal was on; it was gone when the button was pressed.
#[test]
fn what_was_not_shown_is_not_granted_and_stays_open() {
    let policy = table().build().unwrap();
    let shown = std::cell::RefCell::new(String::new());
    serve(&policy, signalled(crate::support::request::<&str>(&[]), &["1"]), |request| {
        let consent = request.extensions().get::<Cookies>().unwrap().consent();
        *shown.borrow_mut() = consent.banner("en").unwrap();
        Answer::default()
    });
    let shown = shown.into_inner();
    assert!(!shown.contains("Marketing") && shown.contains("name=\"shown\" value=\"statistics\""), "{shown}");
    let answer = super::support::decide(&policy, "", "decision=accept&shown=statistics&source=banner");
    let consent = consent_cookie(&answer);
    assert!(!consent.contains("marketing"), "{consent}");
    let state = super::support::state(&policy, "en", &consent);
    assert_eq!((&state["granted"], &state["decided"]), (&serde_json::json!(["statistics"]), &false.into()));
}

#[test]
fn what_it_switches_off_needs_no_answer() {
    let policy = table().without("stats").without("stats_kept").without("stats_now").build().unwrap();
    for (fields, due) in [(&["1"][..], false), (&[], true)] {
        serve(&policy, signalled(crate::support::request::<&str>(&[]), fields), |request| {
            let consent = request.extensions().get::<Cookies>().unwrap().consent();
            assert_eq!(consent.banner("en").is_some(), due);
            assert_eq!(consent.is_decided(), !due);
            Answer::default()
        });
    }
}

#[test]
fn it_is_no_consent_and_writes_no_cookie() {
    let policy = table().build().unwrap();
    for fields in [&["1"][..], &["0"], &[]] {
        let answer = ask(&policy, signalled(request(Method::GET, "/cookies/consent", "", ""), fields));
        assert_eq!(lines(&answer), [""; 0]);
    }
    let answer = ask(&policy, request(Method::GET, "/.well-known/gpc.json", "", ""));
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.headers()["cache-control"].to_str().unwrap().starts_with("public"));
    assert!(!answer.headers().contains_key("vary"));
    let said = json(answer);
    assert_eq!(said["gpc"], true);
    assert_eq!(said["lastUpdate"].as_str().unwrap().len(), "2026-11-26".len());
}
