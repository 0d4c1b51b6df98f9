//! A draft, by code that knows nothing of the policy either: it writes and reads plain text, and the wire carries it sealed.

use axum::Json;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::StatusCode;
use http::header::{SET_COOKIE, VARY};
use serde::{Deserialize, Serialize};

use crate::raw;

#[derive(Deserialize)]
pub(crate) struct DraftForm {
    text: Option<String>,
}

#[derive(Serialize)]
struct Draft {
    draft: Option<String>,
}

/// `POST /draft`. An empty text throws the draft away.
pub(crate) async fn keep(Form(form): Form<DraftForm>) -> Response {
    let Some(text) = form.text else {
        return (StatusCode::BAD_REQUEST, "the form has no text").into_response();
    };
    let line = if text.is_empty() {
        "draft=; Path=/; Max-Age=0".to_owned()
    } else {
        format!("draft={}; Path=/", raw::encoded(&text))
    };
    ([(SET_COOKIE, line)], Redirect::to("/")).into_response()
}

/// `GET /draft`.
pub(crate) async fn show(headers: HeaderMap) -> impl IntoResponse {
    let draft = raw::value(&headers, "draft").map(raw::decoded);
    ([(VARY, "Cookie")], Json(Draft { draft }))
}
