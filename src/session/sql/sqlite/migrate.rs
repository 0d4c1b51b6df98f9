//! The tables, version by version.

use sqlx::{Executor, Row, SqliteConnection};

use super::{File, failed};
use crate::session::sql::SqlStoreError;
use crate::session::store::StoreError;

impl File {
    pub(in crate::session::sql) async fn migrate(&self) -> Result<(), SqlStoreError> {
        let mut reader = self.readers.acquire().await.map_err(failed)?;
        if known(version(&mut reader).await?)? == KNOWN {
            return Ok(());
        }
        // It may be the connection that is to write.
        drop(reader);
        let mut turn = self.writer.begin().await?;
        let found = known(version(turn.connection()?).await?)?;
        for (_, step) in VERSIONS.iter().filter(|(version, _)| *version > found) {
            turn.connection()?.execute(sqlx::raw_sql(*step)).await.map_err(failed)?;
        }
        Ok(turn.leave(()).await?)
    }
}

fn known(found: i64) -> Result<i64, SqlStoreError> {
    if found > KNOWN { Err(SqlStoreError::NewerSchema { found, known: KNOWN }) } else { Ok(found) }
}

/// The version of the tables; 0 where there are none.
async fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let table = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'cookie_policy_schema'";
    let table = connection.fetch_one(table).await.map_err(failed)?;
    if table.try_get::<i64, _>(0).map_err(failed)? == 0 {
        return Ok(0);
    }
    let version = "SELECT coalesce(max(version), 0) FROM cookie_policy_schema";
    connection.fetch_one(version).await.and_then(|row| row.try_get(0)).map_err(failed)
}

const VERSIONS: [(i64, &str); 1] = [(KNOWN, include_str!("../../../../sql/sqlite/0001_sessions.sql"))];
/// The newest version.
const KNOWN: i64 = 1;
