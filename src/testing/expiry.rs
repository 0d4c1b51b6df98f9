//! Rules about the end that time brings.

use super::key;
use super::trial::{Found, Listed, Owner, Trial};
use crate::session::{Rotated, SessionKey, SessionRecord, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    lasts(rule("a session lasts to the second before its deadline")).await;
    over(rule("from its deadline on a session is absent to every step")).await;
    prolonged(rule("a session that was touched or updated lasts to its later deadline")).await;
    renewed(rule("from its deadline on a session cannot be read by a renewed key either")).await;
}

/// An owner's session that lasts a minute.
async fn minute<S: SessionStore>(t: &Trial<'_, S>) -> (Owner, SessionKey, SessionRecord) {
    let owner = t.owner().await;
    let record = t.of(&owner).deadline(t.now + 60).record();
    (owner, t.kept(&record).await, record)
}

async fn lasts(t: Trial<'_, impl SessionStore>) {
    let (owner, key, record) = minute(&t).await;
    let last = t.after(59);
    last.is("load", last.load(&key).await, Found::Live(1, record.clone()));
    last.is("list_owner", last.list(&owner).await, Listed::sorted([(key, record)]));
    last.is("touch", last.touch(&key, t.now, t.now + 60).await, true);
    last.is("delete", last.delete(&key).await, true);
}

async fn over(t: Trial<'_, impl SessionStore>) {
    for late in [60, 61, 5000] {
        let late = t.after(late);
        let (owner, key, _) = minute(&t).await;
        late.is("load", late.load(&key).await, Found::Absent);
        late.is("list_owner", late.list(&owner).await, vec![]);
        late.is("end_owner", late.end_owner(&owner, None).await, 0);
        let (_, key, _) = minute(&t).await;
        late.is("delete", late.delete(&key).await, false);
        late.is("load after delete", late.load(&key).await, Found::Absent);
        let (_, key, _) = minute(&t).await;
        late.is("touch", late.touch(&key, late.now, late.now + 60).await, false);
        late.is("load after touch", late.load(&key).await, Found::Absent);
        let (owner, key, _) = minute(&t).await;
        let longer = late.of(&owner).record();
        late.is("update", late.update(&key, 1, &longer).await, Updated::Gone);
        late.is("load after update", late.load(&key).await, Found::Absent);
        let (owner, key, _) = minute(&t).await;
        let (new, longer) = (super::key(), late.of(&owner).record());
        late.is("rotate", late.rotate(&key, 1, &new, &longer, 10).await, Rotated::Gone);
        late.is("load after rotate", late.load(&key).await, Found::Absent);
        late.is("load of the new key", late.load(&new).await, Found::Absent);
        late.is("list_owner after rotate", late.list(&owner).await, vec![]);
    }
}

async fn prolonged(t: Trial<'_, impl SessionStore>) {
    let (owner, key, record) = minute(&t).await;
    t.is("touch", t.touch(&key, t.now, t.now + 120).await, true);
    let late = t.after(100);
    let touched = t.of(&owner).deadline(t.now + 120).record();
    let touched = SessionRecord { values: record.values, handle: record.handle, ..touched };
    late.is("load", late.load(&key).await, Found::Live(1, touched.clone()));
    late.is("list_owner", late.list(&owner).await, Listed::sorted([(key, touched)]));
    let longer = t.of(&owner).deadline(t.now + 180).record();
    late.is("update", late.update(&key, 1, &longer).await, Updated::Yes);
    let later = t.after(150);
    later.is("load", later.load(&key).await, Found::Live(2, longer));
    let later = t.after(180);
    later.is("load", later.load(&key).await, Found::Absent);
}

async fn renewed(t: Trial<'_, impl SessionStore>) {
    let (_, old, record) = minute(&t).await;
    let new = key();
    t.is("rotate", t.rotate(&old, 1, &new, &record, 300).await, Rotated::Yes);
    let (last, late) = (t.after(59), t.after(60));
    last.is("load", last.load(&old).await, Found::Rotated(2, record));
    let found = late.load(&old).await;
    late.holds(matches!(found, Found::Absent | Found::Ended), "load answered with the record");
    late.is("delete", late.delete(&old).await, false);
    late.is("load of the new key", late.load(&new).await, Found::Absent);
}
