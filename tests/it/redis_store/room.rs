//! A server that has no room left.

use tower_cookie_policy::store::{Loaded, Rotated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RedisStore, RememberStore, SessionStore, StoreError, StoreErrorKind};

use super::server::Server;
use super::{Behind, NOW, created, is_live};

fn is_full<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> bool {
    answer.unwrap_err().kind() == StoreErrorKind::Full
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_full_server_keeps_nothing_new_and_ends_what_it_has() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let mut behind = Behind::new(&server.address(), "cookie-policy:").await;
    let record = Sample::of("alice", NOW).record();
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(created(&store, record.clone()).await);
    }
    let (login, other) = (series_key(), series_key());
    let series = SampleSeries::of("alice", NOW).record();
    for key in [&login, &other] {
        assert!(store.create_series(key, series.clone(), NOW).await.unwrap());
    }
    let _: () = behind.ask(&[b"CONFIG", b"SET", b"maxmemory", b"1000000"]).await;
    assert!(is_full(store.create(&key(), record.clone(), NOW).await));
    assert!(is_full(store.update(&sessions[0], 1, record.clone(), NOW).await));
    let new = key();
    assert!(is_full(store.rotate(&sessions[0], 1, &new, record, 0, NOW).await));
    assert!(is_full(store.create_series(&series_key(), series.clone(), NOW).await));
    assert!(is_full(store.update_series(&login, 1, series, NOW).await));
    // Nothing was done by halves.
    assert!(matches!(store.load(&new, NOW).await.unwrap(), Loaded::Absent));
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 4);
    // What takes no room goes on: reading, touching, ending.
    assert!(store.touch(&sessions[0], NOW + 60, NOW + 1860, NOW).await.unwrap());
    assert!(store.delete(&sessions[1], NOW).await.unwrap());
    assert_eq!(store.end_series_of("alice", Some((&login, 7)), NOW).await.unwrap(), 1);
    assert_eq!(store.end_owner("alice", Some(&sessions[0]), NOW).await.unwrap(), 2);
    let Loaded::Live(stored) = store.load(&sessions[0], NOW + 1850).await.unwrap() else {
        panic!("it has ended")
    };
    assert_eq!((stored.revision, stored.record.seen()), (2, NOW + 60));
    assert_eq!(stored.record.epoch(), store.epoch("alice").await.unwrap());
    assert!(matches!(store.load(&sessions[1], NOW).await.unwrap(), Loaded::Ended));
    assert!(store.delete_series(&login, NOW).await.unwrap());
    assert!(store.end_owner("bob", None, NOW).await.unwrap() == 0 && store.epoch("bob").await.unwrap() > 0);
    let _: () = behind.ask(&[b"CONFIG", b"SET", b"maxmemory", b"0"]).await;
    let record = Sample::from(tower_cookie_policy::SessionRecord::clone(&stored.record)).record();
    assert_eq!(store.rotate(&sessions[0], 2, &new, record, 0, NOW).await.unwrap(), Rotated::Yes);
    assert!(is_live(&store, &new).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn what_a_server_evicts_is_absent() {
    let server = Server::start(&["--maxmemory-policy", "volatile-ttl", "--maxmemory", "3mb"]).await;
    let store = RedisStore::connect(&server.address()).await.unwrap();
    store.end_owner("alice", None, NOW).await.unwrap();
    let epoch = store.epoch("alice").await.unwrap();
    let mut sessions = Vec::new();
    for _ in 0..4000 {
        sessions.push(created(&store, Sample::anonymous(NOW).value("v", vec![b'7'; 1000]).record()).await);
    }
    let mut live = 0;
    for session in &sessions {
        live += usize::from(is_live(&store, session).await);
    }
    assert!(live < 3000, "{live}");
    assert!(live > 500, "{live}");
    assert_eq!(store.epoch("alice").await.unwrap(), epoch, "what lasts longest goes last");
}
