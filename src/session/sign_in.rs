//! Who signs in, and with what.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::error::SessionError;
use super::everywhere::Epoch;

/// A user who signs in, for [`Session::sign_in`](crate::Session::sign_in). A string is one without options.
///
/// ```
/// use tower_cookie_policy::{Session, SessionError, SignIn};
///
/// async fn welcome(session: &Session) -> Result<(), SessionError> {
///     session.sign_in(SignIn::new("alice").claim("role", &"admin").discarding()).await
/// }
/// ```
#[must_use = "nobody is signed in before `session.sign_in(..)`"]
pub struct SignIn {
    pub(super) user: String,
    pub(super) epoch: Option<Epoch>,
    pub(super) claims: Vec<(String, Result<Bytes, SessionError>)>,
    pub(super) discards: bool,
}

impl SignIn {
    /// The user of this name or number, as the application knows its users.
    pub fn new(user: impl Into<String>) -> Self {
        Self { user: user.into(), epoch: None, claims: Vec::new(), discards: false }
    }

    /// If all the user's sessions were ended since this epoch was noted, nobody is signed in: the response is a 409.
    /// Without it the epoch of the moment of [`sign_in`](crate::Session::sign_in) counts, which is after the password was
    /// checked.
    pub fn since(mut self, epoch: Epoch) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// With a value in the session, from the first moment on. What is no JSON is an error of the sign-in.
    pub fn claim<T: Serialize + ?Sized>(mut self, key: &str, value: &T) -> Self {
        self.claims.push((key.to_owned(), encode(key, value)));
        self
    }

    /// Without what an anonymous visitor had stored before. (What another user had stored never stays.)
    pub fn discarding(mut self) -> Self {
        self.discards = true;
        self
    }
}

impl From<&str> for SignIn {
    fn from(user: &str) -> Self {
        Self::new(user)
    }
}

impl From<String> for SignIn {
    fn from(user: String) -> Self {
        Self::new(user)
    }
}

/// Neither the user nor a claim.
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (claims, discards) = (self.claims.len(), self.discards);
        f.debug_struct("SignIn").field("claims", &claims).field("discards", &discards).finish_non_exhaustive()
    }
}

/// A value as a record keeps it.
pub(super) fn encode<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<Bytes, SessionError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|_| SessionError::encode::<T>(key))
}
