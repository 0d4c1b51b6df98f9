//! The remembered logins of a [`MemoryStore`](super::MemoryStore), without lock or waiting.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::session::remember::{SeriesKey, SeriesRecord, StoredSeries};
use crate::session::store::Updated;

/// Series of bounded number, with every order in which they are looked for.
pub(super) struct SeriesShelf {
    series: HashMap<SeriesKey, StoredSeries>,
    /// By when they end.
    ends: BTreeSet<(u32, SeriesKey)>,
    /// By whose they are, and by when they end.
    owners: BTreeSet<(Arc<str>, u32, SeriesKey)>,
    most: usize,
}

impl SeriesShelf {
    pub(super) fn new(most: usize) -> Self {
        Self { series: HashMap::new(), ends: BTreeSet::new(), owners: BTreeSet::new(), most: most.max(1) }
    }

    pub(super) fn create(&mut self, key: SeriesKey, record: SeriesRecord, now: u32) -> bool {
        self.purge(now, A_FEW);
        if self.live(&key, now).is_some() {
            return false;
        }
        self.take(&key);
        self.make_room_of(&record.owner);
        if self.series.len() >= self.most
            && let Some(&(_, oldest)) = self.ends.first()
        {
            self.take(&oldest);
        }
        self.put(key, StoredSeries::new(record, 1));
        true
    }

    pub(super) fn load(&self, key: &SeriesKey, now: u32) -> Option<StoredSeries> {
        self.live(key, now).cloned()
    }

    pub(super) fn update(
        &mut self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Updated {
        match self.live(key, now) {
            None => Updated::Gone,
            Some(present) if present.revision != expected => Updated::Conflict,
            Some(_) => {
                self.take(key);
                self.make_room_of(&record.owner);
                self.put(*key, StoredSeries::new(record, expected + 1));
                Updated::Yes
            }
        }
    }

    pub(super) fn delete(&mut self, key: &SeriesKey, now: u32) -> bool {
        let was_live = self.live(key, now).is_some();
        self.take(key);
        was_live
    }

    pub(super) fn end_owner(&mut self, owner: &str, except: Option<(&SeriesKey, u64)>, now: u32) -> usize {
        let except = except.filter(|(spared, _)| self.live(spared, now).is_some());
        let keys: Vec<_> = self.of(owner).collect();
        let mut ended = 0;
        for key in keys {
            let Some(stored) = self.series.get_mut(&key) else { continue };
            match except {
                _ if stored.record.is_stolen() => {}
                Some((spared, epoch)) if *spared == key => {
                    stored.record.raise_epoch(epoch);
                    stored.revision += 1;
                }
                _ => ended += usize::from(self.delete(&key, now)),
            }
        }
        ended
    }

    /// Who is remembered.
    pub(super) fn owners(&self) -> HashSet<Arc<str>> {
        self.owners.iter().map(|(owner, ..)| Arc::clone(owner)).collect()
    }

    pub(super) fn purge(&mut self, now: u32, limit: usize) -> usize {
        let forget = |_: &usize| {
            let over = self.ends.first().filter(|(ends, _)| *ends <= now).map(|(_, key)| *key);
            over.is_some_and(|key| self.take(&key))
        };
        (0..limit).take_while(forget).count()
    }

    fn live(&self, key: &SeriesKey, now: u32) -> Option<&StoredSeries> {
        self.series.get(key).filter(|stored| now < stored.record.ends)
    }

    /// Room for one more series of this owner. The one that ends first goes; its visitor signs in again.
    fn make_room_of(&mut self, owner: &str) {
        let mut of_owner = self.of(owner);
        if let Some(first) = of_owner.next()
            && of_owner.count() + 1 >= MOST_OF_ONE
        {
            self.take(&first);
        }
    }

    /// The owner's series, by when they end.
    fn of<'s>(&'s self, owner: &'s str) -> impl Iterator<Item = SeriesKey> + 's {
        let first = (Arc::from(owner), 0, SeriesKey::from_bytes([0; 32]));
        let of_owner = self.owners.range(first..).take_while(move |(name, ..)| **name == *owner);
        of_owner.map(|(_, _, key)| *key)
    }

    fn put(&mut self, key: SeriesKey, stored: StoredSeries) {
        let record = &stored.record;
        self.ends.insert((record.ends, key));
        self.owners.insert((Arc::clone(&record.owner), record.ends, key));
        self.series.insert(key, stored);
    }

    fn take(&mut self, key: &SeriesKey) -> bool {
        let Some(StoredSeries { record, .. }) = self.series.remove(key) else { return false };
        self.ends.remove(&(record.ends, *key));
        self.owners.remove(&(record.owner, record.ends, *key));
        true
    }
}

/// Series of one user, so that nobody who has an account can push out others'.
const MOST_OF_ONE: usize = 100;
/// How many series each new one looks at to forget them.
const A_FEW: usize = 8;
