//! A store as plain as can be, which can be told to have a fault.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::task::yield_now;
use tower_cookie_policy::store::{Created, ENDED_FOR, Loaded, Owned, Rotated, Stored, Updated};
use tower_cookie_policy::testing::Sample;
use tower_cookie_policy::{SessionKey, SessionRecord, SessionStore, StoreError, StoreErrorKind};

/// What can be wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    AdoptsUsedKeys,
    AdoptsEndedKeys,
    CutsKeys,
    IgnoresTheRevision,
    RevisesTwice,
    UpdateRollsTouchesBack,
    UpdateRevivesTheEnded,
    TouchGoesBack,
    TouchRevises,
    TouchRevivesTheExpired,
    TouchReachesThroughGrace,
    KeepsTheExpired,
    ListsTheExpired,
    EndsTheExpired,
    ForgetsTheEnded,
    ForgetsTheEndedTooSoon,
    RemembersForEver,
    GraceIsForEver,
    GraceReadsAnOldCopy,
    GraceOutlivesTheSession,
    GraceWrites,
    GraceIsNotFollowed,
    GraceCrossesASignIn,
    RotationIgnoresTheRevision,
    RotationOverwrites,
    RotationLosesTheOldOnFailure,
    DeletionIsAlwaysTrue,
    DeletionStopsAtTheOldKey,
    EpochStays,
    CreationIgnoresTheEpoch,
    RotationIgnoresTheEpoch,
    UpdateIgnoresTheEpoch,
    TheSparedKeepsItsEpoch,
    TheSparedIsNotFollowed,
    TheSparedKeepsItsRevision,
    SparesAnything,
    NamesWithoutCase,
    NamesByPrefix,
    NamesByPattern,
    NamesAreCut,
    NamesAreTrimmed,
    OwnersStayAsCreated,
    PurgesTooMuch,
    PurgesTheLive,
    PurgesNothing,
    PurgesEpochs,
    RecordsAreSmall,
    TimesAreSigned,
    CreationLooksFirst,
    UpdateLooksFirst,
    DeletionLooksFirst,
    RotationInTwoSteps,
    EndOwnerInTwoSteps,
}

use Fault::*;

/// Lists, and a look through all of them for everything.
#[derive(Default)]
pub(crate) struct Naive {
    lists: Mutex<Lists>,
    fault: Option<Fault>,
}

#[derive(Default)]
struct Lists {
    live: Vec<Live>,
    marks: Vec<Mark>,
    epochs: Vec<(String, u64)>,
}

#[derive(Clone)]
struct Live {
    key: SessionKey,
    listed_as: Option<String>,
    stored: Stored,
}

#[derive(Clone)]
struct Mark {
    key: SessionKey,
    until: u32,
    /// Where it leads to, until when, and what was there when it was made.
    to: Option<(SessionKey, u32, Stored)>,
}

impl Naive {
    pub(crate) fn with(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap()
    }

    /// Lets others come between, where that is the fault.
    async fn pause(&self, fault: Fault) -> bool {
        if self.has(fault) {
            yield_now().await;
        }
        self.has(fault)
    }

    fn key(&self, key: &SessionKey) -> SessionKey {
        let mut bytes = *key.as_bytes();
        if self.has(CutsKeys) {
            bytes[31] = 0;
        }
        SessionKey::from_bytes(bytes)
    }

    fn name(&self, owner: &str) -> String {
        match self.fault {
            Some(NamesWithoutCase) => owner.to_lowercase(),
            Some(NamesAreCut) => owner.chars().take(200).collect(),
            Some(NamesAreTrimmed) => owner.trim().to_owned(),
            _ => owner.to_owned(),
        }
    }

    /// Whether a session that is listed under this name is one of this owner.
    fn is_of(&self, name: &str, owner: &str) -> bool {
        match self.fault {
            Some(NamesByPrefix) => name.starts_with(owner),
            Some(NamesByPattern) => is_like(name.as_bytes(), owner.as_bytes()),
            _ => name == owner,
        }
    }

    fn live(&self, lists: &Lists, key: &SessionKey, at: u32) -> Option<Stored> {
        let live = lists.live.iter().find(|live| live.key == *key)?;
        let lasts = at < live.stored.record.deadline() || self.has(KeepsTheExpired);
        lasts.then(|| live.stored.clone())
    }

    fn is_used(&self, lists: &Lists, key: &SessionKey) -> bool {
        let ended = lists.marks.iter().any(|mark| mark.key == *key) && !self.has(AdoptsEndedKeys);
        lists.live.iter().any(|live| live.key == *key) || ended
    }

    fn is_revoked(&self, lists: &Lists, record: &SessionRecord) -> bool {
        record.owner().is_some_and(|owner| record.epoch() < lists.epoch(&self.name(owner)))
    }

    fn put(&self, lists: &mut Lists, key: SessionKey, record: SessionRecord, revision: u64) {
        let was = lists.take(&key);
        let owner = record.owner().map(|owner| self.name(owner));
        let listed_as = was.map(|was| was.listed_as).filter(|_| self.has(OwnersStayAsCreated));
        let stored = Stored::new(record, revision);
        lists.live.push(Live { key, listed_as: listed_as.unwrap_or(owner), stored });
    }

    fn mark(&self, lists: &mut Lists, key: SessionKey, to: Option<(SessionKey, u32, Stored)>, at: u32) {
        let remembered = match self.fault {
            Some(RemembersForEver) => 1_000_000,
            Some(ForgetsTheEndedTooSoon) => ENDED_FOR - 1,
            _ => ENDED_FOR,
        };
        if !self.has(ForgetsTheEnded) {
            lists.marks.retain(|mark| mark.key != key);
            lists.marks.push(Mark { key, until: at.saturating_add(remembered), to });
        }
    }

    /// Where a key leads to by now.
    fn followed(&self, lists: &Lists, key: SessionKey, at: u32) -> SessionKey {
        let (mut key, mut steps) = (key, 0);
        while let Some(mark) = lists.marks.iter().find(|mark| mark.key == key)
            && let Some((to, until, _)) = &mark.to
            && (at < *until || self.has(GraceIsForEver))
            && !(steps == 1 && self.has(GraceIsNotFollowed))
        {
            (key, steps) = (*to, steps + 1);
        }
        key
    }

    fn forget(&self, lists: &mut Lists, at: u32, limit: usize) -> usize {
        let mut over: Vec<_> =
            lists.live.iter().map(|live| (live.stored.record.deadline(), live.key)).collect();
        over.sort_unstable();
        let mut marks: Vec<_> = lists.marks.iter().map(|mark| (mark.until, mark.key)).collect();
        // Those that end at once in the order in which they were made.
        marks.sort_by_key(|(until, _)| *until);
        over.extend(marks);
        over.retain(|(until, _)| *until <= at);
        over.truncate(if self.has(PurgesNothing) { 0 } else { limit });
        for (_, key) in &over {
            lists.live.retain(|live| live.key != *key);
            lists.marks.retain(|mark| mark.key != *key);
        }
        over.len()
    }
}

impl Lists {
    fn epoch(&self, name: &str) -> u64 {
        self.epochs.iter().find(|(known, _)| known == name).map_or(0, |(_, epoch)| *epoch)
    }

    fn take(&mut self, key: &SessionKey) -> Option<Live> {
        let at = self.live.iter().position(|live| live.key == *key)?;
        Some(self.live.remove(at))
    }
}

impl SessionStore for Naive {
    async fn create(&self, key: &SessionKey, record: SessionRecord, at: u32) -> Result<Created, StoreError> {
        if self.has(RecordsAreSmall) && record.size() > 65_535 {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        if self.has(TimesAreSigned) && i32::try_from(record.deadline()).is_err() {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        let key = self.key(key);
        let mut used = {
            let mut lists = self.lists();
            self.forget(&mut lists, at, A_FEW);
            self.is_used(&lists, &key)
        };
        if !self.pause(CreationLooksFirst).await {
            used = self.is_used(&self.lists(), &key);
        }
        let mut lists = self.lists();
        if used && !self.has(AdoptsUsedKeys) {
            return Ok(Created::Duplicate);
        }
        if self.is_revoked(&lists, &record) && !self.has(CreationIgnoresTheEpoch) {
            return Ok(Created::Revoked);
        }
        self.put(&mut lists, key, record, 1);
        Ok(Created::Yes)
    }

    async fn load(&self, key: &SessionKey, at: u32) -> Result<Loaded, StoreError> {
        let (key, lists) = (self.key(key), self.lists());
        if let Some(stored) = self.live(&lists, &key, at) {
            return Ok(Loaded::Live(stored));
        }
        let Some(mark) = lists.marks.iter().find(|mark| mark.key == key && at < mark.until) else {
            return Ok(Loaded::Absent);
        };
        let copy = mark.to.as_ref().filter(|(_, until, _)| at < *until).map(|(_, _, copy)| copy.clone());
        let present = self.live(&lists, &self.followed(&lists, key, at), at);
        let found = match self.fault {
            Some(GraceReadsAnOldCopy) => present.and(copy),
            Some(GraceOutlivesTheSession) => present.or(copy),
            _ => present,
        };
        Ok(found.map_or(Loaded::Ended, Loaded::Rotated))
    }

    async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        mut record: SessionRecord,
        at: u32,
    ) -> Result<Updated, StoreError> {
        let mut key = self.key(key);
        if self.has(GraceWrites) {
            key = self.followed(&self.lists(), key, at);
        }
        let mut present = {
            let mut lists = self.lists();
            self.forget(&mut lists, at, A_FEW);
            self.live(&lists, &key, at)
        };
        if !self.pause(UpdateLooksFirst).await {
            present = self.live(&self.lists(), &key, at);
        }
        let mut lists = self.lists();
        let Some(present) = present else {
            if self.has(UpdateRevivesTheEnded) && self.is_used(&lists, &key) {
                self.put(&mut lists, key, record, expected + 1);
                return Ok(Updated::Yes);
            }
            return Ok(Updated::Gone);
        };
        if present.revision != expected && !self.has(IgnoresTheRevision) {
            return Ok(Updated::Conflict);
        }
        if self.is_revoked(&lists, &record) && !self.has(UpdateIgnoresTheEpoch) {
            return Ok(Updated::Gone);
        }
        if !self.has(UpdateRollsTouchesBack) {
            record.touch(present.record.seen(), present.record.deadline());
        }
        self.put(&mut lists, key, record, present.revision + if self.has(RevisesTwice) { 2 } else { 1 });
        Ok(Updated::Yes)
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, at: u32) -> Result<bool, StoreError> {
        let mut lists = self.lists();
        let mut key = self.key(key);
        if self.has(TouchReachesThroughGrace) {
            key = self.followed(&lists, key, at);
        }
        let at = if self.has(TouchRevivesTheExpired) { 0 } else { at };
        let Some(Stored { record, revision, .. }) = self.live(&lists, &key, at) else { return Ok(false) };
        let mut record = Arc::unwrap_or_clone(record);
        if self.has(TouchGoesBack) {
            record = Sample::from(record).seen(seen).deadline(deadline).record();
        }
        record.touch(seen, deadline);
        self.put(&mut lists, key, record, revision + u64::from(self.has(TouchRevises)));
        Ok(true)
    }

    async fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: SessionRecord,
        grace: u32,
        at: u32,
    ) -> Result<Rotated, StoreError> {
        let (old, new) = (self.key(old), self.key(new));
        let revision = {
            let mut lists = self.lists();
            self.forget(&mut lists, at, A_FEW);
            let Some(present) = self.live(&lists, &old, at) else { return Ok(Rotated::Gone) };
            if present.revision != expected && !self.has(RotationIgnoresTheRevision) {
                return Ok(Rotated::Conflict);
            }
            if self.has(RotationLosesTheOldOnFailure) {
                lists.take(&old);
            }
            if self.is_used(&lists, &new) && !self.has(RotationOverwrites) {
                return Ok(Rotated::Duplicate);
            }
            if self.is_revoked(&lists, &record) && !self.has(RotationIgnoresTheEpoch) {
                return Ok(Rotated::Revoked);
            }
            lists.take(&old);
            present.revision + 1
        };
        self.pause(RotationInTwoSteps).await;
        let mut lists = self.lists();
        let copy = Stored::new(record.clone(), revision);
        self.put(&mut lists, new, record, revision);
        let grace = if self.has(GraceCrossesASignIn) { 10 } else { grace };
        let to = (grace > 0).then(|| (new, at.saturating_add(grace), copy));
        self.mark(&mut lists, old, to, at);
        Ok(Rotated::Yes)
    }

    async fn delete(&self, key: &SessionKey, at: u32) -> Result<bool, StoreError> {
        let (key, mut was_live) = {
            let (lists, key) = (self.lists(), self.key(key));
            let leads_on = !self.has(DeletionStopsAtTheOldKey);
            let key = if leads_on { self.followed(&lists, key, at) } else { key };
            (key, self.live(&lists, &key, at).is_some())
        };
        if !self.pause(DeletionLooksFirst).await {
            was_live = self.live(&self.lists(), &key, at).is_some();
        }
        let mut lists = self.lists();
        let taken = lists.take(&key);
        if was_live || (self.has(EndsTheExpired) && taken.is_some()) {
            self.mark(&mut lists, key, None, at);
        }
        Ok(was_live || self.has(DeletionIsAlwaysTrue))
    }

    async fn list_owner(&self, owner: &str, at: u32) -> Result<Vec<Owned>, StoreError> {
        let (owner, lists) = (self.name(owner), self.lists());
        let at = if self.has(ListsTheExpired) { 0 } else { at };
        let of_owner = |live: &&Live| live.listed_as.as_ref().is_some_and(|name| self.is_of(name, &owner));
        let lasting = lists.live.iter().filter(of_owner).filter(|live| at < live.stored.record.deadline());
        Ok(lasting.map(|live| Owned::new(live.key, Arc::clone(&live.stored.record))).collect())
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        Ok(self.lists().epoch(&self.name(owner)))
    }

    async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        at: u32,
    ) -> Result<usize, StoreError> {
        let owner = self.name(owner);
        let of_owner = |live: &Live| live.listed_as.as_ref().is_some_and(|name| self.is_of(name, &owner));
        let mut ended = 0;
        {
            let mut lists = self.lists();
            let except = except.map(|key| match self.has(TheSparedIsNotFollowed) {
                true => self.key(key),
                false => self.followed(&lists, self.key(key), at),
            });
            let epoch = lists.epoch(&owner) + u64::from(!self.has(EpochStays));
            let spares_all = self.has(SparesAnything) && except.is_some();
            for live in lists.live.clone().into_iter().filter(of_owner).filter(|_| !spares_all) {
                let was_live = self.live(&lists, &live.key, at).is_some();
                lists.take(&live.key);
                if Some(live.key) == except {
                    let mut record = Arc::unwrap_or_clone(live.stored.record);
                    if !self.has(TheSparedKeepsItsEpoch) {
                        record.raise_epoch(epoch);
                    }
                    let more = u64::from(!self.has(TheSparedKeepsItsRevision));
                    self.put(&mut lists, live.key, record, live.stored.revision + more);
                } else if was_live {
                    self.mark(&mut lists, live.key, None, at);
                    ended += 1;
                }
            }
        }
        self.pause(EndOwnerInTwoSteps).await;
        let mut lists = self.lists();
        let epoch = lists.epoch(&owner) + u64::from(!self.has(EpochStays));
        lists.epochs.retain(|(known, _)| *known != owner);
        lists.epochs.push((owner, epoch));
        Ok(ended)
    }

    async fn purge(&self, at: u32, limit: usize) -> Result<usize, StoreError> {
        let mut lists = self.lists();
        if self.has(PurgesEpochs) {
            let Lists { live, epochs, .. } = &mut *lists;
            epochs.retain(|(name, _)| live.iter().any(|live| live.listed_as.as_ref() == Some(name)));
        }
        Ok(match self.fault {
            Some(PurgesTooMuch) => self.forget(&mut lists, at, limit + 1),
            Some(PurgesTheLive) => self.forget(&mut lists, at.saturating_add(100), limit),
            _ => self.forget(&mut lists, at, limit),
        })
    }
}

/// SQL's `LIKE`.
pub(crate) fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'%', rest)), _) => (0..=text.len()).any(|at| is_like(&text[at..], rest)),
        (Some((b'_', rest)), Some((_, text))) => is_like(text, rest),
        (Some((one, rest)), Some((other, text))) => one == other && is_like(text, rest),
        _ => false,
    }
}

/// How many records each write looks at to forget them, as the memory store does.
const A_FEW: usize = 8;
