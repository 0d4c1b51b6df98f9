//! The values as they go over the wire: Signed rows get their signature.

use super::enforce::{Life, Permitted};
use crate::policy::{CookiePolicy, Integrity, Scope};
use crate::wire::{Period, signed};

/// A cookie whose value is as it leaves.
pub(super) struct Signed {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) life: Life,
    pub(super) scope: Scope,
    pub(super) partitioned: bool,
    pub(super) declared: bool,
}

impl Signed {
    pub(super) fn all(policy: &CookiePolicy, permitted: Vec<Permitted>, now: u32) -> Vec<Self> {
        permitted.into_iter().map(|cookie| Self::new(policy, cookie, now)).collect()
    }

    fn new(policy: &CookiePolicy, cookie: Permitted, now: u32) -> Self {
        let Permitted { name, mut value, row, life, scope, partitioned, period } = cookie;
        let declared = row.is_some();
        if let Some(row) = row.map(|row| policy.row(row))
            && row.declared_integrity() == Integrity::Signed
            && life != Life::Deleted
        {
            let period = period.unwrap_or_else(|| Period::starting(now, policy.validity(row)));
            value = signed::sign(policy.subkeys(), &name, &value, period);
        }
        Self { name, value, life, scope, partitioned, declared }
    }
}
