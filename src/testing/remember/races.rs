//! Rules about steps at the same time: each is one step that nothing else comes between.

use futures_util::future::{join, join_all, join3};

use super::trial::{Found, Trial};
use super::{SampleSeries, series_key};
use crate::session::{RememberStore, SeriesKey, SeriesRecord, Updated};
use crate::testing::moving::put_off;
use crate::testing::trial::unknown;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    creates(rule("of many that create under one key at a time one succeeds")).await;
    updates(rule("of many that update one revision at a time one succeeds")).await;
    deletes(rule("of many that delete one series at a time one succeeds")).await;
    whole(rule("whoever loads while others write sees what was written, whole and in its order")).await;
    turns(rule("no update gets lost, and no epoch that is raised meanwhile")).await;
    deleted(rule("no update brings back what is deleted at that time")).await;
    ended(rule("no update brings back what is ended with its owner's others at that time")).await;
    counted(rule("what is deleted while its owner's are ended is counted by one of the two")).await;
    found_out(rule("what is found to be stolen while its owner's are ended stays, or was ended before"))
        .await;
    begun(rule("what is created while its owner's are ended is counted, or stays its owner's")).await;
}

async fn creates(t: Trial<'_, impl RememberStore>) {
    let (key, records) = (series_key(), [(); MANY].map(|()| t.record()));
    let answers = join_all(records.iter().map(|record| t.create(&key, record))).await;
    let winner = t.only(&answers, true, &[false]);
    t.is("load_series", t.load(&key).await, Found::Series(1, records[winner].clone()));
    for (at, record) in records.iter().enumerate() {
        t.is("end_series_of", t.end_all(record.owner()).await, usize::from(at == winner));
    }
}

async fn updates(t: Trial<'_, impl RememberStore>) {
    let (key, records) = many_of_one(&t).await;
    let answers = join_all(records.iter().map(|record| t.update(&key, 1, record))).await;
    let winner = t.only(&answers, Updated::Yes, &[Updated::Conflict]);
    t.is("load_series", t.load(&key).await, Found::Series(2, records[winner].clone()));
}

async fn deletes(t: Trial<'_, impl RememberStore>) {
    let key = t.kept(&t.record()).await;
    let answers = join_all([(); MANY].map(|()| t.delete(&key))).await;
    t.only(&answers, true, &[false]);
    t.is("load_series", t.load(&key).await, Found::Nothing);
}

async fn whole(t: Trial<'_, impl RememberStore>) {
    let first = t.record();
    let later = (0_u32..32).map(|at| {
        let sample = (0..at).fold(t.again(&first), |sample, until| sample.superseded(t.now + until));
        if at % 2 == 0 { sample.record() } else { sample.successor(at).stolen(at).record() }
    });
    let records: Vec<_> = [first.clone()].into_iter().chain(later).collect();
    let key = t.kept(&first).await;
    let write = async {
        for (revision, record) in (1..).zip(&records[1..]) {
            t.is("update_series", t.update(&key, revision, record).await, Updated::Yes);
            put_off(1).await;
        }
    };
    let read = join_all([(); WRITERS].map(|()| async {
        let mut before = 0;
        for _ in 0..records.len() {
            let Found::Series(revision, record) = t.load(&key).await else {
                return t.holds(false, "load_series answered Nothing");
            };
            t.holds(revision >= before, &format!("revision {revision} was loaded after {before}"));
            let written = (1..).zip(&records).find(|(at, _)| *at == revision);
            let is_whole = written.is_some_and(|(_, written)| *written == record);
            t.holds(
                is_whole,
                &format!("revision {revision} was loaded as {:?}", Found::Series(revision, record)),
            );
            before = revision;
            put_off(1).await;
        }
    }));
    join(write, read).await;
}

async fn turns(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let key = t.kept(&t.of(&owner).record()).await;
    let updates = join_all([(); WRITERS].map(|()| async {
        for _ in 0..WRITERS {
            supersede(&t, &key).await;
        }
    }));
    let raises = async {
        let mut ended = 0;
        for epoch in 1..=RAISES {
            ended += t.end_others(&owner, &key, epoch).await;
            put_off(1).await;
        }
        ended
    };
    let (_, ended) = join(updates, raises).await;
    t.is("end_series_of", ended, 0);
    let Found::Series(revision, record) = t.load(&key).await else {
        return t.holds(false, "the series was gone");
    };
    t.is("the number of validators after 64 updates", record.superseded.len(), WRITERS * WRITERS);
    t.is("the epoch", record.epoch(), RAISES);
    t.is("the revision", revision, 1 + 64 + RAISES);
}

/// Adds a validator to what is there, again where somebody else was faster.
async fn supersede(t: &Trial<'_, impl RememberStore>, key: &SeriesKey) {
    for _ in 0..MOST_TRIES {
        let Found::Series(revision, record) = t.load(key).await else { return };
        let record = SampleSeries::from(record).superseded(t.now).record();
        put_off(1).await;
        if t.update(key, revision, &record).await == Updated::Yes {
            return;
        }
    }
    t.holds(false, "others were faster again and again");
}

async fn deleted(t: Trial<'_, impl RememberStore>) {
    for _ in 0..ROUNDS {
        let (key, records) = many_of_one(&t).await;
        let update = |record| t.update(&key, 1, record);
        let (early, late) = records.split_at(MANY / 2);
        let (early, deleted, late) =
            join3(join_all(early.iter().map(update)), t.delete(&key), join_all(late.iter().map(update)))
                .await;
        t.is("delete_series", deleted, true);
        let written = early.iter().chain(&late).filter(|answer| **answer == Updated::Yes).count();
        t.holds(written <= 1, &format!("{written} updates of one revision succeeded"));
        t.is("load_series", t.load(&key).await, Found::Nothing);
        t.is("update_series", t.update(&key, 1, &records[0]).await, Updated::Gone);
        t.is("end_series_of", t.end_all(records[0].owner()).await, 0);
    }
}

async fn ended(t: Trial<'_, impl RememberStore>) {
    for _ in 0..ROUNDS {
        let owner = unknown();
        let keys = many_keys(&t, &owner).await;
        let update = |key| {
            let (t, record) = (&t, t.of(&owner).record());
            async move { t.update(key, 1, &record).await }
        };
        let (early, late) = keys.split_at(MANY / 2);
        let (_, ended, _) =
            join3(join_all(early.iter().map(update)), t.end_all(&owner), join_all(late.iter().map(update)))
                .await;
        t.is("end_series_of", ended, MANY);
        for key in &keys {
            t.is("load_series", t.load(key).await, Found::Nothing);
        }
        t.is("end_series_of once more", t.end_all(&owner).await, 0);
    }
}

async fn counted(t: Trial<'_, impl RememberStore>) {
    for _ in 0..ROUNDS {
        let owner = unknown();
        let keys = many_keys(&t, &owner).await;
        let (early, late) = keys.split_at(MANY / 2);
        let delete = |key| t.delete(key);
        let ends = join_all([(); 2].map(|()| t.end_all(&owner)));
        let (early, ended, late) =
            join3(join_all(early.iter().map(delete)), ends, join_all(late.iter().map(delete))).await;
        let deleted = early.iter().chain(&late).filter(|deleted| **deleted).count();
        t.is("the number of those that either has counted", deleted + ended.iter().sum::<usize>(), MANY);
        for key in &keys {
            t.is("load_series", t.load(key).await, Found::Nothing);
        }
    }
}

async fn found_out(t: Trial<'_, impl RememberStore>) {
    for _ in 0..ROUNDS {
        let owner = unknown();
        let record = |key| (key, t.of(&owner).stolen(t.now).record());
        let series: Vec<_> = many_keys(&t, &owner).await.into_iter().map(record).collect();
        let (early, late) = series.split_at(MANY / 2);
        let (early, ended, late) = join3(
            join_all(early.iter().map(|(key, record)| t.update(key, 1, record))),
            t.end_all(&owner),
            join_all(late.iter().map(|(key, record)| t.update(key, 1, record))),
        )
        .await;
        let mut gone = 0;
        for ((key, record), answer) in series.into_iter().zip(early.into_iter().chain(late)) {
            let found = t.load(&key).await;
            match answer {
                Updated::Yes => t.is("load_series", found, Found::Series(2, record)),
                other => {
                    t.is("update_series", other, Updated::Gone);
                    t.is("load_series of what is gone", found, Found::Nothing);
                    gone += 1;
                }
            }
        }
        t.is("end_series_of, with as many of them gone,", ended, gone);
    }
}

async fn begun(t: Trial<'_, impl RememberStore>) {
    for _ in 0..ROUNDS {
        let (owner, keys) = (unknown(), [(); MANY].map(|()| series_key()));
        let create = |key| {
            let (t, record) = (&t, t.of(&owner).record());
            async move { t.is("create_series", t.create(key, &record).await, true) }
        };
        let (early, late) = keys.split_at(MANY / 2);
        let (_, ended, _) =
            join3(join_all(early.iter().map(create)), t.end_all(&owner), join_all(late.iter().map(create)))
                .await;
        let mut left = 0;
        for key in &keys {
            left += usize::from(t.load(key).await != Found::Nothing);
        }
        t.is("the number of those that were counted or are left", ended + left, MANY);
        t.is("end_series_of once more", t.end_all(&owner).await, left);
        for key in &keys {
            t.is("load_series after that", t.load(key).await, Found::Nothing);
        }
    }
}

/// A series, and records to put in its place.
async fn many_of_one(t: &Trial<'_, impl RememberStore>) -> (SeriesKey, [SeriesRecord; MANY]) {
    let first = t.record();
    (t.kept(&first).await, [(); MANY].map(|()| t.again(&first).record()))
}

/// Series of one owner.
async fn many_keys(t: &Trial<'_, impl RememberStore>, owner: &str) -> Vec<SeriesKey> {
    join_all([(); MANY].map(|()| async { t.kept(&t.of(owner).record()).await })).await
}

const MANY: usize = 64;
const WRITERS: usize = 8;
const RAISES: u64 = 16;
const MOST_TRIES: usize = 10_000;
const ROUNDS: usize = 4;
