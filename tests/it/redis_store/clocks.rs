//! The policy's clock and the server's, which are two.

use tower_cookie_policy::store::{Created, Loaded, Rotated, Updated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore};

use super::{NOW, created, is_live, of, unused};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn what_redis_still_has_is_over_by_the_policys_clock() {
    let (store, mut behind) = unused().await;
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    let login = series_key();
    assert!(store.create_series(&login, SampleSeries::of("alice", NOW).record(), NOW).await.unwrap());
    for later in [NOW + 31_536_000, u32::MAX] {
        assert!(matches!(store.load(&session, later).await.unwrap(), Loaded::Absent));
        assert!(store.load_series(&login, later).await.unwrap().is_none());
        assert!(!store.touch(&session, later, later, later).await.unwrap());
        assert_eq!(store.list_owner("alice", later).await.unwrap().len(), 0);
    }
    assert!(is_live(&store, &session).await, "the clock was set back, and nobody has forgotten it");
    assert_eq!(behind.keys().await.len(), 5);
    assert_eq!(store.purge_series(NOW + 31_536_000, 10).await.unwrap(), 1);
    assert!(store.load_series(&login, NOW).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn at_any_time_by_the_policys_clock_sessions_live_and_end() {
    for now in [0, 1, 1000, NOW - 500_000_000, NOW + 1_000_000_000, u32::MAX - 2000] {
        let (store, _) = unused().await;
        let (session, other) = (key(), key());
        let record = Sample::of("alice", now).record();
        for key in [&session, &other] {
            assert_eq!(store.create(key, record.clone(), now).await.unwrap(), Created::Yes);
        }
        assert_eq!(store.update(&session, 1, record.clone(), now).await.unwrap(), Updated::Yes);
        assert!(matches!(store.load(&session, now + 1799).await.unwrap(), Loaded::Live(_)));
        assert!(matches!(store.load(&session, now + 1800).await.unwrap(), Loaded::Absent));
        assert_eq!(store.end_owner("alice", Some(&session), now).await.unwrap(), 1);
        assert!(matches!(store.load(&other, now + 599).await.unwrap(), Loaded::Ended));
        assert!(matches!(store.load(&other, now + 600).await.unwrap(), Loaded::Absent));
        assert_eq!(store.create(&key(), record.clone(), now).await.unwrap(), Created::Revoked);
        // However long the grace, it does not outlast what is remembered.
        let (old, new, visitor) = (key(), key(), Sample::anonymous(now).record());
        assert_eq!(store.create(&old, visitor.clone(), now).await.unwrap(), Created::Yes);
        assert_eq!(store.rotate(&old, 1, &new, visitor, u32::MAX, now).await.unwrap(), Rotated::Yes);
        assert!(matches!(store.load(&old, now + 599).await.unwrap(), Loaded::Rotated(_)));
        assert!(matches!(store.load(&old, now + 600).await.unwrap(), Loaded::Absent));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn an_epoch_that_was_forgotten_is_not_given_out_again() {
    let (store, mut behind) = unused().await;
    let mut raised = Vec::new();
    for at in 0..3 {
        store.end_owner("alice", None, NOW + at).await.unwrap();
        raised.push(store.epoch("alice").await.unwrap());
    }
    assert!(raised.is_sorted_by(|one, other| one < other), "{raised:?}");
    let epochs = behind.only(b'e').await;
    let _: () = behind.ask(&[b"DEL", &epochs]).await;
    let record = of(&store, "alice").await.deadline(u32::MAX).record();
    let session = created(&store, record).await;
    // By the time at which Redis has forgotten it by itself, 400 days have passed.
    assert_eq!(store.end_owner("alice", None, NOW + 34_560_000).await.unwrap(), 1);
    assert!(store.epoch("alice").await.unwrap() > raised[2]);
    assert!(!is_live(&store, &session).await);
    for older in raised {
        let record = Sample::of("alice", NOW).epoch(older).record();
        assert_eq!(store.create(&key(), record, NOW).await.unwrap(), Created::Revoked);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn an_epoch_lasts_as_long_as_what_may_bring_an_older_one() {
    let (store, mut behind) = unused().await;
    let far = NOW + 2_000_000_000;
    let login = SampleSeries::of("alice", NOW).ends(far).record();
    assert!(store.create_series(&series_key(), login, NOW).await.unwrap());
    store.end_owner("alice", None, NOW).await.unwrap();
    let epochs = behind.only(b'e').await;
    let left: i64 = behind.ask(&[b"TTL", &epochs]).await;
    assert!(left > 2_000_000_000, "{left}");
    // And with a session that begins later.
    let (store, mut behind) = unused().await;
    store.end_owner("bob", None, NOW).await.unwrap();
    created(&store, of(&store, "bob").await.deadline(far).record()).await;
    let left: i64 = {
        let epochs = behind.only(b'e').await;
        behind.ask(&[b"TTL", &epochs]).await
    };
    assert!(left > 2_000_000_000, "{left}");
}
