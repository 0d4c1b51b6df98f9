//! Rules about creating, loading, updating and deleting.

use super::series_key;
use super::trial::{Found, Trial};
use crate::session::{RememberStore, SeriesKey, Updated};
use crate::testing::trial::unknown;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    created(rule("what was created is loaded as it was, at revision 1")).await;
    nothing(rule("under a key that was never used there is nothing, whatever is done with it")).await;
    told_apart(rule("keys are told apart to their last byte")).await;
    used(rule("create under a used key is a duplicate and changes nothing")).await;
    updated(rule("an update puts the record in place, one revision on")).await;
    conflict(rule("an update at another revision is a conflict and changes nothing")).await;
    deleted(rule("a series is deleted once, and nothing else with it")).await;
    gone(rule("an update of what was deleted finds it gone and revives nothing")).await;
    free(rule("a key is free again once its series was deleted or has ended")).await;
}

async fn created(t: Trial<'_, impl RememberStore>) {
    let record = t.record();
    let key = t.kept(&record).await;
    for _ in 0..2 {
        t.is("load_series", t.load(&key).await, Found::Series(1, record.clone()));
    }
}

async fn nothing(t: Trial<'_, impl RememberStore>) {
    let (key, owner) = (series_key(), unknown());
    let record = t.of(&owner).record();
    t.is("load_series", t.load(&key).await, Found::Nothing);
    for revision in 0..3 {
        t.is("update_series", t.update(&key, revision, &record).await, Updated::Gone);
    }
    t.is("delete_series", t.delete(&key).await, false);
    t.is("end_series_of that spares it", t.end_others(&owner, &key, 1).await, 0);
    t.is("end_series_of", t.end_all(&owner).await, 0);
    t.is("load_series afterwards", t.load(&key).await, Found::Nothing);
    t.is("create_series afterwards", t.create(&key, &record).await, true);
    t.is("load_series of what was created", t.load(&key).await, Found::Series(1, record));
}

async fn told_apart(t: Trial<'_, impl RememberStore>) {
    let mut bytes = *series_key().as_bytes();
    for edge in [0, 31] {
        // Among them bytes that end a string, and those that are no text.
        for byte in [0, b' ', b'a', b'A', 0x7f, 0xff] {
            bytes[edge] = byte;
            let (key, record) = (SeriesKey::from_bytes(bytes), t.record());
            t.is("create_series", t.create(&key, &record).await, true);
            t.is("load_series", t.load(&key).await, Found::Series(1, record));
        }
        bytes = *series_key().as_bytes();
    }
}

async fn used(t: Trial<'_, impl RememberStore>) {
    let (owner, record) = (unknown(), t.record());
    let key = t.kept(&record).await;
    for other in [t.of(&owner).record(), t.of(record.owner()).record(), record.clone()] {
        t.is("create_series", t.create(&key, &other).await, false);
        t.is("load_series", t.load(&key).await, Found::Series(1, record.clone()));
    }
    t.is("end_series_of the one who came too late", t.end_all(&owner).await, 0);
    t.is("load_series", t.load(&key).await, Found::Series(1, record));
}

async fn updated(t: Trial<'_, impl RememberStore>) {
    let first = t.record();
    let key = t.kept(&first).await;
    for revision in 1..4 {
        let record = t.again(&first).record();
        t.is("update_series", t.update(&key, revision, &record).await, Updated::Yes);
        t.is("load_series", t.load(&key).await, Found::Series(revision + 1, record.clone()));
        t.is("create_series", t.create(&key, &first).await, false);
        t.is("load_series", t.load(&key).await, Found::Series(revision + 1, record));
    }
}

async fn conflict(t: Trial<'_, impl RememberStore>) {
    let first = t.record();
    let key = t.kept(&first).await;
    let [second, third] = [(); 2].map(|()| t.again(&first).record());
    for other in [0, 2, 1 << 40] {
        t.is("update_series", t.update(&key, other, &second).await, Updated::Conflict);
    }
    t.is("load_series", t.load(&key).await, Found::Series(1, first));
    t.is("update_series at its revision", t.update(&key, 1, &second).await, Updated::Yes);
    t.is("a second update_series there", t.update(&key, 1, &third).await, Updated::Conflict);
    t.is("load_series", t.load(&key).await, Found::Series(2, second));
}

async fn deleted(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let record = t.of(&owner).record();
    let (key, other) = (t.kept(&record).await, t.kept(&record).await);
    let newer = t.again(&record).record();
    t.is("update_series", t.update(&key, 1, &newer).await, Updated::Yes);
    t.is("delete_series", t.delete(&key).await, true);
    t.is("load_series", t.load(&key).await, Found::Nothing);
    t.is("delete_series once more", t.delete(&key).await, false);
    t.is("load_series of another of the owner's", t.load(&other).await, Found::Series(1, record));
    t.is("delete_series of that", t.delete(&other).await, true);
}

async fn gone(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let [deleted, ended] = [(); 2].map(|()| t.of(&owner).record());
    let (deleted_key, ended_key) = (t.kept(&deleted).await, t.kept(&ended).await);
    t.is("delete_series", t.delete(&deleted_key).await, true);
    t.is("end_series_of", t.end_all(&owner).await, 1);
    for (key, record) in [(deleted_key, deleted), (ended_key, ended)] {
        for revision in 0..4 {
            let other = t.again(&record).record();
            t.is("update_series", t.update(&key, revision, &other).await, Updated::Gone);
            t.is("load_series", t.load(&key).await, Found::Nothing);
        }
    }
    t.is("end_series_of afterwards", t.end_all(&owner).await, 0);
}

async fn free(t: Trial<'_, impl RememberStore>) {
    for (way, later) in [("delete_series", 0), ("end_series_of", 0), ("its end", 60)] {
        let (first, second) = (unknown(), unknown());
        let key = t.kept(&t.of(&first).ends(t.now + 60).record()).await;
        match way {
            "delete_series" => t.is(way, t.delete(&key).await, true),
            "end_series_of" => t.is(way, t.end_all(&first).await, 1),
            _ => {}
        }
        let late = t.after(later);
        let record = late.of(&second).record();
        let create = late.create(&key, &record).await;
        late.is(&format!("create_series after {way}"), create, true);
        late.is("end_series_of the first owner", late.end_all(&first).await, 0);
        late.is("load_series", late.load(&key).await, Found::Series(1, record));
        late.is("end_series_of the second owner", late.end_all(&second).await, 1);
        late.is("load_series after that", late.load(&key).await, Found::Nothing);
    }
}
