//! The steps of a [`MemoryStore`](super::MemoryStore), without lock or waiting.

use std::collections::HashSet;
use std::sync::Arc;

use super::tables::{Amount, Grace, Place, Tables};
use crate::session::id::SessionKey;
use crate::session::record::SessionRecord;
use crate::session::store::{Created, Loaded, Owned, Rotated, StoreError, StoreErrorKind, Stored, Updated};

/// Tables of bounded size.
pub(super) struct Shelf {
    tables: Tables,
    most: Amount,
}

impl Shelf {
    pub(super) fn new(most: Amount) -> Self {
        Self { tables: Tables::default(), most }
    }

    pub(super) fn sessions(&self) -> usize {
        self.tables.held().sessions
    }

    pub(super) fn create(
        &mut self,
        key: SessionKey,
        record: SessionRecord,
        now: u32,
    ) -> Result<Created, StoreError> {
        self.purge(now, A_FEW);
        if self.tables.place(&key).is_some() {
            return Ok(Created::Duplicate);
        }
        if self.is_revoked(&record) {
            return Ok(Created::Revoked);
        }
        self.make_room_of(record.owner());
        self.make_room(Amount { sessions: 1, bytes: record.size() }, None, now)?;
        self.tables.put(key, Stored::new(record, 1));
        Ok(Created::Yes)
    }

    pub(super) fn load(&self, key: &SessionKey, now: u32) -> Loaded {
        match self.tables.place(key) {
            Some(Place::Live(_)) => self.tables.live(key, now).cloned().map_or(Loaded::Absent, Loaded::Live),
            Some(Place::Mark { until, .. }) if now < *until => {
                let successor = self.tables.live(&self.followed(*key, now), now);
                successor.cloned().map_or(Loaded::Ended, Loaded::Rotated)
            }
            _ => Loaded::Absent,
        }
    }

    pub(super) fn update(
        &mut self,
        key: &SessionKey,
        expected: u64,
        mut record: SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        self.purge(now, A_FEW);
        let Some(present) = self.tables.live(key, now) else { return Ok(Updated::Gone) };
        if present.revision != expected {
            return Ok(Updated::Conflict);
        }
        if self.is_revoked(&record) {
            return Ok(Updated::Gone);
        }
        record.touch(present.record.seen, present.record.deadline);
        self.make_room(growth(&present.record, &record), Some(key), now)?;
        self.tables.replace(key, Stored::new(record, expected + 1));
        Ok(Updated::Yes)
    }

    pub(super) fn touch(&mut self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> bool {
        let Some(mut stored) = self.tables.live(key, now).cloned() else { return false };
        Arc::make_mut(&mut stored.record).touch(seen, deadline);
        self.tables.replace(key, stored);
        true
    }

    pub(super) fn rotate(
        &mut self,
        old: &SessionKey,
        expected: u64,
        new: SessionKey,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> Result<Rotated, StoreError> {
        self.purge(now, A_FEW);
        let Some(present) = self.tables.live(old, now) else { return Ok(Rotated::Gone) };
        if present.revision != expected {
            return Ok(Rotated::Conflict);
        }
        if self.tables.place(&new).is_some() {
            return Ok(Rotated::Duplicate);
        }
        if self.is_revoked(&record) {
            return Ok(Rotated::Revoked);
        }
        let (more, moves_in) = (growth(&present.record, &record), present.record.owner != record.owner);
        if moves_in {
            self.make_room_of(record.owner());
        }
        self.make_room(more, Some(old), now)?;
        self.tables.take(old);
        self.tables.put(new, Stored::new(record, expected + 1));
        let to = Grace { key: new, until: now.saturating_add(grace) };
        self.tables.mark(*old, (grace > 0).then_some(to), now, self.most.sessions);
        Ok(Rotated::Yes)
    }

    pub(super) fn delete(&mut self, key: &SessionKey, now: u32) -> bool {
        self.end(self.followed(*key, now), now)
    }

    pub(super) fn list_owner(&self, owner: &str, now: u32) -> Vec<Owned> {
        let listed = |key: &SessionKey| {
            let stored = self.tables.live(key, now)?;
            Some(Owned::new(*key, Arc::clone(&stored.record)))
        };
        self.tables.keys_of(owner).filter_map(listed).collect()
    }

    pub(super) fn epoch(&self, owner: &str) -> u64 {
        self.tables.epoch(owner)
    }

    pub(super) fn end_owner(
        &mut self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
        remembered: impl FnOnce() -> HashSet<Arc<str>>,
    ) -> usize {
        let except = except.map(|key| self.followed(*key, now));
        let epoch = self.tables.raise_epoch(owner, self.most.sessions, remembered);
        let keys: Vec<SessionKey> = self.tables.keys_of(owner).copied().collect();
        let mut ended = 0;
        for key in keys {
            if Some(key) != except {
                ended += usize::from(self.end(key, now));
            } else if let Some(mut stored) = self.tables.take(&key) {
                Arc::make_mut(&mut stored.record).raise_epoch(epoch);
                stored.revision += 1;
                self.tables.put(key, stored);
            }
        }
        ended
    }

    pub(super) fn purge(&mut self, now: u32, limit: usize) -> usize {
        let forget = |_: &usize| self.tables.forget_expired(now) || self.tables.forget_mark(now);
        (0..limit).take_while(forget).count()
    }

    /// Where a key leads to by now, over renewals whose grace lasts.
    fn followed(&self, mut key: SessionKey, now: u32) -> SessionKey {
        for _ in 0..MOST_RENEWALS {
            match self.tables.place(&key) {
                Some(Place::Mark { to: Some(grace), .. }) if now < grace.until => key = grace.key,
                _ => break,
            }
        }
        key
    }

    /// Whether there was something to end. What was over already is forgotten.
    fn end(&mut self, key: SessionKey, now: u32) -> bool {
        let was_live = self.tables.live(&key, now).is_some();
        self.tables.take(&key);
        if was_live {
            self.tables.mark(key, None, now, self.most.sessions);
        }
        was_live
    }

    fn is_revoked(&self, record: &SessionRecord) -> bool {
        record.owner().is_some_and(|owner| record.epoch < self.tables.epoch(owner))
    }

    /// Room for one more session of this owner, for which the owner's that was seen longest ago may go.
    fn make_room_of(&mut self, owner: Option<&str>) {
        let Some(owner) = owner else { return };
        while self.tables.count_of(owner) >= MOST_OF_ONE {
            let oldest = self.tables.keys_of(owner).min_by_key(|key| self.tables.seen(key)).copied();
            if oldest.and_then(|key| self.tables.take(&key)).is_none() {
                return;
            }
        }
    }

    /// Room for so much more, for which all anonymous sessions may go but the spared one. None goes in vain.
    fn make_room(&mut self, more: Amount, spared: Option<&SessionKey>, now: u32) -> Result<(), StoreError> {
        while self.is_too_much(self.tables.held(), more) && self.tables.forget_expired(now) {}
        if self.is_too_much(self.tables.held_firmly(spared), more) {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        while self.is_too_much(self.tables.held(), more) {
            let oldest = self.tables.oldest_anonymous(spared);
            if oldest.and_then(|key| self.tables.take(&key)).is_none() {
                return Err(StoreError::new(StoreErrorKind::Full));
            }
        }
        Ok(())
    }

    fn is_too_much(&self, held: Amount, more: Amount) -> bool {
        held.sessions + more.sessions > self.most.sessions || held.bytes + more.bytes > self.most.bytes
    }
}

fn growth(present: &SessionRecord, record: &SessionRecord) -> Amount {
    Amount { sessions: 0, bytes: record.size().saturating_sub(present.size()) }
}

/// Sessions of one user, so that nobody who has an account can fill the store.
const MOST_OF_ONE: usize = 1000;
/// Renewals within ten seconds that an old key is followed over; nobody honest has as many.
const MOST_RENEWALS: usize = 64;
/// How many records each write looks at to forget them.
const A_FEW: usize = 8;
