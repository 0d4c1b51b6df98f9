//! What a policy makes of each cookie of a request, for people who want to know why.

use std::fmt;

use super::{RefusalReason, SeenName};
use crate::wire::name::is_transactional;

/// What a policy makes of a request's cookies, in their order. Made by [`inspect`](crate::inspect()). It prints as one line a
/// cookie, without any value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection(pub(crate) Vec<Inspected>);

/// One cookie of a request, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    pub(crate) name: SeenName,
    pub(crate) finding: Finding,
}

/// What becomes of a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It is declared, and let in.
    Admitted,
    /// It is not declared, and let in.
    Undeclared,
    /// It is guarded and has no companion, and is let in while the policy adopts.
    Adopted,
    /// It is let in, though it does not verify, under [`Action::Report`](crate::Action::Report).
    Reported(RefusalReason),
    /// It is not let in.
    Refused(RefusalReason),
    /// It is the same as one that was let in, which is enough.
    Repeated,
    /// It is the TS main of this policy.
    Main(Transactional),
    /// It is the TS companion of this cookie of this policy.
    Companion(String, Transactional),
}

/// What a TS cookie is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transactional {
    /// It names the transaction that the request belongs to.
    Current,
    /// It is genuine, or may be, and of another transaction.
    OtherTransaction,
    /// Its transaction is over, or begins in the future.
    Expired,
    /// It is not of the format, or of a version that is not known here.
    Malformed,
    /// It is under a key that is not in the ring: a retired one, or one lost in a restart.
    UnknownKey,
    /// Its MAC does not hold: a forgery, another policy's, or one that is bound to other properties than the request has.
    Modified,
    /// There is no transaction that it could be of.
    NoTransaction,
    /// There are eight or more of its name behind it, and those are looked at.
    NotLookedAt,
}

impl Inspection {
    /// The cookies, in the order in which they came.
    pub fn cookies(&self) -> impl Iterator<Item = &Inspected> {
        self.0.iter()
    }
}

impl Inspected {
    /// The name, as [`Refusal::name`](crate::Refusal::name) has it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What becomes of it.
    #[must_use]
    pub fn finding(&self) -> &Finding {
        &self.finding
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cookies().try_for_each(|cookie| writeln!(f, "{cookie}"))
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name().is_empty() { "(no name)" } else { self.name() };
        write!(f, "{name}: {}", self.finding)?;
        // Of another policy, or of a row that this table does not have.
        let is_strange = self.finding == Finding::Undeclared && is_transactional(self.name().as_bytes());
        if is_strange {
            f.write_str("; it has the form of a TS cookie, of another table or id")
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admitted => f.write_str("admitted"),
            Self::Undeclared => f.write_str("admitted, though it is not in the table"),
            Self::Adopted => f.write_str("adopted: it has no companion, and the policy lets such in for now"),
            Self::Reported(reason) => write!(f, "reported as {reason} and let in: {}", why(*reason)),
            Self::Refused(reason) => write!(f, "refused as {reason}: {}", why(*reason)),
            Self::Repeated => f.write_str("a copy of one that is admitted"),
            Self::Main(found) => write!(f, "TS main, {found}"),
            Self::Companion(of, found) => write!(f, "TS companion of {of}, {found}"),
        }
    }
}

impl fmt::Display for Transactional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "of this request's transaction",
            Self::OtherTransaction => "of another transaction than the request",
            Self::Expired => "genuine, and its transaction is over, or begins more than 60 s ahead",
            Self::Malformed => "not of the format",
            Self::UnknownKey => "under a key that is not in the ring",
            Self::Modified => "its MAC does not hold",
            Self::NoTransaction => "and the request belongs to no transaction",
            Self::NotLookedAt => "not looked at: eight of this name come behind it",
        })
    }
}

/// A sentence for whoever looks for the cause.
fn why(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::Malformed => {
            "it has not the form or the shape that its row asks for, or is under a key that is not in the ring"
        }
        RefusalReason::NonAscii => "its value holds a byte above 0x7F",
        RefusalReason::Alias => {
            "to other parsers its name, or one inside its value, is a declared one or a TS cookie's"
        }
        RefusalReason::Oversized => "it lies beyond the 256 pairs and 64 KiB that are looked at",
        RefusalReason::Undeclared => "it is not in the table",
        RefusalReason::Unsigned => "it carries no signature, or comes without its TS companion",
        RefusalReason::Modified => "its MAC does not hold: the value or the name is another than was set",
        RefusalReason::Expired => "it, or its transaction, is over or has not begun",
        RefusalReason::Duplicate => {
            "several values or transactions verify, and nothing tells which is the visitor's"
        }
        RefusalReason::NoConsent => "the visitor has not consented to it",
        RefusalReason::NoTransaction => "no TS main verifies",
        RefusalReason::OtherTransaction => "its companion is of another transaction than the TS main",
        RefusalReason::Unknown => {
            "the store knows no such session or remembered login, or the policy no node of this label"
        }
        RefusalReason::Ended => "the session has ended or has another id, or the remembered login has ended",
        RefusalReason::Undecodable => "what the store holds is no session",
        RefusalReason::Dead => "it leads to a node that the policy lists as dead",
        RefusalReason::Referrer => "the request comes from elsewhere",
        RefusalReason::Flow => "the request does not come from a page of its flow",
        RefusalReason::OtherUser => "the sealed user id and the session are of different users",
        RefusalReason::Stolen => "the remembered login was used by two",
    }
}
