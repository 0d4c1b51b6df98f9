//! The cart, by code that knows nothing of the policy: it writes a plain `Set-Cookie` and reads the `Cookie` header.
//!
//! - The value is percent-encoded, because a cookie's value has no room for spaces, semicolons and umlauts.
//! - What reads the raw header says itself that the response varies by it.

use axum::Json;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{SET_COOKIE, VARY};
use http::{HeaderMap, StatusCode};
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
        format!("cart={}; Path=/", raw::encoded(&item))
    };
    ([(SET_COOKIE, line)], Redirect::to("/")).into_response()
}

/// `GET /cart`.
pub(crate) async fn show(headers: HeaderMap) -> impl IntoResponse {
    let cart = raw::value(&headers, "cart").map(raw::decoded);
    ([(VARY, "Cookie")], Json(Cart { cart }))
}
