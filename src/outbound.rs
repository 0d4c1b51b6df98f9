//! The response half: from what a handler ordered and wrote to the `Set-Cookie` lines that leave.
//!
//! ```text
//! collect ─▶ enforce ─▶ sign ─▶ serialise, caches
//! ```
//!
//! - Each stage takes what only the stage before can make: [`Draft`] → [`Permitted`] → [`Signed`] → header line.
//! - It runs for every status, for redirects, errors, `HEAD`, streams and upgrades alike.
//! - What is stopped or changed becomes a [`Suppression`]; it is never an error of the response.

mod cache;
mod collect;
mod enforce;
mod scope;
mod serialise;
mod sign;

pub(crate) use collect::{Draft, Origin, Wish};
pub(crate) use enforce::{declared, is_value, stops};
pub(crate) use sign::LONGEST;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::policy::CookiePolicy;
use crate::report::Suppression;
use enforce::Permitted;
use sign::Signed;

/// What the handler's handle has to say about the response.
#[derive(Default)]
pub(crate) struct Outgoing {
    /// In the order in which they were given.
    pub(crate) orders: Vec<Draft>,
    /// Cookies under a previous key, to be issued anew where nothing else is said of them.
    pub(crate) reissues: Vec<Draft>,
    /// Whether the handler read a cookie through the handle.
    pub(crate) read_cookies: bool,
    /// Whether the handler asked for the language.
    pub(crate) read_language: bool,
}

/// What left, and what did not.
#[derive(Default)]
pub(crate) struct Sent {
    /// The `Set-Cookie` lines that this policy let out.
    pub(crate) lines: Vec<HeaderValue>,
    pub(crate) suppressions: Vec<Suppression>,
}

/// Makes the response's cookies keep the policy. `passed` are the lines that a layer of another policy, further in,
/// let out already.
pub(crate) fn send(
    policy: &CookiePolicy,
    outgoing: Outgoing,
    passed: &[HeaderValue],
    status: StatusCode,
    headers: &mut HeaderMap,
) -> Sent {
    cache::vary(headers, outgoing.read_cookies, outgoing.read_language);
    let Outgoing { orders, mut reissues, .. } = outgoing;
    if status == StatusCode::NOT_MODIFIED || cache::is_public(headers) {
        reissues.clear();
    }
    if orders.is_empty() && reissues.is_empty() && !headers.contains_key(SET_COOKIE) {
        return Sent::default();
    }
    let now = policy.now();
    let mut sent = Sent::default();
    let (passing, drafts) = collect::drafts(headers, passed, orders, reissues, now, &mut sent.suppressions);
    let permitted = Permitted::all(policy, drafts, now, &mut sent.suppressions);
    let signed = Signed::all(policy, permitted, now, &mut sent.suppressions);
    sent.lines = serialise::lines(signed, now, &mut sent.suppressions);
    for line in passing.iter().chain(&sent.lines) {
        headers.append(SET_COOKIE, line.clone());
    }
    if headers.contains_key(SET_COOKIE) {
        cache::keep_private(headers);
    }
    sent
}
