//! Rules about the end that time brings.

use super::SampleSeries;
use super::trial::{Found, Trial};
use crate::session::{RememberStore, SeriesKey, SeriesRecord, Updated};
use crate::testing::trial::unknown;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    lasts(rule("a series lasts to the second before its end")).await;
    over(rule("from its end on a series is absent to every step")).await;
    last(rule("a series that ends with the last second of 32 bits lasts to the one before")).await;
}

/// An owner's series that lasts a minute.
async fn minute<S: RememberStore>(t: &Trial<'_, S>, owner: &str) -> (SeriesKey, SeriesRecord) {
    let record = t.of(owner).ends(t.now + 60).record();
    (t.kept(&record).await, record)
}

async fn lasts(t: Trial<'_, impl RememberStore>) {
    let (owner, last) = (unknown(), t.after(59));
    let (key, record) = minute(&t, &owner).await;
    let newer = t.again(&record).record();
    last.is("load_series", last.load(&key).await, Found::Series(1, record));
    last.is("update_series", last.update(&key, 1, &newer).await, Updated::Yes);
    last.is("end_series_of that spares it", last.end_others(&owner, &key, 0).await, 0);
    last.is("load_series", last.load(&key).await, Found::Series(3, newer));
    last.is("delete_series", last.delete(&key).await, true);
    minute(&t, &owner).await;
    last.is("end_series_of", last.end_all(&owner).await, 1);
}

async fn over(t: Trial<'_, impl RememberStore>) {
    for late in [60, 61, 5000] {
        let (late, owner) = (t.after(late), unknown());
        let (key, record) = minute(&t, &owner).await;
        let other = t.again(&record).record();
        late.is("load_series", late.load(&key).await, Found::Nothing);
        late.is("update_series", late.update(&key, 1, &other).await, Updated::Gone);
        late.is("update_series at another revision", late.update(&key, 7, &other).await, Updated::Gone);
        late.is("load_series after update_series", late.load(&key).await, Found::Nothing);
        let (key, _) = minute(&t, &owner).await;
        late.is("delete_series", late.delete(&key).await, false);
        minute(&t, &owner).await;
        late.is("end_series_of", late.end_all(&owner).await, 0);
        let (key, _) = minute(&t, &owner).await;
        late.is("end_series_of that spares it", late.end_others(&owner, &key, 1).await, 0);
        late.is("load_series of what it spared", late.load(&key).await, Found::Nothing);
        let stolen = t.kept(&SampleSeries::from(record).stolen(t.now).record()).await;
        late.is("end_series_of a stolen one", late.end_all(&owner).await, 0);
        late.is("load_series of a stolen one", late.load(&stolen).await, Found::Nothing);
        let (key, _) = minute(&t, &owner).await;
        let longer = late.kept(&late.of(&owner).record()).await;
        late.is("end_series_of that spares it", late.end_others(&owner, &key, 1).await, 1);
        late.is("load_series of another", late.load(&longer).await, Found::Nothing);
    }
}

async fn last(t: Trial<'_, impl RememberStore>) {
    let (owner, before, last) = (unknown(), t.at(u32::MAX - 1), t.at(u32::MAX));
    let record = t.of(&owner).ends(u32::MAX).record();
    let key = t.kept(&record).await;
    before.is("load_series", before.load(&key).await, Found::Series(1, record));
    last.is("load_series at its end", last.load(&key).await, Found::Nothing);
    last.is("end_series_of at its end", last.end_all(&owner).await, 0);
}
