//! What a session takes in Redis, as the documentation of the store says it.

use tower_cookie_policy::testing::{Sample, SampleSeries, series_key};
use tower_cookie_policy::{RedisStore, RememberStore, SessionStore};

use super::server::Server;
use super::{Behind, NOW, created};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn sessions_and_logins_take_what_is_said() {
    for (what, most) in
        [("anonymous", 400), ("signed in", 800), ("login", 900), ("ended", 300), ("epoch", 250)]
    {
        let server = Server::start(&[]).await;
        let store = RedisStore::connect(&server.address()).await.unwrap();
        let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
        // The scripts take room too, once.
        one(&store, what, MANY).await;
        let before = used(&mut behind).await;
        for at in 0..MANY {
            one(&store, what, at).await;
        }
        let each = (used(&mut behind).await - before) / MANY;
        let mut keys = std::collections::BTreeMap::new();
        for key in behind.keys().await {
            let bytes: usize = behind.ask(&[b"MEMORY", b"USAGE", &key, b"SAMPLES", b"0"]).await;
            keys.insert(char::from(key[behind.prefix.len()]), bytes);
        }
        println!("{what}: {each} bytes each; MEMORY USAGE of one key of each letter: {keys:?}");
        assert!(each <= most, "{what}: {each}");
    }
}

async fn one(store: &RedisStore, what: &str, at: usize) {
    let owner = format!("user-{at}@example.com");
    // With its quotes it is a value of 50 bytes.
    let value = format!("\"{}\"", "7".repeat(48));
    match what {
        "anonymous" => drop(created(store, Sample::anonymous(NOW).value("cart", value).record()).await),
        "signed in" => drop(created(store, Sample::of(&owner, NOW).value("cart", value).record()).await),
        "login" => {
            let record = SampleSeries::of(&owner, NOW).successor(NOW).record();
            assert!(store.create_series(&series_key(), record, NOW).await.unwrap());
        }
        "ended" => {
            let session = created(store, Sample::anonymous(NOW).record()).await;
            assert!(store.delete(&session, NOW).await.unwrap());
        }
        _ => drop(store.end_owner(&owner, None, NOW).await.unwrap()),
    }
}

async fn used(behind: &mut Behind) -> usize {
    let info: String = behind.ask(&[b"INFO", b"memory"]).await;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    used.unwrap().parse().unwrap()
}

/// A power of two: so many keys fill the server's tables to the brim, and it is not what is left empty that is measured.
const MANY: usize = 1 << 12;
