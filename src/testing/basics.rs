//! Rules about creating, loading, updating and touching.

use super::trial::{Found, Trial};
use super::{Sample, key};
use crate::session::{Created, Rotated, SessionKey, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    created(rule("what was created is loaded as it was, at revision 1")).await;
    nothing(rule("under a key that was never used there is nothing, whatever is done with it")).await;
    told_apart(rule("keys are told apart to their last byte")).await;
    used(rule("create under a used key is a duplicate and changes nothing")).await;
    used_before(rule("create under a key that was used before is a duplicate and changes nothing")).await;
    updated(rule("an update puts the record in place, one revision on")).await;
    conflict(rule("an update at another revision is a conflict and changes nothing")).await;
    gone(rule("an update of what has ended or moved on finds it gone and revives nothing")).await;
    touched(rule("a touch moves the two times forward, never back, and nothing else")).await;
    touched_between(rule("a touch between load and update makes no conflict and is not rolled back")).await;
    touched_nothing(rule("a touch of what has ended or moved on is false and does nothing")).await;
}

async fn created(t: Trial<'_, impl SessionStore>) {
    let nameless = t.of(&t.named(String::new()).await).record();
    for record in [t.record().await, Sample::anonymous(t.now).record(), nameless] {
        let key = t.kept(&record).await;
        t.is("load", t.load(&key).await, Found::Live(1, record));
    }
}

async fn nothing(t: Trial<'_, impl SessionStore>) {
    let (key, other) = (key(), key());
    let record = t.record().await;
    t.is("load", t.load(&key).await, Found::Absent);
    t.is("update", t.update(&key, 1, &record).await, Updated::Gone);
    t.is("update at revision 0", t.update(&key, 0, &record).await, Updated::Gone);
    t.is("touch", t.touch(&key, t.now, t.now + 60).await, false);
    t.is("rotate", t.rotate(&key, 1, &other, &record, 10).await, Rotated::Gone);
    t.is("delete", t.delete(&key).await, false);
    t.is("load of the new key", t.load(&other).await, Found::Absent);
    t.is("load afterwards", t.load(&key).await, Found::Absent);
    t.is("create afterwards", t.create(&key, &record).await, Created::Yes);
}

async fn told_apart(t: Trial<'_, impl SessionStore>) {
    let mut bytes = *key().as_bytes();
    for edge in [0, 31] {
        // Among them bytes that end a string, and those that are no text.
        for byte in [0, b' ', b'a', b'A', 0x7f, 0xff] {
            bytes[edge] = byte;
            let (key, record) = (SessionKey::from_bytes(bytes), t.record().await);
            t.is("create", t.create(&key, &record).await, Created::Yes);
            t.is("load", t.load(&key).await, Found::Live(1, record));
        }
        bytes = *key().as_bytes();
    }
}

async fn used(t: Trial<'_, impl SessionStore>) {
    let (owner, record) = (t.owner().await, t.record().await);
    let key = t.kept(&record).await;
    t.is("create", t.create(&key, &t.of(&owner).record()).await, Created::Duplicate);
    t.is("create of the same record", t.create(&key, &record).await, Created::Duplicate);
    t.is("load", t.load(&key).await, Found::Live(1, record));
    t.is("list_owner", t.list(&owner).await, vec![]);
}

async fn used_before(t: Trial<'_, impl SessionStore>) {
    let (owner, record) = (t.owner().await, t.record().await);
    let other = t.of(&owner).record();
    let ended = t.kept(&record).await;
    t.is("delete", t.delete(&ended).await, true);
    t.is("create where a session has ended", t.create(&ended, &other).await, Created::Duplicate);
    t.is("load where a session has ended", t.load(&ended).await, Found::Ended);
    for (grace, then) in [(10, Found::Rotated(2, record.clone())), (0, Found::Ended)] {
        let (old, new) = (t.kept(&record).await, key());
        t.is("rotate", t.rotate(&old, 1, &new, &record, grace).await, Rotated::Yes);
        t.is("create under a renewed key", t.create(&old, &other).await, Created::Duplicate);
        t.is("load of a renewed key", t.load(&old).await, then);
        t.is("load of the new key", t.load(&new).await, Found::Live(2, record.clone()));
    }
    t.is("list_owner", t.list(&owner).await, vec![]);
}

async fn updated(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let key = t.kept(&t.of(&owner).record()).await;
    for revision in 1..4 {
        let record = t.of(&owner).value("turn", revision.to_string()).record();
        t.is("update", t.update(&key, revision, &record).await, Updated::Yes);
        t.is("load", t.load(&key).await, Found::Live(revision + 1, record));
    }
}

async fn conflict(t: Trial<'_, impl SessionStore>) {
    let (first, second) = (t.record().await, t.record().await);
    let key = t.kept(&first).await;
    for other in [0, 2, 1 << 40] {
        t.is("update", t.update(&key, other, &second).await, Updated::Conflict);
    }
    t.is("load", t.load(&key).await, Found::Live(1, first));
    t.is("update at its revision", t.update(&key, 1, &second).await, Updated::Yes);
    t.is("a second update there", t.update(&key, 1, &t.record().await).await, Updated::Conflict);
    t.is("load", t.load(&key).await, Found::Live(2, second));
}

async fn gone(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let record = t.of(&owner).record();
    let ended = t.kept(&record).await;
    t.is("delete", t.delete(&ended).await, true);
    let (moved, new) = (t.kept(&record).await, key());
    t.is("rotate", t.rotate(&moved, 1, &new, &record, 0).await, Rotated::Yes);
    for key in [ended, moved] {
        for revision in 0..4 {
            t.is("update", t.update(&key, revision, &t.of(&owner).record()).await, Updated::Gone);
        }
        t.is("load", t.load(&key).await, Found::Ended);
    }
    t.is("load of the new key", t.load(&new).await, Found::Live(2, record));
    t.is("the length of list_owner", t.list(&owner).await.len(), 1);
}

async fn touched(t: Trial<'_, impl SessionStore>) {
    let sample = t.of(&t.owner().await);
    let (seen, deadline) = (t.now, t.now + 1800);
    let key = t.kept(&sample.clone().record()).await;
    let steps = [
        ((60, 60), (60, 60)),
        ((30, 90), (60, 90)),
        ((70, 80), (70, 90)),
        ((0, 0), (70, 90)),
        ((70, 90), (70, 90)),
    ];
    for ((more, longer), (then, until)) in steps {
        t.is("touch", t.touch(&key, seen + more, deadline + longer).await, true);
        let due = sample.clone().seen(seen + then).deadline(deadline + until).record();
        t.is("load", t.load(&key).await, Found::Live(1, due));
    }
}

async fn touched_between(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let key = t.kept(&t.of(&owner).record()).await;
    t.is("touch", t.touch(&key, t.now + 60, t.now + 1860).await, true);
    let written = t.of(&owner);
    t.is("update", t.update(&key, 1, &written.clone().record()).await, Updated::Yes);
    let due = written.seen(t.now + 60).deadline(t.now + 1860);
    t.is("load", t.load(&key).await, Found::Live(2, due.record()));
    // And a write that saw the session later than the touch did.
    let later = t.of(&owner).seen(t.now + 90).deadline(t.now + 1890).record();
    t.is("update", t.update(&key, 2, &later).await, Updated::Yes);
    t.is("load", t.load(&key).await, Found::Live(3, later));
}

async fn touched_nothing(t: Trial<'_, impl SessionStore>) {
    let record = t.record().await;
    let ended = t.kept(&record).await;
    t.is("delete", t.delete(&ended).await, true);
    t.is("touch of what has ended", t.touch(&ended, t.now + 60, t.now + 1860).await, false);
    t.is("load of what has ended", t.load(&ended).await, Found::Ended);
    let (old, new) = (t.kept(&record).await, key());
    t.is("rotate", t.rotate(&old, 1, &new, &record, 10).await, Rotated::Yes);
    t.is("touch of a renewed key", t.touch(&old, t.now + 60, t.now + 1860).await, false);
    t.is("load of the new key", t.load(&new).await, Found::Live(2, record));
}
