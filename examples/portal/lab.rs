//! The laboratory: routes that show what the policy did, write any `Set-Cookie` and move the clock.
//!
//! They are there under `--lab` alone, which listens on loopback addresses only.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use tower_cookie_policy::{Cookies, Counts, TestClock};

use crate::raw;
use crate::watch::Watch;

/// The laboratory's routes, around the clock that the policy goes by.
pub(crate) fn routes(clock: TestClock) -> Router {
    Router::new()
        .route("/lab/echo", get(echo).post(echo))
        .route("/lab/set", post(set).head(set))
        .route("/lab/status/{code}", post(status).head(status))
        .route("/lab/clock", post(advance))
        .route("/lab/report", get(report))
        .with_state(clock)
}

#[derive(Serialize)]
struct Echo {
    cookies: Vec<(String, String)>,
    refusals: Vec<Refused>,
}

#[derive(Serialize)]
struct Refused {
    name: String,
    reason: &'static str,
}

/// What this handler sees in the `Cookie` header, and what the policy kept from it.
async fn echo(cookies: Cookies, headers: HeaderMap) -> impl IntoResponse {
    let pairs = raw::pairs(&headers).map(|(name, value)| (latin(name), latin(value)));
    let refusals = cookies.refusals().iter();
    let refusals = refusals.map(|one| Refused { name: one.name().to_owned(), reason: one.reason().as_str() });
    let echo = Echo { cookies: pairs.collect(), refusals: refusals.collect() };
    ([(VARY, "Cookie")], Json(echo))
}

/// Each byte as the character of that number.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[derive(Serialize)]
struct Done {
    ok: bool,
}

async fn set(body: Bytes) -> Response {
    answer(StatusCode::OK, &body)
}

async fn status(Path(code): Path<String>, body: Bytes) -> Response {
    let code = code.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    match code.filter(|code| !code.is_informational()) {
        Some(code) => answer(code, &body),
        None => refused("a status is 200 to 999"),
    }
}

/// A response of this status with a `Set-Cookie` header for each line.
fn answer(status: StatusCode, lines: &[u8]) -> Response {
    let bodiless =
        matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response =
        if bodiless { status.into_response() } else { (status, Json(Done { ok: true })).into_response() };
    let headers = response.headers_mut();
    for line in lines.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Ok(line) = HeaderValue::from_bytes(line.strip_suffix(b"\r").unwrap_or(line)) else {
            return refused("a line is no legal header value");
        };
        if headers.try_append(SET_COOKIE, line).is_err() {
            return refused("more lines than a response has room for");
        }
    }
    response
}

/// Moves the clock forward by the seconds in the body, and answers what it shows then.
async fn advance(State(clock): State<TestClock>, body: String) -> Response {
    let Ok(seconds) = body.trim().parse::<u32>() else {
        return refused("the body is no whole number of seconds");
    };
    clock.advance(Duration::from_secs(seconds.into()));
    Json(Watch::new(Some(clock)).now()).into_response()
}

#[derive(Serialize)]
struct Report {
    refused: BTreeMap<&'static str, u64>,
    suppressed: BTreeMap<&'static str, u64>,
    adopted: BTreeMap<String, u64>,
}

async fn report(cookies: Cookies) -> Json<Report> {
    let Counts { refused, suppressed, adopted, .. } = cookies.policy().counts();
    Json(Report { refused, suppressed, adopted })
}

fn refused(why: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, why).into_response()
}
