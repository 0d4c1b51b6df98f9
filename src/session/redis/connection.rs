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
use super::scripts::Source;
use crate::clock;
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
        Box::pin(async move { command.query_async(&mut connection).await })
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

#[derive(Clone)]
struct Current {
    connection: ConnectionManager,
    /// How many were given up before.
    number: u64,
}

impl Server {
    fn current(&self) -> Current {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the connection of this number up, if nobody else has.
    fn give_up(&self, number: u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.number == number
            && let Ok(connection) =
                ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())
        {
            *current = Current { connection, number: number + 1 };
        }
    }
}

impl Connected for Server {
    fn ask<'c>(&'c self, command: &'c Cmd) -> RedisFuture<'c, Value> {
        let Current { mut connection, number } = self.current();
        Box::pin(async move {
            let answer = command.query_async(&mut connection).await;
            if answer.as_ref().is_err_and(error::is_of_no_use) {
                self.give_up(number);
            }
            answer
        })
    }
}

/// One step: what runs on the server, and whether it only reads.
pub(super) struct Step {
    action: Action,
    reads: bool,
}

enum Action {
    Command(Cmd),
    Script { script: &'static Source, keys: Vec<Vec<u8>>, arguments: Vec<Vec<u8>> },
}

impl Step {
    /// The value under a key.
    pub(super) fn get(key: &[u8]) -> Self {
        let mut command = redis::cmd("GET");
        command.arg(key);
        Self { action: Action::Command(command), reads: true }
    }

    pub(super) fn script(script: &'static Source, keys: Vec<Vec<u8>>, arguments: Vec<Vec<u8>>) -> Self {
        Self { action: Action::Script { script, keys, arguments }, reads: false }
    }

    /// The same, and it changes nothing.
    pub(super) fn reading(self) -> Self {
        Self { reads: true, ..self }
    }

    fn may_be_repeated(&self, error: &RedisError) -> bool {
        error::was_put_off(error) || (self.reads && error.is_connection_dropped())
    }
}

impl Line {
    pub(super) fn new(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self(Arc::new(connection))
    }

    /// To this server, which is there.
    pub(super) async fn to(client: Client, config: ConnectionManagerConfig) -> Result<Self, RedisError> {
        let connection = ConnectionManager::new_with_config(client.clone(), config.clone()).await?;
        let current = Mutex::new(Current { connection, number: 0 });
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
        let (script, keys, arguments) = match &step.action {
            Action::Command(command) => return self.0.ask(command).await,
            Action::Script { script, keys, arguments } => (script, keys, arguments),
        };
        let answer = self.0.ask(&evaluation("EVALSHA", script.hash(), keys, arguments)).await;
        match answer {
            // It is new to this server, which keeps it from here on until it is restarted or told to forget it.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.0.ask(&evaluation("EVAL", script.code(), keys, arguments)).await
            }
            answer => answer,
        }
    }
}

fn evaluation(command: &str, script: &str, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd(command);
    command.arg(script).arg(keys.len());
    for text in keys.iter().chain(arguments) {
        command.arg(text.as_slice());
    }
    command
}

/// Before a step is repeated.
const A_MOMENT: Duration = Duration::from_millis(50);
