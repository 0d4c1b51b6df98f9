//! Each cookie against its row: name, what authenticates it, times, shape.
//!
//! - Names are RFC 9110 tokens: those of the table are, and others have to be. Those that percent-decode to a declared one are
//!   refused, since many parsers decode names.
//! - A guarded value is held against its companion, a Signed one is verified and stripped of its signature without a copy, a
//!   Sealed one is opened. First what authenticates it, then times, then shape.
//! - Each pair keeps its place and gets its fate; what is refused takes nothing beside it down.

use super::parse::{Pair, RawCookies};
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

/// A cookie and what becomes of it. It is kept small, since there are many of them and they are moved about.
pub(super) struct Cookie<'h> {
    /// From the name's first byte to the last one of the value that came.
    text: &'h [u8],
    name_end: u32,
    value_start: u32,
    /// What the value is to the handler.
    value: Value,
    /// Its row, if it is declared.
    row: Option<u32>,
    /// The period of a value that a previous key signed.
    pub(super) stale: Option<Period>,
    pub(super) fate: Fate,
}

/// What a value is to the handler.
enum Value {
    AsItCame,
    /// So many bytes of it, without the signature.
    Cut(u32),
    /// What was sealed in it.
    Opened(Vec<u8>),
}

impl<'h> Cookie<'h> {
    fn of(pair: &Pair<'h>) -> Self {
        let Pair { text, name_end, value_start, flaw } = *pair;
        let fate = flaw.map_or(Fate::Passing, Fate::refused);
        Self { text, name_end, value_start, value: Value::AsItCame, row: None, stale: None, fate }
    }

    /// Empty where there is none, or none that is a token.
    pub(super) fn name(&self) -> &'h [u8] {
        &self.text[..self.name_end as usize]
    }

    /// The value as it came.
    fn came(&self) -> &'h [u8] {
        &self.text[self.value_start as usize..]
    }

    /// The value, without a signature, and opened.
    pub(super) fn value(&self) -> &[u8] {
        match &self.value {
            Value::AsItCame => self.came(),
            Value::Cut(length) => &self.came()[..*length as usize],
            Value::Opened(value) => value,
        }
    }

    /// `name=value`, where it stands like this in what came: what is left without a signature is the start of it.
    pub(super) fn verbatim(&self) -> Option<&'h [u8]> {
        let end = match self.value {
            Value::AsItCame => self.text.len(),
            Value::Cut(length) => (self.value_start + length) as usize,
            Value::Opened(_) => return None,
        };
        (self.value_start == self.name_end + 1).then(|| &self.text[..end])
    }

    /// The number of its row, if it is declared.
    pub(super) fn row(&self) -> Option<usize> {
        self.row.map(|row| row as usize)
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
            _ if cookie.fate != Fate::Passing => cookie.fate,
            Found::Row(row) => {
                cookie.row = u32::try_from(row).ok();
                self.by_row(row, cookie)
            }
            // What is flawed was refused, and all others were marked.
            Found::Main | Found::Companion(_) => Fate::Own,
            Found::Misshapen => Fate::refused(RefusalReason::Malformed),
            Found::Undeclared => self.undeclared(name),
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
                    Role::Node => place::judge(self.policy, spec, cookie, self.now),
                    _ => fate,
                }
            }
            Ok(Fate::Passing) => return Fate::refused(RefusalReason::Malformed),
            // Genuine, and perhaps from before the row had this shape.
            Ok(_) => self.failed(row, Doubt::Other(RefusalReason::Malformed)),
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

    fn signed(&self, spec: &CookieSpec, cookie: &mut Cookie<'h>) -> Result<Fate, Doubt> {
        let opened = signed::open(self.policy.subkeys(), cookie.name(), cookie.came())?;
        cookie.value = Value::Cut(u32::try_from(opened.value.len()).map_err(|_| Doubt::Malformed)?);
        cookie.stale = self.stale(spec, opened.period, opened.current)?;
        Ok(Fate::Verified)
    }

    fn sealed(&self, spec: &CookieSpec, cookie: &mut Cookie<'h>) -> Result<Fate, Doubt> {
        let opened = sealed::open(self.policy.subkeys(), cookie.name(), cookie.came())?;
        // What is sealed is a legal value, so that opening it injects nothing into the header.
        if !value::are_cookie_octets(&opened.value) {
            return Err(Doubt::Malformed);
        }
        cookie.value = Value::Opened(opened.value);
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
