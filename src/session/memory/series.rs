//! The remembered logins of a [`MemoryStore`](super::MemoryStore), without lock or waiting.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::session::remember::{SeriesKey, SeriesRecord, StoredSeries};
use crate::session::store::{Created, Updated};

/// Series of bounded number, with every order in which they are looked for.
pub(super) struct SeriesShelf {
    series: HashMap<SeriesKey, StoredSeries>,
    /// By when they end.
    ends: BTreeSet<(u32, SeriesKey)>,
    owners: HashMap<Arc<str>, BTreeSet<(u32, SeriesKey)>>,
    most: usize,
}

impl SeriesShelf {
    pub(super) fn new(most: usize) -> Self {
        Self { series: HashMap::new(), ends: BTreeSet::new(), owners: HashMap::new(), most: most.max(1) }
    }

    pub(super) fn create(&mut self, key: SeriesKey, record: SeriesRecord, now: u32) -> Created {
        self.purge(now, A_FEW);
        if self.series.contains_key(&key) {
            return Created::Duplicate;
        }
        // The one that ends first goes; its visitor signs in again.
        let of_owner = self.owners.get(&record.owner).filter(|series| series.len() >= MOST_OF_ONE);
        if let Some(&(_, oldest)) = of_owner.and_then(BTreeSet::first) {
            self.take(&oldest);
        }
        if self.series.len() >= self.most
            && let Some(&(_, oldest)) = self.ends.first()
        {
            self.take(&oldest);
        }
        self.put(key, StoredSeries::new(record, 1));
        Created::Yes
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
        let keys: Vec<_> = self.owners.get(owner).into_iter().flatten().map(|&(_, key)| key).collect();
        let mut ended = 0;
        for key in keys {
            match except {
                Some((spared, epoch)) if *spared == key => {
                    if let Some(stored) = self.series.get_mut(&key) {
                        stored.record.raise_epoch(epoch);
                        stored.revision += 1;
                    }
                }
                _ if self.series.get(&key).is_some_and(|stored| stored.record.is_stolen()) => {}
                _ => ended += usize::from(self.delete(&key, now)),
            }
        }
        ended
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

    fn put(&mut self, key: SeriesKey, stored: StoredSeries) {
        let place = (stored.record.ends, key);
        self.ends.insert(place);
        self.owners.entry(Arc::clone(&stored.record.owner)).or_default().insert(place);
        self.series.insert(key, stored);
    }

    fn take(&mut self, key: &SeriesKey) -> bool {
        let Some(StoredSeries { record, .. }) = self.series.remove(key) else { return false };
        let place = (record.ends, *key);
        self.ends.remove(&place);
        if let Some(series) = self.owners.get_mut(&record.owner) {
            series.remove(&place);
            if series.is_empty() {
                self.owners.remove(&record.owner);
            }
        }
        true
    }
}

/// Series of one user, so that nobody who has an account can push out others'.
const MOST_OF_ONE: usize = 100;
/// How many series each new one looks at to forget them.
const A_FEW: usize = 8;
