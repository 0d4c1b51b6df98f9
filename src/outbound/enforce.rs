//! The table, held against every cookie that wants to leave.
//!
//! - Lifetimes are cut to the declared one, scope attributes are the row's.
//! - A deletion passes, except of what the crate manages. It repeats the scope, or it would delete nothing.
//! - One cookie for each name, domain and path: the last one.

use std::collections::HashSet;

use super::collect::{Draft, Origin, Wish};
use super::deletion::deletions;
use super::scope::{differs, own_scope, promises};
use super::table::{Settable, allows_value, row_to_delete, row_to_set};
use super::withdrawal::Withdrawal;
use crate::policy::{Categories, CookiePolicy, CookieSpec, Lifetime, SameSite, Scope, broken_prefix};
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
    /// For how long the value counts, where it is signed.
    pub(super) period: Option<Period>,
    /// Whether it is only meant to go along, and leaves nothing else of the same identity out.
    pub(super) accompanying: bool,
}

/// How a cookie says how long it lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Session,
    Seconds(u32),
    /// For so many seconds, which are over at this time for clients that go by `Expires`.
    Until(u32, u32),
    Deleted,
}

/// What is permitted of a response, each cookie once. Made here alone.
pub(super) struct AllPermitted(Vec<Permitted>);

impl AllPermitted {
    pub(super) fn new(
        policy: &CookiePolicy,
        granted: Categories,
        drafts: Vec<Draft>,
        withdrawal: &Withdrawal,
        now: u32,
        suppressions: &mut Vec<Suppression>,
    ) -> Self {
        let mut permitted = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let mut said = Said { name: draft.name.clone(), suppressions };
            if let Err(reason) = permit(policy, granted, draft, now, &mut permitted, &mut said) {
                said.stopped(reason);
            }
        }
        permitted.extend(withdrawal.permitted(policy));
        Self(keep_the_last(permitted, suppressions))
    }
}

impl IntoIterator for AllPermitted {
    type Item = Permitted;
    type IntoIter = std::vec::IntoIter<Permitted>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Permitted {
    /// What browsers tell cookies apart by. They compare domains without regard to case.
    pub(super) fn identity(&self) -> (String, String, Option<String>, bool) {
        let domain = self.scope.domain.as_ref().map(|domain| domain.to_ascii_lowercase());
        (self.name.clone(), self.scope.path.clone(), domain, self.partitioned)
    }
}

/// All that there is to say against a line; nothing of it is permitted by this.
pub(super) fn objections(
    policy: &CookiePolicy,
    granted: Categories,
    draft: &Draft,
    now: u32,
) -> Vec<Suppression> {
    let mut suppressions = Vec::new();
    let mut said = Said { name: draft.name.clone(), suppressions: &mut suppressions };
    if let Err(reason) = permit(policy, granted, draft.clone(), now, &mut Vec::new(), &mut said) {
        said.stopped(reason);
    }
    suppressions
}

/// What is said of one cookie.
struct Said<'s> {
    name: String,
    suppressions: &'s mut Vec<Suppression>,
}

impl Said<'_> {
    /// It does not leave, or not as it was wanted.
    fn stopped(&mut self, reason: SuppressionReason) {
        self.suppressions.push(Suppression::new(self.name.as_bytes(), reason));
    }

    /// It leaves all the same.
    fn reported(&mut self, reason: SuppressionReason) {
        self.suppressions.push(Suppression::new(self.name.as_bytes(), reason).reported());
    }
}

fn permit(
    policy: &CookiePolicy,
    granted: Categories,
    draft: Draft,
    now: u32,
    permitted: &mut Vec<Permitted>,
    said: &mut Said<'_>,
) -> Result<(), SuppressionReason> {
    if draft.wish == Wish::Delete {
        let row = row_to_delete(policy, &draft.name, draft.origin)?;
        permitted.extend(deletions(policy, &draft, row)?);
        return Ok(());
    }
    let Settable { row, objection } = row_to_set(policy, granted, &draft.name, draft.origin)?;
    if let Some(reason) = objection {
        said.reported(reason);
    }
    if draft.own.oversized {
        return Err(SuppressionReason::Oversized);
    }
    if draft.own.illegal {
        return Err(SuppressionReason::Malformed);
    }
    match row {
        Some(index) => permitted.extend(by_row(policy, index, draft, now, said)?),
        None => {
            said.reported(SuppressionReason::Undeclared);
            permitted.push(by_itself(policy, draft)?);
        }
    }
    Ok(())
}

/// A declared cookie: the row's scope, at most the row's lifetime. `None` where its time is over.
fn by_row(
    policy: &CookiePolicy,
    index: usize,
    draft: Draft,
    now: u32,
    said: &mut Said<'_>,
) -> Result<Option<Permitted>, SuppressionReason> {
    let row = policy.row(index);
    allows_value(policy, Some(row), &draft.name, &draft.value)?;
    // A pattern may stand for a name whose prefix its scope does not honour.
    if broken_prefix(&draft.name, &promises(&row.scope)).is_some() {
        return Err(SuppressionReason::Malformed);
    }
    if differs(&draft.own, &row.scope) {
        said.stopped(SuppressionReason::Rescoped);
    }
    let Some((life, period)) = life(policy, row, &draft, now, said) else { return Ok(None) };
    let Draft { name, value, .. } = draft;
    let (row, scope, period) = (Some(index), row.scope.clone(), Some(period));
    Ok(Some(Permitted { name, value, row, life, scope, partitioned: false, period, accompanying: false }))
}

/// How long a declared cookie lives in the browser, and for how long its value counts.
fn life(
    policy: &CookiePolicy,
    row: &CookieSpec,
    draft: &Draft,
    now: u32,
    said: &mut Said<'_>,
) -> Option<(Life, Period)> {
    let for_seconds = |seconds| Period::starting(now, seconds);
    if let Origin::Reissue(period) | Origin::Succeeding(period) = draft.origin {
        let left = period.left(now, policy.validity(row));
        // A value that counts for less than its row allows was set for less: how the browser keeps it is not known,
        // so it is kept no longer than the browser session.
        let is_kept = |most| period.seconds() >= most || matches!(draft.origin, Origin::Succeeding(_));
        let life = match row.declared_lifetime() {
            Lifetime::Persistent(most) if is_kept(most) => Life::Seconds(left),
            _ => Life::Session,
        };
        return (left > 0).then_some((life, period));
    }
    if let Origin::Dated(period) = draft.origin {
        return Some((Life::Until(policy.validity(row), period.expires), period));
    }
    let Lifetime::Persistent(most) = row.declared_lifetime() else {
        if matches!(draft.wish, Wish::Seconds(_)) {
            said.stopped(SuppressionReason::Clamped);
        }
        return Some((Life::Session, for_seconds(policy.validity(row))));
    };
    let wanted = match draft.wish {
        Wish::Session | Wish::Delete => {
            return Some((Life::Session, for_seconds(most.min(policy.absolute_limit()))));
        }
        Wish::Declared => u64::from(most),
        Wish::Seconds(seconds) => seconds,
    };
    if wanted > u64::from(most) {
        said.stopped(SuppressionReason::Clamped);
    }
    let seconds = u32::try_from(wanted).unwrap_or(most).min(most);
    Some((Life::Seconds(seconds), for_seconds(seconds)))
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
    let scope = own_scope(policy, &draft)?;
    let without_secure = !scope.secure && (scope.same_site == Some(SameSite::None) || draft.own.partitioned);
    if without_secure || broken_prefix(&draft.name, &promises(&scope)).is_some() {
        return Err(SuppressionReason::Malformed);
    }
    let Draft { name, value, own, .. } = draft;
    let partitioned = own.partitioned;
    Ok(Permitted { name, value, row: None, life, scope, partitioned, period: None, accompanying: false })
}

fn keep_the_last(permitted: Vec<Permitted>, suppressions: &mut Vec<Suppression>) -> Vec<Permitted> {
    let firm: HashSet<_> =
        permitted.iter().filter(|cookie| !cookie.accompanying).map(Permitted::identity).collect();
    let mut seen = HashSet::with_capacity(permitted.len());
    let mut kept: Vec<Permitted> = Vec::with_capacity(permitted.len());
    for cookie in permitted.into_iter().rev() {
        let identity = cookie.identity();
        if cookie.accompanying && firm.contains(&identity) {
            continue;
        }
        if seen.insert(identity) {
            kept.push(cookie);
        } else {
            suppressions.push(Suppression::new(cookie.name.as_bytes(), SuppressionReason::Replaced));
        }
    }
    kept.reverse();
    kept
}
