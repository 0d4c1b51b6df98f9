//! The TS cookies of a response: companions live and die with their cookies, and the main is written when a transaction
//! starts, and only then.
//!
//! - A companion is made for what the server sets in this response, and, where another transaction begins, for what verified
//!   in this request: for nothing else.
//! - Were the main written more often, a late response could put an old one over a new one.

use std::collections::BTreeSet;

use super::enforce::Life;
use super::sign::{AllSigned, Ready};
use crate::policy::{CookiePolicy, Found, Integrity};
use crate::report::{Suppression, SuppressionReason};
use crate::wire::main::Transaction;
use crate::wire::{companion, main};

/// What the response has to know of the request's transaction.
#[derive(Default)]
pub(crate) struct Continuity {
    /// The one that the request belongs to.
    pub(crate) present: Option<Transaction>,
    /// What the policy's hook says of the request.
    pub(crate) binding: Vec<u8>,
    /// Where another begins, the verified guarded cookies that go on with it.
    pub(crate) going_on: Option<Vec<(String, String)>>,
}

/// The cookies of a response with the TS cookies that they need. Made here alone.
pub(super) struct AllReady(Vec<Ready>);

impl AllReady {
    pub(super) fn new(
        policy: &CookiePolicy,
        signed: AllSigned,
        continuity: Continuity,
        now: u32,
        suppressions: &mut Vec<Suppression>,
    ) -> Self {
        let mut cookies = signed.into_inner();
        let guarded = Guarded::of(policy, &cookies);
        if guarded.set.is_empty() && guarded.deleted.is_empty() && continuity.going_on.is_none() {
            return Self(cookies);
        }
        match secure(policy, &guarded, &continuity, now) {
            Some(transactional) => cookies.extend(transactional),
            // Without a companion they would be refused when they come back, if they came alone.
            None => cookies.retain(|cookie| {
                let is_lost = guarded.set.iter().any(|(name, ..)| *name == cookie.name);
                if is_lost {
                    let name = cookie.name.as_bytes();
                    suppressions.push(Suppression::new(name, SuppressionReason::Unsealed));
                }
                !is_lost
            }),
        }
        Self(cookies)
    }
}

impl IntoIterator for AllReady {
    type Item = Ready;
    type IntoIter = std::vec::IntoIter<Ready>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The guarded cookies of a response.
struct Guarded {
    /// Name, value, and the companion's name.
    set: Vec<(String, String, String)>,
    /// The names of those that are deleted and not set besides, with their companions'.
    deleted: BTreeSet<(String, String)>,
}

impl Guarded {
    fn of(policy: &CookiePolicy, cookies: &[Ready]) -> Self {
        let (mut set, mut deleted) = (Vec::new(), BTreeSet::new());
        for cookie in cookies {
            let guarded = |row: &usize| policy.row(*row).declared_integrity() == Integrity::Guarded;
            let Some(row) = cookie.row.filter(guarded) else { continue };
            let companion = policy.companion(row, &cookie.name).into_owned();
            if cookie.life == Life::Deleted {
                deleted.insert((cookie.name.clone(), companion));
            } else {
                set.push((cookie.name.clone(), cookie.value.clone(), companion));
            }
        }
        deleted.retain(|(name, _)| !set.iter().any(|(set, ..)| set == name));
        Self { set, deleted }
    }
}

/// The TS cookies. `None` if a transaction would have to start and there are no random bytes for it.
fn secure(policy: &CookiePolicy, guarded: &Guarded, continuity: &Continuity, now: u32) -> Option<Vec<Ready>> {
    let cookie = |name: &str, value, life| {
        let (name, scope) = (name.to_owned(), policy.transaction_scope());
        Ready { name, value, row: None, life, scope, partitioned: false, declared: true }
    };
    let Continuity { present, binding, going_on } = continuity;
    let goes_on = |(name, _): &&(String, String)| {
        !guarded.set.iter().any(|(set, ..)| set == name)
            && !guarded.deleted.iter().any(|(deleted, _)| deleted == name)
    };
    let going_on: Vec<_> = going_on.iter().flatten().filter(goes_on).collect();
    let is_rotated = continuity.going_on.is_some();
    let is_needed = !(guarded.set.is_empty() && going_on.is_empty());
    let mut made = Vec::new();
    let transaction = match present {
        Some(present) if !is_rotated => Some(*present),
        _ if is_needed => {
            let starting = Transaction::starting(now).ok()?;
            made.push(cookie(policy.main(), main::sign(policy.subkeys(), &starting, binding), Life::Session));
            Some(starting)
        }
        // Nothing is left that it would hold.
        Some(_) => {
            made.push(cookie(policy.main(), String::new(), Life::Deleted));
            None
        }
        None => None,
    };
    if let Some(transaction) = transaction {
        let sign =
            |name: &str, value: &str| companion::sign(policy.subkeys(), &transaction, now, name, value);
        for (name, value, companion) in &guarded.set {
            made.push(cookie(companion, sign(name, value), Life::Session));
        }
        for (name, value) in going_on {
            let Found::Row(row) = policy.names().find(name.as_bytes()) else { continue };
            made.push(cookie(&policy.companion(row, name), sign(name, value), Life::Session));
        }
    }
    made.extend(guarded.deleted.iter().map(|(_, companion)| cookie(companion, String::new(), Life::Deleted)));
    Some(made)
}
