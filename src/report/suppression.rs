//! A response cookie that was not let out, or was changed, and why.

use std::fmt;

use super::SeenName;

/// A response cookie that was not let out, or was changed. It holds the cookie's name and the reason, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    name: SeenName,
    reason: SuppressionReason,
    let_out: bool,
}

impl Suppression {
    pub(crate) fn new(name: &[u8], reason: SuppressionReason) -> Self {
        Self { name: SeenName::new(name), reason, let_out: false }
    }

    /// The same of a cookie that left all the same.
    pub(crate) fn reported(self) -> Self {
        Self { let_out: true, ..self }
    }

    /// Whether it left all the same, since the policy [only reports](crate::Mode::ReportOnly) or [keeps](crate::Undeclared::Keep) what is
    /// in no table.
    #[must_use]
    pub fn was_let_out(&self) -> bool {
        self.let_out
    }

    /// The name as it was written, at most 64 bytes of it; empty where there was none, or none that is legal.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What was wrong.
    #[must_use]
    pub fn reason(&self) -> SuppressionReason {
        self.reason
    }
}

/// Why a response cookie was not let out, or how it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SuppressionReason {
    /// Not in the table. Under [`Undeclared::Keep`](crate::Undeclared::Keep) it left all the same.
    Undeclared,
    /// The crate alone writes this cookie; a raw header does not.
    Managed,
    /// The row names another issuer than the server.
    NotIssuer,
    /// The row is for the visitor's own request, which is made through the typed handle, not by a raw header.
    NotRequested,
    /// The row needs a consent that the visitor has not given.
    NoConsent,
    /// The name, the value or an attribute is not legal in a `Set-Cookie` line, or a prefix's rules do not hold.
    Malformed,
    /// Name and value are longer than 4096 bytes, or an attribute is longer than 1024.
    Oversized,
    /// The system had no random bytes: to seal the value of a sealed row with, to start the transaction of a guarded one, or for
    /// a visitor's id.
    Unsealed,
    /// It left with a shorter lifetime than was asked for.
    Clamped,
    /// It left with the row's `Path` or `Domain` instead of the one that was asked for.
    Rescoped,
    /// A later cookie of the same name, domain and path left instead.
    Replaced,
}

impl SuppressionReason {
    pub(crate) const ALL: [Self; 11] = [
        Self::Undeclared,
        Self::Managed,
        Self::NotIssuer,
        Self::NotRequested,
        Self::NoConsent,
        Self::Malformed,
        Self::Oversized,
        Self::Unsealed,
        Self::Clamped,
        Self::Rescoped,
        Self::Replaced,
    ];

    /// The reason in snake case, as text and JSON show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undeclared => "undeclared",
            Self::Managed => "managed",
            Self::NotIssuer => "not_issuer",
            Self::NotRequested => "not_requested",
            Self::NoConsent => "no_consent",
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Unsealed => "unsealed",
            Self::Clamped => "clamped",
            Self::Rescoped => "rescoped",
            Self::Replaced => "replaced",
        }
    }
}

impl fmt::Display for SuppressionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
