//! Sessions and remembered logins in Redis, for many machines.
//!
//! - A step is one `GET`, or one script (`scripts/`), to which the server lets nothing come between: one round trip. Only a read by
//!   a key that has moved on, and a list of much, take more.
//! - What steps have to know of a record stands in front of its bytes (`format`), so that the record is read and written here alone.
//! - Time is the policy's. What is over by it is as good as absent, whether Redis has it still or not; Redis forgets by its own
//!   clock, a minute after that.
//! - All keys begin with one prefix in braces (`names`), which makes them one hash slot: a session is found by its id and an owner
//!   by name, and steps have to see both at once.
//! - What a server or a connection says goes no further than its class (`error`).

mod client;
mod connection;
mod error;
mod format;
mod names;
mod scripts;
mod series;
mod sessions;
mod step;

use std::fmt;

use redis::Value;
use redis::aio::ConnectionLike;

use super::store::StoreError;
use connection::Line;
use names::Prefix;
use scripts::Source;
use step::{Key, Step};

pub use error::RedisStoreError;

/// Sessions and remembered logins in Redis. Cheap to clone; all clones are one.
///
/// It is for many machines that share one server, or one cluster. That has to be Redis 7.0 or newer, or what speaks RESP
/// and runs Lua as that does; it was tried with Redis 7.0.15.
///
/// ```no_run
/// use tower_cookie_policy::{CookiePolicy, KeyRing, RedisStore};
///
/// # async fn build() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://:password@redis.internal:6379").await?.prefix("shop:")?;
/// let policy = CookiePolicy::broadcloud(KeyRing::from_env("COOKIE_KEYS")?).node("web-1").store(store).build()?;
/// # Ok(())
/// # }
/// ```
///
/// # What is kept, and for how long
///
/// | key: `{prefix}`, a letter, and | there is | Redis keeps it until |
/// |---|---|---|
/// | `s`, the session's key | a session | its deadline |
/// | the same | the mark of one that ended or moved on | ten minutes after that |
/// | `o`, SHA-256 of the user's name | the keys of the user's sessions | the last deadline among them |
/// | `e`, SHA-256 of the user's name | the user's epoch, once all of the user's sessions were ended | 400 days after that, or longer |
/// | `r`, the login's key | a remembered login | its end |
/// | `l`, SHA-256 of the user's name | the keys of the user's logins | the last end among them |
/// | `z` | the keys of all logins | the last end among them |
///
/// Each of them has a minute more, since machines' clocks differ, and each has a time to live. So Redis forgets sessions
/// by itself, and [`CookiePolicy::purge`](crate::CookiePolicy::purge) has little to do: it takes the logins that have ended out of
/// the list of all logins. Where nobody calls it, each login that is kept takes a few of them out.
///
/// A key that moved on leads to its session over at most 64 renewals. After more of them within its grace it counts as ended, and to
/// end the session by it ends nothing.
///
/// No id of a session and no user's name is in a key. The values are not encrypted: a record has the user's name and what
/// the application put in the session.
///
/// **Of one user** there are at most 1000 sessions, of which the one that was seen longest ago goes, and 100 remembered logins,
/// of which the one that ends first goes. The list says of a session how long before its deadline it was seen, up to twelve days:
/// of sessions that were seen longer before it, the one with the earliest deadline goes.
///
/// **Epochs** are what makes a session that was to be opened before a
/// [`revoke_user`](crate::CookiePolicy::revoke_user) and is written after it fail. A user's epoch is 0 until it is raised, then the
/// time by the policy's clock, or one more than before where that is not more. It is kept for 400 days after each time that it was
/// raised, which is longer than browsers keep a cookie, and at any rate as long as any session or remembered login of the
/// user in this store. After that it is 0 again. By then nothing is left that carries an older one, and when it is raised
/// again it is higher than it has ever been.
///
/// To read a session takes one `GET`, which does not look at the epoch. It need not: the step that raises it ends all sessions on
/// the user's list. One that is on no list, because Redis lost that, can be read until somebody touches or writes it: each of
/// these steps holds it against the epoch, and ends it.
///
/// # Memory
///
/// On Redis 7.0.15 with jemalloc, indexes and tables included, and with names of users of some twenty bytes:
///
/// | | bytes |
/// |---|---|
/// | an anonymous session with one value of 50 bytes | 320 |
/// | a signed-in one, where it is its user's only one | 640 |
/// | a remembered login, where it is its user's only one | 780 |
/// | the mark of a session that ended, for ten minutes | 210 |
/// | a user's epoch | 210 |
///
/// That is what `cargo test --all-features --test it redis_store::sizes -- --ignored --nocapture` measures, as what
/// `INFO memory` has in `used_memory` before and after.
///
/// Anonymous sessions are bounded by `maxmemory` alone. What happens there is up to `maxmemory-policy`:
/// - `noeviction`: new and changed sessions are refused with [`Full`](crate::StoreErrorKind::Full), and so are new logins. Reading,
///   touching and ending go on. This is the one to have.
/// - `volatile-ttl`: what would be forgotten first goes first. Those are marks, sessions, signed-in ones too, and lists of a
///   user's sessions. Whoever had a session begins anew. Epochs and logins last longest and go last, as far as Redis sees by its
///   samples.
/// - The others may take an epoch too, with which what was ended before it was written may come back.
///
/// Where the list of a user's sessions is taken, they are live and on no list, until each is touched or written, which puts it
/// back. A [`revoke_user`](crate::CookiePolicy::revoke_user) before that does not end it at once, but with the next step that would
/// touch or write it: whoever goes on using it can read it for up to a tenth of the idle limit more, and not write to it.
///
/// # What survives
///
/// What Redis keeps on its disk. With `appendonly yes` and `appendfsync everysec` a crash takes up to a second or two of writes
/// with it, without persistence all of them. A session that was lost is absent, which is harmless. But an *end* that was lost is
/// one too: a session that was signed out of, or revoked, in that second is live again after the restart, until its deadline. The same
/// goes for a failover to a replica that had not received everything yet. `appendfsync always`, and `min-replicas-to-write`
/// on the server, narrow that down; whether that is worth their price is up to who runs it. The store does not `WAIT`.
///
/// # Outages
///
/// A store made by [`connect`](Self::connect) has one connection, which comes back by itself. To be connected takes at most one
/// second, and an answer 1.9 seconds, which together are less than the policy's
/// [`store_deadline`](crate::CookiePolicyBuilder::store_deadline) of three. A step that asks more than once may take the sum, and the
/// policy then stops waiting for it: where its script is new to the server, where it is repeated, where an id has moved on, and
/// where a list is long.
///
/// A connection on which an answer did not come in time is given up for another, and so is one to a server that has become a
/// replica. In time is 1.9 seconds, or half a second where the policy waits no longer. Nothing waits in line for a server that
/// is away: a step fails, and so begins the next attempt to connect.
///
/// A step is repeated once, after 50 ms, where that is safe: a read whose connection broke, and whatever the server has surely
/// not done (connection refused, `LOADING`, `READONLY`, `MASTERDOWN`, `CLUSTERDOWN`, `TRYAGAIN`). A write whose connection broke
/// under it is not, since it may have been done. By RESP3 a connection that the server closed while nobody used it is
/// replaced at once, and no write meets it.
///
/// # Clusters
///
/// ```no_run
/// use redis::cluster::ClusterClient;
/// use tower_cookie_policy::RedisStore;
///
/// # async fn build() -> Result<(), Box<dyn std::error::Error>> {
/// // With the feature `cluster-async` of the crate redis.
/// let client = ClusterClient::new(["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"])?;
/// let store = RedisStore::on(client.get_async_connection().await?).prefix("shop:")?;
/// # Ok(())
/// # }
/// ```
///
/// **A store is one hash slot**, so all of it is on one shard of a cluster, with its replicas: a cluster makes it no larger, only
/// more available. Stores with other prefixes, for other policies, have other slots. While that slot is on its way to another
/// shard, steps may be refused with [`Unavailable`](crate::StoreErrorKind::Unavailable).
///
/// Scripts name as `KEYS` what is known beforehand. Which sessions a user has, and whose a session is, they find out as they
/// run, in the same slot; servers that insist on knowing every key before do not serve.
///
/// A cluster's client repeats by itself what a broken connection has left open, writes too. A step may so be done twice. Nothing
/// that was ended comes back by that, but the function of a [`Session::update`](crate::Session::update) may be applied twice.
///
/// # TLS
///
/// `rediss://` needs a TLS feature of the crate redis, which an application turns on where it names that crate itself:
/// `redis = { version = "1.8", default-features = false, features = ["tokio-rustls-comp"] }`, or `tokio-native-tls-comp`. With
/// rustls the application chooses the cryptography too, by its own dependency
/// `rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }` or by installing a provider before it connects; without one the crate
/// rustls panics. Certificates are held against those that the machine trusts (`SSL_CERT_FILE` names others).
///
/// # Whoever can write to the server
///
/// can sign in as anybody. It should be reachable by the application's machines only, and ask for a password. What the store
/// sends are `EVALSHA`, `EVAL`, `GET` and `MGET`; for an ACL, scripts call `GET`, `GETRANGE`, `SET`, `SETRANGE`, `STRLEN`, `DEL`,
/// `EXPIRE`, `TTL`, `ZADD`, `ZCARD`, `ZRANGE`, `ZRANGEBYSCORE`, `ZREM`, `ZREMRANGEBYSCORE`, `ZREVRANGE` and `ZSCORE` besides.
#[derive(Clone)]
pub struct RedisStore {
    line: Line,
    prefix: Prefix,
}

impl RedisStore {
    /// A store on the server with this address: `redis://[user[:password]@]host[:port][/database]`, `rediss://` over TLS, or
    /// `redis+unix:///path`. It is connected when this returns.
    ///
    /// The connection speaks RESP3. With `?protocol=resp2` at the end of the address it speaks RESP2, for a proxy that knows no
    /// other; a connection that was closed while idle is then an error of the step that finds out.
    ///
    /// # Errors
    /// If this is no such address, and if the server cannot be reached within a second or lets nobody in. The address is not
    /// quoted, so no password is in the error.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), tower_cookie_policy::RedisStoreError> {
    /// let store = tower_cookie_policy::RedisStore::connect("redis://127.0.0.1:6379/2").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str) -> Result<Self, RedisStoreError> {
        let client = client::at(url).map_err(|error| RedisStoreError::address(&error))?;
        let line = Line::to(client, client::patience()).await;
        let line = line.map_err(|error| RedisStoreError::connection(&error))?;
        Ok(Self { line, prefix: Prefix::default() })
    }

    /// A store on a connection that the application has made: a `ConnectionManager`, with timeouts and retries of its own, a
    /// `ClusterConnection`, or another whose clones are one connection that comes back by itself. It is of version 1 of the crate
    /// redis.
    ///
    /// Its timeouts should be less than the policy's [`store_deadline`](crate::CookiePolicyBuilder::store_deadline), and it must not
    /// read from replicas.
    ///
    /// ```no_run
    /// use redis::aio::{ConnectionManager, ConnectionManagerConfig};
    /// use std::time::Duration;
    /// use tower_cookie_policy::RedisStore;
    ///
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = redis::Client::open("redis://127.0.0.1:6379/?protocol=resp3")?;
    /// let config = ConnectionManagerConfig::new()
    ///     .set_connection_timeout(Some(Duration::from_millis(300)))
    ///     .set_response_timeout(Some(Duration::from_millis(300)))
    ///     .set_number_of_retries(0);
    /// let store = RedisStore::on(ConnectionManager::new_with_config(client, config).await?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self { line: Line::new(connection), prefix: Prefix::default() }
    }

    /// The same server, with keys that begin with this prefix, in braces; without it they begin with `{cookie-policy:}`. Stores
    /// with other prefixes do not know each other; one store is for the policies of one id.
    ///
    /// # Errors
    /// If it has other characters than visible ASCII ones, or braces, or is not of 1 to 64 bytes.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), tower_cookie_policy::RedisStoreError> {
    /// # use tower_cookie_policy::RedisStore;
    /// let shop = RedisStore::connect("redis://127.0.0.1:6379").await?.prefix("shop:")?;
    /// let wiki = shop.clone().prefix("wiki:")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefix(self, prefix: &str) -> Result<Self, RedisStoreError> {
        Ok(Self { prefix: Prefix::new(prefix)?, ..self })
    }

    /// A script's step, whose own arguments follow and have about so many bytes.
    fn step(&self, script: &'static Source, keys: &[Key<'_>], now: u32, bytes: usize) -> Step {
        Step::script(script, &self.prefix, keys, now, bytes)
    }

    /// The number that a script answers.
    async fn code(&self, step: Step) -> Result<i64, StoreError> {
        match self.line.ask(step).await? {
            Value::Int(code) => Ok(code),
            _ => Err(error::senseless()),
        }
    }
}

/// The prefix, and nothing of the connection.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
