//! Rules about ending all of an owner's sessions.

use super::key;
use super::moving::rotated;
use super::trial::{Found, Trial};
use crate::session::{Created, ENDED_FOR, Rotated, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    raised(rule("an owner's epoch is raised by each end_owner, and by nothing else")).await;
    all(rule("end_owner ends all of the owner's sessions and says how many, and nobody else's")).await;
    excepted(rule("the session that end_owner spares goes on in the new epoch, one revision on")).await;
    followed(rule("end_owner spares the session that a key within its grace leads to")).await;
    another(rule("end_owner spares nothing but a session of this owner")).await;
    created(rule("create with an older epoch than the owner's is revoked and changes nothing")).await;
    moved(rule("a rotation with an older epoch than the owner's is revoked and changes nothing")).await;
    updated(rule("a record with an older epoch than its owner's is never live")).await;
}

async fn raised(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    t.is("epoch once more", t.epoch(&owner).await, owner.epoch);
    t.kept(&t.of(&owner).record()).await;
    t.is("epoch with a session", t.epoch(&owner).await, owner.epoch);
    let mut before = owner.epoch;
    for ended in [1, 0, 0] {
        t.is("end_owner", t.end_owner(&owner, None).await, ended);
        let after = t.epoch(&owner).await;
        t.holds(after > before, &format!("it was {before} and then {after}"));
        before = after;
    }
    t.kept(&t.of(&owner).epoch(before).record()).await;
    t.is("epoch with a new session", t.epoch(&owner).await, before);
}

async fn all(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let (one, old, new) = (t.kept(&t.of(&owner).record()).await, t.kept(&t.of(&owner).record()).await, key());
    t.is("rotate", t.rotate(&old, 1, &new, &t.of(&owner).record(), 10).await, Rotated::Yes);
    let over = t.kept(&t.of(&owner).record()).await;
    t.is("delete", t.delete(&over).await, true);
    let record = t.record().await;
    let (other, (other_old, other_new, _)) = (t.kept(&record).await, rotated(&t, 10).await);
    t.is("end_owner", t.end_owner(&owner, None).await, 2);
    let present = t.of(&owner).epoch(t.epoch(&owner).await).record();
    for (seconds, due) in [(0, Found::Ended), (ENDED_FOR - 1, Found::Ended), (ENDED_FOR, Found::Absent)] {
        let late = t.after(seconds);
        late.is(&format!("load after {seconds} s"), late.load(&one).await, due);
    }
    for key in [old, new, over] {
        t.is("load", t.load(&key).await, Found::Ended);
        t.is("update", t.update(&key, 2, &present).await, Updated::Gone);
        t.is("touch", t.touch(&key, t.now, t.now + 1800).await, false);
        t.is("delete", t.delete(&key).await, false);
    }
    t.is("list_owner", t.list(&owner).await, vec![]);
    t.is("load of another owner's session", t.load(&other).await, Found::Live(1, record));
    t.holds(t.load(&other_new).await.is_live(), "another owner's renewed session was gone");
    t.holds(matches!(t.load(&other_old).await, Found::Rotated(..)), "another owner's grace was over");
}

async fn excepted(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let (sample, stale) = (t.of(&owner), t.of(&owner).record());
    let (key, other) = (t.kept(&sample.clone().record()).await, t.kept(&stale).await);
    for (revision, ended) in [(2, 1), (3, 0)] {
        t.is("end_owner", t.end_owner(&owner, Some(&key)).await, ended);
        let epoch = t.epoch(&owner).await;
        t.holds(epoch > owner.epoch, "the epoch was not raised");
        let due = sample.clone().epoch(epoch).record();
        t.is("load", t.load(&key).await, Found::Live(revision, due));
        // Whoever has read it before would write the older epoch back.
        t.is("update by a stale writer", t.update(&key, revision - 1, &stale).await, Updated::Conflict);
        let rotation = t.rotate(&key, revision - 1, &super::key(), &stale, 10).await;
        t.is("rotate by a stale writer", rotation, Rotated::Conflict);
        t.is("the length of list_owner", t.list(&owner).await.len(), 1);
    }
    t.is("load of the other", t.load(&other).await, Found::Ended);
    let written = t.of(&owner).epoch(t.epoch(&owner).await).record();
    t.is("update", t.update(&key, 3, &written).await, Updated::Yes);
    t.is("load", t.load(&key).await, Found::Live(4, written));
}

async fn followed(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let (old, new) = (t.kept(&t.of(&owner).record()).await, key());
    t.is("rotate", t.rotate(&old, 1, &new, &t.of(&owner).record(), 10).await, Rotated::Yes);
    t.is("end_owner", t.end_owner(&owner, Some(&old)).await, 0);
    t.holds(t.load(&new).await.is_live(), "it was gone");
    t.holds(matches!(t.load(&old).await, Found::Rotated(..)), "the grace was over");
    let late = t.after(10);
    t.is("end_owner after the grace", late.end_owner(&owner, Some(&old)).await, 1);
    t.is("load then", late.load(&new).await, Found::Ended);
}

async fn another(t: Trial<'_, impl SessionStore>) {
    let (owner, record) = (t.owner().await, t.record().await);
    let other = t.kept(&record).await;
    let unknown = key();
    let ended = t.kept(&t.of(&owner).record()).await;
    t.is("delete", t.delete(&ended).await, true);
    for except in [other, unknown, ended] {
        let key = t.kept(&t.of(&owner).epoch(t.epoch(&owner).await).record()).await;
        t.is("end_owner", t.end_owner(&owner, Some(&except)).await, 1);
        t.is("load", t.load(&key).await, Found::Ended);
        t.is("list_owner", t.list(&owner).await, vec![]);
    }
    t.is("load of another owner's session", t.load(&other).await, Found::Live(1, record));
    t.is("load of an unknown key", t.load(&unknown).await, Found::Absent);
    t.is("load of an ended key", t.load(&ended).await, Found::Ended);
}

async fn created(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let mut older = vec![];
    for _ in 0..2 {
        older.push(t.epoch(&owner).await);
        t.is("end_owner", t.end_owner(&owner, None).await, 0);
        for epoch in &older {
            let key = key();
            let record = t.of(&owner).epoch(*epoch).record();
            t.is("create", t.create(&key, &record).await, Created::Revoked);
            t.is("load", t.load(&key).await, Found::Absent);
            t.is("list_owner", t.list(&owner).await, vec![]);
        }
    }
    let record = t.of(&owner).epoch(t.epoch(&owner).await).record();
    let key = t.kept(&record).await;
    t.is("load of one with the present epoch", t.load(&key).await, Found::Live(1, record));
}

async fn moved(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let anonymous = super::Sample::anonymous(t.now).record();
    let (old, new) = (t.kept(&anonymous).await, key());
    t.is("end_owner", t.end_owner(&owner, None).await, 0);
    let (stale, present) = (t.of(&owner).record(), t.of(&owner).epoch(t.epoch(&owner).await).record());
    t.is("rotate", t.rotate(&old, 1, &new, &stale, 0).await, Rotated::Revoked);
    t.is("load", t.load(&old).await, Found::Live(1, anonymous));
    t.is("load of the new key", t.load(&new).await, Found::Absent);
    t.is("list_owner", t.list(&owner).await, vec![]);
    t.is("rotate with the present epoch", t.rotate(&old, 1, &new, &present, 0).await, Rotated::Yes);
    t.is("load of the new key", t.load(&new).await, Found::Live(2, present));
}

async fn updated(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let key = t.kept(&t.of(&owner).record()).await;
    t.is("end_owner", t.end_owner(&owner, Some(&key)).await, 0);
    let stale = t.of(&owner).record();
    let update = t.update(&key, 2, &stale).await;
    t.is("update to an older epoch", update, Updated::Gone);
    t.holds(t.load(&key).await != Found::Live(3, stale), "load answered with it");
    let listed = t.list(&owner).await;
    t.holds(listed.iter().all(|listed| listed.epoch() > owner.epoch), "list_owner listed it");
}
