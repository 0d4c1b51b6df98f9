//! The suite itself: good stores pass it, bad ones do not.

use tokio::task::yield_now;
use tower_cookie_policy::store::{StoredSeries, Updated};
use tower_cookie_policy::{MemoryStore, RememberStore, SeriesKey, SeriesRecord, StoreError, testing};

use super::naive::Fault::{self, *};
use super::naive::Naive;

/// What the suite says of a store.
async fn verdict(store: impl RememberStore) -> Result<(), String> {
    let outcome = tokio::spawn(async move { testing::remember_store(&store).await }).await;
    outcome.map_err(|error| *error.into_panic().downcast::<String>().unwrap())
}

#[tokio::test]
async fn the_memory_store_keeps_the_rules_of_remembered_logins() {
    verdict(MemoryStore::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_them_again_with_what_was_left_and_for_many_at_a_time() {
    let store = MemoryStore::new();
    verdict(store.clone()).await.unwrap();
    // Some rules look from a later time, so each run has a store of its own.
    let runs: Vec<_> = (0..4).map(|_| tokio::spawn(verdict(MemoryStore::new()))).collect();
    verdict(store).await.unwrap();
    for run in runs {
        run.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_plain_store_keeps_the_rules_of_remembered_logins() {
    verdict(Naive::default()).await.unwrap();
}

/// A good store whose steps take their time in another task, where they go on when nobody waits for them any more.
#[derive(Default)]
struct Elsewhere(MemoryStore);

impl Elsewhere {
    async fn step<F>(&self, step: impl FnOnce(MemoryStore) -> F + Send + 'static) -> F::Output
    where
        F: Future<Output: Send + 'static> + Send,
    {
        let store = self.0.clone();
        let task = tokio::spawn(async move {
            yield_now().await;
            let answer = step(store).await;
            yield_now().await;
            answer
        });
        task.await.unwrap()
    }
}

impl RememberStore for Elsewhere {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        let key = *key;
        self.step(move |store| async move { store.create_series(&key, record, now).await }).await
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        let key = *key;
        self.step(move |store| async move { store.load_series(&key, now).await }).await
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let key = *key;
        self.step(move |store| async move { store.update_series(&key, expected, record, now).await }).await
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        let key = *key;
        self.step(move |store| async move { store.delete_series(&key, now).await }).await
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let (owner, except) = (owner.to_owned(), except.map(|(key, epoch)| (*key, epoch)));
        self.step(move |store| async move {
            let except = except.as_ref().map(|(key, epoch)| (key, *epoch));
            store.end_series_of(&owner, except, now).await
        })
        .await
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        self.step(move |store| async move { store.purge_series(now, limit).await }).await
    }
}

#[tokio::test]
async fn a_store_whose_steps_go_on_when_they_are_dropped_keeps_the_rules() {
    verdict(Elsewhere::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_whose_steps_run_on_many_threads_keeps_the_rules() {
    verdict(Elsewhere::default()).await.unwrap();
}

#[tokio::test]
async fn each_fault_with_remembered_logins_is_found_and_its_rule_named() {
    let mut wrong = Vec::new();
    for (fault, rule) in FAULTS {
        match verdict(Naive::with(*fault)).await {
            Err(words) if words.starts_with(&format!("the remember store breaks the rule that {rule}")) => {}
            verdict => wrong.push(format!("{fault:?}: {verdict:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const FAULTS: &[(Fault, &str)] = &[
    (FirstRevisionIsZero, "what was created is loaded"),
    (UpdateCreates, "under a key that was never used"),
    (DeletionIsAlwaysTrue, "under a key that was never used"),
    (CutsKeys, "keys are told apart"),
    (AdoptsUsedKeys, "create under a used key"),
    (KeysStayUsed, "a key is free again"),
    (KeysOfTheOverStayUsed, "a key is free again"),
    (RevisesTwice, "an update puts the record in place"),
    (UpdateDropsTheName, "end_series_of forgets all"),
    (IgnoresTheRevision, "an update at another revision"),
    (RevisionStays, "an update puts the record in place"),
    (UpdateRevives, "an update of what was deleted"),
    (DeletionIsAlwaysFalse, "a series is deleted once"),
    (DeletionIsFeigned, "a series is deleted once"),
    (DeletionTakesTheOthers, "a series is deleted once"),
    (LosesTheSuccessor, "validators, times and the mark of a theft"),
    (LosesTheTheft, "validators, times and the mark of a theft"),
    (LosesTheStart, "what was created is loaded"),
    (KeepsOneSuperseded, "validators, times and the mark of a theft"),
    (SortsTheSuperseded, "validators, times and the mark of a theft"),
    (RecordsAreSmall, "a record with hundreds of superseded validators"),
    (TimesAreSigned, "times up to the last one"),
    (EpochsAreFloats, "epochs up to the last one"),
    (EndIsASecondEarly, "a series lasts to the second before its end"),
    (EndIsInclusive, "from its end on a series is absent"),
    (LoadsTheOver, "from its end on a series is absent"),
    (UpdatesTheOver, "from its end on a series is absent"),
    (DeletesTheOver, "from its end on a series is absent"),
    (CountsTheOver, "from its end on a series is absent"),
    (EndsNothing, "an update of what was deleted"),
    (EndsAPage, "end_series_of forgets all of the owner's"),
    (SparesNothing, "the series that end_series_of spares"),
    (SparesAll, "the series that end_series_of spares"),
    (ForgetsTheStolen, "a stolen series outlives"),
    (RaisesTheStolen, "a stolen series outlives"),
    (CountsTheStolen, "a stolen series outlives"),
    (TheStolenStayAsCreated, "a stolen series outlives"),
    (CountsTheSpared, "the series that end_series_of spares"),
    (TheSparedKeepsItsEpoch, "the series that end_series_of spares"),
    (TheSparedKeepsItsRevision, "the series that end_series_of spares"),
    (TheSparedForgetsTheRest, "the series that end_series_of spares"),
    (TheSparedGoesBack, "the epoch of the series that end_series_of spares"),
    (RaisesAnothers, "a key under which the owner has no series"),
    (SparesByItsKeyAlone, "a key under which the owner has no series"),
    (NamesWithoutCase, "owners are kept apart"),
    (NamesByPrefix, "owners are kept apart"),
    (NamesByPattern, "owners are kept apart"),
    (NamesAreCut, "owners are kept apart"),
    (NamesAreTrimmed, "owners are kept apart"),
    (NamesAreNormalised, "owners are kept apart"),
    (PurgesTooMuch, "purge forgets no more"),
    (PurgesMoreThanItSays, "purge forgets no more"),
    (PurgesInSilence, "purge forgets no more"),
    (PurgesNothing, "purge forgets no more"),
    (PurgeLeavesTheSpared, "purge forgets everything"),
    (PurgesTheLive, "purge leaves"),
    (CreationLooksFirst, "of many that create"),
    (UpdateLooksFirst, "of many that update"),
    (UpdateTakesFirst, "of many that update"),
    (DeletionLooksFirst, "of many that delete"),
    (SparingLooksFirst, "no update gets lost"),
    (UpdateInTwoSteps, "whoever loads while others write"),
    (UpdateBringsBack, "no update brings back what is deleted"),
    (EndingLeavesTheUpdated, "no update brings back what is ended"),
    (EndingCountsFirst, "what is deleted while"),
    (EndingLooksForTheStolenFirst, "what is found to be stolen while"),
    (EndingForgetsMoreThanItCounts, "what is created while"),
    (CreationInTwoSteps, "a series whose creation was dropped"),
    (UpdateIsLostHalfWay, "an update that is dropped"),
];
