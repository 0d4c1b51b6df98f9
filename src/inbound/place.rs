//! The label of a node, which has to lead somewhere.

use super::cookie::{Cookie, Fate};
use crate::policy::CookiePolicy;

/// What becomes of a label for which a MAC speaks. It rejects no request: at worst the visitor is routed anew.
pub(super) fn judge(policy: &CookiePolicy, cookie: &mut Cookie<'_>) -> Fate {
    let Some((_, nodes)) = policy.nodes() else { return Fate::Verified };
    match nodes.judge(cookie.value()) {
        Ok(outdated) => {
            // It counts for as long as its transaction, and is issued anew like what a previous key has signed.
            cookie.is_stale = outdated;
            Fate::Verified
        }
        Err(reason) => Fate::refused(reason),
    }
}
