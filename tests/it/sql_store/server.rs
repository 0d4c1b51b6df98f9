//! What can be the matter with a PostgreSQL server, and with the way there.

mod way;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::time::timeout;
use tower_cookie_policy::store::{Created, Rotated};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{SessionStore, SqlStore, SqlStoreError, StoreErrorKind};

use super::{NOW, Place, created, is_live, tried};
use way::Way;

/// Less than a policy's deadline.
const SOON: Duration = Duration::from_millis(2900);

/// As many as get connections at once in time, where the hashes of the password are not optimised.
const SOME: usize = 3;

/// Waits until writes go well, for as long as an impatient user does.
async fn it_works(store: &SqlStore) {
    let begun = Instant::now();
    while timeout(SOON, tried(store)).await != Ok(Ok(Created::Yes)) {
        assert!(begun.elapsed() < Duration::from_secs(15), "it does not come back");
    }
}

/// The URL, by a way that can be cut.
async fn by_a_way(place: &Place) -> (Way, String) {
    let mut url = Url(place.url());
    let way = Way::to(url.host_and_port().to_owned()).await;
    url.set_host_and_port(&format!("127.0.0.1:{}", way.port()));
    (way, url.to_string())
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_and_not_quoted() {
    for url in [
        "",
        "s3cr3t-Pw",
        "mysql://shop:s3cr3t-Pw@localhost/shop",
        "postgres://shop:s3cr3t-Pw@localhost:port/shop",
        "postgres://shop:s3cr3t-Pw@localhost/shop?sslmode=s3cr3t-Pw",
        // The driver would pass over these, and connect without TLS.
        "postgres://shop:s3cr3t-Pw@localhost/shop?sslmod=require",
        "postgres://shop:s3cr3t-Pw@localhost/shop?application_name=shop&SSLMODE=require",
    ] {
        let error = SqlStore::postgres(url).await.unwrap_err();
        assert!(matches!(error, SqlStoreError::IllegalAddress(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_is_unavailable_in_time() {
    let begun = Instant::now();
    let error = SqlStore::postgres("postgres://shop:s3cr3t-Pw@127.0.0.1:9/shop").await.unwrap_err();
    assert_eq!(error.kind(), Some(StoreErrorKind::Unavailable));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn a_password_is_said_nowhere() {
    let place = Place::schema().await;
    let store = place.store().await;
    assert_eq!(format!("{store:?}"), "SqlStore(PostgreSQL)");
    let mut wrong = Url(place.url());
    wrong.set_password("wr0ng-Pw");
    let error = SqlStore::postgres(&wrong.to_string()).await.unwrap_err();
    assert_eq!(error.kind(), Some(StoreErrorKind::Unavailable));
    let source = std::error::Error::source(&error).unwrap();
    let cause = source.source().unwrap();
    assert!(cause.to_string().contains("28P01"), "{cause}");
    assert!(!format!("{error} {error:?} {source} {cause}").contains("wr0ng"), "{error:?}");
    // Nor where TLS is asked for, which this build has none of.
    let error = SqlStore::postgres(&format!("{}&sslmode=require", place.url())).await.unwrap_err();
    assert_eq!(error.kind(), Some(StoreErrorKind::Unavailable), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn reads_outlive_connections_that_were_terminated_and_writes_say_so() {
    let place = Place::schema().await;
    let name = format!("terminated-{}", std::process::id());
    let store = SqlStore::postgres(&format!("{}&application_name={name}", place.url())).await.unwrap();
    it_works(&store).await;
    let known = created(&store, "anna").await;
    let kill = format!(
        "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    let mut refused = 0;
    for _ in 0..5 {
        join_all((0..SOME).map(|_| store.load(&known, NOW))).await;
        assert!(!place.texts(&kill).await.is_empty());
        for found in join_all((0..SOME).map(|_| is_live(&store, &known))).await {
            assert!(found);
        }
        join_all((0..SOME).map(|_| store.load(&known, NOW))).await;
        place.texts(&kill).await;
        for outcome in join_all((0..SOME).map(|_| tried(&store))).await {
            match outcome {
                Ok(created) => assert_eq!(created, Created::Yes),
                Err(kind) => {
                    assert_eq!(kind, StoreErrorKind::Unavailable);
                    refused += 1;
                }
            }
        }
        // Those that were found broken are gone.
        for outcome in join_all((0..SOME).map(|_| tried(&store))).await {
            assert_eq!(outcome, Ok(Created::Yes));
        }
    }
    // Where they stood still for a second they are tried before, and nobody hears of it.
    join_all((0..SOME).map(|_| store.load(&known, NOW))).await;
    place.texts(&kill).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for outcome in join_all((0..SOME).map(|_| tried(&store))).await {
        assert_eq!(outcome, Ok(Created::Yes));
    }
    println!("{refused} writes of {} were refused", 5 * SOME);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn connections_that_the_server_closes_while_idle_are_noticed_by_nobody() {
    let place = Place::schema().await;
    let store =
        SqlStore::postgres(&format!("{}&options[idle_session_timeout]=100", place.url())).await.unwrap();
    it_works(&store).await;
    for _ in 0..5 {
        // Less than after what time a connection is tried before it is used.
        tokio::time::sleep(Duration::from_millis(300)).await;
        for outcome in join_all((0..SOME).map(|_| tried(&store))).await {
            assert_eq!(outcome, Ok(Created::Yes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn connections_that_go_silent_are_left_behind() {
    let place = Place::schema().await;
    let (way, url) = by_a_way(&place).await;
    let store = SqlStore::postgres(&url).await.unwrap();
    let known = created(&store, "anna").await;
    for still in [Duration::ZERO, Duration::from_millis(1100)] {
        assert!(
            join_all((0..SOME).map(|_| is_live(&store, &known))).await.into_iter().all(|is_live| is_live)
        );
        way.go_silent();
        tokio::time::sleep(still).await;
        // As many as there are connections, and given up by the policy.
        let begun = Instant::now();
        let steps = (0..12).map(|_| timeout(Duration::from_secs(3), store.load(&known, NOW)));
        for outcome in join_all(steps).await {
            assert!(outcome.map_or(true, |outcome| outcome.is_err()));
        }
        assert!(begun.elapsed() < Duration::from_secs(4));
        way.speak_again();
        it_works(&store).await;
        for outcome in join_all((0..SOME).map(|_| tried(&store))).await {
            assert_eq!(outcome, Ok(Created::Yes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn a_server_that_comes_back_is_found_without_a_restart() {
    let place = Place::schema().await;
    let (way, url) = by_a_way(&place).await;
    let store = SqlStore::postgres(&url).await.unwrap();
    let known = created(&store, "anna").await;
    for _ in 0..3 {
        join_all((0..SOME).map(|_| is_live(&store, &known))).await;
        way.shut();
        let begun = Instant::now();
        for outcome in join_all((0..12).map(|_| tried(&store))).await {
            assert_eq!(outcome, Err(StoreErrorKind::Unavailable));
        }
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        way.open();
        it_works(&store).await;
        for outcome in join_all((0..SOME).map(|_| tried(&store))).await {
            assert_eq!(outcome, Ok(Created::Yes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn a_pool_without_a_free_connection_is_an_error_in_time() {
    let place = Place::schema().await;
    place.store().await.close().await;
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(300));
    let pool = pool.connect(&place.url()).await.unwrap();
    let store = SqlStore::on_postgres(pool.clone());
    let held = pool.acquire().await.unwrap();
    assert_eq!(store.load(&key(), NOW).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert_eq!(tried(&store).await, Err(StoreErrorKind::Unavailable));
    drop(held);
    assert_eq!(tried(&store).await, Ok(Created::Yes));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn a_step_that_waits_for_a_lock_can_be_given_up() {
    let place = Place::schema().await;
    let store = place.store().await;
    let known = created(&store, "anna").await;
    let pool = PgPoolOptions::new().connect(&place.url()).await.unwrap();
    let mut other = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM cookie_policy_sessions FOR UPDATE").execute(&mut *other).await.unwrap();
    // More than there are connections.
    for _ in 0..3 {
        let steps =
            (0..10).map(|_| timeout(Duration::from_millis(200), store.touch(&known, NOW, NOW + 1800, NOW)));
        assert!(join_all(steps).await.into_iter().all(|outcome| outcome.is_err()));
    }
    assert!(is_live(&store, &known).await, "who reads waits for nobody");
    other.rollback().await.unwrap();
    assert!(store.touch(&known, NOW, NOW + 1800, NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn another_isolation_is_refused() {
    let place = Place::schema().await;
    place.store().await.close().await;
    let options: PgConnectOptions = place.url().parse().unwrap();
    let options = options.options([("default_transaction_isolation", "serializable")]);
    let pool = PgPoolOptions::new().connect_with(options.clone()).await.unwrap();
    let record = Sample::of("anna", NOW).record();
    let error = SqlStore::on_postgres(pool).create(&key(), record, NOW).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    // The store's own connections put it right.
    let url = format!("{}&options[default_transaction_isolation]=serializable", place.url());
    created(&SqlStore::postgres(&url).await.unwrap(), "anna").await;
}

/// Sessions go from one owner to the other and back, while all of both are ended: whoever took locks in another order would
/// meet somebody who does the same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
async fn nobody_waits_for_somebody_who_waits_for_them() {
    let place = Place::schema().await;
    let stores = [place.store().await, place.store().await];
    let tasks = (0..16_usize).map(|task| {
        let store = stores[task % 2].clone();
        tokio::spawn(async move {
            for step in 0..40_usize {
                let (one, other) =
                    if (task + step).is_multiple_of(2) { ("anna", "bert") } else { ("bert", "anna") };
                let key_ = key();
                let record = Sample::of(one, NOW).epoch(1 << 40).record();
                store.create(&key_, record, NOW).await.unwrap();
                let moved = Sample::of(other, NOW).epoch(1 << 40).record();
                let new = key();
                let rotated = store.rotate(&key_, 1, &new, moved, 10, NOW).await.unwrap();
                assert!(matches!(rotated, Rotated::Yes | Rotated::Gone));
                match step % 4 {
                    0 => drop(store.end_owner(one, Some(&new), NOW).await.unwrap()),
                    1 => drop(store.end_owner(other, None, NOW).await.unwrap()),
                    2 => drop(store.delete(&key_, NOW).await.unwrap()),
                    _ => drop(store.purge(NOW + 700, 50).await.unwrap()),
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let name = "SELECT deadlocks::text FROM pg_stat_database WHERE datname = current_database()";
    println!("deadlocks so far: {:?}", place.texts(name).await);
}

/// As much of a URL as is changed here: it has a user, a password, a host and a port.
struct Url(String);

impl Url {
    fn authority(&self) -> (usize, usize) {
        let start = self.0.find("://").unwrap() + 3;
        (start, start + self.0[start..].find(['/', '?']).unwrap())
    }

    fn user_and_host(&self) -> (&str, &str) {
        let (start, end) = self.authority();
        let (user, host) = self.0[start..end].split_once('@').unwrap();
        (user.split(':').next().unwrap(), host)
    }

    fn host_and_port(&self) -> &str {
        self.user_and_host().1
    }

    fn set_host_and_port(&mut self, new: &str) {
        self.0 = self.0.replacen(&format!("@{}", self.host_and_port()), &format!("@{new}"), 1);
    }

    fn set_password(&mut self, password: &str) {
        let ((start, end), (user, host)) = (self.authority(), self.user_and_host());
        self.0 = format!("{}{user}:{password}@{host}{}", &self.0[..start], &self.0[end..]);
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
