//! The label of a node, which has to lead somewhere.

use super::verify::{Cookie, Fate};
use crate::policy::{CookiePolicy, CookieSpec};
use crate::wire::Period;

/// What becomes of a label for which a MAC speaks. It rejects no request: at worst the visitor is routed anew.
pub(super) fn judge(policy: &CookiePolicy, row: &CookieSpec, cookie: &mut Cookie<'_>, now: u32) -> Fate {
    let Some((_, nodes)) = policy.nodes() else { return Fate::Verified };
    match nodes.judge(cookie.value()) {
        Ok(outdated) => {
            // It counts for as long as its transaction, and is issued anew like what a previous key has signed.
            cookie.stale = outdated.then(|| Period::starting(now, policy.validity(row)));
            Fate::Verified
        }
        Err(reason) => Fate::refused(reason),
    }
}
