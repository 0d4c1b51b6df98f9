//! The TS companions of a request, by what they guard.

use smallvec::SmallVec;

use super::parse::Pair;
use crate::policy::{CookiePolicy, Found};
use crate::wire::name::{self, COMPANION};

/// Values of one TS name beyond these are not looked at.
pub(super) const MOST_OF_A_NAME: usize = 8;

/// Places in the list of a request's pairs, of which there are at most 256.
#[derive(Default)]
pub(super) struct Places([u64; 4]);

impl Places {
    pub(super) fn insert(&mut self, place: usize) {
        self.0[place / 64 % 4] |= 1 << (place % 64);
    }

    pub(super) fn contains(&self, place: usize) -> bool {
        self.0[place / 64 % 4] & 1 << (place % 64) != 0
    }
}

/// The values of companions, the last one first.
#[derive(Default)]
pub(super) struct Companions<'h> {
    /// Those of rows with one name.
    of_rows: SmallVec<[(usize, &'h [u8]); 8]>,
    /// Those of the names that guarded patterns stand for in this request, by their own names.
    of_patterns: Vec<OfPattern<'h>>,
    /// Where the names that patterns stand for have theirs, by these names.
    places: Vec<(&'h [u8], usize)>,
}

/// The companions of a name that a pattern stands for.
struct OfPattern<'h> {
    guarded: &'h [u8],
    /// Their name, which is only known with the name that it is computed from.
    companion: [u8; COMPANION],
    values: SmallVec<[&'h [u8]; 1]>,
}

impl<'h> Companions<'h> {
    /// One of a row with one name, of each that there is, the last one first.
    pub(super) fn push(&mut self, row: usize, value: &'h [u8]) {
        self.of_rows.push((row, value));
    }

    /// Those of guarded patterns.
    pub(super) fn add_those_of_patterns(
        &mut self,
        policy: &CookiePolicy,
        pairs: &[Pair<'h>],
        own: &mut Places,
    ) {
        let transactional =
            |(_, pair): &(usize, &Pair<'_>)| pair.flaw.is_none() && name::is_transactional(pair.name());
        let strangers = || pairs.iter().enumerate().rev().filter(transactional);
        if strangers().next().is_none() {
            return;
        }
        for pair in pairs {
            if let Found::Row(row) = policy.names().find(pair.name())
                && policy.row(row).guards_a_pattern()
            {
                let companion = name::companion_bytes(policy.id(), pair.name());
                self.of_patterns.push(OfPattern { guarded: pair.name(), companion, values: SmallVec::new() });
            }
        }
        self.of_patterns.sort_unstable_by(|one, other| {
            (one.companion, one.guarded).cmp(&(other.companion, other.guarded))
        });
        self.of_patterns.dedup_by(|one, other| one.guarded == other.guarded);
        for (at, pair) in strangers() {
            let start = self.of_patterns.partition_point(|known| known.companion.as_slice() < pair.name());
            let those = self.of_patterns[start..].iter_mut();
            for known in those.take_while(|known| known.companion == *pair.name()) {
                known.values.push(pair.value());
                own.insert(at);
            }
        }
        self.places = self.of_patterns.iter().enumerate().map(|(at, known)| (known.guarded, at)).collect();
        self.places.sort_unstable();
    }

    /// The values of the companions of this cookie of this guarded row, the last one first.
    #[inline]
    pub(super) fn of(&self, row: usize, name: &[u8]) -> impl Iterator<Item = &'h [u8]> {
        let of_row = self.of_rows.iter().filter(move |(known, _)| *known == row).map(|(_, value)| *value);
        let place = self.places.binary_search_by_key(&name, |(guarded, _)| guarded).ok();
        let of_pattern = place.map_or(&[][..], |place| &self.of_patterns[self.places[place].1].values);
        of_row.chain(of_pattern.iter().copied())
    }

    /// Whether there is one of this cookie of this guarded row.
    pub(super) fn has_any(&self, row: usize, name: &[u8]) -> bool {
        self.of(row, name).next().is_some()
    }

    /// The name, which a guarded pattern stands for, of which this undeclared name is the companion's.
    pub(super) fn guarded_by(&self, companion: &[u8]) -> Option<&'h [u8]> {
        let place = self.of_patterns.binary_search_by(|known| known.companion.as_slice().cmp(companion));
        place.ok().map(|place| self.of_patterns[place].guarded)
    }
}
