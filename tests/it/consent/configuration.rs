//! What cannot be asked does not build, and the error quotes it.

use std::time::Duration;

use tower_cookie_policy::receipt::Controller;
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity, Lifetime, MemoryReceipts,
    Mode, Role,
};

use super::support::table;
use crate::support::keys;

fn error(builder: CookiePolicyBuilder) -> String {
    builder.build().unwrap_err().to_string()
}

#[test]
fn every_error_quotes_what_it_is_about() {
    let consent_row = |row: CookieSpec| table().with(row.role(Role::Consent).integrity(Integrity::Signed));
    let many = (0..25).fold(CookiePolicy::empty(keys()), |builder, number| {
        let category = Category::Other(format!("c{number}"));
        builder.with(CookieSpec::new(format!("n{number}").as_str(), Basis::Consent(category)))
    });
    for (builder, quoted) in [
        (many, "25 categories"),
        (table().compatible(Category::Preferences, "AAAAAAAA"), "\"preferences\""),
        (table().compatible(Category::Statistics, "AAAA"), "\"AAAA\""),
        (table().compatible(Category::Statistics, "AAAAAAA\u{e4}"), "\"AAAAAAA\u{e4}\""),
        (table().text("en", "acept", "x"), "\"acept\""),
        (table().text("en", "statistics_text", "x"), "\"statistics_text\""),
        (
            table().with(
                CookieSpec::new("s", Basis::Consent(Category::Statistics))
                    .role(Role::Session)
                    .integrity(Integrity::Guarded),
            ),
            "Session",
        ),
        (table().receipt_retention(Duration::from_secs(1)), "no receipts"),
        (table().text("en", "category.maps", "x"), "\"category.maps\""),
        (table().text("not a tag", "accept", "x"), "\"not a tag\""),
        (table().consent_path("cookies"), "\"cookies\""),
        (table().consent_path("/"), "\"/\""),
        (table().consent_path("//evil.example"), "\"//evil.example\""),
        (table().consent_path("/cookies/"), "\"/cookies/\""),
        (table().consent_path("/a?b"), "\"/a?b\""),
        (table().consent_path("/a/../b"), "\"/a/../b\""),
        (table().consent_path("/a/."), "\"/a/.\""),
        (table().consent_path("/.well-known/gpc"), "\"/.well-known/gpc\""),
        (
            table().with(CookieSpec::new("x", Basis::Consent(Category::Other("revision".into())))),
            "\"revision\"",
        ),
        (table().with(CookieSpec::new("x", Basis::Requested).shared_with(" ")), "\"x\""),
        (table().privacy_notice("javascript:alert(1)"), "\"javascript:alert(1)\""),
        (table().privacy_notice("//evil.example"), "\"//evil.example\""),
        (table().privacy_notice("http://example.com"), "\"http://example.com\""),
        (consent_row(CookieSpec::new("c", Basis::essential("x"))), "\"c\""),
        (
            consent_row(
                CookieSpec::new("c", Basis::Consent(Category::Marketing)).lifetime(Lifetime::days(180)),
            ),
            "\"c\"",
        ),
        (table().with(CookieSpec::new("x", Basis::Requested).also_at("x", None)), "\"x\""),
        (table().with(CookieSpec::new("x", Basis::Requested).also_at("/", Some(".a"))), "\".a\""),
        (CookiePolicy::empty(keys()).receipts(MemoryReceipts::new()), "no row"),
        (table().receipts(MemoryReceipts::new()).receipt_retention(Duration::ZERO), "no time"),
    ] {
        let sentence = error(builder);
        assert!(sentence.contains(quoted), "{quoted}: {sentence}");
    }
}

#[test]
fn the_row_of_the_decision_may_have_another_name() {
    let row = CookieSpec::new("__Host-choice", Basis::essential("a test"))
        .role(Role::Consent)
        .integrity(Integrity::Signed)
        .lifetime(Lifetime::days(180));
    let policy = table().with(row).build().unwrap();
    let answer = super::support::decide(&policy, "", "decision=accept");
    assert!(crate::support::lines(&answer)[0].starts_with("__Host-choice="));
}

#[test]
fn documents_say_all_of_it_and_read_it_back() {
    let policy = table()
        .mode(Mode::ReportOnly)
        .consent_path("/legal/cookies")
        .controller(Controller::new("Example GmbH").contact("privacy@example.com").jurisdiction("DE"))
        .privacy_notice("https://example.com/privacy")
        .compatible(Category::Statistics, "AAAAAAAA")
        .text("fr", "accept", "Tout accepter")
        .text("en", "category.statistics.text", "We count.")
        .with(
            CookieSpec::new("_pk_id.*", Basis::Consent(Category::Statistics))
                .shared_with("Example Analytics Ltd")
                .also_at("/", Some("example.com"))
                .also_at("/old", None),
        )
        .build()
        .unwrap();
    let toml = policy.to_toml().unwrap();
    for line in [
        "mode = \"report_only\"",
        "[consent.controller]",
        "[[consent.compatible]]",
        "[texts.fr]",
        "shared_with = ",
    ] {
        assert!(toml.contains(line), "{line}: {toml}");
    }
    let again = CookiePolicy::from_toml(&toml, keys()).unwrap().build().unwrap();
    assert_eq!(again.to_toml().unwrap(), toml);
    assert_eq!(
        again.consent_hash(&Category::Statistics, "en"),
        policy.consent_hash(&Category::Statistics, "en")
    );
    let json = policy.to_json().unwrap();
    assert_eq!(CookiePolicy::from_json(&json, keys()).unwrap().build().unwrap().to_json().unwrap(), json);
}

#[test]
fn a_third_party_is_named_in_every_declaration() {
    let row = CookieSpec::new("x", Basis::Consent(Category::Statistics)).shared_with("Example | Analytics");
    let policy = table().with(row).build().unwrap();
    let declaration = policy.declaration("en");
    assert!(declaration.to_html().contains("Shared with: Example | Analytics"));
    assert!(declaration.to_markdown().contains("Shared with: Example \\| Analytics"));
    assert!(declaration.to_json().contains("\"shared_with\": [\n        \"Example | Analytics\""));
}
