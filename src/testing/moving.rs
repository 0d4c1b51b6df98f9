//! Rules about moving a session to another key.

use std::pin::pin;
use std::task::Poll;

use futures_util::future::{poll_fn, select};

use super::key;
use super::trial::{Found, Trial};
use crate::session::{ENDED_FOR, Rotated, SessionKey, SessionRecord, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    moved(rule("a rotation moves the session to the new key, one revision on")).await;
    present(rule("within its grace a renewed key reads the session as it is by then")).await;
    readable(rule("within its grace a renewed key only reads")).await;
    grace(rule("a renewed key reads for its grace, and is remembered for ten minutes")).await;
    no_grace(rule("without grace the old key has ended at once, and is remembered for ten minutes")).await;
    conflict(rule("a rotation at another revision is a conflict and changes nothing")).await;
    gone(rule("a rotation of what has ended or moved on finds it gone and brings nothing about")).await;
    duplicate(rule("a rotation to a used key is a duplicate and leaves both sessions as they were")).await;
    chain(rule("renewed twice within the grace, a session is read under both of its old keys")).await;
    cut_chain(rule("what moved on without grace is not read under any of its old keys")).await;
    dropped(rule("a rotation that is dropped half-way leaves the session under one key of the two")).await;
}

/// A session that was moved: its old key, its new one and its record.
pub(super) async fn rotated<S: SessionStore>(
    t: &Trial<'_, S>,
    grace: u32,
) -> (SessionKey, SessionKey, SessionRecord) {
    let owner = t.owner().await;
    let (old, new) = (t.kept(&t.of(&owner).record()).await, key());
    let record = t.of(&owner).record();
    t.is("rotate", t.rotate(&old, 1, &new, &record, grace).await, Rotated::Yes);
    (old, new, record)
}

async fn moved(t: Trial<'_, impl SessionStore>) {
    for grace in [0, 10] {
        let (_, new, record) = rotated(&t, grace).await;
        t.is("load of the new key", t.load(&new).await, Found::Live(2, record.clone()));
        t.is("update of the new key", t.update(&new, 2, &record).await, Updated::Yes);
        let newest = key();
        t.is("rotate once more", t.rotate(&new, 3, &newest, &record, grace).await, Rotated::Yes);
        t.is("load of the newest key", t.load(&newest).await, Found::Live(4, record));
    }
}

async fn present(t: Trial<'_, impl SessionStore>) {
    let (old, new, record) = rotated(&t, 10).await;
    t.is("load", t.load(&old).await, Found::Rotated(2, record.clone()));
    let written = t.again(&record);
    t.is("update of the new key", t.update(&new, 2, &written.clone().record()).await, Updated::Yes);
    t.is("load after an update", t.load(&old).await, Found::Rotated(3, written.clone().record()));
    t.is("touch of the new key", t.touch(&new, t.now + 5, t.now + 1805).await, true);
    let touched = written.seen(t.now + 5).deadline(t.now + 1805).record();
    t.is("load after a touch", t.load(&old).await, Found::Rotated(3, touched));
}

async fn readable(t: Trial<'_, impl SessionStore>) {
    let (old, new, record) = rotated(&t, 10).await;
    let (other, written) = (key(), t.record().await);
    for revision in 0..4 {
        t.is("update", t.update(&old, revision, &written).await, Updated::Gone);
        t.is("rotate", t.rotate(&old, revision, &other, &written, 10).await, Rotated::Gone);
    }
    t.is("touch", t.touch(&old, t.now + 60, t.now + 1860).await, false);
    t.is("load", t.load(&old).await, Found::Rotated(2, record.clone()));
    t.is("load of the new key", t.load(&new).await, Found::Live(2, record));
    t.is("load of the other key", t.load(&other).await, Found::Absent);
}

async fn grace(t: Trial<'_, impl SessionStore>) {
    let (old, new, record) = rotated(&t, 10).await;
    for (seconds, due) in [
        (0, Found::Rotated(2, record.clone())),
        (9, Found::Rotated(2, record.clone())),
        (10, Found::Ended),
        (ENDED_FOR - 1, Found::Ended),
        (ENDED_FOR, Found::Absent),
    ] {
        let late = t.after(seconds);
        late.is(&format!("load after {seconds} s"), late.load(&old).await, due);
        late.is("load of the new key", late.load(&new).await, Found::Live(2, record.clone()));
    }
}

async fn no_grace(t: Trial<'_, impl SessionStore>) {
    let (old, new, record) = rotated(&t, 0).await;
    for (seconds, due) in [(0, Found::Ended), (ENDED_FOR - 1, Found::Ended), (ENDED_FOR, Found::Absent)] {
        let late = t.after(seconds);
        late.is(&format!("load after {seconds} s"), late.load(&old).await, due);
        late.is("load of the new key", late.load(&new).await, Found::Live(2, record.clone()));
    }
}

async fn conflict(t: Trial<'_, impl SessionStore>) {
    let (record, new) = (t.record().await, key());
    let old = t.kept(&record).await;
    for other in [0, 2, 1 << 40] {
        t.is("rotate", t.rotate(&old, other, &new, &t.record().await, 10).await, Rotated::Conflict);
    }
    t.is("load", t.load(&old).await, Found::Live(1, record));
    t.is("load of the new key", t.load(&new).await, Found::Absent);
}

async fn gone(t: Trial<'_, impl SessionStore>) {
    let (moved, ..) = rotated(&t, 0).await;
    let ended = t.kept(&t.record().await).await;
    t.is("delete", t.delete(&ended).await, true);
    for old in [moved, ended, key()] {
        let (new, owner, before) = (key(), t.owner().await, t.load(&old).await);
        for revision in 0..4 {
            let record = t.of(&owner).record();
            t.is("rotate", t.rotate(&old, revision, &new, &record, 10).await, Rotated::Gone);
        }
        t.is("load", t.load(&old).await, before);
        t.is("load of the new key", t.load(&new).await, Found::Absent);
        t.is("list_owner", t.list(&owner).await, vec![]);
    }
}

async fn duplicate(t: Trial<'_, impl SessionStore>) {
    let (moved, ..) = rotated(&t, 0).await;
    let (renewed, ..) = rotated(&t, 10).await;
    let ended = t.kept(&t.record().await).await;
    t.is("delete", t.delete(&ended).await, true);
    let live = t.kept(&t.record().await).await;
    let record = t.record().await;
    let old = t.kept(&record).await;
    for new in [live, ended, moved, renewed, old] {
        let (owner, before) = (t.owner().await, t.load(&new).await);
        let wanted = t.of(&owner).record();
        t.is("rotate", t.rotate(&old, 1, &new, &wanted, 10).await, Rotated::Duplicate);
        t.is("load of the used key", t.load(&new).await, before);
        t.is("load", t.load(&old).await, Found::Live(1, record.clone()));
        t.is("list_owner", t.list(&owner).await, vec![]);
    }
}

async fn chain(t: Trial<'_, impl SessionStore>) {
    let (first, second, record) = rotated(&t, 10).await;
    let third = key();
    let soon = t.after(5);
    soon.is("rotate once more", soon.rotate(&second, 2, &third, &record, 10).await, Rotated::Yes);
    for (seconds, of_first, of_second) in
        [(5, true, true), (9, true, true), (10, false, true), (15, false, false)]
    {
        let late = t.after(seconds);
        for (key, reads) in [(first, of_first), (second, of_second)] {
            let due = if reads { Found::Rotated(3, record.clone()) } else { Found::Ended };
            late.is(&format!("load of an old key after {seconds} s"), late.load(&key).await, due);
        }
        late.is("load of the newest key", late.load(&third).await, Found::Live(3, record.clone()));
    }
    soon.is("update of the first key", soon.update(&first, 3, &record).await, Updated::Gone);
}

async fn cut_chain(t: Trial<'_, impl SessionStore>) {
    let (first, second, record) = rotated(&t, 10).await;
    let third = key();
    t.is("rotate without grace", t.rotate(&second, 2, &third, &record, 0).await, Rotated::Yes);
    t.is("load of the first key", t.load(&first).await, Found::Ended);
    t.is("load of the second key", t.load(&second).await, Found::Ended);
    t.is("delete under the first key", t.delete(&first).await, false);
    t.is("load of the third key", t.load(&third).await, Found::Live(3, record));
}

async fn dropped(t: Trial<'_, impl SessionStore>) {
    for polls in (0..17).map(|doubled| (1 << doubled) / 2) {
        let (owner, new) = (t.owner().await, key());
        let (before, after) = (t.of(&owner).record(), t.of(&owner).record());
        let old = t.kept(&before).await;
        let _ = select(pin!(t.rotate(&old, 1, &new, &after, 0)), pin!(put_off(polls))).await;
        let stayed = (Found::Live(1, before), Found::Absent);
        let moved = (Found::Ended, Found::Live(2, after));
        let mut found = (t.load(&old).await, t.load(&new).await);
        // What was dropped may take a moment to be undone, or done.
        for _ in 0..MOST_LOOKS {
            if found == stayed || found == moved {
                break;
            }
            put_off(1).await;
            found = (t.load(&old).await, t.load(&new).await);
        }
        t.holds(found == stayed || found == moved, &format!("the two keys answered {found:?}"));
    }
}

/// Lets others go first, so many times.
pub(super) async fn put_off(times: u32) {
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

const MOST_LOOKS: usize = 1000;
