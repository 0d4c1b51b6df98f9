//! The service: the request half, the inner service, the response half. It decides nothing itself.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::cookies::Cookies;
use crate::future::{self, ResponseFuture};
use crate::inbound;
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
        let mut binding = Vec::new();
        if let Some(hook) = &self.policy.hooks().binding {
            let (parts, body) = request.into_parts();
            binding = (hook.0)(&parts);
            request = Request::from_parts(parts, body);
        }
        let cookies = receive(&self.policy, &mut request, binding, outer);
        if cookies.is_rejected() {
            return ResponseFuture::answered(Ok(future::reject(cookies, &request.into_parts().0)));
        }
        ResponseFuture::new(self.inner.call(request), Some(cookies))
    }
}

/// The request half.
#[inline]
fn receive<B>(
    policy: &CookiePolicy,
    request: &mut Request<B>,
    binding: Vec<u8>,
    outer: Option<Cookies>,
) -> Cookies {
    let admitted = inbound::receive(policy, request, &binding);
    policy.counters().refused(policy.id(), &admitted.refusals);
    if !admitted.is_rejected() {
        policy.counters().adopted(policy.id(), policy.specs(), admitted.adopted());
    }
    let cookies = Cookies::new(policy.clone(), admitted, binding, outer);
    request.extensions_mut().insert(cookies.clone());
    cookies
}
