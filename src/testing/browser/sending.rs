//! Requests, and where their redirects lead.

use std::fmt;
use std::future::poll_fn;

use bytes::Bytes;
use http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderValue, LOCATION, ORIGIN, REFERER, SET_COOKIE,
};
use http::response::Parts;
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::BodyExt;
use tower_service::Service;

use super::address::Address;
use super::jar::Coming;
use super::{Browser, Page, failed};

/// Where a request comes from, as browsers see it.
pub(super) const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What is done about a redirect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirects {
    Followed,
    Left,
}

impl<S, B, R> Browser<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    B: From<Bytes>,
    R: Body,
    R::Error: fmt::Debug,
{
    pub(super) async fn navigate(
        &mut self,
        mut address: Address,
        mut request: Request<Bytes>,
        redirects: Redirects,
    ) -> Page {
        let mut before = Vec::new();
        loop {
            let (parts, body) = self.exchange(&address, request.clone()).await;
            let body = self.read(body, &address).await;
            let next = match redirects {
                Redirects::Followed => {
                    redirect(&parts, &address).filter(|next| next.host() == address.host())
                }
                Redirects::Left => None,
            };
            let Some(next) = next else { return Page::new(address, parts, body, before) };
            if before.len() == MOST_REDIRECTS {
                let path = self.jar.hidden(address.path());
                failed(format_args!("{path} leads on after {MOST_REDIRECTS} redirects"));
            }
            turn(&mut request, parts.status);
            before.push(parts);
            address = next;
        }
    }

    /// One request and the head of its response, whose cookies are in the jar then.
    pub(in crate::testing) async fn exchange(
        &mut self,
        address: &Address,
        mut request: Request<Bytes>,
    ) -> (Parts, R) {
        self.complete(&mut request, address);
        let path = self.jar.hidden(address.path());
        if let Err(error) = poll_fn(|cx| self.app.poll_ready(cx)).await {
            failed(format_args!("the application is not ready for {path}: {error:?}"));
        }
        let response = match self.app.call(request.map(B::from)).await {
            Ok(response) => response,
            Err(error) => failed(format_args!("the application failed at {path}: {error:?}")),
        };
        let (parts, body) = response.into_parts();
        // As late as it is: a handler may have moved the clock.
        let now = self.clock.now();
        for line in parts.headers.get_all(SET_COOKIE) {
            self.jar.take(line.as_bytes(), address, now);
        }
        (parts, body)
    }

    /// All of a body.
    pub(in crate::testing) async fn read(&self, body: R, address: &Address) -> Bytes {
        match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let path = self.jar.hidden(address.path());
                failed(format_args!("the body of {path} failed: {error:?}"))
            }
        }
    }

    /// What a browser adds to a request.
    pub(in crate::testing) fn complete(&self, request: &mut Request<Bytes>, address: &Address) {
        match address.target().parse::<Uri>() {
            Ok(target) => *request.uri_mut() = target,
            Err(_) => failed(format_args!("an address is no target of a request")),
        }
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if let Ok(host) = HeaderValue::try_from(address.authority()) {
            headers.entry(HOST).or_insert(host);
        }
        if headers.contains_key(COOKIE) {
            return;
        }
        let cookies = self.jar.header(address, coming(request), self.clock.now());
        if let Some(Ok(mut cookies)) = cookies.map(HeaderValue::try_from) {
            cookies.set_sensitive(true);
            request.headers_mut().insert(COOKIE, cookies);
        }
    }
}

/// What a browser says of where a request comes from.
impl<S, B> Browser<S, B> {
    /// A header of the browser's own, unless the user says another of that name.
    pub(in crate::testing) fn say(&self, headers: &mut HeaderMap, name: HeaderName, value: &str) {
        if let (false, Ok(value)) = (self.headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }

    /// A link or a form of a page of the same origin, and of this one if it is of that origin.
    pub(in crate::testing) fn come_from(
        &self,
        page: Option<&Address>,
        headers: &mut HeaderMap,
        to: &Address,
    ) {
        if to.is_trustworthy() {
            self.say(headers, FETCH_SITE, "same-origin");
        }
        if let Some(page) = page.filter(|page| page.origin() == to.origin()) {
            self.say(headers, REFERER, &(page.origin() + page.target()));
        }
    }
}

/// Where a redirect leads; `None` for any other response.
pub(in crate::testing) fn redirect(parts: &Parts, from: &Address) -> Option<Address> {
    if !matches!(parts.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    from.resolve(&String::from_utf8_lossy(parts.headers.get(LOCATION)?.as_bytes()))
}

/// The request that follows on a redirect (the Fetch standard's HTTP-redirect fetch).
fn turn(request: &mut Request<Bytes>, status: StatusCode) {
    let by_get = match status.as_u16() {
        301 | 302 => *request.method() == Method::POST,
        303 => *request.method() != Method::GET && *request.method() != Method::HEAD,
        _ => false,
    };
    if by_get {
        *request.method_mut() = Method::GET;
        *request.body_mut() = Bytes::new();
        for name in [CONTENT_TYPE, CONTENT_LENGTH, ORIGIN] {
            request.headers_mut().remove(name);
        }
    }
}

/// How a request comes about, by what it says itself.
fn coming(request: &Request<Bytes>) -> Coming {
    let says = |name, text: &str| request.headers().get(name).map(|value| value == text);
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    match says(FETCH_SITE, "cross-site") {
        Some(true) if is_safe && says(FETCH_MODE, "navigate") != Some(false) => Coming::Link,
        Some(true) => Coming::CrossSite,
        _ => Coming::SameSite,
    }
}

const MOST_REDIRECTS: usize = 20;
