//! Why a receipt was not kept or found.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

/// Why a sink did not do what it was asked. Made by sinks; the cause is theirs to tell, without ids.
#[derive(Debug)]
pub struct ReceiptError {
    kind: ReceiptErrorKind,
    cause: Option<Box<dyn Error + Send + Sync>>,
    /// The file that it is about, where it is about one.
    file: Option<Box<Path>>,
}

/// The class of a [`ReceiptError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReceiptErrorKind {
    /// It cannot be reached, refuses, or has no room.
    Unavailable,
    /// It did not answer within the policy's deadline; what it was asked may yet happen.
    Timeout,
    /// What it holds is no receipt there.
    Corrupt,
}

impl ReceiptError {
    /// An error of this class.
    #[must_use]
    pub const fn new(kind: ReceiptErrorKind) -> Self {
        Self { kind, cause: None, file: None }
    }

    /// An error of this class, and what led to it.
    pub fn caused(kind: ReceiptErrorKind, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, cause: Some(cause.into()), file: None }
    }

    pub(super) fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::caused(ReceiptErrorKind::Unavailable, cause)
    }

    /// A file that is not to be had.
    pub(super) fn opening(file: &Path, cause: io::Error) -> Self {
        Self { file: Some(file.into()), ..Self::unavailable(cause) }
    }

    /// Its class.
    #[must_use]
    pub const fn kind(&self) -> ReceiptErrorKind {
        self.kind
    }
}

impl ReceiptErrorKind {
    /// The class in snake case, as events and counters show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Corrupt => "corrupt",
        }
    }
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(file), Some(cause)) = (&self.file, &self.cause) {
            return write!(f, "receipts cannot be kept in {file:?}: {cause}");
        }
        f.write_str(match self.kind {
            ReceiptErrorKind::Unavailable => "the receipts cannot be reached",
            ReceiptErrorKind::Timeout => "the receipts' sink did not answer within the policy's deadline",
            ReceiptErrorKind::Corrupt => "the receipts' sink holds something else than receipts",
        })
    }
}

impl Error for ReceiptError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
