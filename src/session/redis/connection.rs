//! Asking a server, over whichever kind of connection.
//!
//! - A step is one command, and one more where the server does not have its script yet.
//! - It is repeated once, and only where that is safe: a read on a connection that broke, and anything that the server has surely
//!   not done. A write whose fate is unknown is never repeated.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, RedisError, RedisFuture, ServerErrorKind, Value};

use super::error;
use super::step::Step;
use crate::clock::{self, Stopwatch};
use crate::session::store::StoreError;

/// A connection without its type.
#[derive(Clone)]
pub(super) struct Line(Arc<dyn Connected>);

trait Connected: Send + Sync {
    fn ask<'c>(&'c self, command: &'c Cmd) -> RedisFuture<'c, Value>;
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Connected for C {
    fn ask<'c>(&'c self, command: &'c Cmd) -> RedisFuture<'c, Value> {
        // Clones share one connection and do not wait for each other; what is dropped half-way leaves it in order.
        let mut connection = self.clone();
        Box::pin(async move { connection.req_packed_command(command).await?.extract_error() })
    }
}

/// A server of which the connection is the store's own. One on which an answer did not come in time is given up for another, or what
/// was lost on the way without a word would be waited for until the system gives it up; so is one to a server that has become a
/// replica, since its name may lead to another by now.
struct Server {
    client: Client,
    config: ConnectionManagerConfig,
    current: Mutex<Current>,
}

struct Current {
    connection: ConnectionManager,
    /// How many were given up before.
    number: u64,
    is_given_up: bool,
}

impl Server {
    /// The connection, and its number. It is another one where the last one was given up.
    fn current(&self) -> (ConnectionManager, u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_given_up
            && let Ok(connection) =
                ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())
        {
            *current = Current { connection, number: current.number + 1, is_given_up: false };
        }
        (current.connection.clone(), current.number)
    }

    /// Gives the connection of this number up, if nobody else has. Whoever asks next makes another: that takes a runtime, which a
    /// future that is dropped may have no more.
    fn give_up(&self, number: u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.is_given_up |= current.number == number;
    }
}

impl Connected for Server {
    fn ask<'c>(&'c self, command: &'c Cmd) -> RedisFuture<'c, Value> {
        let (mut connection, number) = self.current();
        Box::pin(async move {
            let mut waiting = Waiting { server: self, number, since: Stopwatch::start(), is_answered: false };
            let answer = connection.send_packed_command(command).await.and_then(Value::extract_error);
            waiting.is_answered = true;
            if answer.as_ref().is_err_and(error::is_of_no_use) {
                self.give_up(number);
            }
            answer
        })
    }
}

/// An answer that is waited for. Whoever stops waiting before the driver does has no error to judge the connection by.
struct Waiting<'s> {
    server: &'s Server,
    number: u64,
    since: Stopwatch,
    is_answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_answered && self.since.elapsed() >= LONG {
            self.server.give_up(self.number);
        }
    }
}

impl Line {
    pub(super) fn new(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self(Arc::new(connection))
    }

    /// To this server, which is there.
    pub(super) async fn to(client: Client, config: ConnectionManagerConfig) -> Result<Self, RedisError> {
        let connection = ConnectionManager::new_with_config(client.clone(), config.clone()).await?;
        let current = Mutex::new(Current { connection, number: 0, is_given_up: false });
        Ok(Self(Arc::new(Server { client, config, current })))
    }

    /// What the server answers.
    pub(super) async fn ask(&self, step: Step) -> Result<Value, StoreError> {
        let mut answer = self.attempt(&step).await;
        if answer.as_ref().is_err_and(|error| step.may_be_repeated(error)) {
            clock::pause(A_MOMENT).await;
            answer = self.attempt(&step).await;
        }
        answer.map_err(|error| error::failed(&error))
    }

    async fn attempt(&self, step: &Step) -> Result<Value, RedisError> {
        let answer = self.0.ask(step.as_command()).await;
        let is_new = |error: &RedisError| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript);
        if answer.as_ref().is_err_and(is_new)
            && let Some(in_full) = step.in_full()
        {
            // The server keeps the script from here on until it is restarted or told to forget it.
            return self.0.ask(&in_full).await;
        }
        answer
    }
}

/// Before a step is repeated.
const A_MOMENT: Duration = Duration::from_millis(50);
/// An answer that has not come by then may never come.
const LONG: Duration = Duration::from_millis(500);
