//! How many sessions and logins a user has.

use tower_cookie_policy::store::{Created, Loaded, Rotated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore};

use super::{NOW, created, is_live, of, unused};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn of_a_users_thousand_sessions_the_one_seen_longest_ago_goes() {
    let (store, _) = unused().await;
    let other = created(&store, of(&store, "bob").await.seen(NOW - 900).record()).await;
    let mut sessions = Vec::new();
    for at in 0..1000 {
        // The second one was seen longest ago, the first one last.
        let seen = if at == 0 { NOW } else { NOW - 1500 + at };
        sessions.push(created(&store, Sample::of("alice", NOW).seen(seen).record()).await);
    }
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 1000);
    assert!(store.touch(&sessions[1], NOW, NOW + 1800, NOW).await.unwrap());
    for gone in &sessions[2..5] {
        assert!(is_live(&store, gone).await);
        created(&store, Sample::of("alice", NOW).record()).await;
        // It was given up, not ended: whoever comes with it begins anew.
        assert!(matches!(store.load(gone, NOW).await.unwrap(), Loaded::Absent));
    }
    // Moving to another key takes no room, moving in does.
    let (moved, moves_in) = (key(), key());
    let record = Sample::of("alice", NOW).record();
    assert_eq!(store.rotate(&sessions[0], 1, &moved, record.clone(), 10, NOW).await.unwrap(), Rotated::Yes);
    assert!(is_live(&store, &sessions[5]).await);
    let anonymous = created(&store, Sample::anonymous(NOW).record()).await;
    assert_eq!(store.rotate(&anonymous, 1, &moves_in, record, 0, NOW).await.unwrap(), Rotated::Yes);
    assert!(!is_live(&store, &sessions[5]).await && is_live(&store, &moves_in).await);
    assert!(is_live(&store, &sessions[1]).await && is_live(&store, &other).await);
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 1000);
    assert_eq!(store.end_owner("alice", Some(&moved), NOW).await.unwrap(), 999);
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn what_is_over_makes_room_for_a_users_next_session() {
    let (store, _) = unused().await;
    let lasts = created(&store, Sample::of("alice", NOW).seen(NOW - 900).record()).await;
    for _ in 0..999 {
        created(&store, Sample::of("alice", NOW).deadline(NOW + 60).record()).await;
    }
    let record = Sample::of("alice", NOW).record();
    assert_eq!(store.create(&key(), record, NOW + 60).await.unwrap(), Created::Yes);
    assert!(is_live(&store, &lasts).await);
    assert_eq!(store.list_owner("alice", NOW + 60).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn of_a_users_hundred_logins_the_one_that_ends_first_goes() {
    let (store, _) = unused().await;
    let mut logins = Vec::new();
    for at in 0..103 {
        let login = series_key();
        let record = SampleSeries::of("alice", NOW).ends(NOW + 10_000 - at).record();
        assert!(store.create_series(&login, record, NOW).await.unwrap());
        logins.push(login);
        let other = SampleSeries::of("bob", NOW).ends(NOW + 60).record();
        if at == 0 {
            assert!(store.create_series(&series_key(), other, NOW).await.unwrap());
        }
    }
    // Each one after the hundredth pushed out the one before it, which was the first to end.
    for (at, login) in logins.iter().enumerate() {
        let is_left = store.load_series(login, NOW).await.unwrap().is_some();
        assert_eq!(is_left, at < 99 || at == 102, "{at}");
    }
    assert_eq!(store.end_series_of("alice", None, NOW).await.unwrap(), 100);
    assert_eq!(store.end_series_of("bob", None, NOW).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn many_large_sessions_are_listed_bit_by_bit() {
    let (store, mut behind) = unused().await;
    let large = || Sample::of("alice", NOW).value("v", vec![b'7'; 40_000]);
    let mut due = Vec::new();
    for _ in 0..100 {
        due.push(*created(&store, large().record()).await.as_bytes());
    }
    let listed = store.list_owner("alice", NOW).await.unwrap();
    let mut keys: Vec<_> = listed.iter().map(|owned| *owned.key.as_bytes()).collect();
    due.sort_unstable();
    keys.sort_unstable();
    assert!(keys == due);
    assert!(listed.iter().all(|owned| owned.record.size() > 40_000));
    // What is no record is left out, wherever it comes.
    for broken in &due[..10] {
        let name = behind.key(b's', broken);
        let value: Vec<u8> = behind.ask(&[b"GET", &name]).await;
        let _: () = behind.ask(&[b"SET", &name, &value[..value.len() - 1], b"KEEPTTL"]).await;
    }
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 90);
}
