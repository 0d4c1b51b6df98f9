//! What a database's errors are to those who asked, without what the database says: it quotes values and keys.

use std::error::Error;
use std::fmt;

use crate::session::store::{StoreError, StoreErrorKind};

/// What led to an error, as a sentence and the database's code.
#[derive(Debug)]
struct Cause {
    sentence: &'static str,
    code: Option<String>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence)?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

impl Error for Cause {}

/// An error of this class for a reason of this store's own.
pub(super) fn failed(kind: StoreErrorKind, sentence: &'static str) -> StoreError {
    StoreError::caused(kind, Cause { sentence, code: None })
}

/// An error of the operating system's.
#[cfg(feature = "sqlite")]
pub(super) fn io(error: &std::io::Error) -> StoreError {
    let code = Some(error.kind().to_string());
    StoreError::caused(StoreErrorKind::Unavailable, Cause { sentence: "the file cannot be opened", code })
}

/// The error of a database whose codes are read by `class`: what it is, and in our own words.
pub(super) fn of(
    error: &sqlx::Error,
    class: impl FnOnce(&str) -> (StoreErrorKind, &'static str),
) -> StoreError {
    use sqlx::Error as E;
    let (kind, sentence, code) = match error {
        E::Database(error) => {
            let code = error.code().unwrap_or_default();
            let (kind, sentence) = class(&code);
            (kind, sentence, Some(code.into_owned()))
        }
        E::PoolTimedOut => (StoreErrorKind::Unavailable, "no connection was to be had in time", None),
        E::PoolClosed => (StoreErrorKind::Unavailable, "the store is closed", None),
        // What a name server says has no kind of its own.
        E::Io(error) if error.kind().to_string() == "uncategorized error" => {
            (StoreErrorKind::Unavailable, "there is no connection, perhaps for there is no such host", None)
        }
        E::Io(error) => {
            (StoreErrorKind::Unavailable, "the connection is broken", Some(error.kind().to_string()))
        }
        E::Tls(_) => (StoreErrorKind::Unavailable, "there is no TLS connection to the database", None),
        E::ColumnDecode { .. }
        | E::Decode(_)
        | E::ColumnNotFound(_)
        | E::ColumnIndexOutOfBounds { .. }
        | E::TypeNotFound { .. }
        | E::RowNotFound => (StoreErrorKind::Corrupt, "a row is not as this store writes it", None),
        E::Protocol(_) => (StoreErrorKind::Unavailable, "the database answered something else", None),
        _ => (StoreErrorKind::Unavailable, "the database cannot be asked", None),
    };
    StoreError::caused(kind, Cause { sentence, code })
}
