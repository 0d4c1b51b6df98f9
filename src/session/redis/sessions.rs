//! The steps with sessions.

use redis::Value;

use super::RedisStore;
use super::error::{senseless, undecodable};
use super::format::{self, Found};
use super::names::{Kind, owner_id};
use super::scripts::{self, Source};
use super::step::{Key, Step};
use crate::session::id::SessionKey;
use crate::session::record::SessionRecord;
use crate::session::store::{Created, Loaded, Owned, Rotated, SessionStore, StoreError, Updated};

impl SessionStore for RedisStore {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Result<Created, StoreError> {
        match self.code(self.keeping(&scripts::CREATE, &[session(key)], &record, 1, now)).await? {
            0 => Ok(Created::Duplicate),
            1 => Ok(Created::Yes),
            2 => Ok(Created::Revoked),
            _ => Err(senseless()),
        }
    }

    async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        match self.line.ask(Step::get(&self.prefix, session(key))).await? {
            Value::Nil => Ok(Loaded::Absent),
            Value::BulkString(value) => match format::read_session(&value, now)? {
                Found::This(loaded) => Ok(loaded),
                Found::LeadsOn => self.follow(key, now).await,
            },
            _ => Err(senseless()),
        }
    }

    async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let step = self.keeping(&scripts::UPDATE, &[session(key)], &record, expected.saturating_add(1), now);
        updated(self.code(step.bytes(&expected.to_be_bytes())).await?)
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Result<bool, StoreError> {
        let step = self.step(&scripts::TOUCH, &[session(key)], now, 20);
        was_there(self.code(step.number(seen).number(deadline)).await?)
    }

    async fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> Result<Rotated, StoreError> {
        let keys = [session(old), session(new)];
        let step = self.keeping(&scripts::ROTATE, &keys, &record, expected.saturating_add(1), now);
        match self.code(step.bytes(&expected.to_be_bytes()).number(grace)).await? {
            0 => Ok(Rotated::Gone),
            1 => Ok(Rotated::Yes),
            2 => Ok(Rotated::Conflict),
            3 => Ok(Rotated::Duplicate),
            4 => Ok(Rotated::Revoked),
            -1 => Err(undecodable()),
            _ => Err(senseless()),
        }
    }

    async fn delete(&self, key: &SessionKey, now: u32) -> Result<bool, StoreError> {
        was_there(self.code(self.step(&scripts::DELETE, &[session(key)], now, 0)).await?)
    }

    async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
        let step = self.step(&scripts::LIST_OWNER, &[(Kind::Sessions, &owner_id(owner))], now, 8);
        let step = step.number(MOST_LISTED).reading();
        let Value::Array(listed) = self.line.ask(step).await? else { return Err(senseless()) };
        let (pairs, []) = listed.as_chunks() else { return Err(senseless()) };
        let (mut owned, mut left) = (Vec::with_capacity(pairs.len()), Vec::new());
        for pair in pairs {
            let [Value::BulkString(id), Value::BulkString(value)] = pair else { return Err(senseless()) };
            let key = SessionKey::from_bytes(id.as_slice().try_into().map_err(|_| senseless())?);
            match value.as_slice() {
                [] => left.push(key),
                value => owned.extend(listed_as(key, value, owner, now)),
            }
        }
        for some in left.chunks(MOST_FETCHED) {
            let keys: Vec<_> = some.iter().map(session).collect();
            let Value::Array(values) = self.line.ask(Step::get_all(&self.prefix, &keys)).await? else {
                return Err(senseless());
            };
            for (key, value) in some.iter().zip(&values) {
                // What has ended since is gone, or has left its mark.
                if let Value::BulkString(value) = value {
                    owned.extend(listed_as(*key, value, owner, now));
                }
            }
        }
        Ok(owned)
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        match self.line.ask(Step::get(&self.prefix, (Kind::Epoch, &owner_id(owner)))).await? {
            Value::Nil => Ok(0),
            Value::BulkString(epoch) => {
                epoch.as_slice().try_into().map(u64::from_be_bytes).map_err(|_| senseless())
            }
            _ => Err(senseless()),
        }
    }

    async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let owner = owner_id(owner);
        let mut keys = vec![(Kind::Sessions, &owner[..]), (Kind::Epoch, &owner[..])];
        keys.extend(except.map(session));
        count(self.code(self.step(&scripts::END_OWNER, &keys, now, 8).number(EPOCH_FOR)).await?)
    }

    /// Nothing is left to forget: what is over is as good as absent to every step, and Redis forgets it by itself.
    async fn purge(&self, _now: u32, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl RedisStore {
    /// A step that keeps a session, with all keys that are known before it: those of the sessions, and those of the record's
    /// owner. A cluster whose slot is on its way to another shard then refuses the step before anything is done.
    fn keeping(
        &self,
        script: &'static Source,
        sessions: &[Key<'_>],
        record: &SessionRecord,
        revision: u64,
        now: u32,
    ) -> Step {
        let owner = record.owner().map(owner_id);
        let value = format::session(record, owner.as_ref(), revision);
        let mut keys = sessions.to_vec();
        if let Some(owner) = &owner {
            keys.extend([(Kind::Epoch, &owner[..]), (Kind::Sessions, &owner[..])]);
        }
        self.step(script, &keys, now, value.len() + 20).bytes(&value)
    }

    /// What is at the end of the way on which a key leads, in one step.
    async fn follow(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        let live = |value: &[u8]| format::live(value, now)?.ok_or_else(senseless);
        match self.line.ask(self.step(&scripts::FOLLOW, &[session(key)], now, 0).reading()).await? {
            Value::Int(0) => Ok(Loaded::Absent),
            Value::Int(1) => Ok(Loaded::Ended),
            Value::Array(answer) => match answer.as_slice() {
                [Value::Int(2), Value::BulkString(value)] => live(value).map(Loaded::Live),
                [Value::Int(3), Value::BulkString(value)] => live(value).map(Loaded::Rotated),
                _ => Err(senseless()),
            },
            _ => Err(senseless()),
        }
    }
}

fn session(key: &SessionKey) -> Key<'_> {
    (Kind::Session, key.as_bytes())
}

/// A value in its owner's list. What is no record is left out.
fn listed_as(key: SessionKey, value: &[u8], owner: &str, now: u32) -> Option<Owned> {
    let stored = format::live(value, now).ok().flatten()?;
    (stored.record.owner() == Some(owner)).then(|| Owned::new(key, stored.record))
}

pub(super) fn updated(code: i64) -> Result<Updated, StoreError> {
    match code {
        0 => Ok(Updated::Gone),
        1 => Ok(Updated::Yes),
        2 => Ok(Updated::Conflict),
        -1 => Err(undecodable()),
        _ => Err(senseless()),
    }
}

pub(super) fn was_there(code: i64) -> Result<bool, StoreError> {
    match code {
        0 => Ok(false),
        1 => Ok(true),
        -1 => Err(undecodable()),
        _ => Err(senseless()),
    }
}

pub(super) fn count(code: i64) -> Result<usize, StoreError> {
    usize::try_from(code).map_err(|_| senseless())
}

/// For how many seconds an owner's epoch is kept at least after it was raised: 400 days, as long as browsers keep any cookie.
const EPOCH_FOR: u32 = 34_560_000;
/// Bytes of values in one answer to a list, since nobody else is served while it is written. The others are fetched behind it, a few at
/// a time.
const MOST_LISTED: u32 = 262_144;
const MOST_FETCHED: usize = 16;
