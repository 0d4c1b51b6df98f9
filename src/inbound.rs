//! The request half: from the `Cookie` header that came to the one that the handler sees.
//!
//! ```text
//! parse ─▶ verify ─▶ admit
//! ```
//!
//! - Each stage takes what only the stage before can make: [`RawCookies`] → [`Verified`] → [`Admitted`].
//! - A cookie that is not let in becomes a [`Refusal`](crate::Refusal); it takes no other cookie with it.
//! - When nothing has to change, the header is left alone, byte for byte.

mod admit;
mod parse;
#[cfg_attr(not(test), expect(dead_code, reason = "the service is to ask it"))]
mod referrer;
mod transaction;
mod verify;

pub(crate) use admit::{Admitted, Stale};

use http::HeaderMap;
use http::header::COOKIE;

use crate::policy::CookiePolicy;
use parse::RawCookies;
use verify::Verified;

/// Judges the request's cookies and leaves in `headers` a `Cookie` header that holds the admitted ones only.
#[inline]
pub(crate) fn receive(policy: &CookiePolicy, headers: &mut HeaderMap) -> Admitted {
    if headers.contains_key(COOKIE) { judge(policy, headers) } else { Admitted::default() }
}

fn judge(policy: &CookiePolicy, headers: &mut HeaderMap) -> Admitted {
    let Some(raw) = RawCookies::parse(headers, policy.document().non_ascii) else {
        return Admitted::default();
    };
    let now = policy.now();
    let verified = Verified::new(policy, raw, now);
    Admitted::judge(policy, verified, now).hand_over(headers)
}
