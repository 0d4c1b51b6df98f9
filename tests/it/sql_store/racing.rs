//! Many at once on two handles: no session comes back that has ended, and nobody waits for somebody who waits for them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_cookie_policy::store::{Created, Loaded, Rotated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionKey, SessionStore, SqlStore};

use super::{NOW, Place};

on_both! {
    no_session_comes_back_that_has_ended
}

const TASKS: u64 = 16;
const STEPS: u32 = 150;
const OWNERS: [&str; 3] = ["anna", "bert", "carla"];

/// What is known of the sessions, by their handles, which they keep over all ids.
#[derive(Default)]
struct Known {
    keys: HashMap<String, (String, Vec<SessionKey>)>,
    ended: HashSet<String>,
}

impl Known {
    fn some(&self, chance: &mut Chance) -> Option<SessionKey> {
        let keys: Vec<_> = self.keys.values().flat_map(|(_, keys)| keys.last()).collect();
        (!keys.is_empty()).then(|| *keys[chance.below(keys.len())])
    }
}

async fn no_session_comes_back_that_has_ended(place: &Place) {
    let stores = [place.store().await, place.store().await];
    let known = Arc::new(Mutex::new(Known::default()));
    let tasks = (0..TASKS).map(|task| {
        let (stores, known) = (stores.clone(), Arc::clone(&known));
        tokio::spawn(async move {
            let mut chance = Chance(task * 7919 + 1);
            for _ in 0..STEPS {
                let store = &stores[chance.below(2)];
                step(store, &known, &mut chance).await;
            }
        })
    });
    let all = async {
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(100), all).await.expect("they wait for each other");
    let known = std::mem::take(&mut *known.lock().unwrap());
    assert!(known.ended.len() > 20, "{}", known.ended.len());
    for (handle, (owner, keys)) in &known.keys {
        let mut live = 0;
        for key in keys {
            live += u32::from(matches!(stores[0].load(key, NOW).await.unwrap(), Loaded::Live(_)));
        }
        assert!(live <= 1, "a session has one id");
        if known.ended.contains(handle) {
            assert_eq!(live, 0, "a session of {owner}");
        }
    }
    for owner in OWNERS {
        let (epoch, listed) =
            (stores[1].epoch(owner).await.unwrap(), stores[0].list_owner(owner, NOW).await.unwrap());
        for listed in listed {
            assert!(listed.record.epoch() >= epoch);
            assert!(!known.ended.contains(listed.record.handle()));
        }
    }
}

async fn step(store: &SqlStore, known: &Mutex<Known>, chance: &mut Chance) {
    let owner = OWNERS[chance.below(OWNERS.len())];
    match chance.below(20) {
        0..5 => {
            let epoch = store.epoch(owner).await.unwrap();
            tokio::task::yield_now().await;
            let (key, record) = (key(), Sample::of(owner, NOW).epoch(epoch).record());
            let handle = record.handle().to_owned();
            if store.create(&key, record, NOW).await.unwrap() == Created::Yes {
                known.lock().unwrap().keys.insert(handle, (owner.to_owned(), vec![key]));
            }
        }
        5..9 => {
            let Some(old) = known.lock().unwrap().some(chance) else { return };
            let Loaded::Live(stored) = store.load(&old, NOW).await.unwrap() else { return };
            let (new, grace) = (key(), [0, 10][chance.below(2)]);
            let record = Sample::from((*stored.record).clone()).value("step", "1").record();
            let handle = record.handle().to_owned();
            if store.rotate(&old, stored.revision, &new, record, grace, NOW).await.unwrap() == Rotated::Yes {
                known.lock().unwrap().keys.get_mut(&handle).unwrap().1.push(new);
            }
        }
        9..12 => {
            let Some(key) = known.lock().unwrap().some(chance) else { return };
            let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { return };
            store.touch(&key, NOW + 1, NOW + 1801, NOW).await.unwrap();
            let record = Sample::from((*stored.record).clone()).value("step", "2").record();
            store.update(&key, stored.revision, record, NOW).await.unwrap();
        }
        12..14 => {
            let Some(key) = known.lock().unwrap().some(chance) else { return };
            if store.delete(&key, NOW).await.unwrap() {
                let mut known = known.lock().unwrap();
                let handle = known.keys.iter().find(|(_, (_, keys))| keys.contains(&key)).unwrap().0.clone();
                known.ended.insert(handle);
            }
        }
        14..16 => {
            // All that had begun before it was asked for have ended once it is done.
            let begun: Vec<_> = {
                let known = known.lock().unwrap();
                known
                    .keys
                    .iter()
                    .filter(|(_, (of, _))| of == owner)
                    .map(|(handle, _)| handle.clone())
                    .collect()
            };
            store.end_owner(owner, None, NOW).await.unwrap();
            known.lock().unwrap().ended.extend(begun);
        }
        16..18 => {
            let ended = known.lock().unwrap().ended.clone();
            let listed = store.list_owner(owner, NOW).await.unwrap();
            assert!(
                listed.iter().all(|listed| !ended.contains(listed.record.handle())),
                "one is listed again"
            );
            let keys: Vec<SessionKey> = {
                let known = known.lock().unwrap();
                ended.iter().take(5).flat_map(|handle| known.keys[handle].1.clone()).collect()
            };
            for key in keys {
                let found = store.load(&key, NOW).await.unwrap();
                assert!(matches!(found, Loaded::Ended | Loaded::Absent), "one is live again");
            }
        }
        18 => {
            let (key, series) = (series_key(), SampleSeries::of(owner, NOW).record());
            store.create_series(&key, series.clone(), NOW).await.unwrap();
            store.update_series(&key, 1, series, NOW).await.unwrap();
            store.end_series_of(owner, Some((&key, 1)), NOW).await.unwrap();
        }
        _ => {
            store.purge(NOW, 10).await.unwrap();
            store.purge_series(NOW, 10).await.unwrap();
        }
    }
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}
