//! The steps with remembered logins.

use redis::Value;

use super::RedisStore;
use super::connection::Step;
use super::error::senseless;
use super::format;
use super::names::{Kind, owner_id};
use super::scripts;
use super::sessions::{count, number, updated, was_there};
use crate::session::remember::{RememberStore, SeriesKey, SeriesRecord, StoredSeries};
use crate::session::store::{StoreError, Updated};

impl RememberStore for RedisStore {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        let arguments = vec![format::series(&record, 1)];
        was_there(self.code(&scripts::CREATE_SERIES, self.login_keys(key, &record), now, arguments).await?)
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        match self.line.ask(Step::get(&self.login(key))).await? {
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
        let value = format::series(&record, expected.saturating_add(1));
        let arguments = vec![value, expected.to_be_bytes().to_vec()];
        updated(self.code(&scripts::UPDATE_SERIES, self.login_keys(key, &record), now, arguments).await?)
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        was_there(self.code(&scripts::DELETE_SERIES, vec![self.login(key)], now, vec![]).await?)
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let mut keys = vec![self.prefix.key(Kind::Logins, &owner_id(owner))];
        keys.extend(except.map(|(key, _)| self.login(key)));
        let epoch = except.map(|(_, epoch)| epoch.to_be_bytes().to_vec());
        count(self.code(&scripts::END_SERIES_OF, keys, now, epoch.into_iter().collect()).await?)
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        let arguments = vec![number(limit.min(MOST_AT_ONCE))];
        count(self.code(&scripts::PURGE_SERIES, vec![self.prefix.ends()], now, arguments).await?)
    }
}

impl RedisStore {
    fn login(&self, key: &SeriesKey) -> Vec<u8> {
        self.prefix.key(Kind::Login, key.as_bytes())
    }

    /// All keys of a step that are known before it, as with sessions.
    fn login_keys(&self, key: &SeriesKey, record: &SeriesRecord) -> Vec<Vec<u8>> {
        let owner = owner_id(record.owner());
        let of_owner = [Kind::Logins, Kind::Epoch].map(|kind| self.prefix.key(kind, &owner));
        [self.login(key), self.prefix.ends()].into_iter().chain(of_owner).collect()
    }
}

/// How many are forgotten in one step, since nobody else is served meanwhile.
const MOST_AT_ONCE: usize = 1000;
