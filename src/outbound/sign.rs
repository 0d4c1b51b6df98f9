//! The values as they go over the wire: Signed rows get their signature, and only then is the size looked at.

use super::enforce::{Life, Permitted};
use crate::policy::{CookiePolicy, Integrity, Scope};
use crate::report::{Suppression, SuppressionReason};
use crate::wire::{Period, signed};

/// Name and value together; browsers drop what is longer (RFC 6265bis section 5.7).
pub(crate) const LONGEST: usize = 4096;

/// A cookie whose value is as it leaves.
pub(super) struct Signed {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) life: Life,
    pub(super) scope: Scope,
    pub(super) partitioned: bool,
}

impl Signed {
    pub(super) fn all(
        policy: &CookiePolicy,
        permitted: Vec<Permitted>,
        now: u32,
        suppressions: &mut Vec<Suppression>,
    ) -> Vec<Self> {
        let mut signed = Vec::with_capacity(permitted.len());
        for cookie in permitted {
            let cookie = Self::new(policy, cookie, now);
            if cookie.name.len() + cookie.value.len() > LONGEST {
                suppressions.push(Suppression::new(cookie.name.as_bytes(), SuppressionReason::Oversized));
            } else {
                signed.push(cookie);
            }
        }
        signed
    }

    fn new(policy: &CookiePolicy, cookie: Permitted, now: u32) -> Self {
        let Permitted { name, mut value, row, life, scope, partitioned, period } = cookie;
        if let Some(row) = row.map(|row| policy.row(row))
            && row.declared_integrity() == Integrity::Signed
        {
            let period = period.unwrap_or_else(|| Period::starting(now, policy.validity(row)));
            value = signed::sign(policy.subkeys(), &name, &value, period);
        }
        Self { name, value, life, scope, partitioned }
    }
}
