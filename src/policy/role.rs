//! Who sets a cookie, and which of the crate's own values it carries.

use serde::{Deserialize, Serialize};

/// Who sets a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Issuer {
    /// This server.
    #[default]
    Server,
    /// A script of the page.
    Script,
    /// The load balancer in front.
    LoadBalancer,
}

/// Which of the crate's own values a cookie carries. It decides what shape is accepted, and whether a handler may
/// write the cookie by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// None: the application's own value, of any shape.
    #[default]
    Plain,
    /// The session id: 32 upper-case hexadecimal digits. Managed.
    Session,
    /// The id of Direct Web Remoting. A handler may write it.
    ScriptSession,
    /// The UUID that goes along with a session. Managed.
    Correlation,
    /// Remember-me: `series~validator`. Managed.
    AutoLogin,
    /// The user id. Managed.
    UserId,
    /// The visitor id: 16 bytes in base64url. Managed.
    Visitor,
    /// The opaque label of the node: 11 characters of base64url. Managed. Whatever the policy's [`Action`](super::Action), one
    /// that does not hold rejects no request: the response says another.
    Node,
    /// The chosen language: one of the policy's list.
    Language,
    /// The load balancer's own choice.
    Stickiness,
    /// The visitor's decisions on consent. Managed.
    Consent,
    /// The TS cookies. Managed; their names are computed.
    Transaction,
}

impl Role {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::Transaction as usize + 1;

    /// Whether the crate alone writes it, so that a raw `Set-Cookie` for it is dropped.
    #[must_use]
    pub fn is_managed(self) -> bool {
        !matches!(self, Self::Plain | Self::ScriptSession | Self::Language | Self::Stickiness)
    }

    /// Whether it tells who is signed in, so that a sign-out deletes it.
    pub(crate) fn ends_with_session(self) -> bool {
        matches!(self, Self::Session | Self::Correlation | Self::UserId | Self::AutoLogin)
    }
}
