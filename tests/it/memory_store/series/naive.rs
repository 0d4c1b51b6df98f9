//! A store of remembered logins as plain as can be, which can be told to have a fault.

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::task::yield_now;
use tower_cookie_policy::store::{StoredSeries, Updated};
use tower_cookie_policy::{RememberStore, SeriesKey, SeriesRecord, StoreError, StoreErrorKind};

use crate::memory_store::naive::is_like;

/// What can be wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    FirstRevisionIsZero,
    AdoptsUsedKeys,
    CutsKeys,
    KeysStayUsed,
    KeysOfTheOverStayUsed,
    IgnoresTheRevision,
    RevisesTwice,
    RevisionStays,
    UpdateCreates,
    UpdateRevives,
    UpdateDropsTheName,
    DeletionIsAlwaysTrue,
    DeletionIsAlwaysFalse,
    DeletionIsFeigned,
    DeletionTakesTheOthers,
    EndIsInclusive,
    EndIsASecondEarly,
    LoadsTheOver,
    UpdatesTheOver,
    DeletesTheOver,
    CountsTheOver,
    LosesTheSuccessor,
    LosesTheTheft,
    LosesTheStart,
    KeepsOneSuperseded,
    SortsTheSuperseded,
    RecordsAreSmall,
    TimesAreSigned,
    EpochsAreFloats,
    EndsAPage,
    EndsNothing,
    SparesNothing,
    SparesAll,
    ForgetsTheStolen,
    RaisesTheStolen,
    CountsTheStolen,
    TheStolenStayAsCreated,
    EndingLooksForTheStolenFirst,
    CountsTheSpared,
    TheSparedKeepsItsEpoch,
    TheSparedKeepsItsRevision,
    TheSparedForgetsTheRest,
    TheSparedGoesBack,
    RaisesAnothers,
    SparesByItsKeyAlone,
    NamesWithoutCase,
    NamesByPrefix,
    NamesByPattern,
    NamesAreCut,
    NamesAreTrimmed,
    NamesAreNormalised,
    PurgesTooMuch,
    PurgesMoreThanItSays,
    PurgesInSilence,
    PurgesNothing,
    PurgesTheLive,
    PurgeLeavesTheSpared,
    CreationLooksFirst,
    UpdateLooksFirst,
    DeletionLooksFirst,
    SparingLooksFirst,
    UpdateInTwoSteps,
    UpdateTakesFirst,
    UpdateBringsBack,
    EndingLeavesTheUpdated,
    EndingCountsFirst,
    EndingForgetsMoreThanItCounts,
    CreationInTwoSteps,
    UpdateIsLostHalfWay,
}

use Fault::*;

/// A list, and a look through all of it for everything.
#[derive(Default)]
pub(crate) struct Naive {
    list: Mutex<List>,
    fault: Option<Fault>,
    turns: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct List {
    rows: Vec<Row>,
    /// Keys that were used at any time.
    used: Vec<SeriesKey>,
}

#[derive(Clone)]
struct Row {
    key: SeriesKey,
    /// What its owner's are looked for by.
    name: Option<String>,
    stored: StoredSeries,
    is_stolen: bool,
    was_spared: bool,
}

impl Naive {
    pub(crate) fn with(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap()
    }

    /// Lets others come between, where that is the fault.
    async fn pause(&self, fault: Fault) {
        if self.has(fault) {
            yield_now().await;
        }
    }

    /// Keeps others from coming between, so that the fault is only seen where a step is dropped.
    async fn turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let in_turn = self.has(CreationInTwoSteps) || self.has(UpdateIsLostHalfWay);
        if in_turn { Some(self.turns.lock().await) } else { None }
    }

    fn key(&self, key: &SeriesKey) -> SeriesKey {
        let mut bytes = *key.as_bytes();
        if self.has(CutsKeys) {
            bytes[31] = 0;
        }
        SeriesKey::from_bytes(bytes)
    }

    fn name(&self, owner: &str) -> String {
        match self.fault {
            Some(NamesWithoutCase) => owner.to_lowercase(),
            Some(NamesAreCut) => owner.chars().take(254).collect(),
            Some(NamesAreTrimmed) => owner.trim().to_owned(),
            Some(NamesAreNormalised) => owner.replace("e\u{301}", "\u{e9}").replace('\u{212b}', "\u{c5}"),
            _ => owner.to_owned(),
        }
    }

    fn is_of(&self, row: &Row, name: &str) -> bool {
        row.name.as_ref().is_some_and(|of_row| match self.fault {
            Some(NamesByPrefix) => of_row.starts_with(name),
            Some(NamesByPattern) => is_like(of_row.as_bytes(), name.as_bytes()),
            _ => of_row == name,
        })
    }

    fn lasts(&self, row: &Row, at: u32) -> bool {
        let ends = row.stored.record.ends();
        match self.fault {
            Some(EndIsInclusive) => at <= ends,
            Some(EndIsASecondEarly) => at.saturating_add(1) < ends,
            _ => at < ends,
        }
    }

    fn live(&self, list: &List, key: &SeriesKey, at: u32) -> Option<StoredSeries> {
        let row = list.rows.iter().find(|row| row.key == *key)?;
        self.lasts(row, at).then(|| row.stored.clone())
    }

    fn is_used(&self, list: &List, key: &SeriesKey, at: u32) -> bool {
        self.live(list, key, at).is_some()
            || self.has(KeysStayUsed) && list.used.contains(key)
            || self.has(KeysOfTheOverStayUsed) && list.rows.iter().any(|row| row.key == *key)
    }

    /// What is kept of a record.
    fn kept(&self, record: SeriesRecord) -> SeriesRecord {
        let mut kept = json!(record);
        match self.fault {
            Some(LosesTheSuccessor) => kept["successor"] = Value::Null,
            Some(LosesTheTheft) if kept["stolen"] == 0 => kept["stolen"] = Value::Null,
            Some(LosesTheStart) => kept["started"] = kept["ends"].clone(),
            Some(KeepsOneSuperseded) => kept["superseded"].as_array_mut().unwrap().truncate(1),
            Some(SortsTheSuperseded) => {
                kept["superseded"].as_array_mut().unwrap().sort_by_key(|one| one["at"].as_u64());
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            Some(EpochsAreFloats) => kept["epoch"] = json!(record.epoch() as f64 as u64),
            _ => return record,
        }
        serde_json::from_value(kept).unwrap()
    }

    fn put(&self, list: &mut List, key: SeriesKey, record: SeriesRecord, revision: u64) {
        let was = list.take(&key).filter(|_| self.has(TheStolenStayAsCreated));
        let is_stolen = was.map_or(record.is_stolen(), |was| was.is_stolen);
        list.used.push(key);
        let name = (!self.has(UpdateDropsTheName) || revision == 1).then(|| self.name(record.owner()));
        let stored = StoredSeries::new(self.kept(record), revision);
        list.rows.push(Row { key, name, stored, is_stolen, was_spared: false });
    }

    fn forget(&self, list: &mut List, at: u32, limit: usize) -> usize {
        let over = list.rows.iter().filter(|row| row.stored.record.ends() <= at);
        let over = over.filter(|row| !self.has(PurgeLeavesTheSpared) || !row.was_spared);
        let mut over: Vec<_> = over.map(|row| (row.stored.record.ends(), row.key)).collect();
        over.sort_unstable();
        over.truncate(limit);
        list.rows.retain(|row| !over.iter().any(|(_, key)| row.key == *key));
        over.len()
    }
}

impl List {
    fn take(&mut self, key: &SeriesKey) -> Option<Row> {
        let at = self.rows.iter().position(|row| row.key == *key)?;
        Some(self.rows.remove(at))
    }
}

impl RememberStore for Naive {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        at: u32,
    ) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        if self.has(RecordsAreSmall) && record.to_bytes().len() > 4096 {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        if self.has(TimesAreSigned) && i32::try_from(record.ends()).is_err() {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        let key = self.key(key);
        let before = {
            let mut list = self.list();
            if !self.has(KeysOfTheOverStayUsed) {
                self.forget(&mut list, at, A_FEW);
            }
            self.is_used(&list, &key, at)
        };
        self.pause(CreationLooksFirst).await;
        {
            let mut list = self.list();
            let used = if self.has(CreationLooksFirst) { before } else { self.is_used(&list, &key, at) };
            if used && !self.has(AdoptsUsedKeys) {
                return Ok(false);
            }
            self.put(&mut list, key, record, u64::from(!self.has(FirstRevisionIsZero)));
        }
        if self.has(CreationInTwoSteps) {
            let named = self.list().rows.last_mut().and_then(|row| row.name.take());
            yield_now().await;
            self.list().rows.iter_mut().filter(|row| row.key == key).for_each(|row| row.name = named.clone());
        }
        Ok(true)
    }

    async fn load_series(&self, key: &SeriesKey, at: u32) -> Result<Option<StoredSeries>, StoreError> {
        let _turn = self.turn().await;
        let at = if self.has(LoadsTheOver) { 0 } else { at };
        Ok(self.live(&self.list(), &self.key(key), at))
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        at: u32,
    ) -> Result<Updated, StoreError> {
        let _turn = self.turn().await;
        let (key, at) = (self.key(key), if self.has(UpdatesTheOver) { 0 } else { at });
        let before = self.live(&self.list(), &key, at);
        self.pause(UpdateLooksFirst).await;
        self.pause(UpdateBringsBack).await;
        let (revision, first) = {
            let mut list = self.list();
            let present = match self.fault {
                Some(UpdateLooksFirst) => before,
                Some(UpdateBringsBack) => self.live(&list, &key, at).or(before),
                _ => self.live(&list, &key, at),
            };
            let Some(present) = present else {
                if self.has(UpdateCreates) || (self.has(UpdateRevives) && list.used.contains(&key)) {
                    self.put(&mut list, key, record, expected + 1);
                    return Ok(Updated::Yes);
                }
                return Ok(Updated::Gone);
            };
            if present.revision != expected && !self.has(IgnoresTheRevision) {
                return Ok(Updated::Conflict);
            }
            if self.has(UpdateTakesFirst) || self.has(UpdateIsLostHalfWay) {
                list.take(&key);
            }
            let more = match self.fault {
                Some(RevisesTwice) => 2,
                Some(RevisionStays) => 0,
                _ => 1,
            };
            (present.revision + more, present.revision)
        };
        if self.has(UpdateInTwoSteps) {
            self.put(&mut self.list(), key, record.clone(), first);
            yield_now().await;
            let lost = self.live(&self.list(), &key, at).is_none_or(|present| present.revision != first);
            if lost {
                return Ok(Updated::Conflict);
            }
        }
        self.pause(UpdateTakesFirst).await;
        self.pause(UpdateIsLostHalfWay).await;
        self.put(&mut self.list(), key, record, revision);
        Ok(Updated::Yes)
    }

    async fn delete_series(&self, key: &SeriesKey, at: u32) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        let (key, at) = (self.key(key), if self.has(DeletesTheOver) { 0 } else { at });
        let before = self.live(&self.list(), &key, at).is_some();
        self.pause(DeletionLooksFirst).await;
        let mut list = self.list();
        let present = self.live(&list, &key, at).is_some();
        if self.has(DeletionIsFeigned) {
            return Ok(present);
        }
        let taken = list.take(&key);
        if let Some(taken) = taken.filter(|_| self.has(DeletionTakesTheOthers)) {
            list.rows.retain(|row| row.name != taken.name);
        }
        Ok(match self.fault {
            Some(DeletionIsAlwaysTrue) => true,
            Some(DeletionIsAlwaysFalse) => false,
            Some(DeletionLooksFirst) => before,
            _ => present,
        })
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        at: u32,
    ) -> Result<usize, StoreError> {
        let _turn = self.turn().await;
        let name = self.name(owner);
        let seen: Vec<_> = self.list().rows.iter().filter(|row| self.is_of(row, &name)).cloned().collect();
        let spared = except.map(|(key, epoch)| (self.key(key), epoch));
        for fault in [
            SparingLooksFirst,
            EndingLeavesTheUpdated,
            EndingCountsFirst,
            EndingForgetsMoreThanItCounts,
            EndingLooksForTheStolenFirst,
        ] {
            self.pause(fault).await;
        }
        let mut list = self.list();
        let (mut of_owner, others): (Vec<_>, Vec<_>) =
            list.rows.drain(..).partition(|row| self.is_of(row, &name));
        list.rows = others;
        let was_seen = |row: &Row| seen.iter().find(|seen| seen.key == row.key);
        match self.fault {
            Some(EndsNothing) => list.rows.append(&mut of_owner),
            Some(EndsAPage) => list.rows.extend(of_owner.drain(of_owner.len().min(20)..)),
            Some(SparesAll) if spared.is_some() => list.rows.append(&mut of_owner),
            Some(EndingLeavesTheUpdated) => list.rows.extend(of_owner.extract_if(.., |row| {
                spared.is_none_or(|(key, _)| key != row.key)
                    && was_seen(row).is_some_and(|seen| seen.stored.revision != row.stored.revision)
            })),
            Some(SparesByItsKeyAlone)
                if spared.is_some_and(|(key, _)| list.rows.iter().any(|row| row.key == key)) =>
            {
                list.rows.append(&mut of_owner);
            }
            Some(RaisesAnothers) => {
                if let Some((key, epoch)) = spared
                    && let Some(row) = list.rows.iter_mut().find(|row| row.key == key)
                {
                    row.stored.record.raise_epoch(epoch);
                    row.stored.revision += 1;
                }
            }
            _ => {}
        }
        let mut ended = 0;
        for mut row in of_owner {
            let lasts = self.lasts(&row, at);
            let is_spared = spared.is_some_and(|(key, _)| key == row.key);
            let is_left = match self.fault {
                Some(ForgetsTheStolen) => false,
                Some(RaisesTheStolen) => !is_spared,
                _ => true,
            };
            let is_stolen = match self.fault {
                Some(EndingLooksForTheStolenFirst) => was_seen(&row).is_some_and(|seen| seen.is_stolen),
                _ => row.is_stolen,
            };
            if is_stolen && is_left {
                ended += usize::from(self.has(CountsTheStolen));
                list.rows.push(row);
                continue;
            }
            let Some((_, epoch)) = spared.filter(|(key, _)| *key == row.key && !self.has(SparesNothing))
            else {
                let counts = match self.fault {
                    Some(CountsTheOver) => true,
                    Some(EndingCountsFirst) => false,
                    Some(EndingForgetsMoreThanItCounts) => lasts && was_seen(&row).is_some(),
                    _ => lasts,
                };
                ended += usize::from(counts);
                continue;
            };
            if !lasts {
                continue;
            }
            if self.has(SparingLooksFirst)
                && let Some(seen) = was_seen(&row)
            {
                row = seen.clone();
            }
            let record = &mut row.stored.record;
            match self.fault {
                Some(TheSparedKeepsItsEpoch) => {}
                Some(TheSparedGoesBack) => {
                    let mut there = json!(record);
                    there["epoch"] = json!(epoch);
                    *record = serde_json::from_value(there).unwrap();
                }
                Some(TheSparedForgetsTheRest) => {
                    let mut there = json!(record);
                    there["superseded"] = json!([]);
                    *record = serde_json::from_value(there).unwrap();
                    record.raise_epoch(epoch);
                }
                _ => record.raise_epoch(epoch),
            }
            row.stored.revision += u64::from(!self.has(TheSparedKeepsItsRevision));
            row.was_spared = true;
            ended += usize::from(self.has(CountsTheSpared));
            list.rows.push(row);
        }
        let counted = seen.iter().filter(|row| {
            self.lasts(row, at) && spared.is_none_or(|(key, _)| key != row.key) && !row.is_stolen
        });
        Ok(if self.has(EndingCountsFirst) { counted.count() } else { ended })
    }

    async fn purge_series(&self, at: u32, limit: usize) -> Result<usize, StoreError> {
        let mut list = self.list();
        Ok(match self.fault {
            Some(PurgesTooMuch) => self.forget(&mut list, at, limit + 1),
            Some(PurgesMoreThanItSays) => self.forget(&mut list, at, limit + 1).min(limit),
            Some(PurgesInSilence) => {
                self.forget(&mut list, at, limit);
                0
            }
            Some(PurgesNothing) => 0,
            Some(PurgesTheLive) => self.forget(&mut list, at.saturating_add(20), limit),
            _ => self.forget(&mut list, at, limit),
        })
    }
}

/// How many series each new one looks at to forget them, as the memory store does.
const A_FEW: usize = 8;
