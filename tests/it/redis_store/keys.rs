//! What is in Redis, and for how long.

use tower_cookie_policy::store::{Created, ENDED_FOR, Loaded, Rotated, Updated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore, testing};

use super::{NOW, created, is_live, of, unused};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn redis_forgets_every_key_by_itself() {
    let (store, mut behind) = unused().await;
    testing::session_store(&store).await;
    testing::remember_store(&store).await;
    let keys = behind.keys().await;
    assert!(keys.len() > 1000, "{}", keys.len());
    for name in keys {
        let left: i64 = behind.ask(&[b"TTL", &name]).await;
        assert!(
            left >= 0,
            "a key that begins with {:?} stays for ever",
            char::from(name[behind.prefix.len()])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_minute_after_its_end_a_key_is_gone() {
    let (store, mut behind) = unused().await;
    let (old, new, login) = (key(), key(), series_key());
    let record = Sample::of("alice", NOW).record();
    assert_eq!(store.create(&old, record.clone(), NOW).await.unwrap(), Created::Yes);
    let session = behind.key(b's', old.as_bytes());
    assert_eq!(lifetime(&mut behind, &session).await, 1800 + 60);
    assert!(store.touch(&old, NOW + 900, NOW + 2700, NOW + 900).await.unwrap());
    assert_eq!(lifetime(&mut behind, &session).await, 1800 + 60);
    // A clock that was set back, by a day: the session lasts so much longer.
    assert!(store.touch(&old, NOW, NOW, NOW - 86_400).await.unwrap());
    assert_eq!(lifetime(&mut behind, &session).await, 86_400 + 2700 + 60);
    assert_eq!(store.rotate(&old, 1, &new, record, 10, NOW).await.unwrap(), Rotated::Yes);
    assert_eq!(lifetime(&mut behind, &session).await, i64::from(ENDED_FOR) + 60);
    let series = SampleSeries::of("alice", NOW).record();
    assert!(store.create_series(&login, series, NOW).await.unwrap());
    let login = behind.key(b'r', login.as_bytes());
    assert_eq!(lifetime(&mut behind, &login).await, 31_536_000 + 60);
    assert_eq!(store.end_owner("alice", None, NOW).await.unwrap(), 1);
    let epochs = behind.only(b'e').await;
    assert_eq!(lifetime(&mut behind, &epochs).await, 400 * 86_400);
}

async fn lifetime(behind: &mut super::Behind, name: &[u8]) -> i64 {
    let left: i64 = behind.ask(&[b"TTL", name]).await;
    // A second may have passed, of which Redis shows the half as the whole.
    left + i64::from(left % 10 == 9)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn redis_forgets_a_session_in_its_own_time() {
    let (store, mut behind) = unused().await;
    let key = key();
    let record = of(&store, "alice").await.deadline(NOW + 1).record();
    assert_eq!(store.create(&key, record, NOW).await.unwrap(), Created::Yes);
    let name = behind.key(b's', key.as_bytes());
    // The minute that machines' clocks may differ by is not waited for.
    let _: () = behind.ask(&[b"PEXPIRE", &name, b"20"]).await;
    while behind.ask::<bool>(&[b"EXISTS", &name]).await {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(matches!(store.load(&key, NOW).await.unwrap(), Loaded::Absent));
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 0);
    assert_eq!(store.end_owner("alice", None, NOW).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn the_names_of_keys_tell_nothing() {
    let (store, mut behind) = unused().await;
    let session =
        created(&store, of(&store, "alice@example.com").await.value("v", "\"secret\"").record()).await;
    let login = series_key();
    let record = SampleSeries::of("alice@example.com", NOW).record();
    assert!(store.create_series(&login, record, NOW).await.unwrap());
    store.end_owner("alice@example.com", Some(&session), NOW).await.unwrap();
    let keys = behind.keys().await;
    let mut letters: Vec<_> = keys.iter().map(|key| key[behind.prefix.len()]).collect();
    letters.sort_unstable();
    assert_eq!(letters, b"elorsz");
    for name in &keys {
        assert!(name.starts_with(behind.prefix.as_bytes()));
        for word in ["alice", "example", "secret"] {
            assert!(!String::from_utf8_lossy(name).contains(word));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn what_has_ended_leaves_its_mark_and_nothing_else() {
    let (store, mut behind) = unused().await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    assert!(store.delete(&session, NOW).await.unwrap());
    assert_eq!(behind.keys().await, [behind.key(b's', session.as_bytes())]);
    let size: usize = behind.ask(&[b"STRLEN", &behind.key(b's', session.as_bytes())]).await;
    assert_eq!(size, 5);
    for _ in 0..3 {
        let login = series_key();
        assert!(store.create_series(&login, SampleSeries::of("alice", NOW).record(), NOW).await.unwrap());
        assert!(store.delete_series(&login, NOW).await.unwrap());
    }
    assert_eq!(behind.keys().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn stores_with_other_prefixes_do_not_know_each_other() {
    let (store, _) = unused().await;
    let other = store.clone().prefix(&super::prefix()).unwrap();
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    assert!(!is_live(&other, &session).await);
    assert_eq!(other.end_owner("alice", None, NOW).await.unwrap(), 0);
    assert!(is_live(&store, &session).await);
    assert_eq!(store.epoch("alice").await.unwrap(), 0);
    assert!(other.epoch("alice").await.unwrap() > 0);
    let illegal = store.prefix("a{b").unwrap_err().to_string();
    assert!(illegal.starts_with("\"a{b\" is no prefix"), "{illegal}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_session_whose_index_was_lost_ends_with_the_next_step_that_writes() {
    let (store, mut behind) = unused().await;
    for step in 0..4 {
        let record = of(&store, "alice").await.record();
        let session = created(&store, record.clone()).await;
        let index = behind.only(b'o').await;
        let _: () = behind.ask(&[b"DEL", &index]).await;
        assert_eq!(store.end_owner("alice", None, NOW).await.unwrap(), 0);
        assert!(is_live(&store, &session).await, "a read looks at the session alone");
        let renewed = of(&store, "alice").await.record();
        match step {
            0 => assert!(!store.touch(&session, NOW, NOW + 1800, NOW).await.unwrap()),
            1 => assert_eq!(store.update(&session, 1, renewed, NOW).await.unwrap(), Updated::Gone),
            2 => {
                let moved = store.rotate(&session, 1, &key(), renewed, 0, NOW).await.unwrap();
                assert_eq!(moved, Rotated::Gone);
            }
            _ => assert!(!store.delete(&session, NOW).await.unwrap()),
        }
        assert!(matches!(store.load(&session, NOW).await.unwrap(), Loaded::Ended), "{step}");
        assert!(!store.touch(&session, NOW, NOW + 1800, NOW).await.unwrap());
        assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn an_index_that_was_lost_comes_back_with_what_is_in_use() {
    let (store, mut behind) = unused().await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    for at in 1..3 {
        let index = behind.only(b'o').await;
        let _: () = behind.ask(&[b"DEL", &index]).await;
        assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 0);
        if at == 1 {
            assert!(store.touch(&session, NOW + 1, NOW + 1800, NOW).await.unwrap());
        } else {
            let record = Sample::of("alice", NOW).seen(NOW + 2).record();
            assert_eq!(store.update(&session, 1, record, NOW).await.unwrap(), Updated::Yes);
        }
        assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 1);
        let left: i64 = behind.ask(&[b"TTL", &index]).await;
        assert!((1800..=1860).contains(&left), "{left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_key_without_an_end_gets_its_own() {
    let (store, mut behind) = unused().await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    let (name, login) = (behind.key(b's', session.as_bytes()), series_key());
    let record = SampleSeries::of("alice", NOW).record();
    assert!(store.create_series(&login, record, NOW).await.unwrap());
    let series = behind.key(b'r', login.as_bytes());
    let _: () = behind.ask(&[b"PERSIST", &name]).await;
    assert!(store.touch(&session, NOW + 1, NOW + 1800, NOW).await.unwrap());
    assert_eq!(lifetime(&mut behind, &name).await, 1860);
    for name in [&name, &series] {
        let _: () = behind.ask(&[b"PERSIST", name]).await;
    }
    assert_eq!(store.end_owner("alice", Some(&session), NOW).await.unwrap(), 0);
    assert_eq!(lifetime(&mut behind, &name).await, 1860);
    assert_eq!(store.end_series_of("alice", Some((&login, 7)), NOW).await.unwrap(), 0);
    assert_eq!(lifetime(&mut behind, &series).await, 31_536_000 + 60);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn indexes_do_not_grow_with_what_is_gone() {
    let (store, mut behind) = unused().await;
    let mut session = created(&store, Sample::of("alice", NOW).record()).await;
    for revision in 1..20 {
        let new = key();
        let record = Sample::of("alice", NOW).record();
        assert_eq!(store.rotate(&session, revision, &new, record, 10, NOW).await.unwrap(), Rotated::Yes);
        session = new;
    }
    for at in 0..20 {
        // Each begins when the one before it is over.
        let (now, ends) = (NOW + 10 * at, NOW + 10 * at + 10);
        let record = Sample::of("alice", now).deadline(ends).record();
        assert_eq!(store.create(&key(), record, now).await.unwrap(), Created::Yes);
        let login = SampleSeries::of("alice", now).ends(ends).record();
        assert!(store.create_series(&series_key(), login, now).await.unwrap());
    }
    // What is over stays for the minute that machines' clocks may differ by: seven, and the first one, which lasts longer.
    for (letter, due) in [(b'o', 7), (b'l', 1), (b'z', 7)] {
        let index = behind.only(letter).await;
        let size: usize = behind.ask(&[b"ZCARD", &index]).await;
        assert_eq!(size, due + usize::from(letter == b'o'), "{}", char::from(letter));
    }
    assert_eq!(store.purge_series(NOW + 199, 500).await.unwrap(), 6);
    let index = behind.only(b'z').await;
    assert_eq!(behind.ask::<usize>(&[b"ZCARD", &index]).await, 1);
}
