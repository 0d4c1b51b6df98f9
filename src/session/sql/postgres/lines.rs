//! Connections to a PostgreSQL server.
//!
//! - A store's own are kept here: they are few and alike, and one that was used without fault is put back without asking the server,
//!   so that a step is one round trip to the server as well. On an application's pool that is the pool's affair.
//! - A connection on which a step was dropped or broke is closed: what is still to come on it may never come.
//! - One that stood still is tried before it is used, and so are all once another was found broken.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, Postgres};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::clock::{self, Stopwatch};

/// All connections of a store.
pub(super) struct Lines {
    source: Source,
    breaks: Breaks,
}

enum Source {
    Own(Box<Own>),
    Pool(PgPool),
}

/// A store's own connections.
struct Own {
    options: PgConnectOptions,
    /// One permit for each connection that there may be.
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle>>>,
}

/// A connection that nobody uses.
struct Idle {
    connection: PgConnection,
    since: Stopwatch,
}

impl Lines {
    pub(super) fn own(options: PgConnectOptions) -> Self {
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        let own = Own { options: options.disable_statement_logging(), permits, idle: Arc::default() };
        Self { source: Source::Own(Box::new(own)), breaks: Breaks::default() }
    }

    pub(super) fn on(pool: PgPool) -> Self {
        Self { source: Source::Pool(pool), breaks: Breaks::default() }
    }

    /// Closes them, once the steps that run are done.
    pub(super) async fn close(&self) {
        match &self.source {
            Source::Pool(pool) => pool.close().await,
            Source::Own(own) => {
                let all = own.permits.acquire_many(u32::try_from(CONNECTIONS).unwrap_or(u32::MAX)).await;
                own.permits.close();
                drop(all);
                let idle = std::mem::take(&mut *taken(&own.idle));
                for Idle { connection, .. } in idle {
                    // One that does not answer is gone all the same.
                    let _ = clock::within(ANSWER, connection.close()).await;
                }
            }
        }
    }

    /// A connection, once one is free.
    pub(super) async fn one(&self) -> sqlx::Result<Line> {
        match &self.source {
            Source::Pool(pool) => Ok(Line { lease: Lease::Pool(pool.acquire().await?), is_clear: false }),
            Source::Own(own) => {
                let line = clock::within(PATIENCE, own.one(&self.breaks)).await;
                line.unwrap_or(Err(sqlx::Error::PoolTimedOut))
            }
        }
    }

    /// A connection on which the server answers, whatever was thought of it: where one is broken, others are.
    pub(super) async fn tried(&self) -> sqlx::Result<Line> {
        loop {
            let mut line = self.one().await?;
            if is_there(line.connection()?).await {
                return Ok(line);
            }
        }
    }

    /// That a connection was found broken.
    pub(super) fn note_break(&self) {
        self.breaks.note();
    }
}

impl Own {
    async fn one(&self, breaks: &Breaks) -> sqlx::Result<Line> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let connection = loop {
            // The one that was used last, so that those which are not needed stand still.
            let Some(Idle { mut connection, since }) = taken(&self.idle).pop() else {
                break self.connected().await?;
            };
            let stood = since.elapsed();
            if (stood < STILL && !breaks.is_within(stood)) || is_there(&mut connection).await {
                break connection;
            }
        };
        let lease =
            Lease::Own { connection: Some(connection), idle: Arc::clone(&self.idle), _permit: permit };
        Ok(Line { lease, is_clear: false })
    }

    /// A new connection. It is made beside the runtime's other tasks: the driver lets these go first hundreds of times while it works
    /// out the answer to the server's question for a password, which on a busy server is longer than anybody waits.
    async fn connected(&self) -> sqlx::Result<PgConnection> {
        let (options, runtime) = (self.options.clone(), Handle::current());
        let connect = async move {
            let mut connection = options.connect().await?;
            connection.execute(sqlx::raw_sql(SETTINGS)).await?;
            Ok(connection)
        };
        let made = spawn_blocking(move || runtime.block_on(clock::within(PATIENCE, connect))).await;
        // Where the runtime ends there is none.
        made.ok().flatten().unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}

/// A connection in somebody's hands. It is closed unless it is said to be clear.
pub(super) struct Line {
    lease: Lease,
    /// Whether nothing more is to come on it.
    pub(super) is_clear: bool,
}

enum Lease {
    /// It is taken out only at the end.
    Own {
        connection: Option<PgConnection>,
        idle: Arc<Mutex<Vec<Idle>>>,
        _permit: OwnedSemaphorePermit,
    },
    Pool(PoolConnection<Postgres>),
}

impl Line {
    pub(super) fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        match &mut self.lease {
            Lease::Own { connection, .. } => connection.as_mut().ok_or(sqlx::Error::PoolClosed),
            Lease::Pool(connection) => Ok(connection),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        match &mut self.lease {
            Lease::Own { connection, idle, .. } if self.is_clear => {
                let mut idle = taken(idle);
                if idle.first().is_some_and(|longest| longest.since.elapsed() > NOT_NEEDED) {
                    idle.remove(0);
                }
                idle.extend(
                    connection.take().map(|connection| Idle { connection, since: Stopwatch::start() }),
                );
            }
            Lease::Pool(connection) if !self.is_clear => connection.close_on_drop(),
            _ => {}
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

fn taken(idle: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the server answers on this connection. One that does not within the limit is given up.
async fn is_there(connection: &mut PgConnection) -> bool {
    clock::within(ANSWER, connection.ping()).await.is_some_and(|answer| answer.is_ok())
}

/// What a database or a role may have otherwise: the level that the functions need, and an end to what nobody waits for any more.
/// With [`PATIENCE`] the wait for a lock is less than a policy's deadline, so that what was answered with a failure is not done later.
const SETTINGS: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET lock_timeout = '1s'; SET statement_timeout = '2900ms'; SET client_min_messages = error";
const CONNECTIONS: usize = 10;
/// How long a step waits for a connection: less than a policy's deadline.
const PATIENCE: Duration = Duration::from_millis(1900);
/// How long a connection may have stood still to be used without a trial.
const STILL: Duration = Duration::from_secs(1);
/// How long a trial may take, so that one is over before a step has run out of patience.
const ANSWER: Duration = Duration::from_millis(500);
/// After what time without use a connection is closed.
const NOT_NEEDED: Duration = Duration::from_secs(600);
