//! Rules about steps at the same time: each is one step that nothing else comes between.

use futures_util::future::{join, join_all, join3};

use super::key;
use super::trial::{Found, Owner, Trial};
use crate::session::{Created, Rotated, SessionKey, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    creates(rule("of many that create under one key at a time one succeeds")).await;
    updates(rule("of many that update one revision at a time one succeeds")).await;
    rotates(rule("of many that rotate one key at a time one succeeds")).await;
    to_one_key(rule("of many that rotate to one key at a time one succeeds")).await;
    deletes(rule("of many that delete one session at a time one succeeds")).await;
    turns(rule("no update gets lost, and no touch")).await;
    sign_ins(rule("no session is opened in an epoch that ends at that time")).await;
    renewals(rule("no session moves on out of an epoch that ends at that time")).await;
    raises(rule("of many that end an owner's sessions at a time each raises the epoch")).await;
}

async fn creates(t: Trial<'_, impl SessionStore>) {
    let (key, records) = (key(), t.records(MANY).await);
    let answers = join_all(records.iter().map(|record| t.create(&key, record))).await;
    let winner = t.only(&answers, Created::Yes, &[Created::Duplicate]);
    t.is("load", t.load(&key).await, Found::Live(1, records[winner].clone()));
}

async fn updates(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let key = t.kept(&t.of(&owner).record()).await;
    let records = [(); MANY].map(|()| t.of(&owner).record());
    let answers = join_all(records.iter().map(|record| t.update(&key, 1, record))).await;
    let winner = t.only(&answers, Updated::Yes, &[Updated::Conflict]);
    t.is("load", t.load(&key).await, Found::Live(2, records[winner].clone()));
}

async fn rotates(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let old = t.kept(&t.of(&owner).record()).await;
    let moves = [(); MANY].map(|()| (key(), t.of(&owner).record()));
    let answers = join_all(moves.iter().map(|(new, record)| t.rotate(&old, 1, new, record, 0))).await;
    let winner = t.only(&answers, Rotated::Yes, &[Rotated::Gone]);
    for (at, (new, record)) in moves.iter().enumerate() {
        let due = if at == winner { Found::Live(2, record.clone()) } else { Found::Absent };
        t.is("load of a new key", t.load(new).await, due);
    }
    t.is("load of the old key", t.load(&old).await, Found::Ended);
    t.is("the length of list_owner", t.list(&owner).await.len(), 1);
}

async fn to_one_key(t: Trial<'_, impl SessionStore>) {
    let new = key();
    let records = t.records(MANY).await;
    let olds = join_all(records.iter().map(|record| t.kept(record))).await;
    let moves = olds.iter().zip(&records);
    let answers = join_all(moves.map(|(old, record)| t.rotate(old, 1, &new, record, 0))).await;
    let winner = t.only(&answers, Rotated::Yes, &[Rotated::Duplicate]);
    for (at, (old, record)) in olds.iter().zip(&records).enumerate() {
        let due = if at == winner { Found::Ended } else { Found::Live(1, record.clone()) };
        t.is("load of an old key", t.load(old).await, due);
    }
    t.is("load of the new key", t.load(&new).await, Found::Live(2, records[winner].clone()));
}

async fn deletes(t: Trial<'_, impl SessionStore>) {
    let key = t.kept(&t.record().await).await;
    let answers = join_all([(); MANY].map(|()| t.delete(&key))).await;
    t.only(&answers, true, &[false]);
    t.is("load", t.load(&key).await, Found::Ended);
}

async fn turns(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let key = t.kept(&t.of(&owner).record()).await;
    let turns = join_all([(); 8].map(|()| async {
        for _ in 0..8 {
            update(&t, &key, &owner).await;
        }
    }));
    let touches =
        join_all((1..=MOST_SECONDS).map(|later| t.touch(&key, t.now + later, t.now + 1800 + later)));
    join(turns, touches).await;
    let Found::Live(revision, record) = t.load(&key).await else {
        return t.holds(false, "the session was gone");
    };
    t.is("the revision after 64 updates", revision, 65);
    t.is("seen", record.seen(), t.now + MOST_SECONDS);
    t.is("deadline", record.deadline(), t.now + 1800 + MOST_SECONDS);
}

/// Updates what is there, again where somebody else was faster.
async fn update<S: SessionStore>(t: &Trial<'_, S>, key: &SessionKey, owner: &Owner) {
    for _ in 0..MOST_TRIES {
        let Found::Live(revision, _) = t.load(key).await else { return };
        if t.update(key, revision, &t.of(owner).record()).await == Updated::Yes {
            return;
        }
    }
    t.holds(false, "others were faster again and again");
}

async fn sign_ins(t: Trial<'_, impl SessionStore>) {
    for _ in 0..ROUNDS {
        let owner = t.owner().await;
        let keys = [(); MANY].map(|()| key());
        let create = |key| {
            let record = t.of(&owner).record();
            let t = &t;
            async move { t.create(key, &record).await }
        };
        let (early, late) = keys.split_at(MANY / 2);
        let (early, ended, late) = join3(
            join_all(early.iter().map(create)),
            t.end_owner(&owner, None),
            join_all(late.iter().map(create)),
        )
        .await;
        let opened = early.iter().chain(&late).filter(|answer| **answer == Created::Yes).count();
        t.is("end_owner, with as many sessions opened,", ended, opened);
        for key in &keys {
            t.holds(!t.load(key).await.is_live(), "one was live afterwards");
        }
        t.is("list_owner", t.list(&owner).await, vec![]);
        t.holds(t.epoch(&owner).await > owner.epoch, "the epoch was not raised");
    }
}

async fn renewals(t: Trial<'_, impl SessionStore>) {
    for _ in 0..ROUNDS {
        let owner = t.owner().await;
        let olds = join_all([(); MANY].map(|()| async { t.kept(&t.of(&owner).record()).await })).await;
        let news = [(); MANY].map(|()| key());
        let rotate = |(old, new)| {
            let record = t.of(&owner).record();
            let t = &t;
            async move { t.rotate(old, 1, new, &record, 10).await }
        };
        let moves: Vec<_> = olds.iter().zip(&news).collect();
        let (early, late) = moves.split_at(MANY / 2);
        let (_, ended, _) = join3(
            join_all(early.iter().copied().map(rotate)),
            t.end_owner(&owner, None),
            join_all(late.iter().copied().map(rotate)),
        )
        .await;
        t.is("end_owner", ended, MANY);
        for key in olds.iter().chain(&news) {
            let found = t.load(key).await;
            t.holds(matches!(found, Found::Absent | Found::Ended), "one could be read afterwards");
        }
        t.is("list_owner", t.list(&owner).await, vec![]);
    }
}

async fn raises(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    t.kept(&t.of(&owner).record()).await;
    let ended = join_all([(); 8].map(|()| t.end_owner(&owner, None))).await;
    t.is("all of end_owner together", ended.iter().sum::<usize>(), 1);
    t.holds(t.epoch(&owner).await >= owner.epoch + 8, "the epoch was raised less often");
}

const MANY: usize = 64;
const MOST_SECONDS: u32 = 64;
const MOST_TRIES: usize = 10_000;
const ROUNDS: usize = 4;
