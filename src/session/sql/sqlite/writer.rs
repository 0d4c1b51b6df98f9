//! The one connection that writes, turn by turn in the order in which writers came.
//!
//! - A store's own file has a connection for this, which stays open between turns. On an application's pool each turn takes one.
//! - A turn that does one statement is a transaction by itself; one that does more begins with `BEGIN IMMEDIATE`, so that what it has
//!   read does not change before it writes.
//! - A connection on which a turn was dropped or failed is closed, which undoes what was begun. SQLite undoes some failures by itself
//!   and others not, so that nobody can know what a connection was left in.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnectOptions, SqlitePool};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{PATIENCE, failed, is_busy};
use crate::clock;
use crate::session::sql::fault;
use crate::session::store::{StoreError, StoreErrorKind};

/// The connection that writes, for all clones of a store.
#[derive(Clone)]
pub(super) struct Writer {
    source: Arc<Source>,
    turn: Arc<Mutex<Slot>>,
}

enum Source {
    Own(Box<SqliteConnectOptions>),
    Pool(SqlitePool),
}

/// Where a store's own connection waits for the next turn.
#[derive(Default)]
struct Slot {
    connection: Option<SqliteConnection>,
    is_closed: bool,
}

impl Writer {
    pub(super) fn own(options: SqliteConnectOptions) -> Self {
        Self { source: Arc::new(Source::Own(Box::new(options))), turn: Arc::default() }
    }

    pub(super) fn on(pool: SqlitePool) -> Self {
        Self { source: Arc::new(Source::Pool(pool)), turn: Arc::default() }
    }

    pub(super) async fn close(&self) {
        let mut slot = self.turn.lock().await;
        slot.is_closed = true;
        if let Some(connection) = slot.connection.take() {
            // It is gone, whatever it says to that.
            let _ = connection.close().await;
        }
    }

    /// The connection, once nobody else writes.
    pub(super) async fn turn(&self) -> sqlx::Result<Turn> {
        let mut slot = Arc::clone(&self.turn).lock_owned().await;
        let lease = match &*self.source {
            _ if slot.is_closed => return Err(sqlx::Error::PoolClosed),
            Source::Pool(pool) => Lease::Pool(pool.acquire().await?),
            Source::Own(options) => match slot.connection.take() {
                Some(connection) => Lease::Own(Some(connection)),
                None => Lease::Own(Some(options.connect().await?)),
            },
        };
        Ok(Turn { lease, slot, is_clear: true })
    }

    /// A turn for one statement, which is a transaction by itself.
    pub(super) async fn alone(&self) -> Result<Turn, StoreError> {
        let turn = clock::within(PATIENCE, self.turn()).await;
        let late = || fault::failed(StoreErrorKind::Unavailable, "others write all the time");
        turn.ok_or_else(late)?.map_err(failed)
    }

    /// A turn for several statements. What is not committed is undone.
    pub(super) async fn begin(&self) -> Result<Turn, StoreError> {
        self.alone().await?.begun().await
    }
}

/// Somebody's turn to write. Nobody else of this store does so meanwhile.
pub(super) struct Turn {
    lease: Lease,
    slot: OwnedMutexGuard<Slot>,
    /// Whether nothing is under way on the connection.
    is_clear: bool,
}

enum Lease {
    /// It is taken out only where the turn ends.
    Own(Option<SqliteConnection>),
    Pool(PoolConnection<Sqlite>),
}

/// A statement with its arguments.
pub(super) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

impl Turn {
    /// The connection, in the middle of something.
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.is_clear = false;
        match &mut self.lease {
            Lease::Own(connection) => connection.as_mut().ok_or_else(|| failed(sqlx::Error::PoolClosed)),
            Lease::Pool(connection) => Ok(connection),
        }
    }

    /// Does a statement within a transaction. How many rows it has changed.
    pub(super) async fn change(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        statement.execute(self.connection()?).await.map(|done| done.rows_affected()).map_err(failed)
    }

    /// Does a statement that is a transaction by itself. How many rows it has changed.
    pub(super) async fn change_alone(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        let outcome = statement.execute(self.connection()?).await;
        // Where others have the file there is nothing to undo.
        self.is_clear = outcome.as_ref().map_or_else(is_busy, |_| true);
        outcome.map(|done| done.rows_affected()).map_err(failed)
    }

    /// The same turn, with several statements from here on.
    pub(super) async fn begun(mut self) -> Result<Self, StoreError> {
        self.change_alone(sqlx::query("BEGIN IMMEDIATE")).await?;
        self.is_clear = false;
        Ok(self)
    }

    /// Commits, also where nothing was changed, and answers this.
    pub(super) async fn leave<T>(mut self, answer: T) -> Result<T, StoreError> {
        self.change(sqlx::query("COMMIT")).await?;
        self.is_clear = true;
        Ok(answer)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        match &mut self.lease {
            Lease::Own(connection) if self.is_clear => self.slot.connection = connection.take(),
            Lease::Pool(connection) if !self.is_clear => connection.close_on_drop(),
            _ => {}
        }
    }
}
