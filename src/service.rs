//! The service: the request half, the inner service, the response half. It decides nothing itself.

use std::mem;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use tower_service::Service;

use crate::cookies::{Asked, Cookies};
use crate::future::{self, ResponseFuture};
use crate::inbound::{self, Admitted};
use crate::policy::CookiePolicy;

/// A service that keeps a [`CookiePolicy`].
///
/// Request bodies may be of any type. Response bodies are `From<Bytes>` (axum's `Body` and `Full` are; others are
/// mapped with `tower_http::map_response_body`), so that a policy that rejects a request can
/// answer for itself. The error is the inner
/// service's, and so is readiness.
#[derive(Clone, Debug)]
pub struct CookiePolicyService<S> {
    inner: S,
    policy: CookiePolicy,
}

impl<S> CookiePolicyService<S> {
    /// Makes `inner` keep the policy. Most applications use [`CookiePolicy::layer`] instead.
    pub fn new(inner: S, policy: CookiePolicy) -> Self {
        Self { inner, policy }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for CookiePolicyService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: From<Bytes>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let outer = request.extensions().get::<Cookies>().cloned();
        if outer.as_ref().is_some_and(|outer| outer.is_under(&self.policy)) {
            // A layer of the same policy, further out, does it all.
            return ResponseFuture::new(self.inner.call(request), None);
        }
        let cookies = receive(&self.policy, &mut request, outer);
        if cookies.is_rejected() {
            return ResponseFuture::answered(Ok(future::reject(cookies, &take_parts(&mut request))));
        }
        ResponseFuture::new(self.inner.call(request), Some(cookies))
    }
}

/// The request half.
#[inline]
fn receive<B>(policy: &CookiePolicy, request: &mut Request<B>, outer: Option<Cookies>) -> Cookies {
    let hook = policy.hooks().binding.as_ref();
    let binding = hook.map_or_else(Vec::new, |hook| bind(|parts| (hook.0)(parts), request));
    let admitted = inbound::receive(policy, request, &binding);
    if !admitted.is_unremarkable() {
        count(policy, &admitted);
    }
    let asked = policy.asking().map(|_| Asked::by(request));
    let cookies = Cookies::new(policy.clone(), admitted, binding, asked, outer);
    request.extensions_mut().insert(cookies.clone());
    cookies
}

#[cold]
fn count(policy: &CookiePolicy, admitted: &Admitted) {
    policy.counters().refused(policy.id(), admitted.refusals());
    if policy.only_reports() {
        policy.counters().sight_request(admitted.refusals(), admitted.undeclared());
    }
    if !admitted.is_rejected() {
        policy.counters().adopted(policy.id(), policy.specs(), admitted.adopted());
    }
}

/// What the policy's hook says of the request.
#[inline(never)]
fn bind<B>(hook: impl Fn(&Parts) -> Vec<u8>, request: &mut Request<B>) -> Vec<u8> {
    let mut parts = take_parts(request);
    let binding = hook(&parts);
    mem::swap(request.uri_mut(), &mut parts.uri);
    mem::swap(request.headers_mut(), &mut parts.headers);
    mem::swap(request.extensions_mut(), &mut parts.extensions);
    binding
}

/// The request's parts, which are the request's no more. Its body stays where it is, since moving it costs every request that
/// passes.
#[cold]
fn take_parts<B>(request: &mut Request<B>) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = request.method().clone();
    parts.version = request.version();
    parts.uri = mem::take(request.uri_mut());
    parts.headers = mem::take(request.headers_mut());
    parts.extensions = mem::take(request.extensions_mut());
    parts
}
