//! Why a session did not do what it was asked.

use std::any::type_name;
use std::error::Error;
use std::fmt;

use http::StatusCode;

use super::store::StoreError;

/// Why a session did not do what it was asked. With axum it is a response: its [`status`](Self::status) and nothing
/// of what is said here.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed.
    Store(StoreError),
    /// The session has ended, or moved to another id, since the visitor's browser was given this one: nothing is
    /// written any more. [`sign_in`](crate::Session::sign_in) opens another.
    Ended,
    /// Nobody is signed in, and this is about a user.
    NotSignedIn,
    /// The value under this key is not of the type that was asked for.
    Decode {
        /// The key.
        key: String,
        /// The type.
        into: &'static str,
    },
    /// The value for this key cannot be written as JSON.
    Encode {
        /// The key.
        key: String,
        /// The type.
        from: &'static str,
    },
    /// A user's name has 1 to 255 bytes, and no NUL.
    IllegalUser {
        /// How many bytes this one has.
        bytes: usize,
    },
    /// The session would have more than the 1 MiB that one may have.
    Oversized {
        /// How many bytes it would have had.
        bytes: usize,
    },
    /// Others wrote the session again and again in between; nothing was written.
    Contended,
    /// The response has left, and with it the last chance to write.
    Late,
    /// The policy's clock shows a time so late that every session would be over. It is to show Unix seconds.
    Clock,
    /// The system has no random bytes for an id.
    NoEntropy,
    /// The policy's table has no row for the session.
    NoRow,
    /// The policy cannot remember logins: its table has no row for them, or it has no store for them.
    NotRemembering,
}

impl SessionError {
    /// The status of the response that this error is: 503 where trying again may help, 409 for a session that has ended,
    /// 401 where nobody is signed in, 400 for a name that no user can have, 413 for too much data, 500 for mistakes of the program's.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Store(_) | Self::Contended | Self::NoEntropy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ended => StatusCode::CONFLICT,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::IllegalUser { .. } => StatusCode::BAD_REQUEST,
            Self::Oversized { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Decode { .. }
            | Self::Encode { .. }
            | Self::Late
            | Self::Clock
            | Self::NoRow
            | Self::NotRemembering => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn decode<T>(key: &str) -> Self {
        Self::Decode { key: key.to_owned(), into: type_name::<T>() }
    }

    pub(crate) fn encode<T: ?Sized>(key: &str) -> Self {
        Self::Encode { key: key.to_owned(), from: type_name::<T>() }
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Ended => {
                f.write_str("the session has ended or moved on since this request's id was given out")
            }
            Self::NotSignedIn => f.write_str("nobody is signed in"),
            Self::Decode { key, into } => write!(f, "the session's value {key:?} is no `{into}`"),
            Self::Encode { key, from } => {
                write!(f, "the `{from}` for the session's value {key:?} cannot be written as JSON")
            }
            Self::IllegalUser { bytes } => {
                write!(f, "a user's name has 1 to 255 bytes without NUL, this one has {bytes} bytes")
            }
            Self::Oversized { bytes } => {
                write!(f, "the session would have {bytes} bytes, it has at most {MOST_BYTES}")
            }
            Self::Contended => f.write_str("the session was written by others again and again in between"),
            Self::Late => f.write_str("the session cannot be written any more: the response has left"),
            Self::Clock => f.write_str(
                "the clock shows the end of time, 2106: a policy's clock shows Unix seconds, not milliseconds",
            ),
            Self::NoEntropy => f.write_str("the system has no random bytes for a session id"),
            Self::NoRow => f.write_str(
                "the table has no row for the session: declare a guarded one with `.role(Role::Session)`",
            ),
            Self::NotRemembering => f.write_str(
                "no login can be remembered: the table needs a signed row with `.role(Role::AutoLogin)`, and a policy with a \
                 `.session_store(..)` also a `.remember_store(..)`",
            ),
        }
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

/// The most that a session may take, as [`SessionRecord::size`](super::SessionRecord::size) counts.
pub(crate) const MOST_BYTES: usize = 1 << 20;
