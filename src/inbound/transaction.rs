//! Which transaction a request belongs to, and what its companions say of guarded cookies.
//!
//! - Of several mains, and of several companions of one name, the last eight are looked at, from the end of the header
//!   backwards, because browsers put longer paths first.
//! - Transactions are never mixed: one is chosen for the request, by what verifies under it.
//! - It is asked in the order of the design: no companion, no main, its time, then what the companion says.

use super::parse::Pair;
use crate::policy::{CookiePolicy, Found, Integrity, Role};
use crate::report::{RefusalReason, Transactional};
use crate::wire::companion::Companion;
use crate::wire::main::{self, Transaction};
use crate::wire::{Flaw, Period, name};

/// Values of one TS name beyond these are not looked at.
const MOST_OF_A_NAME: usize = 8;

/// The TS cookies of a request.
pub(super) struct Transactions<'p, 'h> {
    policy: &'p CookiePolicy,
    binding: &'p [u8],
    mains: Mains,
    choice: Choice,
    /// By name, and of one name the last one first.
    companions: Vec<(&'h [u8], &'h [u8])>,
    /// The companions' names of guarded patterns, by the names that they guard.
    of_patterns: Vec<(&'h [u8], String)>,
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

/// Why a guarded value is not let in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Its companion is of a key that is not known here. It may be a retired one, which is nobody's attack.
    UnknownKey,
    Malformed,
    OtherTransaction,
    Modified,
    Other(RefusalReason),
}

impl<'p, 'h> Transactions<'p, 'h> {
    pub(super) fn of(policy: &'p CookiePolicy, pairs: &[Pair<'h>], binding: &'p [u8], now: u32) -> Self {
        let mut mains = Mains::none();
        let mut companions = Vec::new();
        let (main, patterns) = (policy.main().as_bytes(), policy.guards_patterns());
        // From the end, as mains are looked at.
        for pair in pairs.iter().rev().filter(|pair| pair.name.starts_with(b"TS")) {
            if pair.name == main {
                mains.hear(policy, pair.value, binding, now);
            } else if policy.names().find(pair.name) == Found::Companion
                || (patterns && name::is_transactional(pair.name))
            {
                companions.push((pair.name, pair.value));
            }
        }
        let of_patterns = of_patterns(policy, pairs, &companions);
        // Stable, so that those of one name stay as they are: the last one first.
        companions.sort_by_key(|(name, _)| *name);
        let choice = match mains.valid() {
            [] if mains.expired => Choice::None(RefusalReason::Expired),
            [] => Choice::None(RefusalReason::NoTransaction),
            [only] => Choice::One(*only),
            _ => Choice::Idle,
        };
        let mut transactions = Self { policy, binding, mains, choice, companions, of_patterns };
        if transactions.mains.count > 1 {
            transactions.choice = transactions.choose(pairs);
        }
        transactions
    }

    /// The transaction that the request belongs to.
    pub(super) fn chosen(&self) -> Option<Transaction> {
        match self.choice {
            Choice::One(transaction) => Some(transaction),
            Choice::None(_) | Choice::Idle | Choice::Ambiguous => None,
        }
    }

    /// Whether any pair had the main's name.
    pub(super) fn has_main(&self) -> bool {
        self.mains.heard > 0
    }

    /// Whether an undeclared name is the companion of a name that a guarded pattern stands for.
    pub(super) fn has_companion(&self, name: &[u8]) -> bool {
        self.of_patterns.iter().any(|(_, companion)| companion.as_bytes() == name)
    }

    /// What this name is the companion of.
    pub(super) fn guarded_by(&self, companion: &[u8]) -> Option<&str> {
        let rows = self.policy.specs().iter().filter(|row| row.declared_integrity() == Integrity::Guarded);
        let mut exact = rows.filter(|row| row.name().is_exact()).map(|row| row.name().literal());
        let of_policy = |name: &&str| name::companion(self.policy.id(), name).as_bytes() == companion;
        let pattern = self.of_patterns.iter().find(|(_, known)| known.as_bytes() == companion);
        exact.find(of_policy).or_else(|| std::str::from_utf8(pattern?.0).ok())
    }

    /// Judges the value of a cookie of this guarded row.
    pub(super) fn judge(&self, row: usize, name: &[u8], value: &[u8]) -> Result<(), Doubt> {
        let companions = self.companions_of(row, name);
        if companions.is_empty() {
            return Err(Doubt::Other(RefusalReason::Unsigned));
        }
        match self.choice {
            Choice::One(transaction) => self.hear(companions, &[transaction], name, value),
            Choice::None(reason) => Err(Doubt::Other(reason)),
            Choice::Idle => self.hear(companions, self.mains.valid(), name, value),
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

    /// The only transaction under which a guarded cookie verifies; of several, the only one under which the session's does.
    fn choose(&self, pairs: &[Pair<'h>]) -> Choice {
        let mut under = [(false, false); MOST_OF_A_NAME];
        for pair in pairs.iter().filter(|pair| pair.flaw.is_none()) {
            let Found::Row(row) = self.policy.names().find(pair.name) else { continue };
            let spec = self.policy.row(row);
            if spec.declared_integrity() != Integrity::Guarded {
                continue;
            }
            let companions = self.companions_of(row, pair.name);
            for (transaction, (any, session)) in self.mains.valid().iter().zip(&mut under) {
                let one = std::slice::from_ref(transaction);
                let holds = self.hear(companions, one, pair.name, pair.value).is_ok();
                *any |= holds;
                *session |= holds && spec.declared_role() == Role::Session;
            }
        }
        let only = |which: fn(&(bool, bool)) -> bool| {
            let mut those = self.mains.valid().iter().zip(&under).filter(|(_, under)| which(under));
            (those.next().map(|(transaction, _)| *transaction), those.next().is_some())
        };
        match (only(|(any, _)| *any), only(|(_, session)| *session)) {
            ((None, _), _) => Choice::Idle,
            ((Some(transaction), false), _) | (_, (Some(transaction), false)) => Choice::One(transaction),
            _ => Choice::Ambiguous,
        }
    }

    /// What the companions say of a value, under any of the transactions: of what they say against it, the worst.
    fn hear(
        &self,
        companions: &[(&[u8], &[u8])],
        transactions: &[Transaction],
        name: &[u8],
        value: &[u8],
    ) -> Result<(), Doubt> {
        let mut worst = Doubt::UnknownKey;
        for (_, companion) in companions.iter().take(MOST_OF_A_NAME) {
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

    fn companions_of(&self, row: usize, name: &[u8]) -> &[(&'h [u8], &'h [u8])] {
        let companion = match self.policy.companion_of_row(row) {
            Some(companion) => companion,
            // Without any companion in the request none was worked out.
            None => match self.of_patterns.binary_search_by_key(&name, |(guarded, _)| guarded) {
                Ok(at) => &self.of_patterns[at].1,
                Err(_) => return &[],
            },
        };
        let companion = companion.as_bytes();
        let start = self.companions.partition_point(|(name, _)| *name < companion);
        let rest = &self.companions[start..];
        &rest[..rest.partition_point(|(name, _)| *name == companion)]
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

/// The companions' names that guarded patterns have for the names that are present. Those of exact names are in the table.
fn of_patterns<'h>(
    policy: &CookiePolicy,
    pairs: &[Pair<'h>],
    companions: &[(&[u8], &[u8])],
) -> Vec<(&'h [u8], String)> {
    if companions.is_empty() || !policy.guards_patterns() {
        return Vec::new();
    }
    let guarded_pattern = |row: usize| {
        let row = policy.row(row);
        row.declared_integrity() == Integrity::Guarded && !row.name().is_exact()
    };
    let names = pairs.iter().map(|pair| pair.name);
    let present =
        names.filter(|name| matches!(policy.names().find(name), Found::Row(row) if guarded_pattern(row)));
    let mut named: Vec<_> = present
        .filter_map(|name| Some((name, name::companion(policy.id(), std::str::from_utf8(name).ok()?))))
        .collect();
    named.sort_unstable();
    named.dedup();
    named
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

    /// What says more of a value than another companion's doubt does.
    fn gravity(self) -> u8 {
        match self {
            Self::UnknownKey => 0,
            Self::Malformed => 1,
            Self::OtherTransaction => 2,
            Self::Modified | Self::Other(_) => 3,
        }
    }

    /// Whether it may answer the whole request with 403.
    pub(super) fn is_alarming(self) -> bool {
        match self {
            Self::Malformed | Self::Modified => true,
            Self::UnknownKey | Self::OtherTransaction => false,
            Self::Other(reason) => reason == RefusalReason::Duplicate,
        }
    }
}
