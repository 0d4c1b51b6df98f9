//! The way through: method, body and check, then the calls, then the reply.

use std::error::Error;
use std::fmt;

use http::{Method, StatusCode};

use super::batch::{Batch, Envelope};
use super::call::Call;
#[cfg(feature = "axum")]
use super::error::BatchError;
use super::error::Denial;
use super::reply::Reply;
use crate::cookies::{Cookies, SetCookieError};
use crate::session::SessionError;

/// A batch that was checked, or the refusal of one. Either way [`calls`](Self::calls) has what is left for the application
/// to answer, and [`into_reply`](Self::into_reply) is what the browser gets.
///
/// With axum it is an extractor, which also reads the body; elsewhere it begins with [`begin`](Self::begin).
#[must_use = "the browser waits for `into_reply()`"]
pub struct Exchange {
    envelope: Envelope,
    state: Result<Vec<Call>, Denial>,
}

impl Exchange {
    /// Takes a request, of whatever method, with its whole body. It is the way in for those without axum, whose extractor
    /// reads the body and comes here too.
    ///
    /// # Errors
    /// [`ExchangeError::Session`] if the session's store fails, [`ExchangeError::NoRow`] if no policy around the handler
    /// has a row with the role [`ScriptSession`](crate::Role::ScriptSession), [`ExchangeError::Cookie`] if its row does not
    /// let an id be set. Everything else that can be wrong is a refusal, and has a reply.
    pub async fn begin(method: &Method, cookies: &Cookies, body: &[u8]) -> Result<Self, ExchangeError> {
        if method != Method::POST {
            return Ok(Self::denied(Envelope::default(), Denial::Method));
        }
        match Batch::parse(body) {
            Ok(batch) => batch.check(cookies).await,
            Err(error) => Ok(Self::denied(Envelope::of(body), Denial::Batch(error))),
        }
    }

    /// The calls that the application has to answer, in their order: none that the engine sends for itself, and none at all
    /// of a batch that was refused.
    pub fn calls(&mut self) -> impl Iterator<Item = &mut Call> {
        let calls = self.state.as_mut().map(Vec::as_mut_slice).unwrap_or_default();
        calls.iter_mut().filter(|call| !call.is_system())
    }

    /// Why no call is carried out, for the server's log; `None` if the batch passed.
    #[must_use]
    pub fn denial(&self) -> Option<&Denial> {
        self.state.as_ref().err()
    }

    /// What the browser gets. A call that was not answered is one of a method that there is not.
    #[must_use]
    pub fn into_reply(self) -> Reply {
        match &self.state {
            Ok(calls) => Reply::of_calls(&self.envelope, calls),
            Err(denial) => Reply::of_denial(&self.envelope, denial),
        }
    }

    pub(super) fn checked(envelope: Envelope, calls: Vec<Call>) -> Self {
        Self { envelope, state: Ok(calls) }
    }

    /// The refusal of a body that somebody else found to be no batch.
    #[cfg(feature = "axum")]
    pub(crate) fn without_batch(error: BatchError) -> Self {
        Self::denied(Envelope::default(), Denial::Batch(error))
    }

    pub(super) fn denied(envelope: Envelope, denial: Denial) -> Self {
        #[cfg(feature = "tracing")]
        tracing::info!(target: "tower_cookie_policy", %denial, "script calls refused");
        Self { envelope, state: Err(denial) }
    }
}

/// What is called, and nothing of what with.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Why there is no reply to give. With axum it is a response: a status, and no script.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The session did not do what the check needs.
    Session(SessionError),
    /// The table does not let the new id be set.
    Cookie(SetCookieError),
    /// No policy around the handler has a row for the id.
    NoRow,
}

impl ExchangeError {
    /// The session's status, 503 where its store is down; 500 for mistakes of the program's.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Session(error) => error.status(),
            Self::Cookie(_) | Self::NoRow => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<SessionError> for ExchangeError {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<SetCookieError> for ExchangeError {
    fn from(error: SetCookieError) -> Self {
        Self::Cookie(error)
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Cookie(error) => error.fmt(f),
            Self::NoRow => f.write_str(
                "the table has no row for the script session: declare one with `.role(Role::ScriptSession)`",
            ),
        }
    }
}

impl Error for ExchangeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Session(error) => error.source(),
            Self::Cookie(_) | Self::NoRow => None,
        }
    }
}
