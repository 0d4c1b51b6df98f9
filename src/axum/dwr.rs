//! [`Exchange`] as a handler's last argument, and [`Reply`] as its answer.

use std::fmt;

use axum_core::extract::{DefaultBodyLimit, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Method, StatusCode};

use super::{LAYER, MissingLayer, bare};
use crate::cookies::Cookies;
use crate::dwr::{BatchError, Exchange, ExchangeError, LONGEST_BODY, Reply};

/// Reads the body, as far as a batch may go whatever limit the application has for others, and asks the session's store.
impl<S: Send + Sync> FromRequest<S> for Exchange {
    type Rejection = NoExchange;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let missing = || NoExchange::Layer(MissingLayer { extractor: "Exchange", what: LAYER });
        let cookies = request.extensions().get::<Cookies>().cloned().ok_or_else(missing)?;
        let method = request.method().clone();
        if method != Method::POST {
            return Ok(Self::begin(&method, &cookies, b"").await?);
        }
        DefaultBodyLimit::max(LONGEST_BODY).apply(&mut request);
        match Bytes::from_request(request, state).await {
            Ok(body) => Ok(Self::begin(&method, &cookies, &body).await?),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Ok(Self::without_batch(BatchError::Oversized))
            }
            Err(_) => Ok(Self::without_batch(BatchError::Unreadable)),
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.into()
    }
}

/// Its status, and nothing of what went wrong: that is for the program, not for the visitor.
impl IntoResponse for ExchangeError {
    fn into_response(self) -> Response {
        bare(self.status())
    }
}

/// Why an [`Exchange`] could not be had.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoExchange {
    /// The route lacks the policy's layer.
    Layer(MissingLayer),
    /// The check could not be made.
    Exchange(ExchangeError),
}

impl From<ExchangeError> for NoExchange {
    fn from(error: ExchangeError) -> Self {
        Self::Exchange(error)
    }
}

impl fmt::Display for NoExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(error) => error.fmt(f),
            Self::Exchange(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoExchange {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Layer(_) => None,
            Self::Exchange(error) => error.source(),
        }
    }
}

impl IntoResponse for NoExchange {
    fn into_response(self) -> Response {
        match self {
            Self::Layer(error) => error.into_response(),
            Self::Exchange(error) => error.into_response(),
        }
    }
}
