//! The page for a form that came too late: the session that it was about is over.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use maud::html;

use crate::account::NO_STORE;
use crate::page::{Visit, chrome};
use crate::sign_in;

/// Puts a page that people can read in place of the bare status of a `SessionError`.
pub(crate) async fn explain(visit: Visit, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_page =
        response.headers().get(CONTENT_TYPE).is_some_and(|of| of.as_bytes().starts_with(b"text/html"));
    if is_page || !matches!(status, StatusCode::CONFLICT | StatusCode::UNAUTHORIZED) {
        return response;
    }
    let own = visit.words.account;
    let content = html! {
        div.narrow {
            h1 { (own.ended) }
            p { (own.ended_lead) }
            (sign_in::card(visit.words, "", None))
        }
    };
    (status, NO_STORE, Html(chrome(&visit, own.ended, None, &content).into_string())).into_response()
}
