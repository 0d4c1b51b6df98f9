//! Why a handler's order was not taken.

use std::error::Error;
use std::fmt;

use crate::report::SuppressionReason;

/// Why a handler's order for a cookie was not taken. It names the cookie, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookieError {
    pub(super) name: String,
    pub(super) reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Stopped(SuppressionReason),
    /// No language of the policy's list.
    Unlisted,
    /// No row for the language.
    NoLanguageRow,
    /// No row for the visitor's id.
    NoVisitorRow,
    /// No random bytes.
    NoEntropy,
    /// The response half had run.
    Late,
}

impl SetCookieError {
    /// What the table says against it. Two have nothing to do with the table: [`Unsealed`](SuppressionReason::Unsealed) where the
    /// system had no random bytes for the value, and `None` where the response had left already.
    #[must_use]
    pub fn reason(&self) -> Option<SuppressionReason> {
        match self.reason {
            Reason::Stopped(reason) => Some(reason),
            Reason::Unlisted => Some(SuppressionReason::Malformed),
            Reason::NoLanguageRow | Reason::NoVisitorRow => Some(SuppressionReason::Undeclared),
            Reason::NoEntropy => Some(SuppressionReason::Unsealed),
            Reason::Late => None,
        }
    }

    /// Whether a visitor asked for what there is not, and no mistake of the program's is to be told.
    #[cfg(feature = "axum")]
    pub(crate) fn is_visitors(&self) -> bool {
        self.reason == Reason::Unlisted
    }
}

impl fmt::Display for SetCookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            Reason::NoLanguageRow => {
                return f.write_str(
                    "the table has no row for the language: declare one with `.role(Role::Language)`",
                );
            }
            Reason::NoVisitorRow => {
                return f.write_str(
                    "the table has no row for the visitor id: declare a signed one with `.role(Role::Visitor)`",
                );
            }
            Reason::NoEntropy => "cannot be set: the system has no random bytes for it",
            Reason::Unlisted => {
                "cannot hold this language: the policy does not list it, see `.languages(..)`"
            }
            Reason::Late => "cannot be set: the response has left",
            Reason::Stopped(reason) => match reason {
                SuppressionReason::Undeclared => {
                    "is not in the table: declare it with `.with(CookieSpec::new(..))`"
                }
                SuppressionReason::Managed => "is managed by the policy, no handler writes it",
                SuppressionReason::NotIssuer => "is not for the server to set, its row names another issuer",
                SuppressionReason::NoConsent => "needs a consent that the visitor has not given",
                SuppressionReason::Oversized => "would be longer than the 4096 bytes that browsers take",
                _ => {
                    "cannot have this value: it is not of the row's shape, or no legal cookie value (encode it first)"
                }
            },
        };
        write!(f, "cookie {:?} {why}", self.name)
    }
}

impl Error for SetCookieError {}
