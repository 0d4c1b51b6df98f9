//! A PostgreSQL server: each step is one statement, and so one round trip.
//!
//! - A connection on which a step was dropped or broke is closed, and not used again.
//! - One that stood still is tried before it is used, and so are all once another was found broken. One that was used is tried
//!   before it stands still, with a limit.
//! - Reads are done once more where the connection was broken, writes only where the database says that it undid them.

mod migrate;
mod series;
mod sessions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Connection, Executor, Row};

use super::{SqlStoreError, fault};
use crate::clock::{self, Stopwatch};
use crate::session::store::{StoreError, StoreErrorKind};

/// A server with its connections.
#[derive(Clone)]
pub(super) struct Server {
    pool: PgPool,
    breaks: Arc<Breaks>,
}

/// A statement with its arguments.
type Statement = Query<'static, Postgres, PgArguments>;

impl Server {
    pub(super) fn at(url: &str) -> Result<Self, SqlStoreError> {
        let illegal = SqlStoreError::IllegalAddress("a URL like postgres://user:password@host:5432/database");
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(illegal);
        }
        // What is wrong with it is not said: the parser's words quote parts of it.
        let Ok(options) = url.parse::<PgConnectOptions>() else { return Err(illegal) };
        let breaks = Arc::<Breaks>::default();
        let seen = Arc::clone(&breaks);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(sqlx::raw_sql(SETTINGS)).await.map(drop) })
            })
            .before_acquire(move |connection, standing| {
                let is_trusted = standing.idle_for < STILL && !seen.is_within(standing.idle_for);
                Box::pin(async move { Ok(is_trusted || is_there(connection).await) })
            })
            .after_release(|connection, _| Box::pin(async move { Ok(is_there(connection).await) }));
        Ok(Self { pool: pool.connect_lazy_with(options.disable_statement_logging()), breaks })
    }

    /// On a pool that is the application's.
    pub(super) fn on(pool: PgPool) -> Self {
        Self { pool, breaks: Arc::default() }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// The rows of a statement that reads.
    async fn read(&self, statement: impl Fn() -> Statement) -> Result<Vec<PgRow>, StoreError> {
        match self.ask(statement()).await {
            Err(error) if is_broken(&error) => {
                let line = self.tried().await.map_err(failed)?;
                self.ask_on(line, statement()).await.map_err(failed)
            }
            outcome => outcome.map_err(failed),
        }
    }

    /// The answer of a function that writes. What the database undid for the sake of others is done again.
    async fn write<T>(&self, statement: impl Fn() -> Statement) -> Result<T, StoreError>
    where
        T: for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let mut tries = MOST_TRIES;
        loop {
            tries -= 1;
            match self.ask(statement()).await {
                Ok(rows) => return column(one(&rows)?, 0),
                Err(error) if tries > 0 && was_undone(&error) => clock::pause(MOMENT).await,
                Err(error) => return Err(failed(error)),
            }
        }
    }

    async fn ask(&self, statement: Statement) -> sqlx::Result<Vec<PgRow>> {
        let line = Line { connection: self.pool.acquire().await?, is_clear: false };
        self.ask_on(line, statement).await
    }

    /// All rows, up to the server's word that the transaction is through: an answer before that may yet be undone.
    async fn ask_on(&self, mut line: Line, statement: Statement) -> sqlx::Result<Vec<PgRow>> {
        let outcome = statement.fetch_all(&mut *line.connection).await;
        if outcome.as_ref().is_err_and(is_broken) {
            self.breaks.note();
        } else {
            line.is_clear = matches!(outcome, Ok(_) | Err(sqlx::Error::Database(_)));
        }
        outcome
    }

    /// A connection on which the server answers, whatever the pool thinks of it: where one is broken, others are.
    async fn tried(&self) -> sqlx::Result<Line> {
        loop {
            let mut line = Line { connection: self.pool.acquire().await?, is_clear: false };
            if is_there(&mut line.connection).await {
                return Ok(line);
            }
        }
    }
}

/// When a connection was found broken last. Those that stood still at that time may be broken as well.
struct Breaks {
    since: Stopwatch,
    /// Milliseconds.
    last: AtomicU64,
}

impl Breaks {
    fn note(&self) {
        self.last.store(self.now(), Ordering::Relaxed);
    }

    /// Whether one was found within so long.
    fn is_within(&self, time: Duration) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && Duration::from_millis(self.now() - last.min(self.now())) <= time
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for Breaks {
    fn default() -> Self {
        Self { since: Stopwatch::start(), last: AtomicU64::new(0) }
    }
}

/// A connection that is closed where it is given up in the middle of a step: what is still to come on it may never come.
struct Line {
    connection: PoolConnection<Postgres>,
    is_clear: bool,
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.is_clear {
            self.connection.close_on_drop();
        }
    }
}

/// Whether the server answers on this connection. One that does not within the limit is given up.
async fn is_there(connection: &mut PgConnection) -> bool {
    clock::within(ANSWER, connection.ping()).await.is_some_and(|answer| answer.is_ok())
}

/// Whether the connection was gone, and not what was asked wrong.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        // Shut down by its administrator, or after another's crash; closed because it stood still for too long.
        sqlx::Error::Database(error) => has_code(&**error, &["57P01", "57P02", "57P05"]),
        _ => false,
    }
}

/// Whether the server has surely not done it, or undone it: serialization_failure, deadlock_detected, and idle_session_timeout, which
/// closes a connection only where nothing has come on it.
fn was_undone(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| has_code(error, &["40001", "40P01", "57P05"]))
}

fn has_code(error: &dyn sqlx::error::DatabaseError, codes: &[&str]) -> bool {
    error.code().is_some_and(|code| codes.contains(&&*code))
}

fn failed(error: sqlx::Error) -> StoreError {
    fault::of(&error, class)
}

/// The class of an SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn class(code: &str) -> StoreErrorKind {
    match code {
        // serialization_failure, deadlock_detected.
        "40001" | "40P01" => StoreErrorKind::Conflict,
        // query_canceled, lock_not_available.
        "57014" | "55P03" => StoreErrorKind::Timeout,
        // disk_full, out_of_memory, configuration_limit_exceeded.
        "53100" | "53200" | "53400" => StoreErrorKind::Full,
        // The role may not: it refuses, and is not damaged.
        "42501" => StoreErrorKind::Unavailable,
        // Tables, columns, functions and types that are not as they were made; damaged pages and indexes.
        _ if ["22", "23", "42", "P0", "XX"].iter().any(|class| code.starts_with(class)) => {
            StoreErrorKind::Corrupt
        }
        _ => StoreErrorKind::Unavailable,
    }
}

/// The row of a statement that has one.
fn one(rows: &[PgRow]) -> Result<&PgRow, StoreError> {
    rows.first().ok_or_else(|| failed(sqlx::Error::RowNotFound))
}

/// A column, by its place.
fn column<'r, T>(row: &'r PgRow, at: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(at).map_err(failed)
}

/// What a database or a role may have otherwise: the level that the functions need, and an end to what nobody waits for any more.
/// With [`PATIENCE`] the wait for a lock is less than a policy's deadline, so that what was answered with a failure is not done later.
const SETTINGS: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET lock_timeout = '1s'; SET statement_timeout = '2900ms'; SET client_min_messages = error";
const CONNECTIONS: u32 = 10;
/// How long a step waits for a connection: less than a policy's deadline.
const PATIENCE: Duration = Duration::from_millis(1900);
/// How long a connection may have stood still to be used without a trial.
const STILL: Duration = Duration::from_secs(1);
/// How long a trial may take, so that one is over before a step has run out of patience.
const ANSWER: Duration = Duration::from_millis(500);
/// Between two tries of what others undid.
const MOMENT: Duration = Duration::from_millis(5);
const MOST_TRIES: usize = 5;
