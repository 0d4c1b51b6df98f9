//! A visitor's id, for whoever asks for one.

use axum::Json;
use axum::response::IntoResponse;
use serde::Serialize;
use tower_cookie_policy::VisitorId;

use crate::account::NO_STORE;

#[derive(Serialize)]
struct Visit {
    visitor: String,
}

/// `GET /visit`. To ask for the id is what issues it, so the first time the answer sets its cookie.
pub(crate) async fn visit(visitor: VisitorId) -> impl IntoResponse {
    (NO_STORE, Json(Visit { visitor: visitor.to_string() }))
}
