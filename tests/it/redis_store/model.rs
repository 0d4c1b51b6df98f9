//! The memory store as a model: asked the same, both answer the same, whatever the order and the time.

use std::collections::HashMap;

use tower_cookie_policy::store::Loaded;
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{
    MemoryStore, RedisStore, RememberStore, SeriesKey, SeriesRecord, SessionKey, SessionRecord, SessionStore,
};

use super::races::Dice;
use super::{NOW, unused};

/// The two stores, and what each calls an owner's epochs.
struct Both {
    redis: RedisStore,
    memory: MemoryStore,
    epochs: HashMap<String, Vec<(u64, u64)>>,
    now: u32,
}

/// What can be told of an answer, but for the epochs.
fn told(loaded: Loaded) -> String {
    match loaded {
        Loaded::Live(stored) => format!("live {} {}", stored.revision, shown(&stored.record)),
        Loaded::Rotated(stored) => format!("rotated {} {}", stored.revision, shown(&stored.record)),
        other => format!("{other:?}"),
    }
}

fn shown(record: &SessionRecord) -> String {
    format!("{} {} {} {:?}", record.handle(), record.seen(), record.deadline(), record.owner())
}

impl Both {
    /// A record for each store, of an epoch that is the owner's or was.
    fn records(&self, dice: &mut Dice) -> (SessionRecord, SessionRecord) {
        let lasts = u32::try_from(dice.throw(60)).unwrap();
        if dice.throw(5) == 0 {
            let record = Sample::anonymous(self.now).deadline(self.now + lasts).record();
            return (record.clone(), record);
        }
        let owner = owner(dice);
        let (redis, memory) = self.epoch(&owner, dice);
        let sample = Sample::of(&owner, self.now).deadline(self.now + lasts);
        // Both are one record, with its handle, of one epoch by two names.
        (sample.clone().epoch(redis).record(), sample.epoch(memory).record())
    }

    fn epoch(&self, owner: &str, dice: &mut Dice) -> (u64, u64) {
        let Some(epochs) = self.epochs.get(owner) else { return (0, 0) };
        let back = if dice.throw(6) == 0 { usize::try_from(dice.throw(2)).unwrap() } else { 0 };
        epochs.iter().rev().nth(back).copied().unwrap_or((0, 0))
    }

    async fn step(&mut self, known: &mut Vec<SessionKey>, dice: &mut Dice) {
        let now = self.now;
        let old = known[known.len() - 1 - usize::try_from(dice.throw(12)).unwrap() % known.len()];
        let expected = 1 + dice.throw(3);
        let (redis, memory, step) = match dice.throw(11) {
            0 | 1 => {
                let (new, (one, other)) = (key(), self.records(dice));
                known.push(new);
                let redis = self.redis.create(&new, one, now).await;
                let memory = self.memory.create(&new, other, now).await;
                (format!("{redis:?}"), format!("{memory:?}"), "create")
            }
            2..=4 => {
                let redis = told(self.redis.load(&old, now).await.unwrap());
                (redis, told(self.memory.load(&old, now).await.unwrap()), "load")
            }
            5 => {
                let (one, other) = self.records(dice);
                let redis = self.redis.update(&old, expected, one, now).await;
                let memory = self.memory.update(&old, expected, other, now).await;
                (format!("{redis:?}"), format!("{memory:?}"), "update")
            }
            6 => {
                let deadline = now + u32::try_from(dice.throw(90)).unwrap();
                let redis = self.redis.touch(&old, now, deadline, now).await;
                let memory = self.memory.touch(&old, now, deadline, now).await;
                (format!("{redis:?}"), format!("{memory:?}"), "touch")
            }
            7 | 8 => {
                let (one, other) = self.records(dice);
                let used = dice.throw(8) == 0;
                let new = if used { known[0] } else { key() };
                let grace = [0, 5, 30][usize::try_from(dice.throw(3)).unwrap()];
                let redis = self.redis.rotate(&old, expected, &new, one, grace, now).await;
                let memory = self.memory.rotate(&old, expected, &new, other, grace, now).await;
                if !used {
                    known.push(new);
                }
                (format!("{redis:?}"), format!("{memory:?}"), "rotate")
            }
            9 => {
                let redis = self.redis.delete(&old, now).await;
                (format!("{redis:?}"), format!("{:?}", self.memory.delete(&old, now).await), "delete")
            }
            _ => self.end_owner(&owner(dice), (dice.throw(2) == 0).then_some(&old)).await,
        };
        assert_eq!(redis, memory, "{step} at {}", now - NOW);
    }

    async fn end_owner(
        &mut self,
        owner: &str,
        except: Option<&SessionKey>,
    ) -> (String, String, &'static str) {
        let redis = self.redis.end_owner(owner, except, self.now).await;
        let memory = self.memory.end_owner(owner, except, self.now).await;
        let epochs = (self.redis.epoch(owner).await.unwrap(), self.memory.epoch(owner).await.unwrap());
        self.epochs.entry(owner.to_owned()).or_insert_with(|| vec![(0, 0)]).push(epochs);
        (format!("{redis:?}"), format!("{memory:?}"), "end_owner")
    }

    async fn lists(&self) {
        for at in 0..OWNERS {
            let owner = format!("user-{at}");
            let mut both = Vec::new();
            for listed in [
                self.redis.list_owner(&owner, self.now).await.unwrap(),
                self.memory.list_owner(&owner, self.now).await.unwrap(),
            ] {
                let mut listed: Vec<_> =
                    listed.iter().map(|owned| (*owned.key.as_bytes(), shown(&owned.record))).collect();
                listed.sort();
                both.push(listed);
            }
            assert_eq!(both[0], both[1], "list_owner at {}", self.now - NOW);
        }
    }
}

fn owner(dice: &mut Dice) -> String {
    format!("user-{}", dice.throw(OWNERS))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn sessions_are_as_in_memory() {
    for seed in 1..9 {
        let (redis, _) = unused().await;
        let mut both = Both { redis, memory: MemoryStore::new(), epochs: HashMap::new(), now: NOW };
        let (mut dice, mut known) = (Dice(seed * 0x1e37_79b9_7f4a_7c15), vec![key()]);
        for step in 0..1500 {
            both.step(&mut known, &mut dice).await;
            if dice.throw(4) == 0 {
                both.now += u32::try_from(dice.throw(9)).unwrap();
            }
            if step % 50 == 0 {
                both.lists().await;
            }
        }
    }
}

fn told_login(stored: Option<tower_cookie_policy::store::StoredSeries>) -> Option<(u64, SeriesRecord)> {
    stored.map(|stored| (stored.revision, stored.record))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn logins_are_as_in_memory() {
    let (redis, _) = unused().await;
    let memory = MemoryStore::new();
    let (mut dice, mut known, mut now) = (Dice(77), vec![series_key()], NOW);
    let mut ends: HashMap<[u8; 32], SeriesRecord> = HashMap::new();
    for step in 0..6000 {
        let old: SeriesKey = known[known.len() - 1 - usize::try_from(dice.throw(12)).unwrap() % known.len()];
        let expected = 1 + dice.throw(3);
        match dice.throw(8) {
            0 | 1 => {
                let new = if dice.throw(3) == 0 { old } else { series_key() };
                let sample = SampleSeries::of(&owner(&mut dice), now).epoch(dice.throw(9));
                let sample = if dice.throw(6) == 0 { sample.stolen(now) } else { sample };
                let record = sample.ends(now + u32::try_from(dice.throw(60)).unwrap()).record();
                let created = redis.create_series(&new, record.clone(), now).await.unwrap();
                assert_eq!(created, memory.create_series(&new, record.clone(), now).await.unwrap(), "{step}");
                if created {
                    ends.insert(*new.as_bytes(), record);
                }
                known.push(new);
            }
            2 | 3 => {
                let (one, other) = (redis.load_series(&old, now).await, memory.load_series(&old, now).await);
                assert!(told_login(one.unwrap()) == told_login(other.unwrap()), "load_series, step {step}");
            }
            4 => {
                let Some(before) = ends.get(old.as_bytes()) else { continue };
                let sample = SampleSeries::of(before.owner(), now).ends(before.ends()).epoch(dice.throw(9));
                let sample = if dice.throw(3) == 0 { sample.stolen(now) } else { sample.successor(now) };
                let record = sample.record();
                let updated = redis.update_series(&old, expected, record.clone(), now).await.unwrap();
                assert_eq!(
                    updated,
                    memory.update_series(&old, expected, record, now).await.unwrap(),
                    "{step}"
                );
            }
            5 => {
                let deleted = redis.delete_series(&old, now).await.unwrap();
                assert_eq!(deleted, memory.delete_series(&old, now).await.unwrap(), "{step}");
            }
            6 => {
                let (owner, except) =
                    (owner(&mut dice), (dice.throw(3) != 0).then_some((&old, dice.throw(12))));
                let ended = redis.end_series_of(&owner, except, now).await.unwrap();
                assert_eq!(ended, memory.end_series_of(&owner, except, now).await.unwrap(), "{step}");
            }
            _ => now += u32::try_from(dice.throw(9)).unwrap(),
        }
    }
}

const OWNERS: u64 = 4;
