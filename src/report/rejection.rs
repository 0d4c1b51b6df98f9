//! Why a whole request was answered with 403.

use super::Refusal;

/// Why the policy answers a request itself, for the function that makes the answer
/// ([`responder`](crate::CookiePolicyBuilder::responder)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    refusals: Vec<Refusal>,
}

impl Rejection {
    pub(crate) fn new(refusals: Vec<Refusal>) -> Self {
        Self { refusals }
    }

    /// Everything that was refused of the request, the causes among it. Where [`RefusalReason::Referrer`](crate::RefusalReason)
    /// or `Flow` is among the reasons, the request was turned away for where it comes from; else it is for a cookie.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}
