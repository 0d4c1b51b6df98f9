//! The request half: from the `Cookie` header that came to the one that the handler sees.
//!
//! ```text
//! parse ─▶ transaction ─▶ verify ─▶ referrer ─▶ admit
//! ```
//!
//! - Each stage takes what only the stage before can make: [`RawCookies`] → [`Verified`] → [`Admitted`].
//! - What needs a consent that the visitor has not given is withheld, good or not.
//! - Where an unsafe request comes from is a question of its own: a function over the request's parts.
//! - A cookie that is not let in becomes a [`Refusal`](crate::Refusal); it takes no other cookie with it.
//! - When nothing has to change, the header is left alone, byte for byte.

mod admit;
mod companions;
mod consent;
mod cookie;
mod duplicates;
mod examine;
mod parse;
mod place;
mod referrer;
mod remarks;
mod transaction;
mod verify;

pub(crate) use admit::Admitted;
pub(crate) use examine::examine;
pub(crate) use remarks::Stale;

use http::header::COOKIE;
use http::{HeaderMap, Request};

use crate::policy::CookiePolicy;
use crate::value::consent::Standing;
use parse::RawCookies;
use transaction::Transactions;
use verify::Verified;

/// Judges the request's cookies and leaves in it a `Cookie` header that holds the admitted ones only. `binding` is
/// what the policy's hook says of the request.
#[inline]
pub(crate) fn receive<B>(policy: &CookiePolicy, request: &mut Request<B>, binding: &[u8]) -> Admitted {
    if referrer::concerns(policy, request.method(), request.headers()) {
        return receive_from(policy, request, binding);
    }
    admit(policy, request.headers_mut(), binding)
}

/// The same for a request about which it counts where it comes from. Most are none, and cost nothing for it.
#[inline(never)]
fn receive_from<B>(policy: &CookiePolicy, request: &mut Request<B>, binding: &[u8]) -> Admitted {
    let referrer = referrer::judge(policy, request.method(), request.uri(), request.headers());
    let mut admitted = admit(policy, request.headers_mut(), binding);
    match referrer {
        Ok(false) => {}
        Ok(true) => admitted.enter_flow(),
        Err(reason) => admitted.turn_away(reason),
    }
    admitted
}

#[inline]
fn admit(policy: &CookiePolicy, headers: &mut HeaderMap, binding: &[u8]) -> Admitted {
    let consent = consent::standing_of(policy, headers);
    match headers.contains_key(COOKIE) {
        true => judge(policy, headers, binding, consent),
        false => Admitted::without_cookies(consent),
    }
}

fn judge(policy: &CookiePolicy, headers: &mut HeaderMap, binding: &[u8], consent: Standing) -> Admitted {
    let Some(raw) = RawCookies::parse(headers, policy.document().non_ascii) else {
        return Admitted::without_cookies(consent);
    };
    let now = policy.now();
    let transactions = Transactions::of(policy, &raw.pairs, binding, now);
    let verified = Verified::new(policy, &raw, &transactions, now);
    let verdict = Admitted::judge(policy, verified, consent, now);
    drop((transactions, raw));
    verdict.hand_over(headers)
}
