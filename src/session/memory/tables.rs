//! The tables of a [`MemoryStore`](super::MemoryStore), which agree with each other after every step.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::session::id::SessionKey;
use crate::session::store::{ENDED_FOR, Stored};

/// Sessions, and what is remembered of those that moved or ended, with every order in which they are looked for.
#[derive(Default)]
pub(super) struct Tables {
    places: HashMap<SessionKey, Place, Hashed>,
    owners: HashMap<Arc<str>, Owner>,
    /// The epoch of whoever is not among the owners.
    epochs_from: u64,
    /// Sessions by deadline.
    ends: BTreeSet<(u32, SessionKey)>,
    /// Anonymous sessions by when they were seen.
    anonymous: BTreeSet<(u32, SessionKey)>,
    /// Marks by number, in the order in which they were made, whatever the clock showed.
    marks: BTreeMap<u64, (u32, SessionKey)>,
    /// Numbers of marks by when they are forgotten.
    mark_ends: BTreeSet<(u32, u64)>,
    marks_made: u64,
    held: Amount,
    held_by_anonymous: Amount,
}

/// So many sessions, and the bytes of what is in them.
#[derive(Clone, Copy, Default)]
pub(super) struct Amount {
    pub(super) sessions: usize,
    pub(super) bytes: usize,
}

/// What is under a key.
pub(super) enum Place {
    Live(Stored),
    /// A session was here, which is remembered for so long. For a while its key may lead to another one.
    Mark {
        until: u32,
        to: Option<Grace>,
    },
}

/// Where a renewed key leads to, and how long.
#[derive(Clone, Copy)]
pub(super) struct Grace {
    pub(super) key: SessionKey,
    pub(super) until: u32,
}

struct Owner {
    epoch: u64,
    keys: HashSet<SessionKey, Hashed>,
}

impl Tables {
    pub(super) fn held(&self) -> Amount {
        self.held
    }

    /// What signed-in sessions hold, and of the anonymous ones the one that is spared.
    pub(super) fn held_firmly(&self, spared: Option<&SessionKey>) -> Amount {
        let (all, anonymous) = (self.held, self.held_by_anonymous);
        let spared = match spared.and_then(|key| self.places.get(key)) {
            Some(Place::Live(stored)) if stored.record.owner.is_none() => of(stored),
            _ => Amount::default(),
        };
        Amount {
            sessions: all.sessions - anonymous.sessions + spared.sessions,
            bytes: all.bytes - anonymous.bytes + spared.bytes,
        }
    }

    pub(super) fn place(&self, key: &SessionKey) -> Option<&Place> {
        self.places.get(key)
    }

    /// The session under this key, if its time is not over.
    pub(super) fn live(&self, key: &SessionKey, now: u32) -> Option<&Stored> {
        match self.places.get(key) {
            Some(Place::Live(stored)) if now < stored.record.deadline => Some(stored),
            _ => None,
        }
    }

    pub(super) fn keys_of<'t>(&'t self, owner: &str) -> impl Iterator<Item = &'t SessionKey> {
        self.owners.get(owner).into_iter().flat_map(|owner| &owner.keys)
    }

    pub(super) fn count_of(&self, owner: &str) -> usize {
        self.owners.get(owner).map_or(0, |owner| owner.keys.len())
    }

    /// When the session under this key was seen, over or not.
    pub(super) fn seen(&self, key: &SessionKey) -> Option<u32> {
        match self.places.get(key) {
            Some(Place::Live(stored)) => Some(stored.record.seen),
            _ => None,
        }
    }

    pub(super) fn epoch(&self, owner: &str) -> u64 {
        self.owners.get(owner).map_or(self.epochs_from, |owner| owner.epoch)
    }

    /// A raised epoch is kept after the last session, since who signs in slowly may still bring an older one. Of too many
    /// owners those without a session are forgotten, but for those who are remembered; whoever is not known is then held to the
    /// newest of their epochs.
    pub(super) fn raise_epoch(
        &mut self,
        owner: &str,
        most: usize,
        remembered: impl FnOnce() -> HashSet<Arc<str>>,
    ) -> u64 {
        if self.owners.len() > most.saturating_mul(3) {
            let remembered = remembered();
            for name in &remembered {
                self.owner(Arc::clone(name));
            }
            self.owners.retain(|name, owner| {
                let stays = !owner.keys.is_empty() || remembered.contains(name);
                if !stays {
                    self.epochs_from = self.epochs_from.max(owner.epoch);
                }
                stays
            });
        }
        let name = match self.owners.get_key_value(owner) {
            Some((name, _)) => Arc::clone(name),
            None => owner.into(),
        };
        let owner = self.owner(name);
        owner.epoch += 1;
        owner.epoch
    }

    fn owner(&mut self, name: Arc<str>) -> &mut Owner {
        let epoch = self.epochs_from;
        self.owners.entry(name).or_insert_with(|| Owner { epoch, keys: HashSet::default() })
    }

    /// The anonymous session that was seen longest ago, or the next one where that is spared.
    pub(super) fn oldest_anonymous(&self, spared: Option<&SessionKey>) -> Option<SessionKey> {
        self.anonymous.iter().map(|(_, key)| key).find(|key| Some(*key) != spared).copied()
    }

    pub(super) fn put(&mut self, key: SessionKey, stored: Stored) {
        let (record, size) = (&stored.record, of(&stored));
        self.held.add(size);
        self.ends.insert((record.deadline, key));
        if let Some(owner) = &record.owner {
            self.owner(Arc::clone(owner)).keys.insert(key);
        } else {
            self.anonymous.insert((record.seen, key));
            self.held_by_anonymous.add(size);
        }
        self.places.insert(key, Place::Live(stored));
    }

    pub(super) fn take(&mut self, key: &SessionKey) -> Option<Stored> {
        if !matches!(self.places.get(key), Some(Place::Live(_))) {
            return None;
        }
        let Some(Place::Live(stored)) = self.places.remove(key) else { return None };
        let (record, size) = (&stored.record, of(&stored));
        self.held.subtract(size);
        self.ends.remove(&(record.deadline, *key));
        if let Some(owner) = &record.owner {
            if let Some(entry) = self.owners.get_mut(owner) {
                entry.keys.remove(key);
                if entry.keys.is_empty() && entry.epoch == self.epochs_from {
                    self.owners.remove(owner);
                }
            }
        } else {
            self.anonymous.remove(&(record.seen, *key));
            self.held_by_anonymous.subtract(size);
        }
        Some(stored)
    }

    /// Puts a session in the place of the one under this key. Mostly it has the same owner, and keeps its place in most
    /// orders.
    pub(super) fn replace(&mut self, key: &SessionKey, stored: Stored) {
        let Some(Place::Live(present)) = self.places.get_mut(key) else { return };
        if present.record.owner != stored.record.owner {
            self.take(key);
            self.put(*key, stored);
            return;
        }
        let before = std::mem::replace(present, stored);
        let (record, sizes) = (&present.record, (of(&before), of(present)));
        self.held.subtract(sizes.0);
        self.held.add(sizes.1);
        if before.record.deadline != record.deadline {
            self.ends.remove(&(before.record.deadline, *key));
            self.ends.insert((record.deadline, *key));
        }
        if record.owner.is_none() {
            self.held_by_anonymous.subtract(sizes.0);
            self.held_by_anonymous.add(sizes.1);
            self.anonymous.remove(&(before.record.seen, *key));
            self.anonymous.insert((record.seen, *key));
        }
    }

    /// Remembers that a session was under this key. Of more than `most` the one that was made first is forgotten.
    pub(super) fn mark(&mut self, key: SessionKey, to: Option<Grace>, now: u32, most: usize) {
        let until = now.saturating_add(ENDED_FOR);
        self.marks_made += 1;
        self.marks.insert(self.marks_made, (until, key));
        self.mark_ends.insert((until, self.marks_made));
        self.places.insert(key, Place::Mark { until, to });
        if self.marks.len() > most
            && let Some((number, (until, key))) = self.marks.pop_first()
        {
            self.mark_ends.remove(&(until, number));
            self.places.remove(&key);
        }
    }

    pub(super) fn forget_expired(&mut self, now: u32) -> bool {
        let expired = self.ends.first().filter(|(deadline, _)| *deadline <= now).map(|(_, key)| *key);
        expired.and_then(|key| self.take(&key)).is_some()
    }

    /// Forgets the mark whose time was over first.
    pub(super) fn forget_mark(&mut self, now: u32) -> bool {
        let over = self.mark_ends.first().filter(|(until, _)| *until <= now).copied();
        let Some((until, number)) = over else { return false };
        self.mark_ends.remove(&(until, number));
        if let Some((_, key)) = self.marks.remove(&number) {
            self.places.remove(&key);
        }
        true
    }
}

impl Amount {
    fn add(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.bytes += other.bytes;
    }

    fn subtract(&mut self, other: Self) {
        self.sessions -= other.sessions;
        self.bytes -= other.bytes;
    }
}

fn of(stored: &Stored) -> Amount {
    Amount { sessions: 1, bytes: stored.record.size() }
}

/// Keys are hashes of ids that this server made, so their first bytes are as good as any hash of them. What a client
/// makes up is only ever looked for.
type Hashed = BuildHasherDefault<FirstBytes>;

#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
