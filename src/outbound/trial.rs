//! A policy on trial: what a handler writes leaves as it was written, and what would have become of it is reported.
//!
//! What the policy has to write itself is no part of the trial: cookies that are signed, sealed or guarded, those that the crate
//! manages, and deletions.

use super::collect::{Draft, Wish};
use super::enforce::objections;
use crate::policy::{Categories, CookiePolicy, CookieSpec, Found, Integrity, Lifetime, is_domain, is_path};
use crate::report::{Suppression, SuppressionReason};

/// What a line that leaves as it was written would have met with.
pub(super) struct Trial {
    pub(super) objections: Vec<Suppression>,
    /// A row for it, where the table has none.
    pub(super) sighting: Option<CookieSpec>,
}

/// `None` where the line is to be judged like any other.
pub(super) fn judge(policy: &CookiePolicy, granted: Categories, draft: &Draft, now: u32) -> Option<Trial> {
    if !policy.only_reports() || draft.wish == Wish::Delete {
        return None;
    }
    let is_free = match policy.names().find(draft.name.as_bytes()) {
        Found::Row(row) => {
            let row = policy.row(row);
            row.declared_integrity() == Integrity::Open && !row.declared_role().is_managed()
        }
        // Coming back, it would be refused.
        Found::Misshapen => false,
        Found::Undeclared => !policy.names().is_passing_for_another(draft.name.as_bytes()),
        Found::Main | Found::Companion(_) => false,
    };
    if !is_free {
        return None;
    }
    let objections = objections(policy, granted, draft, now);
    let says = |reason| objections.iter().any(|objection| objection.reason() == reason);
    if says(SuppressionReason::Managed) {
        return None;
    }
    let sighting = says(SuppressionReason::Undeclared).then(|| row_for(draft));
    Some(Trial { objections: objections.into_iter().map(Suppression::reported).collect(), sighting })
}

/// A row that says what the line says. For what, and by whose leave, the line does not tell: so it asks for a consent to a category
/// of its own, which is what a cookie needs of which nothing is known.
fn row_for(draft: &Draft) -> CookieSpec {
    let own = &draft.own;
    let mut row = CookieSpec::unclassified(&draft.name);
    if let Wish::Seconds(seconds) = draft.wish {
        let longest = Lifetime::LONGEST.max_age().unwrap_or(u32::MAX);
        row = row.lifetime(Lifetime::seconds(u32::try_from(seconds).unwrap_or(longest).min(longest)));
    }
    if let Some(path) = own.path.as_deref().filter(|path| is_path(path)) {
        row = row.path(path);
    }
    if let Some(domain) = own.domain.as_deref().filter(|domain| is_domain(domain)) {
        row = row.domain(domain);
    }
    if let Some(same_site) = own.same_site {
        row = row.same_site(same_site);
    }
    if !own.http_only {
        row = row.readable_by_script();
    }
    row
}
