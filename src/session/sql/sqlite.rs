//! A SQLite file: several connections that read, and one that writes at a time.
//!
//! - Writes wait for their turn in the order in which they came, and begin with `BEGIN IMMEDIATE`: what a step has read does
//!   not change before it writes.
//! - The connection of a write that is dropped or fails is closed, which undoes it. SQLite undoes some failures by itself and
//!   others not, so that nobody can know what a connection was left in.

mod migrate;
mod owners;
mod series;
mod sessions;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{SqlStoreError, fault};
use crate::clock;
use crate::session::store::{StoreError, StoreErrorKind};

/// A file that is open.
#[derive(Clone)]
pub(super) struct File {
    readers: SqlitePool,
    writer: SqlitePool,
    turn: Arc<Mutex<()>>,
}

impl File {
    pub(super) async fn open(path: &Path) -> Result<Self, SqlStoreError> {
        if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
            return Err(SqlStoreError::IllegalAddress("the path of a file"));
        }
        make(path).map_err(|error| fault::io(&error))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(LOCKED)
            .disable_statement_logging();
        let pool = || SqlitePoolOptions::new().acquire_timeout(PATIENCE).test_before_acquire(false);
        let pool = || pool().idle_timeout(None).max_lifetime(None);
        let writer = pool().max_connections(1);
        let writer = writer.connect_lazy_with(options.clone().journal_mode(SqliteJournalMode::Wal));
        // The mode is the file's, so that those who read have no lock to wait for.
        let readers = pool().max_connections(READERS).connect_lazy_with(options);
        let file = Self { readers, writer, turn: Arc::default() };
        file.settle().await?;
        Ok(file)
    }

    /// On a pool that is the application's.
    pub(super) fn on(pool: SqlitePool) -> Self {
        Self { readers: pool.clone(), writer: pool, turn: Arc::default() }
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Puts the file in WAL mode. SQLite does not wait where others do so at the same time.
    async fn settle(&self) -> Result<(), StoreError> {
        let mut tries = MOST_TRIES;
        loop {
            match self.writer.acquire().await {
                Ok(_) => return Ok(()),
                Err(error) if tries > 0 && is_busy(&error) => clock::pause(MOMENT).await,
                Err(error) => return Err(failed(error)),
            }
            tries -= 1;
        }
    }

    /// Begins to write. What is not committed is undone.
    async fn write(&self) -> Result<Writing, StoreError> {
        let mut writing = clock::within(PATIENCE, self.turn()).await.unwrap_or_else(|| {
            Err(fault::failed(StoreErrorKind::Unavailable, "others write all the time"))
        })?;
        match writing.execute("BEGIN IMMEDIATE").await {
            Ok(()) => Ok(writing),
            Err(error) => {
                // Where it has not begun there is nothing to undo.
                writing.is_over = is_busy(&error);
                Err(failed(error))
            }
        }
    }

    /// The connection that writes, once nobody else does.
    async fn turn(&self) -> Result<Writing, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let connection = self.writer.acquire().await.map_err(failed)?;
        Ok(Writing { connection, is_over: false, _turn: turn })
    }
}

/// A transaction that writes. Nobody else of this store does so meanwhile. To leave without a change it is committed as well.
struct Writing {
    connection: PoolConnection<Sqlite>,
    is_over: bool,
    _turn: OwnedMutexGuard<()>,
}

impl Writing {
    async fn commit(mut self) -> Result<(), StoreError> {
        self.execute("COMMIT").await.map_err(failed)?;
        self.is_over = true;
        Ok(())
    }

    /// Ends it without a change.
    async fn leave<T>(self, answer: T) -> Result<T, StoreError> {
        self.commit().await.map(|()| answer)
    }

    async fn execute(&mut self, statement: &'static str) -> sqlx::Result<()> {
        sqlx::query(statement).execute(&mut *self.connection).await.map(drop)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
}

fn failed(error: sqlx::Error) -> StoreError {
    fault::of(&error, class)
}

/// The class of an extended result code, <https://sqlite.org/rescode.html>.
fn class(code: &str) -> StoreErrorKind {
    match code.parse::<u32>() {
        // What is read is shorter than it was.
        Ok(522) => StoreErrorKind::Corrupt,
        Ok(code) => match code & 0xff {
            // ERROR: no such table or column. CORRUPT, SCHEMA, CONSTRAINT, MISMATCH, NOTADB.
            1 | 11 | 17 | 19 | 20 | 26 => StoreErrorKind::Corrupt,
            // NOMEM, FULL, TOOBIG.
            7 | 13 | 18 => StoreErrorKind::Full,
            _ => StoreErrorKind::Unavailable,
        },
        Err(_) => StoreErrorKind::Unavailable,
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// A column, by its place.
fn column<'r, T>(row: &'r SqliteRow, at: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(at).map_err(failed)
}

/// Makes the file, readable for nobody else. SQLite gives those beside it the same mode.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// How long a write waits for its turn and a connection, and a read for a connection. With [`LOCKED`] it is less than a policy's deadline.
const PATIENCE: Duration = Duration::from_millis(1700);
/// How long SQLite waits for other processes.
const LOCKED: Duration = Duration::from_millis(900);
const READERS: u32 = 4;
/// Between two tries to put the file in WAL mode.
const MOMENT: Duration = Duration::from_millis(20);
const MOST_TRIES: usize = 100;
