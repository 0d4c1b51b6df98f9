//! The id of a receipt.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::key::{self, KeyError};
use crate::wire;

/// The id of a [`Receipt`](crate::Receipt): 16 random bytes as 22 characters of base64url, so that nobody guesses another's.
///
/// ```
/// use tower_cookie_policy::ReceiptId;
///
/// let id: ReceiptId = "AAECAwQFBgcICQoLDA0ODw".parse()?;
/// assert_eq!(id.to_string(), "AAECAwQFBgcICQoLDA0ODw");
/// # Ok::<(), tower_cookie_policy::receipt::IllegalReceiptId>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ReceiptId([u8; 16]);

impl ReceiptId {
    /// A new one.
    ///
    /// # Errors
    /// [`KeyError::NoEntropy`] if the system has no random bytes.
    pub(crate) fn random() -> Result<Self, KeyError> {
        key::random().map(Self)
    }
}

impl FromStr for ReceiptId {
    type Err = IllegalReceiptId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        wire::decode(text.as_bytes()).map(Self).ok_or(IllegalReceiptId(()))
    }
}

impl TryFrom<String> for ReceiptId {
    type Error = IllegalReceiptId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ReceiptId> for String {
    fn from(id: ReceiptId) -> Self {
        wire::text(&id.0)
    }
}

impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wire::text(&self.0))
    }
}

/// Not which one: it stands in the visitor's cookie.
impl fmt::Debug for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptId(..)")
    }
}

/// A text that is no [`ReceiptId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalReceiptId(());

impl fmt::Display for IllegalReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a receipt's id is 16 bytes as 22 characters of base64url")
    }
}

impl Error for IllegalReceiptId {}
