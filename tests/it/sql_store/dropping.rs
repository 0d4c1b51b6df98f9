//! Steps that are dropped: what was given up leaves nothing locked, nothing half done and no connection lost.

use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tower_cookie_policy::store::{Loaded, Rotated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore, SqlStore};

use super::{NOW, Place, created, is_live};

on_both! {
    every_step_can_be_dropped_at_every_moment
    many_that_are_dropped_at_once_leave_room_for_others
}

async fn every_step_can_be_dropped_at_every_moment(place: &Place) {
    let store = place.store().await;
    for moment in 0..60_u32 {
        let after = Duration::from_micros(u64::from(moment) * 60);
        let kept = created(&store, "anna").await;
        let login = series_key();
        let record = || Sample::of("anna", NOW).epoch(9).record();
        let series = || SampleSeries::of("anna", NOW).record();
        dropped(after, store.create(&key(), record(), NOW)).await;
        dropped(after, store.load(&kept, NOW)).await;
        dropped(after, store.update(&kept, 1, record(), NOW)).await;
        dropped(after, store.touch(&kept, NOW, NOW + 1800, NOW)).await;
        dropped(after, store.rotate(&kept, 1, &key(), record(), 10, NOW)).await;
        dropped(after, store.list_owner("anna", NOW)).await;
        dropped(after, store.delete(&kept, NOW)).await;
        dropped(after, store.end_owner("bert", None, NOW)).await;
        dropped(after, store.purge(NOW, 10)).await;
        dropped(after, store.create_series(&login, series(), NOW)).await;
        dropped(after, store.update_series(&login, 1, series(), NOW)).await;
        dropped(after, store.load_series(&login, NOW)).await;
        dropped(after, store.delete_series(&login, NOW)).await;
        dropped(after, store.end_series_of("bert", None, NOW)).await;
        dropped(after, store.purge_series(NOW, 10)).await;
        works(&store).await;
    }
    assert!(store.end_owner("anna", None, NOW).await.unwrap() > 0);
    assert!(store.list_owner("anna", NOW).await.unwrap().is_empty());
}

async fn many_that_are_dropped_at_once_leave_room_for_others(place: &Place) {
    let store = place.store().await;
    for _ in 0..5 {
        let steps = (0..200).map(|at: u64| {
            let store = store.clone();
            tokio::spawn(async move {
                let key = key();
                let step = store.create(&key, Sample::of("anna", NOW).epoch(9).record(), NOW);
                dropped(Duration::from_micros(at * 20), step).await;
            })
        });
        for step in steps.collect::<Vec<_>>() {
            step.await.unwrap();
        }
        works(&store).await;
    }
}

/// Begins a step, and drops it after a while.
async fn dropped<T>(after: Duration, step: impl Future<Output = T>) {
    let _ = timeout(after, pin!(step)).await;
}

/// Reads and writes go well, soon.
async fn works(store: &SqlStore) {
    let begun = Instant::now();
    let (old, new) = (created(store, "carla").await, key());
    let epoch = store.epoch("carla").await.unwrap();
    let record = Sample::of("carla", NOW).epoch(epoch).record();
    assert_eq!(store.rotate(&old, 1, &new, record, 0, NOW).await.unwrap(), Rotated::Yes);
    assert!(is_live(store, &new).await);
    assert!(matches!(store.load(&old, NOW).await.unwrap(), Loaded::Ended));
    assert_eq!(store.end_owner("carla", None, NOW).await.unwrap(), 1);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}
