//! A policy that only reports: nothing is stopped, everything is told, and what secures cookies stays.

use http::header::{CACHE_CONTROL, VARY};
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookieSpec, Cookies, Issuer, Lifetime, Mode, NamePattern, Report,
    UndeclaredRequests,
};

use super::support::{refused, table};
use crate::support::{
    Answer, keys, lines, order, request, sent_back, serve, shop, suppressed, visit, vouched, with_lines,
    write,
};

fn trial() -> CookiePolicy {
    table().mode(Mode::ReportOnly).build().unwrap()
}

#[test]
fn what_a_handler_writes_leaves_as_it_was_written_and_is_reported() {
    let policy = trial();
    for (line, reasons) in [
        ("_ga=1; Path=/x; Max-Age=63072000; Domain=example.com", &["undeclared"][..]),
        ("stats=1; Max-Age=31536000", &["no_consent", "clamped"]),
        ("promo_x=1;   Path=/;HttpOnly", &["no_consent"]),
        ("plain=1; Max-Age=60; Path=/deep", &["rescoped", "clamped"]),
        ("plain=\"a b\"", &["malformed"]),
        ("plain=1", &[]),
    ] {
        let answer = write(&policy, &[line]);
        assert_eq!(lines(&answer), [line]);
        let said: Vec<String> = suppressed(&answer).into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(said, reasons, "{line}");
        if let Some(report) = answer.extensions().get::<Report>() {
            assert!(report.suppressions().iter().all(tower_cookie_policy::Suppression::was_let_out));
        }
        assert!(!answer.headers().contains_key(VARY));
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    }
}

#[test]
fn what_needs_a_consent_is_read_all_the_same_and_reported() {
    let policy = trial();
    for consent in [String::new(), refused(&policy)] {
        let seen = visit(&policy, &[format!("stats=1; promo_x=2; _ga=3; {consent}")]);
        assert_eq!(seen.value("stats").as_deref(), Some("1"));
        assert_eq!(seen.value("promo_x").as_deref(), Some("2"));
        assert_eq!(seen.reasons("stats"), ["no_consent"]);
        assert_eq!(seen.reasons("_ga"), [""; 0]);
        let answer = serve(&policy, request(&[format!("stats=1; {consent}")]), |_| Answer::default());
        assert_eq!(lines(&answer), [""; 0], "nothing is deleted on trial");
    }
    let strict =
        table().mode(Mode::ReportOnly).undeclared_requests(UndeclaredRequests::Strip).build().unwrap();
    let seen = visit(&strict, &["_ga=3"]);
    assert_eq!((seen.value("_ga").as_deref(), seen.reasons("_ga")), (Some("3"), vec!["undeclared"]));
}

#[test]
fn the_handle_sets_what_lacks_a_consent_and_says_what_is_granted() {
    let answer = order(&trial(), |cookies| {
        assert!(!cookies.consent().allows(&Category::Statistics));
        cookies.set("stats", "1").unwrap();
        cookies.set("stats_kept", "1").unwrap();
    });
    assert_eq!(lines(&answer).len(), 2);
    assert_eq!(suppressed(&answer).len(), 2);
    let report = answer.extensions().get::<Report>().unwrap();
    assert!(report.suppressions().iter().all(tower_cookie_policy::Suppression::was_let_out));
    assert!(!answer.headers().contains_key(VARY) || answer.headers()[VARY] == "Cookie, Sec-GPC");
    for odd in ["nameless", "=x", "a b=1"] {
        assert_eq!(lines(&write(&trial(), &[odd])), [odd], "it leaves all the same");
    }
}

/// What is signed has to be written by the policy, and what the crate manages is no part of a trial.
#[test]
fn what_secures_cookies_stays() {
    let policy = shop().mode(Mode::ReportOnly).build().unwrap();
    for managed in ["JSESSIONID=0", "TS017a625a=x", "cookie_consent=1", "OFBiz.Visitor=1"] {
        assert_eq!(lines(&write(&policy, &[managed])), [""; 0], "{managed}");
    }
    let theme = lines(&write(&policy, &["theme=dark; Path=/x; Max-Age=99999999"]));
    assert!(theme[0].starts_with("theme=dark.") && theme[0].contains("Max-Age=31536000"), "{theme:?}");
    let cart = lines(&write(&policy, &["cart=3"]));
    assert_eq!(cart.len(), 3, "the cart, its companion and the main: {cart:?}");
    let jar = vouched(&["cart=3"]);
    assert_eq!(visit(&policy, &[jar.replace("cart=3", "cart=4")]).value("cart"), None);
    assert_eq!(visit(&policy, &["theme=dark"]).value("theme"), None);
    assert_eq!(
        lines(&write(&policy, &["%63art=3", "XRMlower=1"])),
        [""; 0],
        "they would be refused when they come back"
    );
}

#[test]
fn each_name_is_counted_and_what_is_in_no_table_gets_a_row() {
    let policy = trial();
    for _ in 0..3 {
        write(&policy, &["_ga=1; Path=/x; Max-Age=63072000; Domain=example.com; SameSite=Strict", "stats=1"]);
    }
    visit(&policy, &["_fbp=1; stats=1"]);
    let sightings = policy.sightings();
    let of = |name: &str| sightings.iter().find(|seen| seen.name() == name).unwrap();
    assert_eq!(of("_ga").suppressed().get("undeclared"), Some(&3));
    assert_eq!(
        (of("stats").suppressed().get("no_consent"), of("stats").refused().get("no_consent")),
        (Some(&3), Some(&1))
    );
    assert!(of("stats").suggestion().is_none());
    assert_eq!(of("_fbp").refused().get("undeclared"), Some(&1));
    let row = of("_ga").suggestion().unwrap();
    assert_eq!(row.declared_lifetime(), Lifetime::LONGEST);
    assert_eq!(*row.basis(), Basis::Consent(Category::Other("unclassified".into())));
    assert_eq!(of("_fbp").suggestion().unwrap().declared_issuer(), Issuer::Script);
    // What is suggested builds, and the site comes under it.
    let document: String = sightings.iter().map(|seen| seen.to_toml().unwrap()).collect();
    let policy = CookiePolicy::from_toml(&document, keys()).unwrap().build().unwrap();
    let names: Vec<String> = policy.specs().iter().map(|row| row.name().to_string()).collect();
    assert_eq!(names, ["_fbp", "_ga", "cookie_consent"]);
    assert!(
        document.contains("path = \"/x\"") && document.contains("domain = \"example.com\""),
        "{document}"
    );
}

#[test]
fn names_that_clients_make_up_fill_no_memory_and_hide_nothing() {
    let policy = trial();
    for number in 0..1000 {
        visit(&policy, &[format!("a{number}=1; b{number}=1")]);
    }
    write(&policy, &["_ga=1"]);
    let sightings = policy.sightings();
    assert_eq!(sightings.len(), 257);
    assert!(sightings.iter().any(|seen| seen.name() == "_ga"));
    assert!(sightings.iter().all(|seen| !format!("{seen:?}").contains("=1")));
}

#[test]
fn a_policy_that_acts_keeps_no_sightings() {
    let policy = table().build().unwrap();
    write(&policy, &["_ga=1"]);
    visit(&policy, &["_ga=1"]);
    assert_eq!(policy.sightings(), []);
}

/// It says that nothing is stored before a consent, which is not so yet.
#[test]
fn there_is_no_banner_on_trial_and_a_decision_is_taken() {
    let policy = trial();
    order(&policy, |cookies: &Cookies| assert!(cookies.consent().banner("en").is_none()));
    let consent = super::support::accepted(&policy);
    order(&policy, |_| ());
    let answer = serve(&policy, request(&[&consent]), |_| with_lines(Answer::default(), &["stats=1"]));
    assert_eq!(sent_back(&lines(&answer)[0]), "stats=1");
    assert_eq!(suppressed(&answer), []);
}

#[test]
fn a_row_with_an_odd_name_is_suggested_as_it_is() {
    let policy = trial();
    write(&policy, &["odd*=1", "a'b=1"]);
    let document: String = policy.sightings().iter().map(|seen| seen.to_toml().unwrap()).collect();
    let built = CookiePolicy::from_toml(&document, keys()).unwrap().build().unwrap();
    assert!(
        built
            .specs()
            .iter()
            .any(|row: &CookieSpec| matches!(row.name(), NamePattern::Exact(name) if name == "odd*"))
    );
}
