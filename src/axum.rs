//! Extractors for axum: [`Cookies`], [`Consent`], [`Locale`], [`Session`], [`VisitorId`](crate::VisitorId) and
//! [`dwr::Exchange`](crate::dwr::Exchange) as handler arguments, and `Option<Remembered>`, `Option<Theft>` and `Option<Node>`.
//!
//! Without the policy's layer around the route they answer 500 and say which call is missing.

mod dwr;
mod visitor;

use std::fmt;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::request::Parts;

use crate::consent::Consent;
use crate::cookies::{Cookies, SetCookieError};
use crate::session::{Remembered, Session, SessionError, Theft};
use crate::value::locale::Locale;
use crate::value::node::Node;

pub use dwr::NoExchange;
pub use visitor::NoVisitorId;

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        cookies(parts, "Cookies").cloned()
    }
}

/// 500 and the sentence, which names the cookie and never its value: an order that the table refuses is a mistake of the
/// program's. A [language](Cookies::choose_language) that the policy does not list is a visitor's choice, so that is a 400 with a
/// word for the visitor.
impl IntoResponse for SetCookieError {
    fn into_response(self) -> Response {
        if self.is_visitors() {
            return (StatusCode::BAD_REQUEST, "This language is not available.").into_response();
        }
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Consent {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(cookies(parts, "Consent")?.consent())
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let extractor = "Locale";
        let locale = cookies(parts, extractor)?.locale(&parts.headers);
        locale.ok_or(MissingLayer { extractor, what: LANGUAGES })
    }
}

/// The node to which the visitor's cookie leads; `None` without one that was admitted.
impl<S: Sync> OptionalFromRequestParts<S> for Node {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(cookies(parts, "Option<Node>")?.node())
    }
}

/// Touches no store.
impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        session(parts, "Session")
    }
}

/// Asks the store; `None` without a live session.
impl<S: Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = NoSession;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        let session = session(parts, "Session").map_err(NoSession::Layer)?;
        Ok(session.is_live().await.map_err(NoSession::Session)?.then_some(session))
    }
}

/// Asks the stores, and redeems the login; `None` for who is not remembered.
impl<S: Sync> OptionalFromRequestParts<S> for Remembered {
    type Rejection = NoSession;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        let session = session(parts, "Remembered").map_err(NoSession::Layer)?;
        session.remembered().await.map_err(NoSession::Session)
    }
}

/// Asks the stores, and redeems the login; `None` where nothing was stolen.
impl<S: Sync> OptionalFromRequestParts<S> for Theft {
    type Rejection = NoSession;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        let session = session(parts, "Theft").map_err(NoSession::Layer)?;
        session.theft().await.map_err(NoSession::Session)
    }
}

fn session(parts: &Parts, extractor: &'static str) -> Result<Session, MissingLayer> {
    cookies(parts, extractor)?.session().ok_or(MissingLayer { extractor, what: SESSION_ROW })
}

fn cookies<'p>(parts: &'p Parts, extractor: &'static str) -> Result<&'p Cookies, MissingLayer> {
    parts.extensions.get().ok_or(MissingLayer { extractor, what: LAYER })
}

/// Its status, and nothing of what went wrong: that is for the program, not for the visitor.
impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        bare(self.status())
    }
}

fn bare(status: StatusCode) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], status.canonical_reason().unwrap_or_default()).into_response()
}

/// Why `Option<Session>`, `Option<Remembered>` or `Option<Theft>` could not be had.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoSession {
    /// The route lacks what sessions need.
    Layer(MissingLayer),
    /// The store did not answer.
    Session(SessionError),
}

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(error) => error.fmt(f),
            Self::Session(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoSession {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Layer(_) => None,
            Self::Session(error) => error.source(),
        }
    }
}

impl IntoResponse for NoSession {
    fn into_response(self) -> Response {
        match self {
            Self::Layer(error) => error.into_response(),
            Self::Session(error) => error.into_response(),
        }
    }
}

/// An extractor was used on a route without what it needs. As a response it is a 500 that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingLayer {
    extractor: &'static str,
    what: &'static str,
}

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the extractor `{}` needs {}", self.extractor, self.what)
    }
}

impl std::error::Error for MissingLayer {}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

const LAYER: &str = "the policy's layer around this route, and around each middleware that asks: add `.layer(policy.layer())` after them";
const SESSION_ROW: &str = "a row for the session: declare a guarded one with `.role(Role::Session)`";
const LANGUAGES: &str = "languages: say `.languages([\"en\"])` when building the policy";
