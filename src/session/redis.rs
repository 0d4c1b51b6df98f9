//! Sessions and remembered logins in Redis, for many machines.

mod connection;
mod error;
mod format;
mod names;
mod scripts;
mod series;
mod sessions;

use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, IntoConnectionInfo, ProtocolVersion, RedisError, Value};

use super::id::SessionKey;
use super::remember::SeriesKey;
use super::store::StoreError;
use connection::{Line, Step};
use names::{Kind, Prefix};
use scripts::Source;

pub use error::RedisStoreError;

/// TODO
#[derive(Clone)]
pub struct RedisStore {
    line: Line,
    prefix: Prefix,
}

impl RedisStore {
    /// A store on the server.
    ///
    /// # Errors
    /// x
    pub async fn connect(url: &str) -> Result<Self, RedisStoreError> {
        let client = client(url).map_err(|error| RedisStoreError::address(&error))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            // Whoever is next tries again; so an outage is an error at once, and is over as soon as the server is back.
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_with_config(client, config).await;
        connection.map(Self::on).map_err(|error| RedisStoreError::connection(&error))
    }

    /// A store on a connection.
    #[must_use]
    pub fn on(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self { line: Line::new(connection), prefix: Prefix::default() }
    }

    /// With keys that begin with this.
    ///
    /// # Errors
    /// x
    pub fn prefix(self, prefix: &str) -> Result<Self, RedisStoreError> {
        Ok(Self { prefix: Prefix::new(prefix)?, ..self })
    }

    fn session(&self, key: &SessionKey) -> Vec<u8> {
        self.prefix.key(Kind::Session, key.as_bytes())
    }

    fn login(&self, key: &SeriesKey) -> Vec<u8> {
        self.prefix.key(Kind::Login, key.as_bytes())
    }

    /// A script's step. Behind the prefix and the time stand its own arguments.
    fn step(&self, script: &'static Source, keys: Vec<Vec<u8>>, now: u32, own: Vec<Vec<u8>>) -> Step {
        let mut arguments = vec![self.prefix.as_bytes().to_vec(), sessions::number(now)];
        arguments.extend(own);
        Step::script(script, keys, arguments)
    }

    /// The number that a script answers.
    async fn code(
        &self,
        script: &'static Source,
        keys: Vec<Vec<u8>>,
        now: u32,
        own: Vec<Vec<u8>>,
    ) -> Result<i64, StoreError> {
        match self.line.ask(self.step(script, keys, now, own)).await? {
            Value::Int(code) => Ok(code),
            _ => Err(error::senseless()),
        }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

fn client(url: &str) -> Result<Client, RedisError> {
    let info = url.into_connection_info()?;
    // By RESP3 the manager hears that a connection was closed while nobody used it, and has another one by the time that
    // somebody does. RESP2 is for whoever asks for it.
    let asks_for_protocol = url.split_once('?').is_some_and(|(_, query)| query.contains("protocol="));
    let settings = info.redis_settings().clone();
    let protocol = if asks_for_protocol { settings.protocol() } else { ProtocolVersion::RESP3 };
    Client::open(info.set_redis_settings(settings.set_protocol(protocol)))
}

/// The longest that a connection may take to be there.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest that an answer may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
