//! The steps with sessions.

use redis::Value;

use super::RedisStore;
use super::connection::Step;
use super::error::{senseless, undecodable};
use super::format;
use super::names::{Kind, owner_id};
use super::scripts;
use crate::session::id::SessionKey;
use crate::session::record::SessionRecord;
use crate::session::store::{Created, Loaded, Owned, Rotated, SessionStore, StoreError, Updated};

impl SessionStore for RedisStore {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Result<Created, StoreError> {
        let keys = self.session_keys([key], &record);
        match self.code(&scripts::CREATE, keys, now, vec![format::session(&record, 1)]).await? {
            0 => Ok(Created::Duplicate),
            1 => Ok(Created::Yes),
            2 => Ok(Created::Revoked),
            _ => Err(senseless()),
        }
    }

    async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        let step = self.step(&scripts::LOAD, vec![self.session(key)], now, vec![]).reading();
        match self.line.ask(step).await? {
            Value::Int(0) => Ok(Loaded::Absent),
            Value::Int(1) => Ok(Loaded::Ended),
            Value::Array(answer) => match answer.as_slice() {
                [Value::Int(2), Value::BulkString(value)] => format::read_session(value).map(Loaded::Live),
                [Value::Int(3), Value::BulkString(value)] => format::read_session(value).map(Loaded::Rotated),
                _ => Err(senseless()),
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
        let value = format::session(&record, expected.saturating_add(1));
        let arguments = vec![value, expected.to_be_bytes().to_vec()];
        updated(self.code(&scripts::UPDATE, self.session_keys([key], &record), now, arguments).await?)
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Result<bool, StoreError> {
        let arguments = vec![number(seen), number(deadline)];
        was_there(self.code(&scripts::TOUCH, vec![self.session(key)], now, arguments).await?)
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
        let value = format::session(&record, expected.saturating_add(1));
        let arguments = vec![value, expected.to_be_bytes().to_vec(), number(grace)];
        let keys = self.session_keys([old, new], &record);
        match self.code(&scripts::ROTATE, keys, now, arguments).await? {
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
        was_there(self.code(&scripts::DELETE, vec![self.session(key)], now, vec![]).await?)
    }

    async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
        let keys = vec![self.prefix.key(Kind::Sessions, &owner_id(owner))];
        let step = self.step(&scripts::LIST_OWNER, keys, now, vec![]).reading();
        let Value::Array(listed) = self.line.ask(step).await? else { return Err(senseless()) };
        let (pairs, []) = listed.as_chunks() else { return Err(senseless()) };
        let mut owned = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let [Value::BulkString(id), Value::BulkString(value)] = pair else { return Err(senseless()) };
            let id = id.as_slice().try_into().map_err(|_| senseless())?;
            // What is no record is left out.
            if let Ok(stored) = format::read_session(value) {
                owned.push(Owned::new(SessionKey::from_bytes(id), stored.record));
            }
        }
        Ok(owned)
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        match self.line.ask(Step::get(&self.prefix.key(Kind::Epoch, &owner_id(owner)))).await? {
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
        let mut keys = vec![self.prefix.key(Kind::Sessions, &owner), self.prefix.key(Kind::Epoch, &owner)];
        keys.extend(except.map(|key| self.session(key)));
        count(self.code(&scripts::END_OWNER, keys, now, vec![number(EPOCH_FOR)]).await?)
    }

    /// Nothing is left to forget: what is over is as good as absent to every step, and Redis forgets it by itself.
    async fn purge(&self, _now: u32, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl RedisStore {
    fn session(&self, key: &SessionKey) -> Vec<u8> {
        self.prefix.key(Kind::Session, key.as_bytes())
    }

    /// All keys of a step that are known before it: those of the sessions, and those of the record's owner. A cluster whose slot
    /// is on its way to another shard then refuses the step before anything is done.
    fn session_keys<const N: usize>(&self, keys: [&SessionKey; N], record: &SessionRecord) -> Vec<Vec<u8>> {
        let owner = record.owner().map(owner_id);
        let of_owner = owner
            .iter()
            .flat_map(|owner| [Kind::Epoch, Kind::Sessions].map(|kind| self.prefix.key(kind, owner)));
        keys.map(|key| self.session(key)).into_iter().chain(of_owner).collect()
    }
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

pub(super) fn number(number: impl ToString) -> Vec<u8> {
    number.to_string().into_bytes()
}

/// For how many seconds an owner's epoch is kept at least after it was raised: 400 days, as long as browsers keep any cookie.
const EPOCH_FOR: u32 = 34_560_000;
