//! What can be the matter with a SQLite file.

use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, Executor, SqliteConnection};
use tower_cookie_policy::store::Created;
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{SessionStore, SqlStore, SqlStoreError, StoreErrorKind};

use super::{NOW, Place, created, is_live, tried};

/// Less than a policy's deadline.
const SOON: Duration = Duration::from_millis(2950);

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_those_beside_it_are_nobody_else_s() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::file();
    let store = place.store().await;
    created(&store, "anna").await;
    let mut files = 0;
    for file in std::fs::read_dir(place.path().parent().unwrap()).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(files, 3, "the file, its log and its index");
    drop(store);
}

#[tokio::test]
async fn what_is_no_path_of_a_file_is_refused() {
    for path in ["", ":memory:", "sqlite:sessions.db", "sqlite://sessions.db?mode=ro"] {
        let error = SqlStore::sqlite(path).await.unwrap_err();
        assert!(matches!(error, SqlStoreError::IllegalAddress(_)), "{error:?}");
    }
    let place = Place::file();
    let folder = place.path().parent().unwrap();
    for path in [folder.join("none").join("sessions.db"), folder.to_owned()] {
        let error = SqlStore::sqlite(path).await.unwrap_err();
        assert_eq!(error.kind(), Some(StoreErrorKind::Unavailable), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_there_after_it_was_closed() {
    let place = Place::file();
    let store = place.store().await;
    let key = created(&store, "anna").await;
    store.close().await;
    assert_eq!(store.load(&key, NOW).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert_eq!(tried(&store).await, Err(StoreErrorKind::Unavailable));
    assert!(is_live(&place.store().await, &key).await);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_replaced_or_deleted_is_not_written_and_not_read() {
    for replaced in [true, false] {
        let place = Place::file();
        let store = place.store().await;
        let key = created(&store, "anna").await;
        let (path, away) = (place.path().clone(), place.path().with_extension("away"));
        std::fs::rename(&path, &away).unwrap();
        if replaced {
            std::fs::copy(&away, &path).unwrap();
        }
        // Neither the old one, which nobody will open again, nor the new one, which is not what this process has confirmed.
        assert_eq!(store.load(&key, NOW).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert_eq!(store.list_owner("anna", NOW).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert_eq!(store.delete(&key, NOW).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert_eq!(tried(&store).await, Err(StoreErrorKind::Unavailable));
        // It is only back where it was.
        std::fs::rename(&away, &path).unwrap();
        assert!(is_live(&store, &key).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_corrupt() {
    let place = Place::file();
    let store = place.store().await;
    let mut keys = Vec::new();
    for _ in 0..200 {
        keys.push(created(&store, "anna").await);
    }
    store.close().await;
    let length = std::fs::metadata(place.path()).unwrap().len();
    let mut file = std::fs::OpenOptions::new().write(true).open(place.path()).unwrap();
    // Everything after the first page, which has the names of the tables.
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0x5a; usize::try_from(length).unwrap() - 4096]).unwrap();
    drop(file);
    match SqlStore::sqlite(place.path()).await {
        Err(error) => assert_eq!(error.kind(), Some(StoreErrorKind::Corrupt), "{error:?}"),
        Ok(store) => {
            assert_eq!(store.load(&keys[0], NOW).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
        }
    }
    std::fs::write(
        place.path(),
        "this is no database, but a file with some text in it, and a long one".repeat(99),
    )
    .unwrap();
    let error = SqlStore::sqlite(place.path()).await.unwrap_err();
    assert_eq!(error.kind(), Some(StoreErrorKind::Corrupt), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_lock_is_unavailable_soon_and_works_afterwards() {
    let place = Place::file();
    let store = place.store().await;
    let known = created(&store, "anna").await;
    let options = SqliteConnectOptions::new().filename(place.path());
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let steps = (0..20_u64).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(at * 100)).await;
            let begun = Instant::now();
            assert_eq!(tried(&store).await, Err(StoreErrorKind::Unavailable));
            begun.elapsed()
        })
    });
    for step in steps.collect::<Vec<_>>() {
        let took = step.await.unwrap();
        assert!(took < SOON, "{took:?}");
    }
    // Who only reads does not wait for those who write.
    assert!(is_live(&store, &known).await);
    other.execute("COMMIT").await.unwrap();
    assert_eq!(tried(&store).await, Ok(Created::Yes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_full_says_so_until_something_was_forgotten() {
    let place = Place::file();
    place.store().await.close().await;
    let options = SqliteConnectOptions::new().filename(place.path()).pragma("max_page_count", "60");
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    let store = SqlStore::on_sqlite(pool);
    let mut kept = Vec::new();
    let error = loop {
        let key = key();
        let record = Sample::of("anna", NOW).value("v", "x".repeat(2000)).record();
        match store.create(&key, record, NOW).await {
            Ok(_) => kept.push(key),
            Err(error) => break error,
        }
        assert!(kept.len() < 1000);
    };
    assert_eq!(error.kind(), StoreErrorKind::Full);
    for key in &kept {
        assert!(is_live(&store, key).await);
    }
    // What is over makes room.
    while store.purge(NOW + 1800, 500).await.unwrap() > 0 {}
    for _ in 0..kept.len() {
        let record = Sample::of("anna", NOW).value("v", "x".repeat(2000)).record();
        assert_eq!(store.create(&key(), record, NOW).await.unwrap(), Created::Yes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_be_written_can_be_read() {
    let place = Place::file();
    let writer = place.store().await;
    let key = created(&writer, "anna").await;
    let options = SqliteConnectOptions::new().filename(place.path()).read_only(true);
    let store = SqlStore::on_sqlite(SqlitePoolOptions::new().connect_with(options).await.unwrap());
    store.migrate().await.unwrap();
    assert!(is_live(&store, &key).await);
    assert_eq!(tried(&store).await, Err(StoreErrorKind::Unavailable));
    assert!(is_live(&store, &key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_an_error_in_time() {
    let place = Place::file();
    place.store().await.close().await;
    let options = SqliteConnectOptions::new().filename(place.path());
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(300));
    let pool = pool.connect_with(options).await.unwrap();
    let store = SqlStore::on_sqlite(pool.clone());
    let held = pool.acquire().await.unwrap();
    let begun = Instant::now();
    assert_eq!(store.load(&key(), NOW).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert_eq!(tried(&store).await, Err(StoreErrorKind::Unavailable));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    drop(held);
    assert_eq!(tried(&store).await, Ok(Created::Yes));
}
