//! The answer to a request that the policy turns away: a page with a way back for browsers, one word for all others.
//!
//! Neither says why, since that would tell an attacker as well, nor anything else that differs.

use axum::body::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use maud::html;
use tower_cookie_policy::Rejection;

use crate::page::{Visit, chrome};

/// 403. The policy adds that no cache may keep it.
pub(crate) fn respond(parts: &Parts, _: &Rejection) -> Response<Bytes> {
    let page =
        takes_pages(&parts.headers).then(|| Visit::of(parts).map(|visit| page(&visit.unasked()))).flatten();
    let (kind, body) = match page {
        Some(page) => ("text/html; charset=utf-8", Bytes::from(page)),
        None => ("text/plain; charset=utf-8", Bytes::from_static(b"Forbidden\n")),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Whether pages are named among what is accepted, as browsers do for what is to be looked at.
fn takes_pages(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(ACCEPT).iter().filter_map(|field| field.to_str().ok());
    let kinds = fields.flat_map(|field| field.split(',')).map(|kind| kind.split(';').next().unwrap_or(kind));
    kinds.map(str::trim).any(|kind| kind.eq_ignore_ascii_case("text/html"))
}

fn page(visit: &Visit) -> String {
    let words = visit.words;
    let content = html! {
        h1 { (words.refused) }
        p { (words.refused_lead) }
        p { a href="/" { (words.back) } }
    };
    chrome(visit, words.refused, None, &content).into_string()
}
