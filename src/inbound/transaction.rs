//! Which transaction a request belongs to, and what its companions say of guarded cookies.
//!
//! - Of several mains, and of several companions of one name, the last eight are looked at, from the end of the header
//!   backwards, because browsers put longer paths first.
//! - Transactions are never mixed: one is chosen for the request, by what verifies under it.
//! - It is asked in this order: no companion, no main, its time, then what the companion says.

use super::companions::{Companions, MOST_OF_A_NAME, Places};
use super::parse::Pair;
use crate::policy::{CookiePolicy, Found, Integrity, Role};
use crate::report::{RefusalReason, Transactional};
use crate::wire::companion::Companion;
use crate::wire::main::{self, Transaction};
use crate::wire::{Flaw, Period};

/// The TS cookies of a request.
pub(super) struct Transactions<'p, 'h> {
    policy: &'p CookiePolicy,
    binding: &'p [u8],
    mains: Mains,
    choice: Choice,
    companions: Companions<'h>,
    own: Places,
}

/// The mains that came.
struct Mains {
    /// How many pairs of the main's name there were.
    heard: usize,
    /// Those whose MAC holds and whose time it is, the last one first, none twice.
    valid: [Transaction; MOST_OF_A_NAME],
    /// How many these are.
    count: usize,
    /// Whether there is one whose MAC holds and whose time is over, or has not come.
    expired: bool,
}

/// What verifies under a transaction.
#[derive(Clone, Copy, Default)]
struct Under {
    /// A guarded cookie.
    any: bool,
    /// One whose name browsers take from this host alone.
    host_only: bool,
    /// The session's.
    session: bool,
}

/// Under which transaction guarded cookies are judged.
#[derive(Clone, Copy)]
enum Choice {
    One(Transaction),
    /// No main counts.
    None(RefusalReason),
    /// Several count, and no guarded cookie verifies under any.
    Idle,
    /// Guarded cookies verify under several, and nothing tells which is the visitor's.
    Ambiguous,
}

/// Why a value is not let in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// What speaks for it is of a key that is not known here. It may be a retired one, which is nobody's attack.
    UnknownKey,
    Malformed,
    OtherTransaction,
    Modified,
    Other(RefusalReason),
}

impl<'p, 'h> Transactions<'p, 'h> {
    pub(super) fn of(policy: &'p CookiePolicy, pairs: &[Pair<'h>], binding: &'p [u8], now: u32) -> Self {
        let (mains, companions) = (Mains::none(), Companions::default());
        let choice = Choice::None(RefusalReason::NoTransaction);
        let mut transactions = Self { policy, binding, mains, choice, companions, own: Places::default() };
        let transactional =
            |(_, pair): &(usize, &Pair<'_>)| pair.flaw.is_none() && pair.name().starts_with(b"TS");
        // From the end, as they are looked at.
        for (at, pair) in pairs.iter().enumerate().rev().filter(transactional) {
            match policy.names().find(pair.name()) {
                Found::Main => transactions.mains.hear(policy, pair.value(), binding, now),
                Found::Companion(row) => transactions.companions.push(row, pair.value()),
                _ => continue,
            }
            transactions.own.insert(at);
        }
        if policy.guards_patterns() {
            transactions.companions.add_those_of_patterns(policy, pairs, &mut transactions.own);
        }
        transactions.choice = match transactions.mains.valid() {
            [] if transactions.mains.expired => Choice::None(RefusalReason::Expired),
            [] => Choice::None(RefusalReason::NoTransaction),
            [only] => Choice::One(*only),
            _ => transactions.choose(pairs),
        };
        transactions
    }

    /// The transaction that the request belongs to.
    pub(super) fn chosen(&self) -> Option<Transaction> {
        match self.choice {
            Choice::One(transaction) => Some(transaction),
            Choice::None(_) | Choice::Idle | Choice::Ambiguous => None,
        }
    }

    /// Whether the pair at this place is one of these TS cookies, which no handler sees.
    pub(super) fn has(&self, place: usize) -> bool {
        self.own.contains(place)
    }

    /// Whether any pair had the main's name.
    pub(super) fn has_main(&self) -> bool {
        self.mains.heard > 0
    }

    /// The companions that came.
    pub(super) fn companions(&self) -> &Companions<'h> {
        &self.companions
    }

    /// Judges the value of a cookie of this guarded row.
    pub(super) fn judge(&self, row: usize, name: &[u8], value: &[u8]) -> Result<(), Doubt> {
        let unsigned = Doubt::Other(RefusalReason::Unsigned);
        match self.choice {
            Choice::One(transaction) => self.hear(row, &[transaction], name, value),
            Choice::Idle => {
                let heard = self.hear(row, self.mains.valid(), name, value);
                heard.map_err(|doubt| Doubt::Other(doubt.reason()))
            }
            Choice::None(_) if !self.companions.has_any(row, name) => Err(unsigned),
            Choice::None(reason) => Err(Doubt::Other(reason)),
            Choice::Ambiguous => Err(Doubt::Other(RefusalReason::Duplicate)),
        }
    }

    /// What a main is good for that has so many of its name behind it.
    pub(super) fn of_main(&self, value: &[u8], behind: usize) -> Transactional {
        if behind >= MOST_OF_A_NAME {
            return Transactional::NotLookedAt;
        }
        match main::open(self.policy.subkeys(), value, self.binding) {
            Err(flaw) => transactional(flaw),
            Ok(transaction) if self.chosen() == Some(transaction) => Transactional::Current,
            Ok(transaction) if self.mains.valid().contains(&transaction) => Transactional::OtherTransaction,
            Ok(_) => Transactional::Expired,
        }
    }

    /// What a companion is good for that has so many of its name behind it.
    pub(super) fn of_companion(&self, value: &[u8], behind: usize) -> Transactional {
        if behind >= MOST_OF_A_NAME {
            return Transactional::NotLookedAt;
        }
        match (Companion::read(self.policy.subkeys(), value), self.chosen()) {
            (Err(flaw), _) => transactional(flaw),
            (Ok(_), None) => Transactional::NoTransaction,
            (Ok(companion), Some(chosen)) if companion.names(&chosen) => Transactional::Current,
            (Ok(_), Some(_)) => Transactional::OtherTransaction,
        }
    }

    /// The only transaction under which a guarded cookie verifies. Of several the only one under which one does that no other
    /// host can have planted, or else the session's.
    fn choose(&self, pairs: &[Pair<'h>]) -> Choice {
        let mut under = [Under::default(); MOST_OF_A_NAME];
        for pair in pairs.iter().filter(|pair| pair.flaw.is_none()) {
            let Found::Row(row) = self.policy.names().find(pair.name()) else { continue };
            let spec = self.policy.row(row);
            if spec.declared_integrity() != Integrity::Guarded {
                continue;
            }
            for (transaction, under) in self.mains.valid().iter().zip(&mut under) {
                if self.hear(row, std::slice::from_ref(transaction), pair.name(), pair.value()).is_ok() {
                    under.any = true;
                    // Some browsers know the prefix in this spelling alone.
                    under.host_only |= spec.name().literal().starts_with("__Host-");
                    under.session |= spec.declared_role() == Role::Session;
                }
            }
        }
        if !under.iter().any(|under| under.any) {
            return Choice::Idle;
        }
        let only = |which: fn(&Under) -> bool| {
            let mut those = self.mains.valid().iter().zip(&under).filter(|(_, under)| which(under));
            let (first, more) = (those.next(), those.next());
            first.filter(|_| more.is_none()).map(|(transaction, _)| Choice::One(*transaction))
        };
        only(|under| under.any)
            .or_else(|| only(|under| under.host_only))
            .or_else(|| only(|under| under.session))
            .unwrap_or(Choice::Ambiguous)
    }

    /// What the companions say of a value, under any of the transactions: of what they say against it, the worst.
    fn hear(&self, row: usize, transactions: &[Transaction], name: &[u8], value: &[u8]) -> Result<(), Doubt> {
        let mut worst = Doubt::Other(RefusalReason::Unsigned);
        for companion in self.companions.of(row, name).take(MOST_OF_A_NAME) {
            let doubt = match Companion::read(self.policy.subkeys(), companion) {
                Err(Flaw::UnknownKey) => Doubt::UnknownKey,
                Err(_) => Doubt::Malformed,
                Ok(companion) => {
                    let mut doubt = Doubt::OtherTransaction;
                    for transaction in transactions.iter().filter(|one| companion.names(one)) {
                        if companion.speaks_for(transaction, name, value) {
                            return Ok(());
                        }
                        doubt = Doubt::Modified;
                    }
                    doubt
                }
            };
            if doubt.gravity() > worst.gravity() {
                worst = doubt;
            }
        }
        Err(worst)
    }
}

impl Mains {
    fn none() -> Self {
        let nothing = Transaction { id: [0; 8], started: 0 };
        Self { heard: 0, valid: [nothing; MOST_OF_A_NAME], count: 0, expired: false }
    }

    fn valid(&self) -> &[Transaction] {
        &self.valid[..self.count]
    }

    /// Hears the value of a main, of each that there is, the last one first.
    fn hear(&mut self, policy: &CookiePolicy, value: &[u8], binding: &[u8], now: u32) {
        self.heard += 1;
        if self.heard > MOST_OF_A_NAME {
            return;
        }
        let Ok(transaction) = main::open(policy.subkeys(), value, binding) else { return };
        let limit = policy.absolute_limit();
        if !Period::starting(transaction.started, limit).covers(now, limit) {
            self.expired = true;
        } else if !self.valid().contains(&transaction) {
            self.valid[self.count] = transaction;
            self.count += 1;
        }
    }
}

fn transactional(flaw: Flaw) -> Transactional {
    match flaw {
        Flaw::UnknownKey => Transactional::UnknownKey,
        Flaw::Malformed | Flaw::Unsigned => Transactional::Malformed,
        Flaw::Modified => Transactional::Modified,
    }
}

impl Doubt {
    pub(super) fn reason(self) -> RefusalReason {
        match self {
            Self::UnknownKey | Self::Malformed => RefusalReason::Malformed,
            Self::OtherTransaction => RefusalReason::OtherTransaction,
            Self::Modified => RefusalReason::Modified,
            Self::Other(reason) => reason,
        }
    }

    /// What says more of a value than another companion's doubt does. That there is no companion says least.
    fn gravity(self) -> u8 {
        match self {
            Self::Other(_) => 0,
            Self::UnknownKey => 1,
            Self::Malformed => 2,
            Self::OtherTransaction => 3,
            Self::Modified => 4,
        }
    }

    /// Whether it may answer the whole request with 403, and delete the cookie. Where several transactions are the visitor's,
    /// as far as anybody can tell, it may not: what is deleted is of this host's scope, so it would be the visitor's own, and
    /// what another host planted would be left as the only one.
    pub(super) fn is_alarming(self) -> bool {
        matches!(self, Self::Malformed | Self::Modified)
    }
}
