//! The browser and the crawl of the feature `testing`: held to the rules of browsers, and to planted faults.

mod browsing;
mod crawling;
mod faults;
mod storage;
mod vectors;

use axum::Router;
use axum::body::Bytes;
use axum::response::{AppendHeaders, IntoResponse};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request};
use tower_cookie_policy::testing::{Browser, TestClock};

use crate::support::NOW;

/// An application that sets the cookies of the header `x-set`, and says which it was sent.
fn echo() -> Router {
    Router::new().fallback(|headers: HeaderMap| async move {
        let set: Vec<_> = headers.get_all("x-set").iter().map(|line| (SET_COOKIE, line.clone())).collect();
        let sent = headers.get(COOKIE).map_or(Bytes::new(), |sent| Bytes::copy_from_slice(sent.as_bytes()));
        (AppendHeaders(set), sent).into_response()
    })
}

fn visitor() -> (Browser<Router>, TestClock) {
    let clock = TestClock::at(NOW);
    (Browser::new(echo(), &clock), clock)
}

/// Has the page at this address set these cookies.
async fn set<T: AsRef<[u8]>>(browser: &mut Browser<Router>, at: &str, lines: &[T]) {
    let mut request = Request::get(at).body("").unwrap();
    for line in lines {
        request.headers_mut().append("x-set", HeaderValue::from_bytes(line.as_ref()).unwrap());
    }
    browser.send(request).await;
}

/// The `Cookie` header that a request to this address has.
async fn sent(browser: &mut Browser<Router>, to: &str) -> String {
    browser.get(to).await.text()
}
