//! Rules about whose a series is.

use super::trial::{Found, Trial};
use super::{SampleSeries, series_key};
use crate::session::{RememberStore, SeriesRecord, Updated};
use crate::testing::owners::{names, shown};
use crate::testing::trial::unknown;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    ended(rule("end_series_of forgets all of the owner's series and nobody else's, and says how many")).await;
    spared(rule("the series that end_series_of spares gets the epoch and its next revision, and no more"))
        .await;
    raised(rule("the epoch of the series that end_series_of spares never goes back")).await;
    stolen(rule("a stolen series outlives end_series_of as it is, spared or not")).await;
    another(rule("a key under which the owner has no series spares nothing, and whose it is keeps it")).await;
    odd(rule("owners are kept apart, whatever their names are made of")).await;
}

async fn ended(t: Trial<'_, impl RememberStore>) {
    let (owner, other) = (unknown(), t.record());
    let other_key = t.kept(&other).await;
    t.is("end_series_of one without series", t.end_all(&owner).await, 0);
    for count in [1, 2, 40] {
        let mut keys = Vec::new();
        for _ in 0..count {
            keys.push(t.kept(&t.of(&owner).epoch(3).record()).await);
        }
        // One more that is gone already, and one that was written since.
        let deleted = t.kept(&t.of(&owner).record()).await;
        t.is("delete_series", t.delete(&deleted).await, true);
        let update = t.update(&keys[0], 1, &t.of(&owner).record()).await;
        t.is("update_series", update, Updated::Yes);
        t.is("end_series_of", t.end_all(&owner).await, count);
        for key in &keys {
            t.is("load_series", t.load(key).await, Found::Nothing);
        }
        t.is("end_series_of once more", t.end_all(&owner).await, 0);
    }
    t.is("load_series of another owner's", t.load(&other_key).await, Found::Series(1, other));
}

async fn spared(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let full = || t.of(&owner).successor(t.now).superseded(t.now + 60).superseded(t.now + 9);
    for sample in [t.of(&owner), full()] {
        let record = sample.epoch(3).record();
        let key = t.kept(&record).await;
        for (round, epoch) in (1..4).zip([4, 9, 1 << 40]) {
            let other = t.kept(&t.of(&owner).record()).await;
            let third = t.kept(&t.of(&owner).epoch(epoch).record()).await;
            t.is("end_series_of", t.end_others(&owner, &key, epoch).await, 2);
            t.is("load_series", t.load(&key).await, Found::Series(round + 1, at(&record, epoch)));
            t.is("load_series of another", t.load(&other).await, Found::Nothing);
            t.is("load_series of another of this epoch", t.load(&third).await, Found::Nothing);
            let stale = t.update(&key, round, &record).await;
            t.is("update_series of what was loaded before", stale, Updated::Conflict);
        }
        let written = t.again(&at(&record, 1 << 40)).record();
        t.is("update_series", t.update(&key, 4, &written).await, Updated::Yes);
        t.is("load_series", t.load(&key).await, Found::Series(5, written));
        t.is("end_series_of that spares none", t.end_all(&owner).await, 1);
    }
}

async fn stolen(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let record = t.of(&owner).epoch(3).stolen(t.now).record();
    let key = t.kept(&record).await;
    let other = t.kept(&t.of(&owner).record()).await;
    t.is("end_series_of", t.end_all(&owner).await, 1);
    t.is("load_series", t.load(&key).await, Found::Series(1, record.clone()));
    t.is("load_series of another", t.load(&other).await, Found::Nothing);
    t.is("end_series_of that spares it", t.end_others(&owner, &key, 9).await, 0);
    t.is("load_series", t.load(&key).await, Found::Series(1, record));
    t.is("delete_series", t.delete(&key).await, true);
    t.is("load_series", t.load(&key).await, Found::Nothing);
    // One that was found out since, and one of which that was taken back.
    let plain = t.of(&owner).record();
    let found_out = t.again(&plain).stolen(t.now).record();
    let key = t.kept(&plain).await;
    t.is("update_series", t.update(&key, 1, &found_out).await, Updated::Yes);
    t.is("end_series_of after an update", t.end_all(&owner).await, 0);
    t.is("load_series after an update", t.load(&key).await, Found::Series(2, found_out));
    t.is("update_series back", t.update(&key, 2, &plain).await, Updated::Yes);
    t.is("end_series_of after that", t.end_all(&owner).await, 1);
    t.is("load_series after that", t.load(&key).await, Found::Nothing);
}

async fn raised(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let record = t.of(&owner).epoch(7).record();
    let key = t.kept(&record).await;
    for (revision, (given, due)) in (2..).zip([(7, 7), (3, 7), (0, 7), (8, 8), (7, 8), (9, 9)]) {
        t.is("end_series_of", t.end_others(&owner, &key, given).await, 0);
        t.is("load_series", t.load(&key).await, Found::Series(revision, at(&record, due)));
    }
}

async fn another(t: Trial<'_, impl RememberStore>) {
    let (owner, theirs) = (unknown(), t.record());
    let their_key = t.kept(&theirs).await;
    let deleted = t.kept(&t.of(&owner).record()).await;
    t.is("delete_series", t.delete(&deleted).await, true);
    for except in [their_key, series_key(), deleted] {
        let key = t.kept(&t.of(&owner).record()).await;
        t.is("end_series_of", t.end_others(&owner, &except, 5).await, 1);
        t.is("load_series", t.load(&key).await, Found::Nothing);
        t.is("end_series_of of nothing", t.end_others(&owner, &except, 5).await, 0);
        let found = t.load(&except).await;
        let due = if except == their_key { Found::Series(1, theirs.clone()) } else { Found::Nothing };
        t.is("load_series of the key", found, due);
    }
    t.is("end_series_of their owner", t.end_all(theirs.owner()).await, 1);
}

async fn odd(t: Trial<'_, impl RememberStore>) {
    let mut all = Vec::new();
    for name in names() {
        let record = t.of(&name).record();
        all.push((name, t.kept(&record).await, record));
    }
    for (name, key, record) in &all {
        let step = format!("load_series of one of {}", shown(name));
        t.is(&step, t.load(key).await, Found::Series(1, record.clone()));
    }
    for (at, (name, key, _)) in all.iter().enumerate() {
        let step = format!("end_series_of {}", shown(name));
        t.is(&step, t.end_all(name).await, 1);
        t.is("load_series after that", t.load(key).await, Found::Nothing);
        for (other, key, record) in all.iter().skip(at + 1) {
            let step = format!("load_series of one of {} after {step}", shown(other));
            t.is(&step, t.load(key).await, Found::Series(1, record.clone()));
        }
    }
}

/// The same record at this epoch.
fn at(record: &SeriesRecord, epoch: u64) -> SeriesRecord {
    SampleSeries::from(record.clone()).epoch(epoch).record()
}
