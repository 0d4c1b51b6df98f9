//! The tables and functions, version by version.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Executor, Row};

use super::{Server, failed};
use crate::clock;
use crate::session::sql::{SqlStoreError, fault};
use crate::session::store::{StoreError, StoreErrorKind};

impl Server {
    pub(in crate::session::sql) async fn migrate(&self) -> Result<(), SqlStoreError> {
        let late =
            || SqlStoreError::from(fault::failed(StoreErrorKind::Timeout, "the database did not answer"));
        clock::within(LONGEST, self.applied()).await.unwrap_or_else(|| Err(late()))
    }

    async fn applied(&self) -> Result<(), SqlStoreError> {
        let mut line = self.0.one().await.map_err(failed)?;
        let connection = line.connection().map_err(failed)?;
        // Who may not make tables may still find them made.
        if known(version(&mut *connection).await?)? < KNOWN {
            made(connection).await?;
        }
        line.is_clear = true;
        Ok(())
    }
}

/// Makes what is missing, while nobody else does. On an error the connection is closed, and with it the transaction.
async fn made(connection: &mut PgConnection) -> Result<(), SqlStoreError> {
    connection.execute(sqlx::raw_sql(BEGIN)).await.map_err(failed)?;
    let found = known(version(connection).await?)?;
    for (_, step) in VERSIONS.iter().filter(|(version, _)| *version > found) {
        connection.execute(sqlx::raw_sql(*step)).await.map_err(failed)?;
    }
    connection.execute(sqlx::raw_sql("COMMIT")).await.map_err(failed)?;
    Ok(())
}

fn known(found: i64) -> Result<i64, SqlStoreError> {
    if found > KNOWN { Err(SqlStoreError::NewerSchema { found, known: KNOWN }) } else { Ok(found) }
}

/// The version of the tables; 0 where there are none.
async fn version(connection: &mut PgConnection) -> Result<i64, StoreError> {
    // Not by `to_regclass`, which may not have heard yet of what was made while this waited for the lock.
    let table = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class
                                WHERE relname = 'cookie_policy_schema' AND pg_catalog.pg_table_is_visible(oid))";
    let table = sqlx::query(table).persistent(false);
    let rows = table.fetch_all(&mut *connection).await.map_err(failed)?;
    if !rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
        return Ok(0);
    }
    let version =
        sqlx::query("SELECT coalesce(max(version), 0)::bigint FROM cookie_policy_schema").persistent(false);
    let rows = version.fetch_all(connection).await.map_err(failed)?;
    rows.first().map_or(Ok(0), |row| row.try_get(0).map_err(failed))
}

/// The lock has a number of this crate's own, and is let go with the transaction.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(8390876208391106921)";
const VERSIONS: [(i64, &str); 1] = [(KNOWN, include_str!("../../../../sql/postgres/0001_sessions.sql"))];
/// The newest version.
const KNOWN: i64 = 1;
const LONGEST: Duration = Duration::from_secs(30);
