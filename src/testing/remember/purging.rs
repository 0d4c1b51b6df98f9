//! Rules about forgetting what has ended.
//!
//! What is to be forgotten here had ended long before the present. What a store has not forgotten yet can be seen by the
//! time at which it lasted.

use super::trial::{Found, Trial};
use crate::session::{RememberStore, SeriesKey, Updated};
use crate::testing::trial::unknown;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    bounded(rule("purge forgets no more than it is told to, and says how many")).await;
    forgotten(rule("purge forgets everything that has ended")).await;
    kept(rule("purge leaves what has not ended")).await;
}

async fn bounded(t: Trial<'_, impl RememberStore>) {
    all(&t).await;
    let (then, keys) = long_ago(&t).await;
    for limit in [0, 1, 2, 0, 3] {
        let before = left(&then, &keys).await;
        let purged = t.purge(limit).await;
        t.holds(purged <= limit, &format!("purge_series of at most {limit} said {purged}"));
        let forgotten = before - left(&then, &keys).await;
        t.is(&format!("purge_series of at most {limit}"), purged, forgotten);
    }
    let before = left(&then, &keys).await;
    t.is("purge_series of all the others", t.purge(keys.len()).await, before);
    t.is("purge_series when nothing is left", t.purge(500).await, 0);
}

async fn forgotten(t: Trial<'_, impl RememberStore>) {
    let (then, keys) = long_ago(&t).await;
    let owner = unknown();
    // One that was written since, and one that was spared.
    let record = then.of(&owner).ends(then.now + 60).record();
    let key = then.kept(&record).await;
    then.is("update_series", then.update(&key, 1, &then.again(&record).record()).await, Updated::Yes);
    then.is("end_series_of", then.end_others(&owner, &key, 1).await, 0);
    all(&t).await;
    t.is("the number of those that are left", left(&then, &keys).await + left(&then, &[key]).await, 0);
    t.is("end_series_of", then.end_all(&owner).await, 0);
}

async fn kept(t: Trial<'_, impl RememberStore>) {
    let owner = unknown();
    let records = [(); 3].map(|()| t.of(&owner).ends(t.now + 60).record());
    let mut keys = Vec::new();
    for record in &records {
        keys.push(t.kept(record).await);
    }
    let [created, updated, _] = &records;
    let written = t.again(updated).record();
    t.is("update_series", t.update(&keys[1], 1, &written).await, Updated::Yes);
    t.is("delete_series", t.delete(&keys[2]).await, true);
    let other = t.of(&unknown()).ends(t.now + 60).record();
    let spared = t.kept(&other).await;
    t.is("end_series_of", t.end_others(other.owner(), &spared, 0).await, 0);
    for late in [0, 30, 59] {
        let late = t.after(late);
        all(&late).await;
        late.is("load_series", late.load(&keys[0]).await, Found::Series(1, created.clone()));
        late.is("load_series after an update", late.load(&keys[1]).await, Found::Series(2, written.clone()));
        late.is(
            "load_series of one that was spared",
            late.load(&spared).await,
            Found::Series(2, other.clone()),
        );
    }
    t.is("end_series_of", t.end_all(&owner).await, 2);
}

/// Some series, and the time at which they lasted.
async fn long_ago<'s, S: RememberStore>(t: &Trial<'s, S>) -> (Trial<'s, S>, Vec<SeriesKey>) {
    let (then, owner, mut keys) = (t.before(LONG), unknown(), Vec::new());
    for _ in 0..SOME {
        keys.push(then.kept(&then.of(&owner).ends(then.now + 60).record()).await);
    }
    (then, keys)
}

/// How many a store has not forgotten.
async fn left(then: &Trial<'_, impl RememberStore>, keys: &[SeriesKey]) -> usize {
    let mut left = 0;
    for key in keys {
        left += usize::from(then.load(key).await != Found::Nothing);
    }
    left
}

/// Forgets all that has ended.
async fn all(t: &Trial<'_, impl RememberStore>) {
    for _ in 0..MOST_ROUNDS {
        if t.purge(500).await == 0 {
            return;
        }
    }
    t.holds(false, "purge_series came to no end");
}

/// Longer than anything here lasts.
const LONG: u32 = 10_000;
const SOME: usize = 9;
const MOST_ROUNDS: usize = 1_000_000;
