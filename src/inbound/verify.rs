//! Each cookie against its row: name, what authenticates it, times, shape.
//!
//! - Names are RFC 9110 tokens: those of the table are, and others have to be. Those that percent-decode to a declared one are
//!   refused, since many parsers decode names.
//! - A guarded value is held against its companion, a Signed one is verified and stripped of its signature without a copy, a
//!   Sealed one is opened. First what authenticates it, then times, then shape.
//! - Each pair keeps its place and gets its fate; what is refused takes nothing beside it down.

use std::borrow::Cow;

use super::parse::{Pair, RawCookies};
use super::transaction::{Doubt, Transactions};
use crate::policy::{Action, CookiePolicy, CookieSpec, Found, Integrity, Role, UndeclaredRequests, is_token};
use crate::report::RefusalReason;
use crate::value;
use crate::wire::main::Transaction;
use crate::wire::{Flaw, Period, sealed, signed};

/// The cookies of a request, in order, each with its fate.
pub(super) struct Verified<'h> {
    pub(super) cookies: Vec<Cookie<'h>>,
    /// The transaction that the request belongs to.
    pub(super) transaction: Option<Transaction>,
    /// Whether there were more pairs than are looked at.
    pub(super) oversized: bool,
}

/// A cookie and what becomes of it.
pub(super) struct Cookie<'h> {
    pub(super) name: &'h [u8],
    /// Without a signature, and opened, where it is let in.
    pub(super) value: Cow<'h, [u8]>,
    /// The value as it came.
    came: &'h [u8],
    /// Name and value as they came, where nothing but `=` lay between them.
    pub(super) text: &'h [u8],
    /// Its row, if it is declared.
    pub(super) row: Option<usize>,
    /// The period of a value that a previous key signed.
    pub(super) stale: Option<Period>,
    pub(super) fate: Fate,
}

impl<'h> Cookie<'h> {
    fn of(pair: &Pair<'h>) -> Self {
        let Pair { name, value, text, .. } = *pair;
        let plain = Cow::Borrowed(value);
        Self { name, value: plain, came: value, text, row: None, stale: None, fate: Fate::Passing }
    }
}

/// What becomes of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is let in, and nothing has to speak for it.
    Passing,
    /// It is let in: a MAC speaks for it.
    Verified,
    /// It is let in without a companion, while the policy adopts.
    Adopted,
    /// It is let in though it does not verify, and reported.
    Reported(RefusalReason),
    /// It is refused and reported. One that is alarming may answer for the whole request.
    Refused { reason: RefusalReason, alarming: bool },
    /// It is the same as another that was let in.
    Spare,
    /// It is this policy's own TS cookie, which no handler sees.
    Own,
}

impl Fate {
    pub(super) fn refused(reason: RefusalReason) -> Self {
        Self::Refused { reason, alarming: false }
    }

    /// Whether the handler sees the cookie.
    pub(super) fn is_let_in(self) -> bool {
        matches!(self, Self::Passing | Self::Verified | Self::Adopted | Self::Reported(_))
    }
}

impl<'h> Verified<'h> {
    pub(super) fn new(policy: &CookiePolicy, raw: &RawCookies<'h>, binding: &[u8], now: u32) -> Self {
        let RawCookies { pairs, oversized } = raw;
        let transactions = Transactions::of(policy, pairs, binding, now);
        let judge = Judge { policy, transactions: &transactions, now };
        let mut cookies = Vec::with_capacity(pairs.len());
        let (mut seen, mut again) = (SeenRows::default(), false);
        for pair in pairs {
            // Judged where it stays, since it is large to be moved.
            cookies.push(Cookie::of(pair));
            let Some(cookie) = cookies.last_mut() else { continue };
            judge.judge(cookie, pair.flaw);
            again |= cookie.row.is_some_and(|row| judge.is_protected(row) && seen.again(row));
        }
        let mut verified = Self { cookies, transaction: transactions.chosen(), oversized: *oversized };
        if again {
            super::duplicates::settle(policy, &mut verified.cookies);
        }
        verified
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

/// What a request's pairs are judged by.
struct Judge<'j, 'h> {
    policy: &'j CookiePolicy,
    transactions: &'j Transactions<'j, 'h>,
    now: u32,
}

impl<'h> Judge<'_, 'h> {
    fn is_protected(&self, row: usize) -> bool {
        self.policy.row(row).declared_integrity() != Integrity::Open
    }

    fn judge(&self, cookie: &mut Cookie<'h>, flaw: Option<RefusalReason>) {
        let name = cookie.name;
        cookie.fate = match (flaw, self.policy.names().find(name)) {
            (_, Found::Undeclared | Found::Misshapen) if !is_token(name) => {
                // What is no name may be a piece of somebody's value: it is not kept.
                cookie.name = b"";
                Fate::refused(RefusalReason::Malformed)
            }
            (Some(flaw), _) => Fate::refused(flaw),
            (None, Found::Row(row)) => {
                cookie.row = Some(row);
                self.by_row(row, cookie)
            }
            (None, Found::Main | Found::Companion(_)) => Fate::Own,
            (None, Found::Misshapen) => Fate::refused(RefusalReason::Malformed),
            (None, Found::Undeclared) if self.transactions.companions().guarded_by(name).is_some() => {
                Fate::Own
            }
            (None, Found::Undeclared) => self.undeclared(name),
        };
    }

    fn by_row(&self, row: usize, cookie: &mut Cookie<'h>) -> Fate {
        let (spec, value) = (self.policy.row(row), cookie.came);
        let fate = match spec.declared_integrity() {
            Integrity::Open => Ok(Fate::Passing),
            Integrity::Guarded => self.guarded(row, cookie.name, value),
            Integrity::Signed => self.signed(spec, cookie, value),
            Integrity::Sealed => self.sealed(spec, cookie, value),
        };
        let fate = match fate {
            Ok(fate) if value::has_shape(spec.declared_role(), &cookie.value, self.policy.spoken()) => fate,
            Ok(Fate::Passing) => return Fate::refused(RefusalReason::Malformed),
            Ok(_) => self.failed(row, Doubt::Malformed),
            Err(doubt) => self.failed(row, doubt),
        };
        if !fate.is_let_in() {
            cookie.stale = None;
        }
        fate
    }

    fn guarded(&self, row: usize, name: &[u8], value: &[u8]) -> Result<Fate, Doubt> {
        match self.transactions.judge(row, name, value) {
            Ok(()) => Ok(Fate::Verified),
            Err(Doubt::Other(RefusalReason::Unsigned)) if self.adopts(row) => Ok(Fate::Adopted),
            Err(doubt) => Err(doubt),
        }
    }

    /// Whether a value without a companion is let in. Who has a main has been here since the site guards its cookies.
    fn adopts(&self, row: usize) -> bool {
        let adopts = self.policy.protection(row).is_adoptable && self.policy.adopts(self.now);
        adopts && !self.transactions.has_main()
    }

    fn signed(&self, spec: &CookieSpec, cookie: &mut Cookie<'h>, value: &'h [u8]) -> Result<Fate, Doubt> {
        let opened = signed::open(self.policy.subkeys(), cookie.name, value)?;
        cookie.value = Cow::Borrowed(opened.value);
        cookie.stale = self.stale(spec, opened.period, opened.current)?;
        Ok(Fate::Verified)
    }

    fn sealed(&self, spec: &CookieSpec, cookie: &mut Cookie<'h>, value: &'h [u8]) -> Result<Fate, Doubt> {
        let opened = sealed::open(self.policy.subkeys(), cookie.name, value)?;
        // What is sealed is a legal value, so that opening it injects nothing into the header.
        if !value::are_cookie_octets(&opened.value) {
            return Err(Doubt::Malformed);
        }
        cookie.value = Cow::Owned(opened.value);
        cookie.stale = self.stale(spec, opened.period, opened.current)?;
        Ok(Fate::Verified)
    }

    /// The period of a genuine value, if it has to be issued anew under the present key.
    fn stale(&self, row: &CookieSpec, period: Period, current: bool) -> Result<Option<Period>, Doubt> {
        if !period.covers(self.now, self.policy.validity(row)) {
            return Err(Doubt::Other(RefusalReason::Expired));
        }
        // Remembered logins and consents are renewed by their own rules alone.
        let own_rules = matches!(row.declared_role(), Role::AutoLogin | Role::Consent);
        Ok((!current && !own_rules).then_some(period))
    }

    /// What the row does with a value that does not verify.
    fn failed(&self, row: usize, doubt: Doubt) -> Fate {
        let reason = doubt.reason();
        match self.policy.protection(row).action {
            Action::Report => Fate::Reported(reason),
            Action::Reject => Fate::Refused { reason, alarming: doubt.is_alarming() },
            Action::Strip => Fate::refused(reason),
        }
    }

    /// Whether an undeclared name may pass.
    fn undeclared(&self, name: &[u8]) -> Fate {
        if self.policy.names().is_alias(name) {
            return Fate::refused(RefusalReason::Alias);
        }
        match self.policy.document().undeclared_requests {
            UndeclaredRequests::Keep => Fate::Passing,
            UndeclaredRequests::Strip => Fate::refused(RefusalReason::Undeclared),
        }
    }
}

impl From<Flaw> for Doubt {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Unsigned => Self::Other(RefusalReason::Unsigned),
            Flaw::Malformed => Self::Malformed,
            Flaw::UnknownKey => Self::UnknownKey,
            Flaw::Modified => Self::Modified,
        }
    }
}
