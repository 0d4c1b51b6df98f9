//! Each cookie against its row: name, signature, times, shape.
//!
//! - Names that percent-decode to a declared one are refused, since many parsers decode names.
//! - A Signed value is verified and stripped of its signature without a copy, a Sealed one is opened. First what
//!   authenticates it, then times, then shape.
//! - Of several values of one protected name those that verify count; if they differ, none does.

use std::borrow::Cow;

use super::parse::{Pair, RawCookies};
use super::transaction::companions_of_patterns;
use crate::policy::{CookiePolicy, CookieSpec, Found, Integrity, Role, UndeclaredRequests};
use crate::report::{Refusal, RefusalReason};
use crate::value;
use crate::wire::{Flaw, Period, sealed, signed};

/// Cookies of which each is what its row says, in order, with plain values.
pub(super) struct Verified<'h> {
    cookies: Vec<Cookie<'h>>,
    refusals: Vec<Refusal>,
    /// Whether the header that came says anything else than these cookies.
    altered: bool,
}

/// A verified cookie.
pub(super) struct Cookie<'h> {
    pub(super) name: &'h [u8],
    /// Without a signature, and opened.
    pub(super) value: Cow<'h, [u8]>,
    /// Its row, if it is declared.
    pub(super) row: Option<usize>,
    /// The period of a value that a previous key signed.
    pub(super) stale: Option<Period>,
    /// Whether a MAC speaks for it, or should.
    protected: bool,
}

/// What becomes of a pair that is not let in.
enum Out {
    /// It is refused and reported.
    Refused(RefusalReason),
    /// It is this policy's own TS cookie, which no handler sees.
    Own,
}

impl<'h> Verified<'h> {
    pub(super) fn new(policy: &CookiePolicy, raw: RawCookies<'h>, now: u32) -> Self {
        let (pairs, refusals) = raw.into_parts();
        let own = companions_of_patterns(policy, &pairs);
        let altered = !refusals.is_empty();
        let mut verified = Self { cookies: Vec::with_capacity(pairs.len()), refusals, altered };
        let (mut seen, mut again) = (SeenRows::default(), false);
        for pair in pairs {
            match verify(policy, pair, &own, now) {
                Ok(cookie) => {
                    again |= cookie.protected && cookie.row.is_some_and(|row| seen.again(row));
                    verified.altered |= cookie.value.len() != pair.value.len();
                    verified.cookies.push(cookie);
                }
                Err(out) => {
                    verified.altered = true;
                    if let Out::Refused(reason) = out {
                        verified.refusals.push(Refusal::new(pair.name, reason));
                    }
                }
            }
        }
        if again {
            verified.settle_duplicates();
        }
        verified
    }

    /// The cookies, what was refused, and whether the header has to be written again.
    pub(super) fn into_parts(self) -> (Vec<Cookie<'h>>, Vec<Refusal>, bool) {
        (self.cookies, self.refusals, self.altered)
    }

    /// One value for each protected name. Equal ones are one; of different ones none can be told to be the true one.
    fn settle_duplicates(&mut self) {
        let cookies = &self.cookies;
        let mut protected: Vec<usize> = (0..cookies.len()).filter(|&at| cookies[at].protected).collect();
        protected.sort_unstable_by_key(|&at| (cookies[at].name, at));
        let mut out = vec![None; cookies.len()];
        // Of equal ones some may be under the present key: then there is nothing to issue anew.
        let mut current = Vec::new();
        for rivals in protected.chunk_by(|&one, &other| cookies[one].name == cookies[other].name) {
            let agreed = rivals.iter().all(|&at| cookies[at].value == cookies[rivals[0]].value);
            if rivals.iter().any(|&at| cookies[at].stale.is_none()) {
                current.push(rivals[0]);
            }
            // Of equal ones the first stays.
            for &at in if agreed { &rivals[1..] } else { rivals } {
                out[at] = Some(agreed);
            }
        }
        for at in current {
            self.cookies[at].stale = None;
        }
        let mut out = out.into_iter();
        self.cookies.retain(|cookie| match out.next().flatten() {
            None => true,
            Some(agreed) => {
                self.altered = true;
                if !agreed {
                    self.refusals.push(Refusal::new(cookie.name, RefusalReason::Duplicate));
                }
                false
            }
        });
    }
}

/// Which rows had a protected cookie. Rows beyond the number that fits count as one.
#[derive(Default)]
struct SeenRows(u128);

impl SeenRows {
    /// Whether the row, or one that counts as the same, was seen before.
    fn again(&mut self, row: usize) -> bool {
        let bit = 1 << row.min(127);
        let again = self.0 & bit != 0;
        self.0 |= bit;
        again
    }
}

fn verify<'h>(policy: &CookiePolicy, pair: Pair<'h>, own: &[String], now: u32) -> Result<Cookie<'h>, Out> {
    let Pair { name, value } = pair;
    let index = match policy.names().find(name) {
        Found::Row(index) => index,
        Found::Transaction => return Err(Out::Own),
        Found::Misshapen => return Err(RefusalReason::Malformed.into()),
        Found::Undeclared if own.iter().any(|own| own.as_bytes() == name) => return Err(Out::Own),
        Found::Undeclared => {
            undeclared(policy, name)?;
            return Ok(Cookie { name, value: value.into(), row: None, stale: None, protected: false });
        }
    };
    let row = policy.row(index);
    let mut cookie = Cookie { name, value: value.into(), row: Some(index), stale: None, protected: true };
    match row.declared_integrity() {
        Integrity::Open => cookie.protected = false,
        // The companions are not there yet: a guarded value passes plain.
        Integrity::Guarded => {}
        Integrity::Signed => {
            let opened = signed::open(policy.subkeys(), name, value)?;
            cookie.value = opened.value.into();
            cookie.stale = stale(policy, row, opened.period, opened.current, now)?;
        }
        Integrity::Sealed => {
            let opened = sealed::open(policy.subkeys(), name, value)?;
            // What is sealed is a legal value, so that opening it injects nothing into the header.
            if !opened.value.iter().copied().all(value::is_cookie_octet) {
                return Err(RefusalReason::Malformed.into());
            }
            cookie.value = opened.value.into();
            cookie.stale = stale(policy, row, opened.period, opened.current, now)?;
        }
    }
    if !value::has_shape(row.declared_role(), &cookie.value, policy.spoken()) {
        return Err(RefusalReason::Malformed.into());
    }
    Ok(cookie)
}

/// The period of a genuine value, if it has to be issued anew under the present key.
fn stale(
    policy: &CookiePolicy,
    row: &CookieSpec,
    period: Period,
    current: bool,
    now: u32,
) -> Result<Option<Period>, RefusalReason> {
    if !period.covers(now, policy.validity(row)) {
        return Err(RefusalReason::Expired);
    }
    // Remembered logins and consents are renewed by their own rules alone.
    let own_rules = matches!(row.declared_role(), Role::AutoLogin | Role::Consent);
    Ok((!current && !own_rules).then_some(period))
}

/// Whether an undeclared name may pass.
fn undeclared(policy: &CookiePolicy, name: &[u8]) -> Result<(), RefusalReason> {
    if policy.names().is_alias(name) {
        return Err(RefusalReason::Alias);
    }
    match policy.document().undeclared_requests {
        UndeclaredRequests::Keep => Ok(()),
        UndeclaredRequests::Strip => Err(RefusalReason::Undeclared),
    }
}

impl From<RefusalReason> for Out {
    fn from(reason: RefusalReason) -> Self {
        Self::Refused(reason)
    }
}

impl From<Flaw> for Out {
    fn from(flaw: Flaw) -> Self {
        Self::Refused(match flaw {
            Flaw::Unsigned => RefusalReason::Unsigned,
            Flaw::Malformed => RefusalReason::Malformed,
            Flaw::Modified => RefusalReason::Modified,
        })
    }
}
