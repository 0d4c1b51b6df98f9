//! The same judgement as in service, told pair by pair.

use http::HeaderMap;

use super::cookie::{Cookie, Fate};
use super::parse::{Pair, RawCookies};
use super::transaction::Transactions;
use super::verify::Verified;
use crate::policy::{CookiePolicy, Found};
use crate::report::{Finding, Inspected, Inspection, RefusalReason, SeenName};

/// What becomes of each of the request's cookies.
pub(crate) fn examine(policy: &CookiePolicy, headers: &HeaderMap, binding: &[u8]) -> Inspection {
    let Some(raw) = RawCookies::parse(headers, policy.document().non_ascii) else {
        return Inspection(Vec::new());
    };
    let pairs = &raw.pairs;
    let now = policy.now();
    let transactions = Transactions::of(policy, pairs, binding, now);
    let mut verified = Verified::new(policy, &raw, &transactions, now);
    verified.withhold(policy, super::consent::standing_of(policy, headers).signal);
    let places = (0..).zip(pairs).zip(&verified.cookies);
    let mut found: Vec<Inspected> = places
        .map(|((at, pair), cookie)| Inspected {
            name: SeenName::new(cookie.name()),
            finding: finding(policy, &transactions, pairs, at, pair, cookie),
        })
        .collect();
    if verified.oversized {
        let finding = Finding::Refused(RefusalReason::Oversized);
        found.push(Inspected { name: SeenName::new(b""), finding });
    }
    Inspection(found)
}

fn text(name: &[u8]) -> String {
    SeenName::new(name).to_string()
}

fn finding(
    policy: &CookiePolicy,
    transactions: &Transactions<'_, '_>,
    pairs: &[Pair<'_>],
    at: usize,
    pair: &Pair<'_>,
    cookie: &Cookie<'_>,
) -> Finding {
    match cookie.fate {
        fate if cookie.is_withheld && fate.is_let_in() => Finding::Reported(RefusalReason::NoConsent),
        Fate::Passing if cookie.row().is_none() => Finding::Undeclared,
        Fate::Passing | Fate::Verified => Finding::Admitted,
        Fate::Adopted => Finding::Adopted,
        Fate::Reported(reason) => Finding::Reported(reason),
        Fate::Refused { reason, .. } => Finding::Refused(reason),
        Fate::Spare => Finding::Repeated,
        Fate::Own => {
            let behind = pairs[at + 1..].iter().filter(|other| other.name() == pair.name()).count();
            match policy.names().find(pair.name()) {
                Found::Main => Finding::Main(transactions.of_main(pair.value(), behind)),
                found => {
                    let guarded = match found {
                        Found::Companion(row) => policy.row(row).name().to_string(),
                        _ => transactions.companions().guarded_by(pair.name()).map_or_else(String::new, text),
                    };
                    Finding::Companion(guarded, transactions.of_companion(pair.value(), behind))
                }
            }
        }
    }
}
