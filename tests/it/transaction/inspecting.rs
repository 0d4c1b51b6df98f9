//! The offline look: each cookie's verdict, without a value, and without a trace.

use http::HeaderMap;
use http::header::COOKIE;
use tower_cookie_policy::{Action, Finding, RefusalReason, Transactional, inspect};

use super::jar::{Jar, MAIN, OF_CART, guarded};
use crate::support::{issue, visit, vouched};

fn found(policy: &tower_cookie_policy::CookiePolicy, cookies: &str) -> Vec<(String, Finding)> {
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, cookies.parse().unwrap());
    inspect(policy, &headers).cookies().map(|one| (one.name().to_owned(), one.finding().clone())).collect()
}

#[test]
fn each_cookie_has_its_finding() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3", "basket=4"]);
    let of_cart = |found| Finding::Companion("cart".to_owned(), found);
    let header =
        format!("{}; other=1; i18next=xx; rubbish; theme=dark; stats=1", jar.with("cart", "4").header());
    let findings = found(&policy, &header);
    let of = |name: &str| findings.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!(of("cart"), Finding::Refused(RefusalReason::Modified));
    assert_eq!(of("basket"), Finding::Admitted);
    assert_eq!(of(MAIN), Finding::Main(Transactional::Current));
    assert_eq!(of(OF_CART), of_cart(Transactional::Current));
    assert_eq!(of("other"), Finding::Undeclared);
    assert_eq!(of("i18next"), Finding::Refused(RefusalReason::Malformed));
    assert_eq!(of(""), Finding::Refused(RefusalReason::Malformed));
    assert_eq!(of("theme"), Finding::Refused(RefusalReason::Unsigned));
    assert_eq!(of("stats"), Finding::Refused(RefusalReason::NoConsent));
    assert_eq!(findings.len(), header.split("; ").count(), "in the order in which they came");
    let other = Jar::default().set(&policy, &["cart=9"]);
    for (main, companion, expected) in [
        (
            "x",
            jar.value(OF_CART),
            [Finding::Main(Transactional::Malformed), of_cart(Transactional::NoTransaction)],
        ),
        (&"A".repeat(40), "x", [Finding::Main(Transactional::Malformed), of_cart(Transactional::Malformed)]),
        (
            jar.value(MAIN),
            other.value(OF_CART),
            [Finding::Main(Transactional::Current), of_cart(Transactional::OtherTransaction)],
        ),
    ] {
        let findings = found(&policy, &format!("{MAIN}={main}; {OF_CART}={companion}"));
        assert_eq!(findings.into_iter().map(|(_, found)| found).collect::<Vec<_>>(), expected, "{main}");
    }
    // Of a pattern's, and copies.
    let jar = Jar::default().set(&policy, &["item_1=3"]);
    let text = inspect(&policy, jar.request().headers()).to_string();
    assert!(text.contains("TS companion of item_1, of this request's transaction"), "{text}");
    assert!(
        found(&policy, &vouched(&["cart=3", "cart=3"])).contains(&("cart".to_owned(), Finding::Repeated))
    );
    let planted = format!("{MAIN}=old; {}", vec![format!("{MAIN}=x"); 8].join("; "));
    assert_eq!(found(&policy, &planted)[0].1, Finding::Main(Transactional::NotLookedAt));
    assert_eq!(
        found(&policy, &"a=1; ".repeat(300)).last().unwrap().1,
        Finding::Refused(RefusalReason::Oversized)
    );
}

/// It says what the service does, on whatever there is: the same judgement, told pair by pair.
#[test]
fn it_agrees_with_the_service() {
    for action in [Action::Strip, Action::Reject, Action::Report] {
        let policy = guarded().action(action).build().unwrap();
        let jar = Jar::default().set(&policy, &["cart=3", "item_1=4"]);
        let (theme, draft) = (issue(&policy, "theme", "dark"), issue(&policy, "draft", "x"));
        let cookies = [
            jar.with("cart", "4"),
            jar.without(MAIN),
            jar.clone(),
            jar.with(OF_CART, "x"),
            jar.beside(&jar, true),
        ];
        for jar in cookies {
            let header = format!("{}; {theme}; {draft}; theme=x; a=1; %74heme=2; plain=3", jar.header());
            let refused = |finding: &Finding| matches!(finding, Finding::Refused(_) | Finding::Reported(_));
            let findings = found(&policy, &header);
            let mut told: Vec<_> =
                findings.iter().filter(|(_, found)| refused(found)).map(|(name, _)| name.clone()).collect();
            let before = policy.counts();
            let service = crate::support::serve(&policy, crate::support::request(&[&header]), |_| {
                crate::support::Answer::default()
            });
            let report =
                service.extensions().get::<tower_cookie_policy::Report>().cloned().unwrap_or_default();
            let mut reported: Vec<_> = report.refusals().iter().map(|one| one.name().to_owned()).collect();
            told.sort();
            reported.sort();
            assert_eq!(told, reported, "{header}");
            if service.status() == 200 {
                let admitted = findings
                    .iter()
                    .filter(|(_, found)| {
                        matches!(found, Finding::Admitted | Finding::Undeclared | Finding::Reported(_))
                    })
                    .count();
                assert_eq!(visit(&policy, &[&header]).pairs.len(), admitted, "{header}");
            }
            assert!(policy.counts() != before || told.is_empty(), "the service counts, the look does not");
        }
    }
}

/// It prints names and reasons, and no value.
#[test]
fn it_prints_no_value() {
    let policy = guarded().build().unwrap();
    let jar =
        Jar::default().set(&policy, &["cart=s3cr3t"]).with("other", "t0ps3cr3t").with("theme", "s3cr3t.x");
    let inspection = inspect(&policy, jar.request().headers());
    let printed = format!("{inspection} {inspection:?}");
    for secret in ["s3cr3t", jar.value(MAIN), jar.value(OF_CART)] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("cart: admitted") && printed.contains("theme: refused as"), "{printed}");
}
