//! What was refused on the way in and suppressed on the way out: as a report, as events, as counters.
//!
//! - A [`Report`] lies in the extensions of every response that has something to report.
//! - Names are printed escaped and cut short; no value is ever kept.

mod counters;
mod inspection;
mod refusal;
mod rejection;
mod sighting;
mod suppression;

use std::fmt;

pub use counters::Counts;
pub(crate) use counters::{Counters, receipts_failed, store_failed};
pub use inspection::{Finding, Inspected, Inspection, Transactional};
pub use refusal::{Refusal, RefusalReason};
pub use rejection::Rejection;
pub use sighting::Sighting;
pub use suppression::{Suppression, SuppressionReason};

/// What one request and its response had refused and suppressed.
///
/// It lies in the response's extensions, for layers further out: `response.extensions().get::<Report>()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) suppressions: Vec<Suppression>,
}

impl Report {
    /// The request's cookies that do not hold, those that were let in for all that included, and the request itself where it was
    /// turned away.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// The response's cookies that were not let out, or were changed.
    #[must_use]
    pub fn suppressions(&self) -> &[Suppression] {
        &self.suppressions
    }
}

/// A cookie's name from outside, to be kept and printed: at most 64 bytes of it, and nothing that a terminal or a
/// log file could take for more than text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenName(Box<str>);

impl SeenName {
    pub(crate) fn new(name: &[u8]) -> Self {
        let cut = &name[..name.len().min(64)];
        Self(cut.escape_ascii().to_string().into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SeenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
