//! Each cookie against its row: name, what authenticates it, times, shape.
//!
//! - Names are RFC 9110 tokens: those of the table are, and others have to be. Those that percent-decode to a declared one are
//!   refused, since many parsers decode names.
//! - A guarded value is held against its companion, a Signed one is verified and stripped of its signature without a copy, a
//!   Sealed one is opened. First what authenticates it, then times, then shape.
//! - Each pair keeps its place and gets its fate; what is refused takes nothing beside it down.

use super::cookie::{Cookie, Fate, Value};
use super::parse::RawCookies;
use super::place;
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

impl<'h> Verified<'h> {
    pub(super) fn new(
        policy: &CookiePolicy,
        raw: &RawCookies<'h>,
        transactions: &Transactions<'_, 'h>,
        now: u32,
    ) -> Self {
        let RawCookies { pairs, oversized } = raw;
        let judge = Judge { policy, transactions, now };
        let mut cookies = Vec::with_capacity(pairs.len());
        let (mut seen, mut again) = (SeenRows::default(), false);
        for (at, pair) in pairs.iter().enumerate() {
            // Judged where it stays, since it is large to be moved.
            cookies.push(Cookie::of(pair));
            let Some(cookie) = cookies.last_mut() else { continue };
            match transactions.has(at) {
                true => cookie.fate = Fate::Own,
                false => judge.judge(cookie),
            }
            again |= cookie.row().is_some_and(|row| judge.is_protected(row) && seen.again(row));
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

    fn judge(&self, cookie: &mut Cookie<'h>) {
        let name = cookie.name();
        let found = self.policy.names().find(name);
        let is_named = !matches!(found, Found::Undeclared | Found::Misshapen) || is_token(name);
        cookie.fate = match found {
            _ if !is_named => {
                // What is no name may be a piece of somebody's value: it is not kept.
                cookie.name_end = 0;
                Fate::refused(RefusalReason::Malformed)
            }
            Found::Row(row) if cookie.fate != Fate::Passing => {
                cookie.row = u32::try_from(row).ok();
                cookie.fate
            }
            _ if cookie.fate != Fate::Passing => cookie.fate,
            Found::Row(row) => {
                cookie.row = u32::try_from(row).ok();
                self.by_row(row, cookie)
            }
            // What is flawed was refused, and all others were marked.
            Found::Main | Found::Companion(_) => Fate::Own,
            Found::Misshapen => Fate::refused(RefusalReason::Malformed),
            Found::Undeclared => self.undeclared(name, cookie.came()),
        };
    }

    fn by_row(&self, row: usize, cookie: &mut Cookie<'h>) -> Fate {
        let spec = self.policy.row(row);
        let fate = match spec.declared_integrity() {
            Integrity::Open => Ok(Fate::Passing),
            Integrity::Guarded => self.guarded(row, cookie.name(), cookie.came()),
            Integrity::Signed => self.signed(spec, cookie),
            Integrity::Sealed => self.sealed(spec, cookie),
        };
        let fate = match fate {
            Ok(fate) if value::has_shape(spec.declared_role(), cookie.value(), self.policy.spoken()) => {
                match spec.declared_role() {
                    Role::Node => place::judge(self.policy, cookie),
                    _ => fate,
                }
            }
            Ok(Fate::Passing) => return Fate::refused(RefusalReason::Malformed),
            // Genuine, and perhaps from before the row had this shape.
            Ok(_) => self.failed(row, Doubt::Other(RefusalReason::Malformed)),
            Err(doubt) => self.failed(row, doubt),
        };
        cookie.is_stale &= fate.is_let_in();
        // What a MAC speaks for was written by this server, which writes no such value.
        if fate != Fate::Verified && fate.is_let_in() && self.hides_another(cookie.came()) {
            return Fate::refused(RefusalReason::Alias);
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

    fn signed(&self, spec: &CookieSpec, cookie: &mut Cookie<'h>) -> Result<Fate, Doubt> {
        let opened = signed::open(self.policy.subkeys(), cookie.name(), cookie.came())?;
        cookie.value = Value::Cut(u32::try_from(opened.value.len()).map_err(|_| Doubt::Malformed)?);
        self.date(cookie, spec, opened.period, opened.current)?;
        Ok(Fate::Verified)
    }

    fn sealed(&self, spec: &CookieSpec, cookie: &mut Cookie<'h>) -> Result<Fate, Doubt> {
        let opened = sealed::open(self.policy.subkeys(), cookie.name(), cookie.came())?;
        // What is sealed is a legal value, so that opening it injects nothing into the header.
        if !value::are_cookie_octets(&opened.value) {
            return Err(Doubt::Malformed);
        }
        cookie.value = Value::Opened(opened.value);
        self.date(cookie, spec, opened.period, opened.current)?;
        Ok(Fate::Verified)
    }

    /// Notes the period of a genuine value, if it covers the present, and whether it has to be issued anew under the present key.
    fn date(
        &self,
        cookie: &mut Cookie<'h>,
        row: &CookieSpec,
        period: Period,
        current: bool,
    ) -> Result<(), Doubt> {
        if !period.covers(self.now, self.policy.validity(row)) {
            return Err(Doubt::Other(RefusalReason::Expired));
        }
        // Remembered logins are renewed by their own rules alone.
        cookie.period = Some(period);
        cookie.is_stale = !current && row.declared_role() != Role::AutoLogin;
        Ok(())
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

    /// Whether those behind would find a cookie of the table inside this value.
    fn hides_another(&self, value: &[u8]) -> bool {
        self.policy.document().legacy_parsers && self.policy.names().is_hidden_in(value)
    }

    /// Whether an undeclared name may pass.
    fn undeclared(&self, name: &[u8], value: &[u8]) -> Fate {
        if self.policy.names().is_alias(name) || self.hides_another(value) {
            return Fate::refused(RefusalReason::Alias);
        }
        match self.policy.document().undeclared_requests {
            UndeclaredRequests::Keep => Fate::Passing,
            UndeclaredRequests::Strip if self.policy.only_reports() => {
                Fate::Reported(RefusalReason::Undeclared)
            }
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
