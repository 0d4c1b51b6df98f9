//! Extractors for axum: [`Cookies`] and [`Locale`] as handler arguments.
//!
//! Without the policy's layer around the route they answer 500 and say which call is missing.

use std::fmt;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::cookies::{Cookies, SetCookieError};
use crate::value::locale::Locale;

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(MissingLayer { extractor: "Cookies", what: LAYER })
    }
}

/// 500 and the sentence, which names the cookie and never its value: an order that the table refuses is a mistake of the
/// program's.
impl IntoResponse for SetCookieError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let missing = |what| MissingLayer { extractor: "Locale", what };
        let cookies = parts.extensions.get::<Cookies>().ok_or(missing(LAYER))?;
        cookies.locale(&parts.headers).ok_or(missing(LANGUAGES))
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
const LANGUAGES: &str = "languages: say `.languages([\"en\"])` when building the policy";
