//! Where a test has its tables: a file in a folder of its own, or a schema of its own in the database.

use std::path::PathBuf;

use futures_util::future::join_all;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};
use tower_cookie_policy::testing::key;
use tower_cookie_policy::{SessionStore, SqlStore, SqlStoreError};

pub(crate) enum Place {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Schema(String),
}

/// The URL of the database, with this at the end of it.
#[cfg(feature = "postgres")]
pub(crate) fn url(more: &str) -> String {
    let url = std::env::var("COOKIE_TEST_POSTGRES")
        .expect("COOKIE_TEST_POSTGRES has to be the URL of a PostgreSQL database that these tests may fill");
    format!("{url}{}{more}", if url.contains('?') { '&' } else { '?' })
}

impl Place {
    pub(crate) fn file() -> Self {
        let folder = std::env::temp_dir().join(format!("cookie-policy-sql-{}", unique()));
        std::fs::create_dir(&folder).unwrap();
        Self::File(folder.join("sessions.db"))
    }

    #[cfg(feature = "postgres")]
    pub(crate) async fn schema() -> Self {
        let name = format!("cookie_policy_test_{}", unique());
        let mut connection = sqlx::PgConnection::connect(&url("")).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        Self::Schema(name)
    }

    /// Where it is, for SQLite.
    pub(crate) fn path(&self) -> &PathBuf {
        match self {
            Self::File(path) => path,
            #[cfg(feature = "postgres")]
            Self::Schema(_) => panic!("that is no file"),
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(_) => panic!("a file has no URL"),
            Self::Schema(name) => url(&format!("options[search_path]={name}")),
        }
    }

    pub(crate) async fn opened(&self) -> Result<SqlStore, SqlStoreError> {
        match self {
            Self::File(path) => SqlStore::sqlite(path).await,
            #[cfg(feature = "postgres")]
            Self::Schema(_) => SqlStore::postgres(&self.url()).await,
        }
    }

    /// One more store on it, with connections of its own.
    pub(crate) async fn store(&self) -> SqlStore {
        let store = self.opened().await.unwrap();
        // Without optimisation a connection to PostgreSQL takes a large part of a second, for the hashes of the password.
        // Those that all steps at once would ask for are made before.
        while join_all((0..10).map(|_| store.epoch("nobody"))).await.iter().any(Result::is_err) {}
        store
    }

    pub(crate) async fn pool(&self) -> SqlitePool {
        SqlitePool::connect_with(SqliteConnectOptions::new().filename(self.path()).create_if_missing(true))
            .await
            .unwrap()
    }

    /// Does something that no store does.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::File(path) => {
                let mut connection = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .connect()
                    .await
                    .unwrap();
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            #[cfg(feature = "postgres")]
            Self::Schema(_) => {
                let mut connection = sqlx::PgConnection::connect(&self.url()).await.unwrap();
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// The first column of all rows, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::File(path) => {
                let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            #[cfg(feature = "postgres")]
            Self::Schema(_) => {
                let mut connection = sqlx::PgConnection::connect(&self.url()).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Applies the file that is shipped.
    pub(crate) async fn apply_by_hand(&self) {
        let folder = match self {
            Self::File(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Self::Schema(_) => "postgres",
        };
        let path = format!("{}/sql/{folder}/0001_sessions.sql", env!("CARGO_MANIFEST_DIR"));
        self.execute(&std::fs::read_to_string(path).unwrap()).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::File(path) => {
                let _ = std::fs::remove_dir_all(path.parent().unwrap());
            }
            // Dropping waits for connections that the test still has open, so it is left to whoever made the database.
            #[cfg(feature = "postgres")]
            Self::Schema(_) => {}
        }
    }
}

fn unique() -> String {
    key().as_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
