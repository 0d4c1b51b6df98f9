//! A PostgreSQL server: each step is one statement, and so one round trip.
//!
//! - Connections are held in `lines`.
//! - Reads are done once more where the connection was broken, writes only where the database says that it undid them.

mod lines;
mod migrate;
mod series;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgRow, Postgres};
use sqlx::query::Query;

use super::{SqlStoreError, fault};
use crate::clock;
use crate::session::store::{StoreError, StoreErrorKind};
use lines::{Line, Lines};

/// A server with its connections.
#[derive(Clone)]
pub(super) struct Server(Arc<Lines>);

/// A statement with its arguments.
type Statement<'q> = Query<'q, Postgres, PgArguments>;

impl Server {
    pub(super) fn at(url: &str) -> Result<Self, SqlStoreError> {
        let illegal = SqlStoreError::IllegalAddress("a URL like postgres://user:password@host:5432/database");
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(illegal);
        }
        // What is wrong with it is not said: the parser's words quote parts of it.
        let Ok(options) = url.parse::<PgConnectOptions>() else { return Err(illegal) };
        Ok(Self(Arc::new(Lines::own(options))))
    }

    /// On a pool that is the application's.
    pub(super) fn on(pool: PgPool) -> Self {
        Self(Arc::new(Lines::on(pool)))
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }

    /// The rows of a statement that reads.
    async fn read<'q>(&self, statement: impl Fn() -> Statement<'q>) -> Result<Vec<PgRow>, StoreError> {
        match self.ask(statement()).await {
            Err(error) if is_broken(&error) => {
                let line = self.0.tried().await.map_err(failed)?;
                self.ask_on(line, statement()).await.map_err(failed)
            }
            outcome => outcome.map_err(failed),
        }
    }

    /// The answer of a function that writes. What the database undid for the sake of others is done again.
    async fn write<'q, T>(&self, statement: impl Fn() -> Statement<'q>) -> Result<T, StoreError>
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

    async fn ask(&self, statement: Statement<'_>) -> sqlx::Result<Vec<PgRow>> {
        self.ask_on(self.0.one().await?, statement).await
    }

    /// All rows, up to the server's word that the transaction is through: an answer before that may yet be undone.
    async fn ask_on(&self, mut line: Line, statement: Statement<'_>) -> sqlx::Result<Vec<PgRow>> {
        let outcome = statement.fetch_all(line.connection()?).await;
        if outcome.as_ref().is_err_and(is_broken) {
            self.0.note_break();
        } else {
            line.is_clear = matches!(outcome, Ok(_) | Err(sqlx::Error::Database(_)));
        }
        outcome
    }
}

/// Whether the connection was gone, and not what was asked wrong.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        // Shut down by its administrator, or after another's crash; closed because it stood still for too long; a connection behind
        // which a proxy has put another, which does not know the statement.
        sqlx::Error::Database(error) => has_code(&**error, &["57P01", "57P02", "57P05", "26000"]),
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

/// Between two tries of what others undid.
const MOMENT: Duration = Duration::from_millis(5);
const MOST_TRIES: usize = 5;
