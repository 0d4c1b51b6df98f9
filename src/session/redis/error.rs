//! What goes wrong, in words that quote no key, no value and no password.

use std::error::Error;
use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::session::store::{StoreError, StoreErrorKind};

/// Why there is no [`RedisStore`](super::RedisStore). It quotes the prefix where that is none, and never an address, which may have a
/// password in it.
///
/// ```
/// use tower_cookie_policy::RedisStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = RedisStore::connect("http://:secret@127.0.0.1").await.unwrap_err();
/// assert!(error.to_string().starts_with("this is no address of a Redis server"));
/// assert!(!format!("{error:?}").contains("secret"));
/// # }
/// ```
#[derive(Debug)]
pub struct RedisStoreError {
    what: What,
    cause: Option<Failure>,
}

#[derive(Debug)]
enum What {
    Address,
    Connection,
    Prefix(Box<str>),
}

impl RedisStoreError {
    pub(super) fn address(error: &RedisError) -> Self {
        Self { what: What::Address, cause: Some(Failure::of(error)) }
    }

    pub(super) fn connection(error: &RedisError) -> Self {
        Self { what: What::Connection, cause: Some(Failure::of(error)) }
    }

    pub(super) fn prefix(prefix: &str) -> Self {
        Self { what: What::Prefix(prefix.into()), cause: None }
    }
}

/// The address is not quoted, since it may have a password in it.
impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Address => f.write_str(
                "this is no address of a Redis server: redis:// or rediss://, which needs a TLS feature of the crate redis",
            ),
            What::Connection => f.write_str("the Redis server cannot be reached, or lets nobody in by this address"),
            What::Prefix(prefix) => {
                write!(f, "{prefix:?} is no prefix of keys: 1 to 64 visible ASCII characters but {{ and }}")
            }
        }
    }
}

impl Error for RedisStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// What a server or a connection has said, as far as that can be told: its class, never its words, which may quote what was sent.
#[derive(Debug)]
struct Failure {
    class: &'static str,
    code: Option<Box<str>>,
}

impl Failure {
    fn of(error: &RedisError) -> Self {
        let class = match error.kind() {
            _ if error.is_timeout() => "no answer in time",
            _ if error.is_connection_refusal() => "the connection was refused",
            _ if error.is_connection_dropped() => "the connection broke",
            ErrorKind::Server(_) | ErrorKind::Extension => "the server refuses",
            ErrorKind::AuthenticationFailed => "the server does not know these credentials",
            ErrorKind::InvalidClientConfig => "the configuration cannot be",
            ErrorKind::RESP3NotSupported => {
                "the server does not speak RESP3: ?protocol=resp2 at the end of its address"
            }
            ErrorKind::ClusterConnectionNotFound => "no connection to the node of the cluster",
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => "the answer makes no sense",
            _ => "the connection failed",
        };
        // A code is a word in capitals. Whatever else stands first is no code, and may be anything.
        let is_code = |code: &&str| code.len() <= 16 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        Self { class, code: error.code().filter(is_code).map(Into::into) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({code})", self.class),
            None => f.write_str(self.class),
        }
    }
}

impl Error for Failure {}

/// The store's error for one of the connection.
pub(super) fn failed(error: &RedisError) -> StoreError {
    // A slot of a cluster that is on its way to another shard is no damage.
    let moves = |words: &str| words.contains("non local key") || words.contains("same slot");
    let in_script = || error.detail().is_some_and(|words| words.contains("script") && !moves(words));
    let kind = match error.kind() {
        _ if error.is_timeout() => StoreErrorKind::Timeout,
        _ if error.code() == Some("OOM") => StoreErrorKind::Full,
        _ if error.code() == Some("WRONGTYPE") => StoreErrorKind::Corrupt,
        ErrorKind::Server(ServerErrorKind::ResponseError) if in_script() => StoreErrorKind::Corrupt,
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unavailable,
    };
    StoreError::caused(kind, Failure::of(error))
}

/// What the server answered is none of the answers that a step has.
pub(super) fn senseless() -> StoreError {
    StoreError::caused(StoreErrorKind::Corrupt, Failure { class: "the answer makes no sense", code: None })
}

/// What is under this key is nothing that this version has written.
pub(super) fn undecodable() -> StoreError {
    StoreError::new(StoreErrorKind::Undecodable)
}

/// Whether another connection may do better, where this one is not broken.
pub(super) fn is_of_no_use(error: &RedisError) -> bool {
    error.is_timeout() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// Whether the server has surely done nothing, and may do it in a moment.
pub(super) fn was_put_off(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};

    let refused = [BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain].map(ErrorKind::Server);
    error.is_connection_refusal() || refused.contains(&error.kind())
}
