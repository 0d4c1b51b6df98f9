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

    /// What was refused of the request: cookies, and under an empty name the request itself, for where it comes from.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}
