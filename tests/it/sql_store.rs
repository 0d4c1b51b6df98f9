//! The store in a database, on SQLite and on PostgreSQL: held to the rules of all stores, and to what a database adds: other
//! handles and processes, versions of its tables, locks, damage, a full disk, a connection that breaks.
//!
//! Those on PostgreSQL need a server, and read the URL of a database from `COOKIE_TEST_POSTGRES`.

macro_rules! on_both {
    ($($(#[$attribute:meta])* $test:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(&crate::sql_store::Place::file()).await;
            })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs a PostgreSQL server: tests/run.sh starts one"]
            async fn $test() {
                super::$test(&crate::sql_store::Place::schema().await).await;
            })*
        }
    };
}

mod bounds;
mod conformance;
mod contents;
mod dropping;
mod file;
mod migrating;
mod place;
mod plans;
mod processes;
mod racing;
mod secrecy;
#[cfg(feature = "postgres")]
mod server;
mod size;

use tower_cookie_policy::store::{Created, Loaded};
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{SessionKey, SessionStore, SqlStore, StoreErrorKind};

use place::Place;

/// 23 November 2026.
const NOW: u32 = 1_795_455_792;

/// Creates a session of this owner under a new key.
async fn created(store: &SqlStore, owner: &str) -> SessionKey {
    let key = key();
    let record = Sample::of(owner, NOW).epoch(store.epoch(owner).await.unwrap()).record();
    assert_eq!(store.create(&key, record, NOW).await.unwrap(), Created::Yes);
    key
}

/// What comes of creating an anonymous session.
async fn tried(store: &SqlStore) -> Result<Created, StoreErrorKind> {
    store.create(&key(), Sample::anonymous(NOW).record(), NOW).await.map_err(|error| error.kind())
}

async fn is_live(store: &SqlStore, key: &SessionKey) -> bool {
    matches!(store.load(key, NOW).await.unwrap(), Loaded::Live(_))
}
