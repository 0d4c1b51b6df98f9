//! Sessions and remembered logins in a database: a SQLite file for one machine, PostgreSQL for many.
//!
//! - Every step is one transaction. On SQLite it runs in this process, one write after the other; on PostgreSQL it is one
//!   statement, so one round trip.
//! - Times in the database are the policy's, Unix seconds in UTC. The database's own clock decides nothing.
//! - Keys are SHA-256 of what is in the cookie, so nobody can come back with what a backup holds. Owners, values and times
//!   are in it as they are.
//! - Errors name a class and the database's code. Its messages stay out, since they quote values.

mod error;
mod fault;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
mod steps;

use std::fmt;

pub use error::SqlStoreError;

#[cfg(feature = "postgres")]
use postgres::Server;
#[cfg(feature = "sqlite")]
use sqlite::File;

/// Sessions and remembered logins in a SQLite file (feature `sqlite`) or on PostgreSQL (feature `postgres`). Cheap to clone;
/// all clones are one.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use tower_cookie_policy::{CookiePolicy, KeyRing, SqlStore};
///
/// let folder = std::env::temp_dir().join(format!("sessions-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// let store = SqlStore::sqlite(folder.join("sessions.db")).await?;
/// let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
///     .node("web-1")
///     .store(store.clone())
///     .build()?;
/// // … the server runs, and `policy.purge(…)` beside it …
/// store.close().await;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
///
/// # What it keeps
///
/// Records that are over stay until they are purged: run [`CookiePolicy::purge`](crate::CookiePolicy::purge) on one of the
/// machines. Of one user there are at most 1000 sessions, of which the one that was seen longest ago goes, and 100 remembered
/// logins, of which the one that ends first goes. There is no bound on all users together but the disk's; a full one is
/// [`StoreErrorKind::Full`](crate::StoreErrorKind::Full). On SQLite a signed-in session takes some 145 bytes and its record, indexes
/// included (`cargo test --all-features --test it ten_thousand -- --nocapture`).
///
/// Whoever has ended all their sessions keeps a row with their name and a number for good, some 40 bytes and the name: without
/// it, a session that was ended could be written again by a request that began before.
///
/// # The tables
///
/// Their names begin with `cookie_policy_`, those of PostgreSQL's functions too. They are made by what opens the store;
/// several machines may do so at once. The statements are in the folder `sql/` of this crate, for those who would rather have
/// them applied by hand. A database with the tables of a newer version of this crate is refused.
#[derive(Clone)]
pub struct SqlStore(Backend);

/// Either database. The pools inside are shared by all clones.
#[derive(Clone)]
enum Backend {
    #[cfg(feature = "sqlite")]
    Sqlite(File),
    #[cfg(feature = "postgres")]
    Postgres(Server),
}

/// The step on whichever database it is.
macro_rules! on {
    ($store:expr, $backend:ident => $step:expr) => {
        match &$store.0 {
            #[cfg(feature = "sqlite")]
            $crate::session::sql::Backend::Sqlite($backend) => $step.await,
            #[cfg(feature = "postgres")]
            $crate::session::sql::Backend::Postgres($backend) => $step.await,
        }
    };
}
use on;

#[cfg(feature = "sqlite")]
impl SqlStore {
    /// Opens the SQLite file at this path, or makes it, and the tables in it.
    ///
    /// A file that is made is its user's alone (mode 0600 on Unix). It is in WAL mode, so there are two files beside it
    /// until it is [closed](Self::close), and after a crash; it belongs on a local disk. What was written is on the disk before it is confirmed
    /// (`synchronous=FULL`); whoever would rather be faster and lose the last moments at a power failure passes a pool with
    /// `NORMAL` to [`on_sqlite`](Self::on_sqlite). Processes of one machine may open one file.
    ///
    /// A step that finds the file locked by somebody else waits for up to 0.9 seconds, and behind other writes of this process
    /// for up to 1.7; then it is [`StoreErrorKind::Unavailable`](crate::StoreErrorKind::Unavailable).
    ///
    /// # Errors
    /// [`SqlStoreError::IllegalAddress`] where the path is none of a file, [`SqlStoreError::NewerSchema`] and
    /// [`SqlStoreError::Failed`].
    pub async fn sqlite(path: impl AsRef<std::path::Path>) -> Result<Self, SqlStoreError> {
        let store = Self(Backend::Sqlite(File::open(path.as_ref()).await?));
        store.migrate().await?;
        Ok(store)
    }

    /// A store on a SQLite pool that the application made, and that it may use for itself. Without the tables every step
    /// fails: call [`migrate`](Self::migrate) first. The connection of a write that fails or is dropped is closed, so a
    /// database in memory is not for it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
    /// use tower_cookie_policy::SqlStore;
    ///
    /// # let path = std::env::temp_dir().join(format!("pool-{}.db", std::process::id()));
    /// let options = SqliteConnectOptions::new()
    ///     .filename(&path)
    ///     .create_if_missing(true)
    ///     .journal_mode(SqliteJournalMode::Wal)
    ///     .synchronous(SqliteSynchronous::Normal);
    /// let store = SqlStore::on_sqlite(SqlitePool::connect_with(options).await?);
    /// store.migrate().await?;
    /// # store.close().await;
    /// # std::fs::remove_file(path)?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_sqlite(pool: sqlx::SqlitePool) -> Self {
        Self(Backend::Sqlite(File::on(pool)))
    }
}

#[cfg(feature = "postgres")]
impl SqlStore {
    /// Connects to the PostgreSQL database at this URL, `postgres://user:password@host:5432/database`, and makes the tables in
    /// it. It needs PostgreSQL 11 and a database in UTF8.
    ///
    /// It keeps up to ten connections. A step waits for up to two seconds for one, and is
    /// [`StoreErrorKind::Unavailable`](crate::StoreErrorKind::Unavailable) then. One that stood still for a second is tried
    /// before it is used, so that a server that was started again is found without a restart here. Reads that fail on a
    /// broken connection are done once more; writes are not, since they may have happened. Behind a proxy that gives a connection
    /// to another client after each transaction, prepared statements have to be its business too, as PgBouncer's from 1.21 on.
    ///
    /// # TLS
    ///
    /// This crate brings none along, and without `sslmode` a connection is not verified. An application that wants it has sqlx among its own dependencies with one of its
    /// `tls-…` features, `sqlx = { version = "0.9", default-features = false, features = ["tls-rustls-ring-webpki"] }`, and says
    /// `?sslmode=verify-full` in the URL. Without the feature, a URL that requires TLS is an error.
    ///
    /// ```no_run
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use tower_cookie_policy::SqlStore;
    ///
    /// let store = SqlStore::postgres("postgres://shop:secret@db.example/shop?sslmode=verify-full").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SqlStoreError::IllegalAddress`], [`SqlStoreError::NewerSchema`] and [`SqlStoreError::Failed`]. No error quotes the URL.
    pub async fn postgres(url: &str) -> Result<Self, SqlStoreError> {
        let store = Self(Backend::Postgres(Server::at(url)?));
        store.migrate().await?;
        Ok(store)
    }

    /// A store on a PostgreSQL pool that the application made, and that it may use for itself. Without the tables every step
    /// fails: call [`migrate`](Self::migrate) first.
    ///
    /// How long a step waits for a connection is the pool's `acquire_timeout`, which belongs below the policy's deadline.
    /// The steps need the isolation level READ COMMITTED, which is the default; those about a user's sessions refuse to be done under
    /// another. The pool's connections should have a `lock_timeout` below the deadline too, or a step that has failed for its wait may
    /// be done later.
    ///
    /// ```no_run
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
    /// use tower_cookie_policy::SqlStore;
    ///
    /// let server: PgConnectOptions = "postgres://shop:secret@db.example/shop".parse()?;
    /// let pool = PgPoolOptions::new().acquire_timeout(Duration::from_millis(1900));
    /// let store = SqlStore::on_postgres(pool.connect_with(server.options([("lock_timeout", "1s")])).await?);
    /// store.migrate().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_postgres(pool: sqlx::PgPool) -> Self {
        Self(Backend::Postgres(Server::on(pool)))
    }
}

impl SqlStore {
    /// Makes the tables, or brings them up to this version. Where nothing is to be done it only looks. Several processes may
    /// do so at once.
    ///
    /// # Errors
    /// [`SqlStoreError::NewerSchema`] and [`SqlStoreError::Failed`].
    pub async fn migrate(&self) -> Result<(), SqlStoreError> {
        on!(self, backend => backend.migrate())
    }

    /// Closes the connections, once the steps that run are done. Every later step is
    /// [`StoreErrorKind::Unavailable`](crate::StoreErrorKind::Unavailable), that of a clone and of the application's own on a
    /// pool of its own too.
    pub async fn close(&self) {
        on!(self, backend => backend.close());
    }
}

/// Which database it is, and nothing about where.
impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => "SqlStore(SQLite)",
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => "SqlStore(PostgreSQL)",
        })
    }
}
