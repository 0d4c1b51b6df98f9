//! The table, held against every cookie that wants to leave.
//!
//! - A deletion passes, except of what the crate manages. It repeats the scope, or it would delete nothing.
//! - Lifetimes are cut to the declared one, scope attributes are the row's.
//! - One cookie for each name, domain and path: the last one.

use std::collections::HashSet;

use super::collect::{Draft, Origin, Wish};
use super::scope::{differs, is_scope, keep_prefix, own_scope, promises};
use super::table::{allows_value, declared, stops};
use crate::policy::{CookiePolicy, Lifetime, SameSite, Scope, broken_prefix};
use crate::report::{Suppression, SuppressionReason};
use crate::wire::Period;

/// A cookie that the table lets out, with the lifetime and the scope that it leaves with.
pub(super) struct Permitted {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) row: Option<usize>,
    pub(super) life: Life,
    pub(super) scope: Scope,
    pub(super) partitioned: bool,
    /// The period of a value that is issued anew.
    pub(super) period: Option<Period>,
}

/// How a cookie says how long it lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Session,
    Seconds(u32),
    Deleted,
}

impl Permitted {
    pub(super) fn all(
        policy: &CookiePolicy,
        drafts: Vec<Draft>,
        now: u32,
        suppressions: &mut Vec<Suppression>,
    ) -> Vec<Self> {
        let mut permitted = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let name = draft.name.clone();
            let mut report = |reason| suppressions.push(Suppression::new(name.as_bytes(), reason));
            if let Err(reason) = permit(policy, draft, now, &mut permitted, &mut report) {
                report(reason);
            }
        }
        keep_the_last(permitted, suppressions)
    }

    /// What browsers tell cookies apart by. They compare domains without regard to case.
    fn identity(&self) -> (String, String, Option<String>) {
        let domain = self.scope.domain.as_ref().map(|domain| domain.to_ascii_lowercase());
        (self.name.clone(), self.scope.path.clone(), domain)
    }
}

fn permit(
    policy: &CookiePolicy,
    draft: Draft,
    now: u32,
    permitted: &mut Vec<Permitted>,
    report: &mut impl FnMut(SuppressionReason),
) -> Result<(), SuppressionReason> {
    if draft.wish == Wish::Delete {
        let row = declared(policy, &draft.name, draft.origin)?;
        permitted.extend(deletions(policy, draft, row)?);
        return Ok(());
    }
    let row = stops(policy, &draft.name, draft.origin)?;
    if draft.own.oversized {
        return Err(SuppressionReason::Oversized);
    }
    match row {
        Some(index) => permitted.push(by_row(policy, index, draft, now, report)?),
        None => {
            report(SuppressionReason::Undeclared);
            permitted.push(by_itself(policy, draft)?);
        }
    }
    Ok(())
}

/// A declared cookie: the row's scope, at most the row's lifetime.
fn by_row(
    policy: &CookiePolicy,
    index: usize,
    draft: Draft,
    now: u32,
    report: &mut impl FnMut(SuppressionReason),
) -> Result<Permitted, SuppressionReason> {
    let row = policy.row(index);
    allows_value(policy, Some(row), &draft.name, &draft.value)?;
    // A pattern may stand for a name whose prefix its scope does not honour.
    if broken_prefix(&draft.name, &promises(&row.scope)).is_some() {
        return Err(SuppressionReason::Malformed);
    }
    if differs(&draft.own, &row.scope) {
        report(SuppressionReason::Rescoped);
    }
    let period = match draft.origin {
        Origin::Reissue(period) => Some(period),
        Origin::Header | Origin::Handle => None,
    };
    let life = match (row.declared_lifetime(), draft.wish) {
        (Lifetime::Session, Wish::Seconds(_)) => {
            report(SuppressionReason::Clamped);
            Life::Session
        }
        (Lifetime::Session, _) | (_, Wish::Session | Wish::Delete) => Life::Session,
        (Lifetime::Persistent(most), Wish::Declared) => {
            let left = period.map_or(most, |period| period.left(now, most));
            Life::Seconds(left.min(most))
        }
        (Lifetime::Persistent(most), Wish::Seconds(seconds)) => {
            if seconds > u64::from(most) {
                report(SuppressionReason::Clamped);
            }
            Life::Seconds(u32::try_from(seconds).unwrap_or(most).min(most))
        }
    };
    let Draft { name, value, .. } = draft;
    Ok(Permitted {
        name,
        value,
        row: Some(index),
        life,
        scope: row.scope.clone(),
        partitioned: false,
        period,
    })
}

/// An undeclared cookie that the policy keeps: its own scope and lifetime, where browsers would take them.
fn by_itself(policy: &CookiePolicy, draft: Draft) -> Result<Permitted, SuppressionReason> {
    allows_value(policy, None, &draft.name, &draft.value)?;
    let life = match draft.wish {
        Wish::Seconds(seconds) => {
            let most = Lifetime::LONGEST.max_age().unwrap_or(u32::MAX);
            Life::Seconds(u32::try_from(seconds).unwrap_or(most).min(most))
        }
        Wish::Session | Wish::Declared | Wish::Delete => Life::Session,
    };
    let scope = own_scope(&draft.own)?;
    let promises = promises(&scope);
    let without_secure = !scope.secure && (scope.same_site == Some(SameSite::None) || draft.own.partitioned);
    // Coming back, it would be refused as an alias.
    let alias = policy.names().is_alias(draft.name.as_bytes());
    if without_secure || alias || broken_prefix(&draft.name, &promises).is_some() {
        return Err(SuppressionReason::Malformed);
    }
    let Draft { name, value, own, .. } = draft;
    Ok(Permitted { name, value, row: None, life, scope, partitioned: own.partitioned, period: None })
}

/// The lines that delete: in the row's scope, and in the line's own where that differs.
fn deletions(
    policy: &CookiePolicy,
    draft: Draft,
    row: Option<usize>,
) -> Result<Vec<Permitted>, SuppressionReason> {
    let deleted = |mut scope: Scope, partitioned| {
        keep_prefix(&draft.name, &mut scope);
        Permitted {
            name: draft.name.clone(),
            value: String::new(),
            row,
            life: Life::Deleted,
            scope,
            partitioned,
            period: None,
        }
    };
    let own = &draft.own;
    let Some(row) = row.map(|row| policy.row(row)) else {
        let mut scope = own_scope(own)?;
        scope.secure |= own.partitioned || scope.same_site == Some(SameSite::None);
        return Ok(vec![deleted(scope, own.partitioned)]);
    };
    let mut lines = vec![deleted(row.scope.clone(), false)];
    if differs(own, &row.scope) && !own.oversized {
        let mut scope = Scope {
            path: own.path.clone().unwrap_or_else(|| row.scope.path.clone()),
            domain: own.domain.clone(),
            ..row.scope.clone()
        };
        scope.secure |= own.partitioned;
        if is_scope(&scope) {
            lines.push(deleted(scope, own.partitioned));
        }
    }
    Ok(lines)
}

fn keep_the_last(permitted: Vec<Permitted>, suppressions: &mut Vec<Suppression>) -> Vec<Permitted> {
    let mut seen = HashSet::with_capacity(permitted.len());
    let mut kept: Vec<Permitted> = Vec::with_capacity(permitted.len());
    for cookie in permitted.into_iter().rev() {
        if seen.insert(cookie.identity()) {
            kept.push(cookie);
        } else {
            suppressions.push(Suppression::new(cookie.name.as_bytes(), SuppressionReason::Replaced));
        }
    }
    kept.reverse();
    kept
}
