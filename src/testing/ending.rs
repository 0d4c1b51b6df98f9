//! Rules about ending one session.

use super::key;
use super::moving::rotated;
use super::trial::{Found, Trial};
use crate::session::{ENDED_FOR, Rotated, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    once(rule("a session is ended once, and its key is remembered for ten minutes")).await;
    grace(rule("with the session its old keys' grace ends at once")).await;
    through(rule("delete under a renewed key within its grace ends the session")).await;
    late(rule("delete under an old key after its grace ends nothing")).await;
}

async fn once(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let record = t.of(&owner).record();
    let (key, other) = (t.kept(&record).await, t.kept(&record).await);
    t.is("delete", t.delete(&key).await, true);
    t.is("delete once more", t.delete(&key).await, false);
    for (seconds, due) in [(0, Found::Ended), (ENDED_FOR - 1, Found::Ended), (ENDED_FOR, Found::Absent)] {
        let late = t.after(seconds);
        late.is(&format!("load after {seconds} s"), late.load(&key).await, due);
        late.is("load of another session", late.load(&other).await, Found::Live(1, record.clone()));
    }
    t.is("the length of list_owner", t.list(&owner).await.len(), 1);
}

async fn grace(t: Trial<'_, impl SessionStore>) {
    let (first, second, record) = rotated(&t, 10).await;
    let third = key();
    t.is("rotate once more", t.rotate(&second, 2, &third, &record, 10).await, Rotated::Yes);
    t.is("delete", t.delete(&third).await, true);
    for key in [first, second, third] {
        t.is("load", t.load(&key).await, Found::Ended);
        t.is("update", t.update(&key, 3, &record).await, Updated::Gone);
        t.is("delete once more", t.delete(&key).await, false);
    }
}

async fn through(t: Trial<'_, impl SessionStore>) {
    for through in [0, 1] {
        let (first, second, record) = rotated(&t, 10).await;
        let third = key();
        t.is("rotate once more", t.rotate(&second, 2, &third, &record, 10).await, Rotated::Yes);
        t.is("delete", t.delete(&[first, second][through]).await, true);
        for key in [first, second, third] {
            t.is("load", t.load(&key).await, Found::Ended);
        }
        t.is("list_owner", t.list(record.owner().unwrap_or_default()).await, vec![]);
    }
}

async fn late(t: Trial<'_, impl SessionStore>) {
    for grace in [0, 10] {
        let (old, new, record) = rotated(&t, grace).await;
        let late = t.after(10);
        late.is("delete", late.delete(&old).await, false);
        late.is("load of the new key", late.load(&new).await, Found::Live(2, record));
    }
}
