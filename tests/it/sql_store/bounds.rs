//! What one user may have, and what stays of users who have nothing any more.

use futures_util::future::join_all;
use tower_cookie_policy::store::{Created, Loaded, Rotated, Updated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore};

use super::{NOW, Place, created, is_live};

on_both! {
    of_one_owner_s_sessions_the_one_seen_longest_ago_goes
    of_one_owner_s_logins_the_one_that_ends_first_goes
    an_epoch_does_not_go_back_when_everything_was_purged
    an_id_that_was_purged_within_its_grace_leads_to_nobody_else
    a_longer_grace_ends_with_a_shorter_one_after_it
    the_logins_of_an_owner_are_bounded_together_at_once
}

async fn of_one_owner_s_sessions_the_one_seen_longest_ago_goes(place: &Place) {
    let store = place.store().await;
    let other = created(&store, "other").await;
    let keys: Vec<_> = (0..1000).map(|_| key()).collect();
    for some in keys.chunks(50) {
        let create = some.iter().map(|key| {
            // Seen last of all is the first, and first of all the eighth.
            let place = u32::try_from(keys.iter().position(|known| known == key).unwrap()).unwrap();
            let seen = NOW - if place < 8 { place * 1000 } else { 0 };
            store.create(key, Sample::of("anna", NOW).seen(seen).record(), NOW)
        });
        assert!(join_all(create).await.into_iter().all(|answer| answer.unwrap() == Created::Yes));
    }
    for key in &keys {
        assert!(is_live(&store, key).await);
    }
    // One that was touched is no longer the first to go.
    assert!(store.touch(&keys[7], NOW, NOW, NOW).await.unwrap());
    let newest = key();
    // That it was seen long ago makes no difference to the one that comes.
    let long_ago = Sample::of("anna", NOW).seen(1).record();
    assert_eq!(store.create(&newest, long_ago, NOW).await.unwrap(), Created::Yes);
    assert!(matches!(store.load(&keys[6], NOW).await.unwrap(), Loaded::Absent));
    assert!(
        is_live(&store, &newest).await && is_live(&store, &keys[7]).await && is_live(&store, &keys[5]).await
    );
    assert_eq!(store.list_owner("anna", NOW).await.unwrap().len(), 1000);
    // A sign-in moves one in, and another one out.
    let (visitor, moved) = (key(), key());
    store.create(&visitor, Sample::anonymous(NOW).record(), NOW).await.unwrap();
    let signed_in = Sample::of("anna", NOW).record();
    assert_eq!(store.rotate(&visitor, 1, &moved, signed_in.clone(), 0, NOW).await.unwrap(), Rotated::Yes);
    assert!(!is_live(&store, &newest).await && is_live(&store, &moved).await);
    assert_eq!(store.list_owner("anna", NOW).await.unwrap().len(), 1000);
    // So does an update, which no policy asks for.
    assert_eq!(store.update(&other, 1, signed_in, NOW).await.unwrap(), Updated::Yes);
    assert_eq!(store.list_owner("anna", NOW).await.unwrap().len(), 1000);
    assert!(is_live(&store, &other).await && !is_live(&store, &keys[5]).await);
    assert_eq!(store.end_owner("anna", None, NOW).await.unwrap(), 1000);
}

async fn of_one_owner_s_logins_the_one_that_ends_first_goes(place: &Place) {
    let store = place.store().await;
    let keys: Vec<_> = (0..101).map(|_| series_key()).collect();
    for (place, key) in (0..).zip(&keys) {
        let record = SampleSeries::of("anna", NOW).ends(NOW + 5000 - place).record();
        assert!(store.create_series(key, record, NOW).await.unwrap());
    }
    // The last one ends before the others, and is not the one to go.
    assert!(store.load_series(&keys[99], NOW).await.unwrap().is_none());
    assert!(store.load_series(&keys[100], NOW).await.unwrap().is_some());
    assert_eq!(store.end_series_of("anna", None, NOW).await.unwrap(), 100);
}

async fn the_logins_of_an_owner_are_bounded_together_at_once(place: &Place) {
    let stores = [place.store().await, place.store().await];
    let create = (0..300).map(|at: usize| {
        let store = &stores[at % 2];
        async move {
            let record = SampleSeries::of("anna", NOW).record();
            store.create_series(&series_key(), record, NOW).await.unwrap()
        }
    });
    let mut create: Vec<_> = create.collect();
    while !create.is_empty() {
        let some = create.split_off(create.len().saturating_sub(60));
        assert!(join_all(some).await.into_iter().all(|is_kept| is_kept));
    }
    assert_eq!(stores[0].end_series_of("anna", None, NOW).await.unwrap(), 100);
}

async fn an_epoch_does_not_go_back_when_everything_was_purged(place: &Place) {
    let store = place.store().await;
    let stale = Sample::of("anna", NOW).epoch(store.epoch("anna").await.unwrap()).record();
    created(&store, "anna").await;
    assert_eq!(store.end_owner("anna", None, NOW).await.unwrap(), 1);
    let raised = store.epoch("anna").await.unwrap();
    assert_eq!(store.purge(u32::MAX, 500).await.unwrap(), 1);
    assert_eq!(place.texts("SELECT CAST(count(*) AS text) FROM cookie_policy_sessions").await, ["0"]);
    assert_eq!(store.epoch("anna").await.unwrap(), raised);
    assert_eq!(place.store().await.epoch("anna").await.unwrap(), raised);
    assert_eq!(store.create(&key(), stale, NOW).await.unwrap(), Created::Revoked);
}

/// Rows have numbers, and a number that was free again would lead a renewed key to somebody else's session.
async fn an_id_that_was_purged_within_its_grace_leads_to_nobody_else(place: &Place) {
    let store = place.store().await;
    let (old, new) = (key(), key());
    let short = Sample::of("anna", NOW).deadline(NOW + 5).record();
    store.create(&old, short.clone(), NOW).await.unwrap();
    store.rotate(&old, 1, &new, short, 100, NOW).await.unwrap();
    assert_eq!(store.purge(NOW + 5, 500).await.unwrap(), 1);
    for _ in 0..3 {
        created(&store, "eve").await;
    }
    assert!(matches!(store.load(&old, NOW + 6).await.unwrap(), Loaded::Ended));
    assert!(!store.delete(&old, NOW + 6).await.unwrap());
    assert_eq!(store.end_owner("eve", Some(&old), NOW + 6).await.unwrap(), 3);
}

async fn a_longer_grace_ends_with_a_shorter_one_after_it(place: &Place) {
    let store = place.store().await;
    let (first, second, third) = (key(), key(), key());
    let record = Sample::of("anna", NOW).record();
    store.create(&first, record.clone(), NOW).await.unwrap();
    assert_eq!(store.rotate(&first, 1, &second, record.clone(), 300, NOW).await.unwrap(), Rotated::Yes);
    assert_eq!(store.rotate(&second, 2, &third, record, 10, NOW).await.unwrap(), Rotated::Yes);
    for (late, is_read) in [(9, true), (10, false)] {
        for key in [first, second] {
            let found = store.load(&key, NOW + late).await.unwrap();
            assert_eq!(matches!(found, Loaded::Rotated(_)), is_read, "{late}");
        }
    }
}
