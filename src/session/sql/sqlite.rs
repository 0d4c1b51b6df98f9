//! A SQLite file: several connections that read, and one that writes at a time.
//!
//! - Those who read see the last state that was committed, and wait for nobody.
//! - Those who write do so in turn (`writer`).

mod migrate;
mod owners;
mod series;
mod sessions;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row};

use super::{SqlStoreError, fault};
use crate::clock;
use crate::session::store::{StoreError, StoreErrorKind};
use writer::Writer;

/// A file that is open.
#[derive(Clone)]
pub(super) struct File {
    readers: SqlitePool,
    writer: Writer,
    /// The file, where it is the store's own.
    own: Option<Arc<Own>>,
}

/// A file that the store has opened by its path.
struct Own {
    path: PathBuf,
    /// What is beside it until it is put into it.
    log: PathBuf,
    identity: Option<Identity>,
}

impl File {
    pub(super) async fn open(path: &Path) -> Result<Self, SqlStoreError> {
        let is_url = path.to_str().is_some_and(|path| path.starts_with("sqlite:"));
        if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" || is_url {
            return Err(SqlStoreError::IllegalAddress("the path of a file, and no URL"));
        }
        make(path).map_err(|error| fault::io(&error))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(LOCKED)
            .disable_statement_logging();
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            // The mode is the file's, so that those who read have no lock to wait for.
            .connect_lazy_with(options.clone());
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let writer = Writer::own(options.journal_mode(SqliteJournalMode::Wal));
        let own = Own { path: path.to_owned(), log: log.into(), identity: identity(path) };
        let file = Self { readers, writer, own: Some(Arc::new(own)) };
        let settled = clock::within(OPENING, file.settle()).await;
        settled.unwrap_or_else(|| {
            Err(fault::failed(StoreErrorKind::Unavailable, "others have the file locked"))
        })?;
        Ok(file)
    }

    /// On a pool that is the application's.
    pub(super) fn on(pool: SqlitePool) -> Self {
        Self { readers: pool.clone(), writer: Writer::on(pool), own: None }
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Puts the file in WAL mode. SQLite does not wait where others do so at the same time.
    async fn settle(&self) -> Result<(), StoreError> {
        loop {
            match self.writer.turn().await {
                Err(error) if is_busy(&error) => clock::pause(MOMENT).await,
                turn => return turn.map(drop).map_err(failed),
            }
        }
    }

    /// The file, if it is still the one under its path. What is written into one that was deleted or replaced is seen by nobody who
    /// opens the path after that, and some connections may already have the other one.
    fn there(&self) -> Result<&Self, StoreError> {
        match &self.own {
            Some(own) if own.identity != identity(&own.path) => Err(fault::failed(
                StoreErrorKind::Unavailable,
                "the file was deleted or replaced since it was opened",
            )),
            _ => Ok(self),
        }
    }

    /// Puts a log that has grown into the file. SQLite does so by itself where for a moment nobody reads, which among busy readers may
    /// be never.
    async fn put_by(&self) {
        let has_grown = |own: &Arc<Own>| std::fs::metadata(&own.log).is_ok_and(|log| log.len() > LONG_LOG);
        if self.own.as_ref().is_some_and(has_grown)
            && let Ok(mut turn) = self.writer.alone().await
        {
            // Where readers do not let it, it is for the next time.
            let _ = turn.change_alone(sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")).await;
        }
    }
}

fn failed(error: sqlx::Error) -> StoreError {
    fault::of(&error, class)
}

/// The class of an extended result code, <https://sqlite.org/rescode.html>, and what it says.
fn class(code: &str) -> (StoreErrorKind, &'static str) {
    use StoreErrorKind::{Corrupt, Full, Unavailable};
    match code.parse::<u32>() {
        // What is read is shorter than it was.
        Ok(522) => (Corrupt, "the file is cut off"),
        Ok(code) => match code & 0xff {
            // ERROR.
            1 => (Corrupt, "the tables are not there, or not as they were made: `migrate` makes them"),
            // BUSY, LOCKED.
            5 | 6 => (Unavailable, "others have the file locked"),
            // READONLY.
            8 => (Unavailable, "the file is read-only"),
            // CORRUPT, NOTADB.
            11 | 26 => (Corrupt, "the file is damaged, or no database"),
            // CANTOPEN.
            14 => (Unavailable, "the file cannot be opened"),
            // SCHEMA, CONSTRAINT, MISMATCH.
            17 | 19 | 20 => (Corrupt, "the tables are not as they were made"),
            // NOMEM, FULL, TOOBIG.
            7 | 13 | 18 => (Full, "there is no room"),
            _ => (Unavailable, "the database refused"),
        },
        Err(_) => (Unavailable, "the database refused"),
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

/// What tells a file from another one under the same path.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Elsewhere a file that is open is not replaced.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

/// Makes the file, readable for nobody else. SQLite gives those beside it the same mode.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // SQLite would open one that may not be written all the same, and refuse each write.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            std::fs::OpenOptions::new().write(true).open(path).map(drop)
        }
        made => made.map(drop),
    }
}

/// How long a write waits for its turn and a connection, and a read for a connection. With [`LOCKED`] it is less than a policy's deadline.
const PATIENCE: Duration = Duration::from_millis(1700);
/// How long SQLite waits for other processes.
const LOCKED: Duration = Duration::from_millis(900);
const READERS: u32 = 8;
/// How long it may take to open the file where others have it.
const OPENING: Duration = Duration::from_secs(5);
/// Between two tries to put the file in WAL mode.
const MOMENT: Duration = Duration::from_millis(20);
/// Bytes of a log that has grown long.
const LONG_LOG: u64 = 8 << 20;
