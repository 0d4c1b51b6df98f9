//! What goes on when another transaction begins, and what goes when a request is rejected.

use super::Cookies;
use crate::outbound::{Draft, Origin, Wish};
use crate::policy::{Found, Integrity};

impl Cookies {
    /// The guarded cookies that verified in this request. Those that were let in for all that are not among them.
    pub(super) fn proven(&self) -> Vec<(String, String)> {
        let policy = &self.0.policy;
        let guarded = |name: &[u8]| match policy.names().find(name) {
            Found::Row(row) => policy.row(row).declared_integrity() == Integrity::Guarded,
            _ => false,
        };
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        let pairs = self.0.admitted.pairs().filter(|(name, _)| guarded(name));
        pairs
            .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
            .filter(|(name, _)| !self.0.admitted.is_unproven(name))
            .collect()
    }

    /// Whether the policy answers the request itself.
    #[inline]
    pub(crate) fn is_rejected(&self) -> bool {
        self.0.admitted.is_rejected()
    }

    /// Orders that the browser deletes what the request was rejected for, so that its next request passes.
    pub(crate) fn clean_up(&self) {
        for name in self.0.admitted.alarming() {
            self.order(Draft::order(name, String::new(), Origin::Managed, Wish::Delete));
        }
    }
}
