//! Many tasks on two machines, and what no order of their steps may bring about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tower_cookie_policy::store::{Created, Loaded, Rotated, Updated};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{RedisStore, SessionKey, SessionStore};

use super::{NOW, address, prefix};

/// What has been answered, by number: every step takes one before it is asked and one when it is answered.
#[derive(Default)]
struct Log {
    steps: u64,
    /// When an end was answered: of keys that were deleted or moved on, and of owners with the epoch that was due then.
    ended: HashMap<SessionKey, u64>,
    owners: HashMap<String, Vec<(u64, u64)>>,
    /// Each session's owner, by its handle.
    opened: Vec<(SessionKey, String, u64)>,
}

impl Log {
    fn number(&mut self) -> u64 {
        self.steps += 1;
        self.steps
    }
}

pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn no_order_of_steps_brings_back_what_has_ended() {
    let prefix = prefix();
    let log = Arc::new(Mutex::new(Log::default()));
    let mut tasks = Vec::new();
    for at in 0..24 {
        let store = RedisStore::connect(&address()).await.unwrap().prefix(&prefix).unwrap();
        let log = Arc::clone(&log);
        tasks.push(tokio::spawn(async move {
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15 + at * 0x1234_5677);
            for _ in 0..400 {
                step(&store, &log, &mut dice).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let store = RedisStore::connect(&address()).await.unwrap().prefix(&prefix).unwrap();
    let log = Arc::into_inner(log).unwrap().into_inner().unwrap();
    let mut live = 0;
    for (key, ..) in &log.opened {
        let is_live = matches!(store.load(key, NOW).await.unwrap(), Loaded::Live(_));
        assert!(!(is_live && log.ended.contains_key(key)), "a session that was ended is live");
        live += usize::from(is_live);
    }
    let mut listed = 0;
    for at in 0..OWNERS {
        let owner = format!("user-{at}");
        let epoch = store.epoch(&owner).await.unwrap();
        for owned in store.list_owner(&owner, NOW).await.unwrap() {
            assert!(owned.record.epoch() >= epoch, "a session of an older epoch is on the list");
            listed += 1;
        }
        let before = store.list_owner(&owner, NOW).await.unwrap().len();
        assert_eq!(store.end_owner(&owner, None, NOW).await.unwrap(), before);
    }
    assert_eq!(listed, live, "the lists have exactly the live sessions");
    assert!(log.opened.len() > 1000 && log.ended.len() > 500, "{} {}", log.opened.len(), log.ended.len());
}

async fn step(store: &RedisStore, log: &Mutex<Log>, dice: &mut Dice) {
    let owner = format!("user-{}", dice.throw(OWNERS));
    let known = {
        let log = log.lock().unwrap();
        match log.opened.len() {
            0 => None,
            // Mostly a late one, which may be live.
            count => Some(log.opened[count - 1 - usize::try_from(dice.throw(30)).unwrap() % count].clone()),
        }
    };
    let began = log.lock().unwrap().number();
    match (dice.throw(10), known) {
        (0..=2, _) | (_, None) => {
            let (key, epoch) = (key(), store.epoch(&owner).await.unwrap());
            // Somebody who takes his time.
            for _ in 0..dice.throw(4) {
                tokio::task::yield_now().await;
            }
            let record = Sample::of(&owner, NOW).epoch(epoch).record();
            let answer = store.create(&key, record, NOW).await.unwrap();
            let mut log = log.lock().unwrap();
            let raised = log.owners.get(&owner).into_iter().flatten();
            let was_raised = raised.clone().any(|(raised, at)| *raised > epoch && *at < began);
            match answer {
                Created::Yes => {
                    assert!(!was_raised, "a session was opened in an epoch that had ended before");
                    log.opened.push((key, owner, epoch));
                }
                Created::Revoked => {}
                Created::Duplicate => panic!("nobody has used that key"),
            }
        }
        (3 | 4, Some((old, owner, _))) => rotate(store, log, dice, old, owner, began).await,
        (5, Some((key, ..))) => {
            if store.delete(&key, NOW).await.unwrap() {
                let mut log = log.lock().unwrap();
                let at = log.number();
                log.ended.insert(key, at);
            }
        }
        (6, Some((key, ..))) => {
            let except = (dice.throw(2) == 0).then_some(&key);
            store.end_owner(&owner, except, NOW).await.unwrap();
            let epoch = store.epoch(&owner).await.unwrap();
            let mut log = log.lock().unwrap();
            let at = log.number();
            log.owners.entry(owner).or_default().push((epoch, at));
        }
        (7, Some((key, ..))) => {
            let before = ended(log, &key, began);
            let touched = store.touch(&key, NOW + 1, NOW + 1801, NOW).await.unwrap();
            assert!(!(touched && before), "what had ended was touched");
        }
        (_, Some((key, owner, _))) => {
            let before = ended(log, &key, began);
            let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { return };
            assert!(!before, "what had ended was loaded");
            assert_eq!(stored.record.owner(), Some(&*owner));
            let record = Sample::of(&owner, NOW).epoch(stored.record.epoch()).record();
            let updated = store.update(&key, stored.revision, record, NOW).await.unwrap();
            assert!(!(updated == Updated::Yes && before), "what had ended was written");
        }
    }
}

async fn rotate(
    store: &RedisStore,
    log: &Mutex<Log>,
    dice: &mut Dice,
    old: SessionKey,
    owner: String,
    began: u64,
) {
    let before = ended(log, &old, began);
    let Loaded::Live(stored) = store.load(&old, NOW).await.unwrap() else { return };
    assert!(!before, "what had ended was loaded");
    let (new, epoch) = (key(), stored.record.epoch());
    let (record, grace) =
        (Sample::of(&owner, NOW).epoch(epoch).record(), [0, 10][usize::from(dice.throw(2) == 0)]);
    if store.rotate(&old, stored.revision, &new, record, grace, NOW).await.unwrap() == Rotated::Yes {
        assert!(!before, "what had ended was moved");
        let mut log = log.lock().unwrap();
        let raised = log.owners.get(&owner).into_iter().flatten();
        let was_raised = raised.clone().any(|(raised, at)| *raised > epoch && *at < began);
        assert!(!was_raised, "a session moved on out of an epoch that had ended before");
        let at = log.number();
        log.ended.insert(old, at);
        log.opened.push((new, owner, epoch));
    }
}

/// Whether an end of this key was answered before the step with this number was asked.
fn ended(log: &Mutex<Log>, key: &SessionKey, began: u64) -> bool {
    log.lock().unwrap().ended.get(key).is_some_and(|at| *at < began)
}

const OWNERS: u64 = 6;
