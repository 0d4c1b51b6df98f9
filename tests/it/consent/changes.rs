//! What was shown has changed: it is asked for again, and nothing else is.

use tower_cookie_policy::{Basis, Category, CookiePolicyBuilder, CookieSpec, Cookies, Issuer, Lifetime};

use super::support::{accepted, granted, refused, state, table};
use crate::support::{Answer, request, serve};

fn statistics() -> CookieSpec {
    CookieSpec::new("stats", Basis::Consent(Category::Statistics))
        .lifetime(Lifetime::days(30))
        .purpose("en", "Counts visits.")
        .purpose("de", "Zählt Besuche.")
}

fn with(row: CookieSpec) -> CookiePolicyBuilder {
    table().without("stats").with(row)
}

#[test]
fn what_widens_a_category_is_asked_for_again_and_the_other_one_stays() {
    let consent = accepted(&table().build().unwrap());
    for changed in [
        with(statistics().lifetime(Lifetime::days(31))),
        with(statistics().lifetime(Lifetime::Session)),
        with(statistics().purpose("en", "Counts visits and clicks.")),
        with(statistics().shared_with("Example Analytics Ltd")),
        with(statistics().issuer(Issuer::Script)),
        table()
            .without("promo_*")
            .controller("Others GmbH")
            .with(
                CookieSpec::new("promo_*", Basis::Consent(Category::Marketing)).lifetime(Lifetime::days(90)),
            )
            .compatible(
                Category::Marketing,
                table().build().unwrap().consent_hash(&Category::Marketing, "en").unwrap(),
            ),
        table().with(CookieSpec::new("more", Basis::Consent(Category::Statistics))),
        table().text("en", "category.statistics", "Everything"),
        table().text("en", "category.statistics.text", "Sold to brokers."),
        table().without("stats"),
    ] {
        let policy = changed.build().unwrap();
        assert_eq!(granted(&policy, &consent), ["marketing"]);
        let state = state(&policy, "en", &consent);
        assert_eq!(
            (&state["decided"], &state["categories"][0]["granted"]),
            (&false.into(), &serde_json::Value::Null)
        );
        serve(&policy, request(&[&consent]), |request| {
            let consent = request.extensions().get::<Cookies>().unwrap().consent();
            assert_eq!(consent.changes(), [&Category::Statistics]);
            let banner = consent.banner("en").unwrap();
            let shown = |category| banner.contains(&format!("name=\"shown\" value=\"{category}\""));
            assert!(shown("statistics") && !shown("marketing"), "{banner}");
            assert!(banner.contains("Changed since your decision"), "{banner}");
            Answer::default()
        });
    }
}

#[test]
fn a_new_category_is_asked_for_and_the_others_stay() {
    let consent = accepted(&table().build().unwrap());
    let maps = CookieSpec::new("map", Basis::Consent(Category::Other("maps".into())));
    let policy = table().with(maps).text("en", "category.maps", "Maps").build().unwrap();
    assert_eq!(granted(&policy, &consent).len(), 2);
    serve(&policy, request(&[&consent]), |request| {
        let consent = request.extensions().get::<Cookies>().unwrap().consent();
        assert_eq!(consent.changes(), [&Category::Other("maps".into())]);
        assert!(consent.banner("en").unwrap().contains("Maps"));
        Answer::default()
    });
}

#[test]
fn what_nobody_is_shown_changes_nothing() {
    let consent = accepted(&table().build().unwrap());
    for same in [
        with(statistics()),
        with(statistics().purpose("fr", "Compte les visites.")),
        with(statistics().purpose("de", "Zählt die Besuche.")),
        with(statistics().path("/shop").also_at("/", Some("example.com")).readable_by_script()),
        with(statistics().kind("en", "Statistics")),
        table().text("en", "accept", "Yes, all of them"),
        table().text("de", "category.statistics.text", "Wir zählen."),
        table().with(CookieSpec::new("more", Basis::essential("a test"))),
    ] {
        assert_eq!(granted(&same.build().unwrap(), &consent).len(), 2);
    }
}

#[test]
fn an_earlier_hash_that_is_compatible_still_counts() {
    let before = table().build().unwrap();
    let (yes, no) = (accepted(&before), refused(&before));
    let hash = before.consent_hash(&Category::Statistics, "en").unwrap();
    let narrower = with(statistics().lifetime(Lifetime::days(7)))
        .compatible(Category::Statistics, hash)
        .build()
        .unwrap();
    assert_eq!(granted(&narrower, &yes).len(), 2);
    assert_eq!(state(&narrower, "en", &no)["decided"], true, "a refusal is not asked again either");
    let other = with(statistics().lifetime(Lifetime::days(7)))
        .compatible(Category::Marketing, "AAAAAAAA")
        .build()
        .unwrap();
    assert_eq!(granted(&other, &yes), ["marketing"]);
}

#[test]
fn a_category_that_went_and_its_cookies_are_nobodys_consent() {
    let consent = accepted(&table().build().unwrap());
    let policy = table().without("promo_*").build().unwrap();
    assert_eq!(granted(&policy, &consent), ["statistics"]);
    assert_eq!(state(&policy, "en", &consent)["decided"], true);
}
