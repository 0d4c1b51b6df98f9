//! Rules about what is in a record.

use super::SampleSeries;
use super::trial::{Found, Trial};
use crate::session::{RememberStore, SeriesRecord, Updated};

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    parts(rule("validators, times and the mark of a theft come back bit by bit")).await;
    long(rule("a record with hundreds of superseded validators comes back as it was")).await;
    late(rule("times up to the last one in 32 bits come back as they were")).await;
    epochs(rule("epochs up to the last one in 63 bits come back as they were")).await;
}

async fn parts(t: Trial<'_, impl RememberStore>) {
    let plain = || SampleSeries::from(t.record());
    let samples = [
        plain(),
        plain().successor(t.now + 5),
        plain().superseded(t.now + 60),
        plain().superseded(t.now + 60).superseded(t.now + 7).superseded(t.now + 60),
        plain().stolen(t.now + 1),
        plain().stolen(0),
        plain().successor(0).superseded(0),
        plain().successor(t.now).superseded(t.now + 60).stolen(t.now),
    ];
    for sample in samples {
        comes_back(&t, &sample.record()).await;
    }
}

async fn long(t: Trial<'_, impl RememberStore>) {
    let sample = SampleSeries::from(t.record()).successor(t.now);
    let sample = (0..LONG).fold(sample, |sample, at| sample.superseded(t.now + at));
    comes_back(&t, &sample.record()).await;
}

async fn late(t: Trial<'_, impl RememberStore>) {
    let last = SampleSeries::from(t.record()).ends(u32::MAX);
    comes_back(&t, &last.successor(u32::MAX).superseded(u32::MAX).stolen(u32::MAX).record()).await;
    let old = t.at(0).of(t.record().owner()).ends(u32::MAX).record();
    comes_back(&t, &old).await;
}

async fn epochs(t: Trial<'_, impl RememberStore>) {
    for epoch in [1, 1 << 32, LAST_EPOCH] {
        comes_back(&t, &SampleSeries::from(t.record()).epoch(epoch).record()).await;
    }
}

/// Created and updated, it is the same record, and so is the one before it put in its place.
async fn comes_back(t: &Trial<'_, impl RememberStore>, record: &SeriesRecord) {
    let plain = t.again(record).record();
    let created = t.kept(record).await;
    t.is("load_series of what was created", t.load(&created).await, Found::Series(1, record.clone()));
    let updated = t.kept(&plain).await;
    t.is("update_series", t.update(&updated, 1, record).await, Updated::Yes);
    t.is("load_series of what was updated", t.load(&updated).await, Found::Series(2, record.clone()));
    t.is("update_series back", t.update(&updated, 2, &plain).await, Updated::Yes);
    t.is("load_series of what was there before", t.load(&updated).await, Found::Series(3, plain));
}

/// Validators, of 36 bytes each.
const LONG: u32 = 500;
const LAST_EPOCH: u64 = i64::MAX.unsigned_abs();
