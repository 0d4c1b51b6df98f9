//! Connections that break, servers that come back, and futures that are dropped.

use std::time::{Duration, Instant};

use redis::{Client, cmd};
use tokio::time::timeout;
use tower_cookie_policy::store::{Created, Loaded};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{RedisStore, SessionStore, StoreErrorKind};

use super::server::Server;
use super::{Behind, NOW, created, is_live, unused};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn scripts_that_the_server_has_forgotten_are_sent_again() {
    let (store, mut behind) = unused().await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    for _ in 0..20 {
        let _: () = behind.ask(&[b"SCRIPT", b"FLUSH"]).await;
        assert!(is_live(&store, &session).await);
        let _: () = behind.ask(&[b"SCRIPT", b"FLUSH"]).await;
        assert!(store.touch(&session, NOW, NOW + 1800, NOW).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_connection_that_was_closed_while_idle_is_not_noticed() {
    let server = Server::start(&[]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    for at in 1..20 {
        let _: usize = behind.ask(&[b"CLIENT", b"KILL", b"TYPE", b"normal", b"SKIPME", b"yes"]).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        // A write as well, which is not repeated where the connection breaks under it.
        assert!(store.touch(&session, NOW + at, NOW + 1800, NOW).await.unwrap(), "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn reads_survive_a_connection_that_is_closed_under_them() {
    let server = Server::start(&[]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..500 {
                    assert!(is_live(&store, &session).await);
                }
            })
        })
        .collect();
    while readers.iter().any(|reader| !reader.is_finished()) {
        let _: usize = behind.ask(&[b"CLIENT", b"KILL", b"TYPE", b"normal", b"SKIPME", b"yes"]).await;
        // Far enough apart that no read is met twice.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn an_outage_is_an_error_in_time_and_over_when_the_server_is_back() {
    let mut server = Server::start(&[]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    created(&store, Sample::anonymous(NOW).record()).await;
    server.kill();
    for _ in 0..5 {
        let began = Instant::now();
        let record = Sample::anonymous(NOW).record();
        let errors = [
            store.create(&key(), record, NOW).await.unwrap_err(),
            store.load(&key(), NOW).await.map(drop).unwrap_err(),
        ];
        assert!(errors.iter().all(|error| error.kind() == StoreErrorKind::Unavailable), "{errors:?}");
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    server.again().await;
    let back = async { while store.create(&key(), Sample::anonymous(NOW).record(), NOW).await.is_err() {} };
    timeout(Duration::from_secs(2), back).await.unwrap();
    created(&store, Sample::anonymous(NOW).record()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_server_that_does_not_answer_is_waited_for_less_than_the_policy_waits() {
    let server = Server::start(&[]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
    created(&store, Sample::anonymous(NOW).record()).await;
    let _: () = behind.ask(&[b"CLIENT", b"PAUSE", b"2500", b"ALL"]).await;
    let began = Instant::now();
    let many: Vec<_> = (0..500)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.load(&key(), NOW).await.unwrap_err().kind() })
        })
        .collect();
    for one in many {
        assert_eq!(one.await.unwrap(), StoreErrorKind::Timeout);
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let back = async { while store.load(&key(), NOW).await.is_err() {} };
    timeout(Duration::from_secs(5), back).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_server_that_is_loading_or_only_reads_has_done_nothing() {
    let server = Server::start(&[]).await;
    let master = Server::start(&[]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
    let port = master.port().to_string();
    let _: () = behind.ask(&[b"REPLICAOF", b"127.0.0.1", port.as_bytes()]).await;
    let key = key();
    let refused = store.create(&key, Sample::anonymous(NOW).record(), NOW).await.unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
    // Within the moment in which it is tried once more it may be a master again.
    let record = Sample::anonymous(NOW).record();
    let create = store.create(&key, record, NOW);
    let promote = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let _: () = behind.ask(&[b"REPLICAOF", b"NO", b"ONE"]).await;
    };
    let (created, ()) = tokio::join!(create, promote);
    assert_eq!(created.unwrap(), Created::Yes);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn futures_that_are_dropped_leave_the_connection_in_order() {
    let (store, _) = unused().await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    for at in 0..2000_u64 {
        let other = key();
        let create = store.create(&other, Sample::anonymous(NOW).record(), NOW);
        let _ = timeout(Duration::from_micros(at % 200), create).await;
        let load = timeout(Duration::from_micros(at % 170), store.load(&session, NOW)).await;
        if let Ok(answer) = load {
            assert!(matches!(answer.unwrap(), Loaded::Live(_)), "an answer was another question's");
        }
        let done = store.load(&other, NOW).await.unwrap();
        assert!(matches!(done, Loaded::Absent | Loaded::Live(_)));
    }
    assert!(is_live(&store, &session).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_step_is_one_command() {
    let server = Server::start(&[]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
    for round in 0..2 {
        let before = calls(&mut behind).await;
        let session = created(&store, Sample::of("alice", NOW).record()).await;
        assert!(is_live(&store, &session).await);
        assert!(store.touch(&session, NOW, NOW + 1800, NOW).await.unwrap());
        assert!(store.delete(&session, NOW).await.unwrap());
        store.list_owner("alice", NOW).await.unwrap();
        store.epoch("alice").await.unwrap();
        // Of the six two are a GET. In the first round the server is given the scripts.
        let due = if round == 0 { (4, 4) } else { (4, 0) };
        let after = calls(&mut behind).await;
        assert_eq!((after.0 - before.0, after.1 - before.1), due);
    }
}

/// How often `EVALSHA` and `EVAL` were called.
async fn calls(behind: &mut Behind) -> (usize, usize) {
    let stats: String = behind.ask(&[b"INFO", b"commandstats"]).await;
    let of = |name: &str| {
        let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
        line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
    };
    (of("evalsha"), of("eval"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_connection_of_the_applications_own_serves() {
    let server = Server::start(&[]).await;
    let client = Client::open(server.address()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let store = RedisStore::on(connection.clone()).prefix("shop:").unwrap();
    let session = created(&store, Sample::anonymous(NOW).record()).await;
    assert!(is_live(&store.clone(), &session).await);
    let keys: Vec<Vec<u8>> = cmd("KEYS").arg("*").query_async(&mut connection.clone()).await.unwrap();
    assert!(keys.len() == 1 && keys[0].starts_with(b"{shop:}s"));
}
