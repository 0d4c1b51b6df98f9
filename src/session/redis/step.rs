//! A step as it is sent: one command, written into one buffer.

use redis::{Cmd, RedisError, RedisWrite};

use super::error;
use super::names::{Kind, Prefix};
use super::scripts::Source;

/// What runs on the server, and whether it only reads.
pub(super) struct Step {
    command: Cmd,
    script: Option<&'static Source>,
    reads: bool,
}

/// What is there, and its id.
pub(super) type Key<'k> = (Kind, &'k [u8]);

impl Step {
    /// The value under a key.
    pub(super) fn get(prefix: &Prefix, key: Key<'_>) -> Self {
        Self::command("GET", prefix, &[key])
    }

    /// The values under some keys.
    pub(super) fn get_all(prefix: &Prefix, keys: &[Key<'_>]) -> Self {
        Self::command("MGET", prefix, keys)
    }

    fn command(name: &str, prefix: &Prefix, keys: &[Key<'_>]) -> Self {
        let mut command = Cmd::with_capacity(1 + keys.len(), name.len() + keys.len() * prefix.longest_key());
        command.write_arg(name.as_bytes());
        write_keys(&mut command, prefix, keys);
        Self { command, script: None, reads: true }
    }

    /// A script's. Its own arguments follow, which have about so many bytes.
    pub(super) fn script(
        script: &'static Source,
        prefix: &Prefix,
        keys: &[Key<'_>],
        now: u32,
        bytes: usize,
    ) -> Self {
        let size = COMMAND + (1 + keys.len()) * prefix.longest_key() + bytes;
        let mut command = Cmd::with_capacity(5 + keys.len() + MOST_ARGUMENTS, size);
        command.write_arg(b"EVALSHA");
        command.write_arg(script.hash().as_bytes());
        command.write_arg_fmt(keys.len());
        write_keys(&mut command, prefix, keys);
        command.write_arg(prefix.as_bytes());
        command.write_arg_fmt(now);
        Self { command, script: Some(script), reads: false }
    }

    pub(super) fn bytes(mut self, argument: &[u8]) -> Self {
        self.command.write_arg(argument);
        self
    }

    pub(super) fn number(mut self, argument: impl std::fmt::Display) -> Self {
        self.command.write_arg_fmt(argument);
        self
    }

    /// The same, and it changes nothing.
    pub(super) fn reading(self) -> Self {
        Self { reads: true, ..self }
    }

    pub(super) fn as_command(&self) -> &Cmd {
        &self.command
    }

    /// The same for a server that does not have the script yet.
    pub(super) fn in_full(&self) -> Option<Cmd> {
        let mut command = redis::cmd("EVAL");
        command.write_arg(self.script?.code().as_bytes());
        for argument in self.command.args_iter().skip(2) {
            if let redis::Arg::Simple(argument) = argument {
                command.write_arg(argument);
            }
        }
        Some(command)
    }

    pub(super) fn may_be_repeated(&self, error: &RedisError) -> bool {
        error::was_put_off(error) || (self.reads && error.is_connection_dropped())
    }
}

fn write_keys(command: &mut Cmd, prefix: &Prefix, keys: &[Key<'_>]) {
    let mut name = Vec::with_capacity(prefix.longest_key());
    for (kind, id) in keys {
        name.clear();
        prefix.write_key(&mut name, *kind, id);
        command.write_arg(&name);
    }
}

/// Bytes of the command, its script's hash, and numbers.
const COMMAND: usize = 128;
/// A script's own.
const MOST_ARGUMENTS: usize = 3;
