//! What other versions, other programs and bad luck have left under a store's keys.

use tower_cookie_policy::store::{Created, Loaded, Updated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore, StoreError, StoreErrorKind};

use super::{Behind, NOW, created, is_live, of, unused};

/// Values that are no session, and the true head of one with something else behind it.
async fn rubbish(behind: &mut Behind, of: &[u8; 32], letter: u8) -> Vec<Vec<u8>> {
    let value: Vec<u8> = behind.ask(&[b"GET", &behind.key(letter, of)]).await;
    let head = if letter == b'r' { 54 } else { 57 };
    let newer = [&value[..head], b"\x63", &value[head + 1..]].concat();
    let longer = [&value[..], b"\0"].concat();
    vec![
        newer,
        longer,
        value[..head].to_vec(),
        value[..head - 1].to_vec(),
        value[..1].to_vec(),
        b"rubbish".to_vec(),
        vec![b'x'; 500],
    ]
}

fn kind<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> StoreErrorKind {
    answer.unwrap_err().kind()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_session_that_cannot_be_read_is_undecodable_and_can_be_ended() {
    let (store, mut behind) = unused().await;
    let sound = created(&store, of(&store, "alice").await.record()).await;
    for value in rubbish(&mut behind, sound.as_bytes(), b's').await {
        let broken = created(&store, of(&store, "alice").await.record()).await;
        let name = behind.key(b's', broken.as_bytes());
        let _: () = behind.ask(&[b"SET", &name, &value, b"KEEPTTL"]).await;
        assert_eq!(kind(store.load(&broken, NOW).await), StoreErrorKind::Undecodable);
        // In lists it is left out, and nobody else's session comes under its key.
        assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 1);
        let record = of(&store, "alice").await.record();
        assert_eq!(store.create(&broken, record.clone(), NOW).await.unwrap(), Created::Duplicate);
        match store.update(&broken, 1, record, NOW).await {
            // The head is sound, so the record can be replaced.
            Ok(updated) => {
                assert_eq!(updated, Updated::Yes);
                assert!(is_live(&store, &broken).await);
            }
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Undecodable),
        }
        assert!(store.delete(&broken, NOW).await.unwrap());
        assert!(matches!(store.load(&broken, NOW).await.unwrap(), Loaded::Ended));
        assert!(!store.delete(&broken, NOW).await.unwrap());
    }
    assert!(is_live(&store, &sound).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn what_cannot_be_read_is_ended_with_its_owners_others() {
    let (store, mut behind) = unused().await;
    let sound = created(&store, of(&store, "alice").await.record()).await;
    let mut values = rubbish(&mut behind, sound.as_bytes(), b's').await;
    values.push(Vec::new());
    let mut broken = Vec::new();
    for value in values {
        let key = created(&store, of(&store, "alice").await.record()).await;
        let name = behind.key(b's', key.as_bytes());
        if value.is_empty() {
            let _: () = behind.ask(&[b"DEL", &name]).await;
            let _: () = behind.ask(&[b"RPUSH", &name, b"a"]).await;
        } else {
            let _: () = behind.ask(&[b"SET", &name, &value, b"KEEPTTL"]).await;
        }
        broken.push(key);
    }
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 1);
    // Those with a sound head are counted as the sessions that they were: that is read on the server.
    assert_eq!(store.end_owner("alice", Some(&broken[7]), NOW).await.unwrap(), 4);
    for key in broken.iter().chain([&sound]) {
        assert!(matches!(store.load(key, NOW).await.unwrap(), Loaded::Ended));
    }
    assert_eq!(store.list_owner("alice", NOW).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_login_that_cannot_be_read_is_undecodable_and_can_be_forgotten() {
    let (store, mut behind) = unused().await;
    let sound = series_key();
    assert!(store.create_series(&sound, SampleSeries::of("alice", NOW).record(), NOW).await.unwrap());
    for value in rubbish(&mut behind, sound.as_bytes(), b'r').await {
        let (broken, record) = (series_key(), SampleSeries::of("alice", NOW).record());
        assert!(store.create_series(&broken, record.clone(), NOW).await.unwrap());
        let name = behind.key(b'r', broken.as_bytes());
        let _: () = behind.ask(&[b"SET", &name, &value, b"KEEPTTL"]).await;
        assert_eq!(kind(store.load_series(&broken, NOW).await), StoreErrorKind::Undecodable);
        assert!(!store.create_series(&broken, record.clone(), NOW).await.unwrap());
        assert!(store.delete_series(&broken, NOW).await.unwrap());
        assert!(store.load_series(&broken, NOW).await.unwrap().is_none());
        assert!(store.create_series(&broken, record, NOW).await.unwrap());
        let _: () = behind.ask(&[b"SET", &name, &value, b"KEEPTTL"]).await;
        store.end_series_of("alice", Some((&sound, 0)), NOW).await.unwrap();
        assert!(store.load_series(&broken, NOW).await.unwrap().is_none());
    }
    assert!(store.load_series(&sound, NOW).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn another_type_of_key_is_damage() {
    let (store, mut behind) = unused().await;
    let (broken, other, login) = (key(), key(), series_key());
    for name in [behind.key(b's', broken.as_bytes()), behind.key(b'r', login.as_bytes())] {
        let _: () = behind.ask(&[b"RPUSH", &name, b"a"]).await;
        let _: () = behind.ask(&[b"EXPIRE", &name, b"60"]).await;
    }
    let record = Sample::anonymous(NOW).record();
    let live = created(&store, record.clone()).await;
    let series = SampleSeries::of("alice", NOW).record();
    for found in [
        kind(store.load(&broken, NOW).await),
        kind(store.create(&broken, record.clone(), NOW).await),
        kind(store.update(&broken, 1, record.clone(), NOW).await),
        kind(store.touch(&broken, NOW, NOW, NOW).await),
        kind(store.rotate(&broken, 1, &other, record.clone(), 0, NOW).await),
        kind(store.rotate(&live, 1, &broken, record.clone(), 0, NOW).await),
        kind(store.delete(&broken, NOW).await),
        kind(store.load_series(&login, NOW).await),
        kind(store.create_series(&login, series.clone(), NOW).await),
        kind(store.update_series(&login, 1, series, NOW).await),
        kind(store.delete_series(&login, NOW).await),
    ] {
        assert_eq!(found, StoreErrorKind::Corrupt);
    }
    assert!(is_live(&store, &live).await, "what was refused has changed something");
    // An owner's sessions are ended nevertheless.
    let alice = created(&store, of(&store, "alice").await.record()).await;
    assert_eq!(store.end_owner("alice", Some(&broken), NOW).await.unwrap(), 1);
    assert!(!is_live(&store, &alice).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn an_epoch_or_an_index_that_is_none_is_damage() {
    let (store, mut behind) = unused().await;
    let record = Sample::of("alice", NOW).record();
    created(&store, record.clone()).await;
    store.end_owner("alice", None, NOW).await.unwrap();
    let epochs = behind.only(b'e').await;
    let _: () = behind.ask(&[b"SET", &epochs, b"seven", b"KEEPTTL"]).await;
    assert_eq!(kind(store.epoch("alice").await), StoreErrorKind::Corrupt);
    assert_eq!(kind(store.create(&key(), record.clone(), NOW).await), StoreErrorKind::Corrupt);
    let _: () = behind.ask(&[b"DEL", &epochs]).await;
    let index = [&epochs[..epochs.len() - 33], b"o", &epochs[epochs.len() - 32..]].concat();
    let _: () = behind.ask(&[b"SET", &index, b"seven", b"EX", b"60"]).await;
    assert_eq!(kind(store.list_owner("alice", NOW).await), StoreErrorKind::Corrupt);
    assert_eq!(kind(store.end_owner("alice", None, NOW).await), StoreErrorKind::Corrupt);
}
