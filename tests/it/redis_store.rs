//! The store on Redis: held to the rules of all stores, in its keys, in its bounds, and where the server fails.
//!
//! A server's address is in `COOKIE_TEST_REDIS`, as `redis://127.0.0.1:6379`. What needs one that is set up in a certain way, or
//! that fails, starts it.

mod bounds;
mod clocks;
mod conformance;
mod damage;
mod keys;
mod model;
mod outage;
mod races;
mod room;
mod secrets;
mod server;
mod silence;
mod sizes;

use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue, cmd};
use tower_cookie_policy::store::{Created, Loaded};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{RedisStore, SessionKey, SessionRecord, SessionStore};

/// 26 November 2026.
const NOW: u32 = 1_795_651_200;

fn address() -> String {
    std::env::var("COOKIE_TEST_REDIS")
        .expect("COOKIE_TEST_REDIS is to be the address of a Redis server, as redis://127.0.0.1:6379")
}

/// A store that nobody has used, and a connection to look behind it.
async fn unused() -> (RedisStore, Behind) {
    let prefix = prefix();
    let store = RedisStore::connect(&address()).await.unwrap().prefix(&prefix).unwrap();
    (store, Behind::new(&address(), &prefix).await)
}

fn prefix() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};

    static TESTS: AtomicU32 = AtomicU32::new(0);
    let mut random = String::new();
    for byte in &key().as_bytes()[..6] {
        random.push_str(&format!("{byte:02x}"));
    }
    format!("test-{random}-{}:", TESTS.fetch_add(1, Ordering::Relaxed))
}

/// The server behind a store.
struct Behind {
    connection: MultiplexedConnection,
    prefix: String,
}

impl Behind {
    async fn new(address: &str, prefix: &str) -> Self {
        let connection = Client::open(address).unwrap().get_multiplexed_async_connection().await.unwrap();
        Self { connection, prefix: format!("{{{prefix}}}") }
    }

    async fn ask<T: FromRedisValue>(&mut self, words: &[&[u8]]) -> T {
        let mut command = cmd(std::str::from_utf8(words[0]).unwrap());
        command.arg(&words[1..]);
        command.query_async(&mut self.connection).await.unwrap()
    }

    /// All keys of the store.
    async fn keys(&mut self) -> Vec<Vec<u8>> {
        let pattern = format!("{}*", self.prefix);
        self.ask(&[b"KEYS", pattern.as_bytes()]).await
    }

    /// The one key with this letter.
    async fn only(&mut self, letter: u8) -> Vec<u8> {
        let (keys, at) = (self.keys().await, self.prefix.len());
        let mut with = keys.into_iter().filter(|key| key[at] == letter);
        let (Some(only), None) = (with.next(), with.next()) else { panic!("there is not one such key") };
        only
    }

    /// The key of what has this letter and id.
    fn key(&self, letter: u8, id: &[u8; 32]) -> Vec<u8> {
        [self.prefix.as_bytes(), &[letter], id].concat()
    }
}

/// Creates a session under a new key, where that goes well.
async fn created(store: &RedisStore, record: SessionRecord) -> SessionKey {
    let key = key();
    assert_eq!(store.create(&key, record, NOW).await.unwrap(), Created::Yes);
    key
}

async fn is_live(store: &RedisStore, key: &SessionKey) -> bool {
    matches!(store.load(key, NOW).await.unwrap(), Loaded::Live(_))
}

/// A session of this user in the present epoch.
async fn of(store: &RedisStore, owner: &str) -> Sample {
    Sample::of(owner, NOW).epoch(store.epoch(owner).await.unwrap())
}
