//! The values as they go over the wire: Signed rows get their signature, Sealed ones are encrypted.

use super::enforce::{AllPermitted, Life, Permitted};
use crate::policy::{CookiePolicy, Integrity, Scope};
use crate::report::{Suppression, SuppressionReason};
use crate::wire::{sealed, signed};

/// A cookie whose value is as it leaves.
pub(super) struct Ready {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) life: Life,
    pub(super) scope: Scope,
    pub(super) partitioned: bool,
    /// Its row, if it is declared.
    pub(super) row: Option<usize>,
    /// Whether it is this policy's to let out.
    pub(super) declared: bool,
}

/// The cookies of a response with the values that leave. Made here alone.
pub(super) struct AllSigned(Vec<Ready>);

impl AllSigned {
    pub(super) fn new(
        policy: &CookiePolicy,
        permitted: AllPermitted,
        suppressions: &mut Vec<Suppression>,
    ) -> Self {
        let ready = permitted.into_iter().filter_map(|cookie| {
            let name = cookie.name.clone();
            let ready = ready(policy, cookie);
            if ready.is_none() {
                suppressions.push(Suppression::new(name.as_bytes(), SuppressionReason::Unsealed));
            }
            ready
        });
        Self(ready.collect())
    }

    pub(super) fn into_inner(self) -> Vec<Ready> {
        self.0
    }
}

/// `None` if the value could not be sealed.
fn ready(policy: &CookiePolicy, cookie: Permitted) -> Option<Ready> {
    let Permitted { name, mut value, row, life, scope, partitioned, period, .. } = cookie;
    let integrity = row.map(|row| policy.row(row).declared_integrity());
    match (integrity, period) {
        (Some(Integrity::Signed), Some(period)) => {
            value = signed::sign(policy.subkeys(), &name, &value, period);
        }
        (Some(Integrity::Sealed), Some(period)) => {
            value = sealed::seal(policy.subkeys(), &name, &value, period).ok()?;
        }
        _ => {}
    }
    Some(Ready { name, value, life, scope, partitioned, row, declared: row.is_some() })
}
