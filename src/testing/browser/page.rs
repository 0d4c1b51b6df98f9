//! What a browser got.

use std::fmt;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::address::Address;
use crate::report::Report;

/// What a [`Browser`](super::Browser) got: the last response, and the cookies of all that led to it.
///
/// `Debug` prints the names of cookies, never their values, and no text.
#[derive(Clone)]
pub struct Page {
    address: Address,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    redirects: Vec<StatusCode>,
    cookies: Vec<SetCookie>,
    report: Report,
}

/// A `Set-Cookie` line that came. `Debug` prints the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    line: String,
}

impl Page {
    pub(super) fn new(address: Address, parts: Parts, body: Bytes, before: Vec<Parts>) -> Self {
        let mut report = Report::default();
        let mut cookies = Vec::new();
        let redirects = before.iter().map(|parts| parts.status).collect();
        for parts in before.iter().chain([&parts]) {
            let lines = parts.headers.get_all(http::header::SET_COOKIE).iter();
            cookies.extend(lines.map(|line| SetCookie::new(line.as_bytes())));
            if let Some(part) = parts.extensions.get::<Report>() {
                report.refusals.extend_from_slice(part.refusals());
                report.suppressions.extend_from_slice(part.suppressions());
            }
        }
        let Parts { status, headers, .. } = parts;
        Self { address, status, headers, body, redirects, cookies, report }
    }

    /// The status of the last response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the last response, their values in the clear.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Path and query that the last response answers: where redirects led.
    #[must_use]
    pub fn path(&self) -> &str {
        self.address.target()
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The statuses of the redirects that were followed, in their order.
    #[must_use]
    pub fn redirects(&self) -> &[StatusCode] {
        &self.redirects
    }

    /// The body as text; what is no UTF-8 shows as U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body, as it came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body, read as JSON.
    ///
    /// # Panics
    /// Where the body is no JSON of that shape.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "that is how tests fail")]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            // Where it went wrong, and not at which text: that may be a cookie's value, as may be a part of the path.
            panic!(
                "the page ({}) did not answer with the JSON that was due: {:?} error at line {}, column {}",
                self.status.as_u16(),
                error.classify(),
                error.line(),
                error.column()
            )
        })
    }

    /// The `Set-Cookie` lines of all responses, the redirects' first, whether the browser heeded them or not.
    #[must_use]
    pub fn set_cookies(&self) -> &[SetCookie] {
        &self.cookies
    }

    /// What the layer refused and suppressed in all the requests and responses; empty where there was nothing, or no layer.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl SetCookie {
    fn new(line: &[u8]) -> Self {
        Self { line: String::from_utf8_lossy(line).into_owned() }
    }

    /// The cookie's name; empty where there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        let pair = self.line.split(';').next().unwrap_or_default();
        pair.split_once('=').map_or("", |(name, _)| name.trim_matches([' ', '\t']))
    }

    /// The whole line, its value in the clear.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("status", &self.status)
            .field("redirects", &self.redirects)
            .field("set_cookies", &self.cookies)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SetCookie").field(&self.name()).finish()
    }
}
