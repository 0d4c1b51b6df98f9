//! The table, held against every cookie that wants to leave.
//!
//! - What is not in the table, not for the server to set, not asked for by the visitor or not consented to, stays.
//! - A deletion passes, except of what the crate manages. It repeats the scope, or it would delete nothing.
//! - Lifetimes are cut to the declared one, scope attributes are the row's.
//! - One cookie for each name, domain and path: the last one.

use super::collect::{Draft, Origin, Wish};
use super::scope::{differs, is_scope, keep_prefix, own_scope, promises};
use crate::policy::{
    Basis, CookiePolicy, CookieSpec, Found, Integrity, Issuer, Lifetime, SameSite, Scope, Undeclared,
    broken_prefix,
};
use crate::report::{Suppression, SuppressionReason};
use crate::value::is_cookie_octet;
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
    fn is_same_cookie(&self, other: &Self) -> bool {
        let domain = |scope: &Scope| scope.domain.as_ref().map(|domain| domain.to_ascii_lowercase());
        self.name == other.name
            && self.scope.path == other.scope.path
            && domain(&self.scope) == domain(&other.scope)
    }
}

/// Why no cookie of this name may be set this way, whatever its value; the row, if there is one, if it may.
pub(crate) fn stops(
    policy: &CookiePolicy,
    name: &str,
    origin: Origin,
) -> Result<Option<usize>, SuppressionReason> {
    let Some(index) = declared(policy, name, origin)? else {
        return match policy.document().undeclared {
            Undeclared::Drop => Err(SuppressionReason::Undeclared),
            Undeclared::Keep => Ok(None),
        };
    };
    let row = policy.row(index);
    if row.declared_issuer() != Issuer::Server {
        return Err(SuppressionReason::NotIssuer);
    }
    if *row.basis() == Basis::Requested && origin == Origin::Header {
        return Err(SuppressionReason::NotRequested);
    }
    if matches!(row.basis(), Basis::Consent(_)) {
        return Err(SuppressionReason::NoConsent);
    }
    if row.declared_integrity() == Integrity::Sealed {
        return Err(SuppressionReason::Unsealed);
    }
    Ok(Some(index))
}

/// The row of a name, unless the crate alone writes its cookies.
pub(crate) fn declared(
    policy: &CookiePolicy,
    name: &str,
    origin: Origin,
) -> Result<Option<usize>, SuppressionReason> {
    match policy.names().find(name.as_bytes()) {
        Found::Transaction => Err(SuppressionReason::Managed),
        Found::Undeclared | Found::Misshapen => Ok(None),
        Found::Row(row) => {
            let managed =
                policy.row(row).declared_role().is_managed() && !matches!(origin, Origin::Reissue(_));
            if managed { Err(SuppressionReason::Managed) } else { Ok(Some(row)) }
        }
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
        Some(index) => permitted.push(by_row(policy.row(index), index, draft, now, report)?),
        None => {
            report(SuppressionReason::Undeclared);
            permitted.push(by_itself(draft)?);
        }
    }
    Ok(())
}

/// A declared cookie: the row's scope, at most the row's lifetime.
fn by_row(
    row: &CookieSpec,
    index: usize,
    draft: Draft,
    now: u32,
    report: &mut impl FnMut(SuppressionReason),
) -> Result<Permitted, SuppressionReason> {
    let signed = matches!(row.declared_integrity(), Integrity::Signed | Integrity::Sealed);
    if !is_value(&draft.value, signed) {
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
            let left = period.map_or(most, |period| period.expires.saturating_sub(now));
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
fn by_itself(draft: Draft) -> Result<Permitted, SuppressionReason> {
    if !is_value(&draft.value, false) {
        return Err(SuppressionReason::Malformed);
    }
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
    if without_secure || broken_prefix(&draft.name, &promises).is_some() {
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
    let deleted = |scope: Scope, partitioned| Permitted {
        name: draft.name.clone(),
        value: String::new(),
        row: None,
        life: Life::Deleted,
        scope,
        partitioned,
        period: None,
    };
    let own = &draft.own;
    let Some(row) = row.map(|row| policy.row(row)) else {
        let mut scope = own_scope(own)?;
        keep_prefix(&draft.name, &mut scope);
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
        keep_prefix(&draft.name, &mut scope);
        if is_scope(&scope) {
            lines.push(deleted(scope, own.partitioned));
        }
    }
    Ok(lines)
}

/// Whether a value is legal (`cookie-value`, RFC 6265bis section 4.1.1). What is signed is put in no quotes.
pub(crate) fn is_value(value: &str, signed: bool) -> bool {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|_| !signed);
    inner.unwrap_or(value).bytes().all(is_cookie_octet)
}

fn keep_the_last(permitted: Vec<Permitted>, suppressions: &mut Vec<Suppression>) -> Vec<Permitted> {
    let mut kept: Vec<Permitted> = Vec::with_capacity(permitted.len());
    for cookie in permitted {
        if let Some(at) = kept.iter().position(|earlier| earlier.is_same_cookie(&cookie)) {
            let earlier = kept.remove(at);
            suppressions.push(Suppression::new(earlier.name.as_bytes(), SuppressionReason::Replaced));
        }
        kept.push(cookie);
    }
    kept
}
