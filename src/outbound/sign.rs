//! The values as they go over the wire: Signed rows get their signature.

use super::enforce::{AllPermitted, Life, Permitted};
use crate::policy::{CookiePolicy, Integrity, Scope};
use crate::wire::signed;

/// A cookie whose value is as it leaves.
pub(super) struct Ready {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) life: Life,
    pub(super) scope: Scope,
    pub(super) partitioned: bool,
    pub(super) declared: bool,
}

/// The cookies of a response, ready to leave. Made here alone.
pub(super) struct AllReady(Vec<Ready>);

impl AllReady {
    pub(super) fn new(policy: &CookiePolicy, permitted: AllPermitted) -> Self {
        Self(permitted.into_iter().map(|cookie| ready(policy, cookie)).collect())
    }
}

impl IntoIterator for AllReady {
    type Item = Ready;
    type IntoIter = std::vec::IntoIter<Ready>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn ready(policy: &CookiePolicy, cookie: Permitted) -> Ready {
    let Permitted { name, mut value, row, life, scope, partitioned, period, .. } = cookie;
    let integrity = row.map(|row| policy.row(row).declared_integrity());
    if let (Some(Integrity::Signed), Some(period)) = (integrity, period) {
        value = signed::sign(policy.subkeys(), &name, &value, period);
    }
    Ready { name, value, life, scope, partitioned, declared: row.is_some() }
}
