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
        // What the driver does not know it passes over, so that a misspelt `sslmode` would be a connection without TLS.
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let mut names = parameters.split('&').filter_map(|parameter| parameter.split('=').next());
        if names.any(|name| name.to_ascii_lowercase().starts_with("ssl") && !TLS_PARAMETERS.contains(&name)) {
            return Err(SqlStoreError::IllegalAddress(
                "one without unknown parameters that begin with ssl; there are sslmode, sslrootcert, sslcert and sslkey",
            ));
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

/// The class of an SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>, and what it says.
fn class(code: &str) -> (StoreErrorKind, &'static str) {
    use StoreErrorKind::{Conflict, Corrupt, Full, Timeout, Unavailable};
    match code {
        // serialization_failure, deadlock_detected.
        "40001" | "40P01" => (Conflict, "others were in the way"),
        // query_canceled, lock_not_available.
        "57014" | "55P03" => (Timeout, "others had it locked for too long"),
        // disk_full, out_of_memory, configuration_limit_exceeded.
        "53100" | "53200" | "53400" => (Full, "the database has no room"),
        // too_many_connections.
        "53300" => (Unavailable, "the server has no connection left"),
        // invalid_password, invalid_authorization_specification.
        "28P01" | "28000" => (Unavailable, "the database does not let in this user with this password"),
        // invalid_catalog_name.
        "3D000" => (Unavailable, "there is no such database"),
        // The role may not: it refuses, and is not damaged.
        "42501" => {
            (Unavailable, "this user may not do that; who opens the store first has to own the database")
        }
        // read_only_sql_transaction.
        "25006" => (Unavailable, "the database is read-only"),
        // feature_not_supported: what the tables' first statement says.
        "0A000" => (Unavailable, "the database is not in UTF8"),
        // undefined_table, undefined_function.
        "42P01" | "42883" => {
            (Corrupt, "the tables are not there, or not as they were made: `migrate` makes them")
        }
        // Columns and types that are not as they were made; damaged pages and indexes.
        _ if ["22", "23", "42", "P0", "XX"].iter().any(|class| code.starts_with(class)) => {
            (Corrupt, "the tables are not as they were made")
        }
        _ => (Unavailable, "the database refused"),
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

/// As the driver reads them.
const TLS_PARAMETERS: [&str; 9] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
];
/// Between two tries of what others undid.
const MOMENT: Duration = Duration::from_millis(5);
const MOST_TRIES: usize = 5;
