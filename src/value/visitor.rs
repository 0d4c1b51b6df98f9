//! `OFBiz.Visitor`: 16 random bytes in base64url.
//!
//! The decimal ids of old (`10000`, `10001`, …) are none: they can be guessed, and whoever guesses one is taken for somebody else.

use std::fmt;
use std::sync::Arc;

use super::is_base64url;
use crate::key::{self, KeyError};
use crate::wire;

/// A visitor's id: 16 random bytes as 22 characters of base64url, the same on every visit for a year.
///
/// It tells one browser from another, and says nothing of who sits in front of it. Whoever has it can be followed by it, so
/// `Debug` prints nothing of it; `Display` and [`as_str`](Self::as_str) give it out, for the application's own records.
///
/// With axum it is an extractor: `VisitorId` asks for one, and orders the cookie where none came; `Option<VisitorId>` only looks.
/// Elsewhere [`Cookies::visitor_id`](crate::Cookies::visitor_id) and
/// [`Cookies::known_visitor_id`](crate::Cookies::known_visitor_id) give it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VisitorId(Arc<str>);

impl VisitorId {
    /// A new one.
    ///
    /// # Errors
    /// [`KeyError::NoEntropy`] if the system has no random bytes.
    pub(crate) fn random() -> Result<Self, KeyError> {
        Ok(Self(wire::text(&key::random::<16>()?).into()))
    }

    /// The id that a value is, if it has the shape of one.
    pub(crate) fn of_cookie(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok().filter(|_| has_shape(value))?;
        Some(Self(text.into()))
    }

    /// Its 22 characters, as the cookie has them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VisitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Nothing of it.
impl fmt::Debug for VisitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisitorId(..)")
    }
}

pub(super) fn has_shape(value: &[u8]) -> bool {
    is_base64url(value, 22)
}
