//! What happens when a protected cookie is not let in.

use serde::{Deserialize, Serialize};

/// What happens when a guarded, signed or sealed cookie does not verify. In each case it is counted and reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// The handler does not see the cookie.
    #[default]
    Strip,
    /// The request is answered with 403 where the cookie is `Modified` or `Malformed`, or there are several genuine values of
    /// it, and the answer deletes it and its companion, so that the next request passes. For every other reason the cookie is
    /// stripped: losing a cookie, an expired transaction and a retired key never answer 403. Nor do several genuine
    /// transactions at once: what an answer can delete would be the visitor's own. Nor does the label of a node, ever: the answer
    /// says another.
    Reject,
    /// The handler sees the cookie all the same, for rolling out on a site that is in use. It is never signed for that.
    /// For guarded cookies of the application's own alone: of all others what does not verify is stripped.
    Report,
}
