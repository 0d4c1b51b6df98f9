//! How much a session takes on the disk. `--nocapture` prints it.

use sqlx::Executor;
use tower_cookie_policy::SessionStore;
use tower_cookie_policy::SqlStore;
use tower_cookie_policy::testing::{Sample, key};

use super::{NOW, Place};

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_sessions_take_few_bytes_each() {
    let place = Place::file();
    // What the disk confirms makes no difference to the size.
    let pool = place.pool().await;
    pool.execute("PRAGMA journal_mode = WAL").await.unwrap();
    let store = SqlStore::on_sqlite(pool.clone());
    store.migrate().await.unwrap();
    pool.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.path());
    let options = options.synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    let pool = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
    let store = SqlStore::on_sqlite(pool.clone());
    let pages = async || sqlx::query_scalar::<_, i64>("PRAGMA page_count").fetch_one(&pool).await.unwrap();
    let before = pages().await;
    let mut bytes = 0;
    for at in 0..10_000 {
        let record = Sample::of(&format!("user-{:04}", at % 5000), NOW).value("cart", "[1,2,3]").record();
        bytes += record.to_bytes().len();
        store.create(&key(), record, NOW).await.unwrap();
    }
    let size = sqlx::query_scalar::<_, i64>("PRAGMA page_size").fetch_one(&pool).await.unwrap();
    let each = (pages().await - before) * size / 10_000;
    println!("{each} bytes a session, {} of them its record", bytes / 10_000);
    assert!(each < 400, "{each}");
}
