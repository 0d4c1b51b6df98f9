//! The cart, by code that knows nothing of the policy: it writes a plain `Set-Cookie` and reads the `Cookie` header.
//!
//! - The value is percent-encoded, because a cookie's value has no room for spaces, semicolons and umlauts.
//! - What reads the raw header says itself that the response varies by it.

use axum::Json;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{SET_COOKIE, VARY};
use http::{HeaderMap, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::raw;

#[derive(Deserialize)]
pub(crate) struct CartForm {
    item: Option<String>,
}

#[derive(Serialize)]
struct Cart {
    cart: Option<String>,
}

/// `POST /cart`. An empty item empties the cart.
pub(crate) async fn fill(Form(form): Form<CartForm>) -> Response {
    let Some(item) = form.item else {
        return (StatusCode::BAD_REQUEST, "the form has no item").into_response();
    };
    let line = if item.is_empty() {
        "cart=; Path=/; Max-Age=0".to_owned()
    } else {
        format!("cart={}; Path=/", utf8_percent_encode(&item, ENCODED))
    };
    ([(SET_COOKIE, line)], Redirect::to("/")).into_response()
}

/// `GET /cart`.
pub(crate) async fn show(headers: HeaderMap) -> impl IntoResponse {
    let cart = raw::value(&headers, "cart").map(decoded);
    ([(VARY, "Cookie")], Json(Cart { cart }))
}

/// The text that a value of the cart was made from.
pub(crate) fn decoded(value: &[u8]) -> String {
    percent_decode(value).decode_utf8_lossy().into_owned()
}

/// What stays as it is in a value; the rest is percent-encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
