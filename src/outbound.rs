//! The response half: from what a handler ordered and wrote to the `Set-Cookie` lines that leave.
//!
//! ```text
//! collect ─▶ enforce ─▶ sign ─▶ transaction ─▶ serialise, caches
//! ```
//!
//! - Each stage takes what only the stage before can make: [`Draft`] → [`AllPermitted`] → [`AllSigned`] → [`AllReady`] → header
//!   line.
//! - It runs for every status, for redirects, errors, `HEAD`, streams and upgrades alike.
//! - What is stopped or changed becomes a [`Suppression`]; it is never an error of the response.

mod cache;
mod collect;
mod date;
mod deletion;
mod enforce;
mod scope;
mod serialise;
mod sign;
mod table;
mod transaction;
mod trial;
mod withdrawal;

pub(crate) use cache::keep_private;
pub(crate) use collect::{Draft, Origin, Wish};
#[cfg(feature = "testing")]
pub(crate) use date::unix_seconds;
pub(crate) use table::{allows_value, row_to_delete, row_to_set};
pub(crate) use transaction::Continuity;
pub(crate) use withdrawal::Withdrawal;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::policy::{Categories, CookiePolicy, CookieSpec};
use crate::report::{Suppression, SuppressionReason};
use cache::Vary;
use collect::{Collected, Passing};
use enforce::AllPermitted;
use sign::AllSigned;
use transaction::AllReady;

/// What the handler's handle has to say about the response.
#[derive(Default)]
pub(crate) struct Outgoing {
    /// In the order in which they were given, and then the crate's own, for the cookies that it manages.
    pub(crate) orders: Vec<Draft>,
    /// What came under a previous key or leads nowhere, to be issued anew where nothing else is said of it.
    pub(crate) reissues: Vec<Draft>,
    pub(crate) continuity: Continuity,
    /// What goes since the visitor has refused it.
    pub(crate) withdrawal: Withdrawal,
    /// Whether the handler read a cookie through the handle.
    pub(crate) read_cookies: bool,
    /// What the visitor has consented to, by the decision that this response answers where it answers one.
    pub(crate) granted: Categories,
    /// Whether the handler asked what the visitor has consented to.
    pub(crate) read_consent: bool,
    /// Whether the handler asked for the language.
    pub(crate) read_language: bool,
    /// Whether the answer depends on the `Referer`.
    pub(crate) asked_referrer: bool,
}

/// The layers of other policies around the same handler.
pub(crate) struct Others<'l> {
    /// The lines that those further in let out, by their own tables.
    pub(crate) passed: Vec<HeaderValue>,
    /// Whether the table of one further out has a cookie of this name, so that it is for that one to judge.
    pub(crate) declare: &'l dyn Fn(&str) -> bool,
}

/// What left, and what did not.
#[derive(Default)]
pub(crate) struct Sent {
    /// The `Set-Cookie` lines that left by this policy's table or by that of a layer further in.
    pub(crate) lines: Vec<HeaderValue>,
    pub(crate) suppressions: Vec<Suppression>,
    /// Rows for what is in no table, where the policy only reports.
    pub(crate) sightings: Vec<CookieSpec>,
}

/// Makes the response's cookies keep the policy.
#[inline]
pub(crate) fn send(
    policy: &CookiePolicy,
    mut outgoing: Outgoing,
    others: &Others<'_>,
    status: StatusCode,
    headers: &mut HeaderMap,
) -> Sent {
    cache::vary(headers, &Vary::of(&outgoing));
    let could_wait = !outgoing.reissues.is_empty() || !outgoing.withdrawal.is_empty();
    if could_wait && (status == StatusCode::NOT_MODIFIED || cache::is_public(headers)) {
        outgoing.reissues.clear();
        if outgoing.withdrawal.decided.is_none() {
            outgoing.withdrawal = Withdrawal::default();
        }
    }
    let nothing_set =
        outgoing.orders.is_empty() && outgoing.reissues.is_empty() && outgoing.withdrawal.is_empty();
    if nothing_set && outgoing.continuity.going_on.is_none() && !headers.contains_key(SET_COOKIE) {
        return Sent::default();
    }
    carry_out(policy, outgoing, others, headers)
}

fn carry_out(
    policy: &CookiePolicy,
    mut outgoing: Outgoing,
    others: &Others<'_>,
    headers: &mut HeaderMap,
) -> Sent {
    let continuity = std::mem::take(&mut outgoing.continuity);
    let now = policy.now();
    let mut sent = Sent::default();
    let (granted, withdrawal) = (outgoing.granted, std::mem::take(&mut outgoing.withdrawal));
    let Collected { drafts, passing, sightings } =
        Collected::new(policy, outgoing, others, headers, now, &mut sent.suppressions);
    sent.sightings = sightings;
    let permitted = AllPermitted::new(policy, granted, drafts, &withdrawal, now, &mut sent.suppressions);
    for Passing { line, passed } in passing {
        if headers.try_append(SET_COOKIE, line.clone()).is_ok() && passed {
            sent.lines.push(line);
        }
    }
    let signed = AllSigned::new(policy, permitted, &mut sent.suppressions);
    for cookie in AllReady::new(policy, signed, continuity, now, &mut sent.suppressions) {
        let line = serialise::line(&cookie, now);
        match line.filter(|line| headers.try_append(SET_COOKIE, line.clone()).is_ok()) {
            Some(line) if cookie.declared => sent.lines.push(line),
            Some(_) => {}
            // Nothing that was enforced is no line; a response can be so full that it takes no more.
            None => {
                sent.suppressions
                    .push(Suppression::new(cookie.name.as_bytes(), SuppressionReason::Oversized));
            }
        }
    }
    // Whoever has consented gets a cookie where this visitor gets none: that is no answer for all.
    let is_withheld = sent
        .suppressions
        .iter()
        .any(|one| one.reason() == SuppressionReason::NoConsent && !one.was_let_out());
    if is_withheld {
        cache::vary(headers, &Vary { cookies: true, consent: true, ..Vary::default() });
    }
    let is_shared = is_withheld && cache::is_public(headers);
    if (is_shared || headers.contains_key(SET_COOKIE)) && !keep_private(headers) {
        headers.remove(SET_COOKIE);
    }
    sent
}
