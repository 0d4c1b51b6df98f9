//! Why a store was not opened.

use std::error::Error;
use std::fmt;

use crate::session::store::{StoreError, StoreErrorKind};

/// Why a [`SqlStore`](crate::SqlStore) was not opened. It quotes no address: there may be a password in one.
#[derive(Debug)]
#[non_exhaustive]
pub enum SqlStoreError {
    /// The address is none: what a SQLite path or a PostgreSQL URL has to be.
    IllegalAddress(&'static str),
    /// The tables are those of a newer version of this crate.
    NewerSchema {
        /// Their version.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// The database did not do what it was asked.
    Failed(StoreError),
}

impl SqlStoreError {
    /// The class of the failure, where it is one of the database.
    #[must_use]
    pub fn kind(&self) -> Option<StoreErrorKind> {
        match self {
            Self::Failed(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl From<StoreError> for SqlStoreError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl fmt::Display for SqlStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalAddress(due) => write!(f, "the address of the session store is not {due}"),
            Self::NewerSchema { found, known } => {
                write!(
                    f,
                    "the tables of the session store have version {found}, and {known} is the newest known here"
                )
            }
            Self::Failed(_) => f.write_str("the session store could not be opened"),
        }
    }
}

impl Error for SqlStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }
}
