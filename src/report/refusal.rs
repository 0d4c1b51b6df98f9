//! A request cookie that does not hold, and why.

use std::fmt;

use super::SeenName;

/// A request cookie that was not let in, or [was for all that](Self::was_let_in), or a request that was turned away for where it
/// comes from. It holds the cookie's name and the reason, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    name: SeenName,
    reason: RefusalReason,
    let_in: bool,
}

impl Refusal {
    pub(crate) fn new(name: &[u8], reason: RefusalReason) -> Self {
        Self { name: SeenName::new(name), reason, let_in: false }
    }

    /// The same of a cookie that was let in for all that, under [`Action::Report`](crate::Action::Report).
    pub(crate) fn reported(name: &[u8], reason: RefusalReason) -> Self {
        Self { let_in: true, ..Self::new(name, reason) }
    }

    /// Whether it was let in all the same, since its row's action is [`Report`](crate::Action::Report).
    #[must_use]
    pub fn was_let_in(&self) -> bool {
        self.let_in
    }

    /// The name as it came, at most 64 bytes of it; empty where there was none, or none that is legal (what is no name may be a
    /// piece of a value), and where the [reason](Self::reason) is about the request.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Whether it is about the cookie of this name.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        self.name == SeenName::new(name.as_bytes())
    }

    /// Why it was not let in.
    #[must_use]
    pub fn reason(&self) -> RefusalReason {
        self.reason
    }
}

/// Why a request cookie was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// No `=`, no name, an illegal name, a name outside its pattern, a value that has not the row's shape, or a signature
    /// of another format, or under a version or a key that is not known here (a retired one, or one lost in a restart).
    Malformed,
    /// The value holds a byte above 0x7F.
    NonAscii,
    /// An undeclared name that percent-decodes to a declared one or to a TS cookie's; or, under a policy that looks out for
    /// [`legacy_parsers`](crate::CookiePolicyBuilder::legacy_parsers), a value in which they would find such a name.
    Alias,
    /// Beyond the 256 pairs and 64 KiB that are looked at. Counted once for all that lies beyond.
    Oversized,
    /// Not in the table, under a policy that strips such.
    Undeclared,
    /// A value that should carry a signature and carries none, or a guarded one without its companion.
    Unsigned,
    /// The form is right, the MAC does not hold: changed, renamed, or of another policy.
    Modified,
    /// Genuine, and its time is over or has not come; for a guarded value it is the transaction's.
    Expired,
    /// Several values verify, and differ, or several transactions do, and none can be told to be the visitor's.
    Duplicate,
    /// The row needs a consent that the visitor has not given.
    NoConsent,
    /// Guarded, and no main verifies: none came, or it is forged, of a retired key or bound to another request's properties.
    NoTransaction,
    /// Guarded, and its companion is of another transaction than the request.
    OtherTransaction,
    /// The session's id, or the remembered login, is none that the store knows: made up, expired and forgotten, or of another
    /// store. Or the label of a node is none that the policy lists.
    Unknown,
    /// The session of this id has ended, or has another id by now; or the remembered login has.
    Ended,
    /// What the store holds under this id is no session's record.
    Undecodable,
    /// The label of a node that the policy lists as dead.
    Dead,
    /// About the whole request: it would change something, and comes from another origin.
    Referrer,
    /// About the whole request: it would enter a flow, and does not come from one of the flow's pages.
    Flow,
    /// The sealed user id and the session are of two different users, so neither counts.
    OtherUser,
    /// The remembered login was used by two: somebody copied the cookie.
    Stolen,
}

impl RefusalReason {
    pub(crate) const ALL: [Self; 20] = [
        Self::Malformed,
        Self::NonAscii,
        Self::Alias,
        Self::Oversized,
        Self::Undeclared,
        Self::Unsigned,
        Self::Modified,
        Self::Expired,
        Self::Duplicate,
        Self::NoConsent,
        Self::NoTransaction,
        Self::OtherTransaction,
        Self::Unknown,
        Self::Ended,
        Self::Undecodable,
        Self::Dead,
        Self::Referrer,
        Self::Flow,
        Self::OtherUser,
        Self::Stolen,
    ];

    /// The reason in snake case, as text and JSON show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NonAscii => "non_ascii",
            Self::Alias => "alias",
            Self::Oversized => "oversized",
            Self::Undeclared => "undeclared",
            Self::Unsigned => "unsigned",
            Self::Modified => "modified",
            Self::Expired => "expired",
            Self::Duplicate => "duplicate",
            Self::NoConsent => "no_consent",
            Self::NoTransaction => "no_transaction",
            Self::OtherTransaction => "other_transaction",
            Self::Unknown => "unknown",
            Self::Ended => "ended",
            Self::Undecodable => "undecodable",
            Self::Dead => "dead",
            Self::Referrer => "referrer",
            Self::Flow => "flow",
            Self::OtherUser => "other_user",
            Self::Stolen => "stolen",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
