//! Random tables, decisions and headers: what goes through is what a short model of the rules says.

use proptest::prelude::*;
use tower_cookie_policy::{Basis, Category, CookiePolicy, CookieSpec, Mode, TestClock};

use super::support::{decide, revision, submit};
use crate::support::{Answer, NOW, keys, lines, request, serve, with_lines};

const CATEGORIES: [&str; 3] = ["statistics", "marketing", "maps"];

/// The category of each row `r0`, `r1`, …: `None` for an essential one.
fn policy(rows: &[Option<usize>], mode: Mode) -> CookiePolicy {
    let builder = CookiePolicy::empty(keys()).clock(TestClock::at(NOW).clock()).mode(mode);
    let with = |builder: tower_cookie_policy::CookiePolicyBuilder,
                (number, category): (usize, &Option<usize>)| {
        let basis = match category {
            Some(category) => Basis::Consent(Category::from(CATEGORIES[*category].to_owned())),
            None => Basis::essential("a test"),
        };
        builder.with(CookieSpec::new(format!("r{number}").as_str(), basis))
    };
    rows.iter().enumerate().fold(builder, with).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn what_goes_in_and_out_is_what_was_granted(
        rows in prop::collection::vec(prop::option::of(0..CATEGORIES.len()), 1..8),
        ticked in prop::collection::vec(any::<bool>(), CATEGORIES.len()),
        decides in any::<bool>(),
        signal in any::<bool>(),
        came in prop::collection::vec(0..8_usize, 0..12),
        written in prop::collection::vec(0..8_usize, 0..12),
    ) {
        let policy = policy(&rows, Mode::Enforce);
        let asked = |category: usize| rows.contains(&Some(category));
        let consent = match decides && rows.iter().any(Option::is_some) {
            false => String::new(),
            true => {
                let fields: String = (0..CATEGORIES.len())
                    .filter(|&at| ticked[at])
                    .map(|at| format!("&{}=on", CATEGORIES[at]))
                    .collect();
                let form = format!("decision=save{fields}&revision={}", revision(&policy, "en"));
                super::support::consent_cookie(&submit(&policy, "", &form))
            }
        };
        let granted = |category: usize| {
            !consent.is_empty() && asked(category) && ticked[category] && !(signal && CATEGORIES[category] == "marketing")
        };
        let allowed = |row: usize| rows.get(row).is_some_and(|category| category.is_none_or(granted));
        let mut jar: Vec<String> = came.iter().map(|row| format!("r{row}={row}")).collect();
        if !consent.is_empty() {
            jar.push(consent.clone());
        }
        let header = jar.join("; ");
        let mut request = request(if header.is_empty() { &[] } else { std::slice::from_ref(&header) });
        if signal {
            request.headers_mut().insert("sec-gpc", http::HeaderValue::from_static("1"));
        }
        let seen = std::cell::RefCell::new(Vec::new());
        let raw: Vec<String> = written.iter().map(|row| format!("r{row}=w")).collect();
        let answer = serve(&policy, request, |request| {
            *seen.borrow_mut() = crate::support::seen_by(&request).pairs;
            with_lines(Answer::default(), &raw)
        });
        let undeclared = |row: usize| row >= rows.len();
        let due: Vec<String> =
            came.iter().filter(|&&row| undeclared(row) || allowed(row)).map(|row| format!("r{row}")).collect();
        let read: Vec<String> =
            seen.into_inner().into_iter().map(|(name, _)| name).filter(|name| name != "cookie_consent").collect();
        prop_assert_eq!(read, due);
        let mut left: Vec<String> = lines(&answer)
            .iter()
            .filter(|line| !line.contains("Max-Age=0;"))
            .map(|line| line.split('=').next().unwrap().to_owned())
            .collect();
        left.sort();
        let mut out: Vec<String> = written.iter().filter(|&&row| allowed(row)).map(|row| format!("r{row}")).collect();
        out.sort();
        out.dedup();
        prop_assert_eq!(left, out);
    }

    #[test]
    fn no_bytes_make_it_panic_or_grant(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let policy = policy(&[Some(0), Some(1)], Mode::Enforce);
        let text = String::from_utf8_lossy(&body).into_owned();
        for answer in [submit(&policy, "", &text), decide(&policy, "", &text)] {
            prop_assert!(answer.status().is_client_error(), "{}", answer.status());
            prop_assert!(lines(&answer).is_empty());
        }
    }
}
