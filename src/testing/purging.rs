//! Rules about forgetting what is over.
//!
//! What is to be forgotten here was over long before the present, so that nothing is purged from a later time.

use super::key;
use super::moving::rotated;
use super::trial::{Found, Trial};
use crate::session::{Created, Rotated, SessionStore};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    bounded(rule("purge forgets no more than it is told to")).await;
    forgotten(rule("purge forgets what is over and what was remembered for long enough")).await;
    kept(rule("purge leaves what is live, what may still be read and what is remembered")).await;
}

async fn bounded(t: Trial<'_, impl SessionStore>) {
    let then = t.before(LONG);
    for _ in 0..9 {
        then.kept(&then.of(&t.owner().await).deadline(then.now + 60).record()).await;
    }
    for limit in [0, 1, 2, 0, 3] {
        let purged = t.purge(limit).await;
        t.holds(purged <= limit, &format!("purge of at most {limit} forgot {purged}"));
    }
    all(&t).await;
    t.is("purge when nothing is left", t.purge(500).await, 0);
}

async fn forgotten(t: Trial<'_, impl SessionStore>) {
    let then = t.before(LONG);
    let record = then.of(&t.owner().await).deadline(then.now + 60).record();
    let (expired, ended, old, new) = (then.kept(&record).await, then.kept(&record).await, key(), key());
    then.delete(&ended).await;
    then.create(&old, &record).await;
    then.is("rotate", then.rotate(&old, 1, &new, &record, 10).await, Rotated::Yes);
    all(&t).await;
    // What is forgotten is as good as never used.
    for key in [expired, ended, old, new] {
        let record = t.record().await;
        t.is("create afterwards", t.create(&key, &record).await, Created::Yes);
        t.is("load", t.load(&key).await, Found::Live(1, record));
    }
}

async fn kept(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let record = t.of(&owner).record();
    let touched = t.of(&owner).deadline(t.now + 1).record();
    let (live, touched_key) = (t.kept(&record).await, t.kept(&touched).await);
    t.is("touch", t.touch(&touched_key, t.now, t.now + 1800).await, true);
    let (old, new, renewed) = rotated(&t, 10).await;
    let ended = t.kept(&record).await;
    t.is("delete", t.delete(&ended).await, true);
    // Each at its last second.
    for (late, key, due) in [
        (1, touched_key, None),
        (9, old, Some(Found::Rotated(2, renewed.clone()))),
        (599, ended, Some(Found::Ended)),
        (599, old, Some(Found::Ended)),
        (1799, live, Some(Found::Live(1, record))),
        (1799, new, Some(Found::Live(2, renewed))),
    ] {
        let late = t.after(late);
        all(&late).await;
        let found = late.load(&key).await;
        match due {
            Some(due) => late.is("load", found, due),
            None => late.holds(found.is_live(), "a session that was touched was forgotten"),
        }
    }
    t.is("epoch", t.epoch(&owner).await, owner.epoch);
    t.is("end_owner", t.end_owner(&owner, None).await, 2);
    let (raised, longer) = (t.epoch(&owner).await, t.after(LONG));
    all(&longer).await;
    longer.holds(longer.epoch(&owner).await >= raised, "long after, the owner's epoch went back");
}

/// Forgets all that is over.
async fn all(t: &Trial<'_, impl SessionStore>) {
    for _ in 0..MOST_ROUNDS {
        if t.purge(500).await == 0 {
            return;
        }
    }
    t.holds(false, "purge came to no end");
}

/// Longer than anything here is remembered.
const LONG: u32 = 10_000;
const MOST_ROUNDS: usize = 1_000_000;
