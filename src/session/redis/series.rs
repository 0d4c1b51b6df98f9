//! The steps with remembered logins.

use redis::Value;

use super::RedisStore;
use super::error::senseless;
use super::format;
use super::names::{Kind, owner_id};
use super::scripts::{self, Source};
use super::sessions::{count, updated, was_there};
use super::step::{Key, Step};
use crate::session::remember::{RememberStore, SeriesKey, SeriesRecord, StoredSeries};
use crate::session::store::{StoreError, Updated};

impl RememberStore for RedisStore {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        was_there(self.code(self.keeping_login(&scripts::CREATE_SERIES, key, &record, 1, now)).await?)
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        match self.line.ask(Step::get(&self.prefix, login(key))).await? {
            Value::Nil => Ok(None),
            Value::BulkString(value) => format::read_series(&value)
                .map(|stored| Some(stored).filter(|stored| now < stored.record.ends())),
            _ => Err(senseless()),
        }
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let revision = expected.saturating_add(1);
        let step = self.keeping_login(&scripts::UPDATE_SERIES, key, &record, revision, now);
        updated(self.code(step.bytes(&expected.to_be_bytes())).await?)
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        was_there(self.code(self.step(&scripts::DELETE_SERIES, &[login(key)], now, 0)).await?)
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let owner = owner_id(owner);
        let mut keys = vec![(Kind::Logins, &owner[..])];
        keys.extend(except.map(|(key, _)| login(key)));
        let mut step = self.step(&scripts::END_SERIES_OF, &keys, now, 8);
        if let Some((_, epoch)) = except {
            step = step.bytes(&epoch.to_be_bytes());
        }
        count(self.code(step).await?)
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        let step = self.step(&scripts::PURGE_SERIES, &[(Kind::Ends, &[])], now, 8);
        count(self.code(step.number(limit.min(MOST_AT_ONCE))).await?)
    }
}

impl RedisStore {
    /// A step that keeps a login, with all keys that are known before it, as with sessions.
    fn keeping_login(
        &self,
        script: &'static Source,
        key: &SeriesKey,
        record: &SeriesRecord,
        revision: u64,
        now: u32,
    ) -> Step {
        let owner = owner_id(record.owner());
        let value = format::series(record, &owner, revision);
        let keys = [login(key), (Kind::Ends, &[]), (Kind::Logins, &owner), (Kind::Epoch, &owner)];
        self.step(script, &keys, now, value.len() + 8).bytes(&value)
    }
}

fn login(key: &SeriesKey) -> Key<'_> {
    (Kind::Login, key.as_bytes())
}

/// How many are forgotten in one step, since nobody else is served meanwhile.
const MOST_AT_ONCE: usize = 1000;
