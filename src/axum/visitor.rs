//! The visitor's id as a handler's argument: `VisitorId` asks for it, `Option<VisitorId>` only looks.

use std::fmt;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use super::MissingLayer;
use crate::cookies::{Cookies, SetCookieError};
use crate::value::visitor::VisitorId;

/// Orders the cookie, where none came.
impl<S: Sync> FromRequestParts<S> for VisitorId {
    type Rejection = NoVisitorId;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        cookies(parts).map_err(NoVisitorId::Layer)?.visitor_id().map_err(NoVisitorId::Order)
    }
}

/// Orders nothing; `None` where none came.
impl<S: Sync> OptionalFromRequestParts<S> for VisitorId {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(cookies(parts)?.known_visitor_id())
    }
}

fn cookies(parts: &Parts) -> Result<&Cookies, MissingLayer> {
    let extractor = "VisitorId";
    let cookies = super::cookies(parts, extractor)?;
    if cookies.knows_visitors() { Ok(cookies) } else { Err(MissingLayer { extractor, what: VISITOR_ROW }) }
}

/// Why a [`VisitorId`] could not be had. As a response it is a 500 that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoVisitorId {
    /// The route lacks what it needs.
    Layer(MissingLayer),
    /// None came, and none can be issued.
    Order(SetCookieError),
}

impl fmt::Display for NoVisitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(error) => error.fmt(f),
            Self::Order(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoVisitorId {}

impl IntoResponse for NoVisitorId {
    fn into_response(self) -> Response {
        match self {
            Self::Layer(error) => error.into_response(),
            Self::Order(error) => error.into_response(),
        }
    }
}

const VISITOR_ROW: &str = "a row for the visitor id: declare a signed one with `.role(Role::Visitor)`";
