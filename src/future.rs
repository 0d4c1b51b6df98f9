//! The future of [`CookiePolicyService`](crate::CookiePolicyService): the inner one, then the response half.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response};
use pin_project_lite::pin_project;

use crate::cookies::Cookies;
use crate::outbound::{self, Others};
use crate::report::Report;

pin_project! {
    /// The response future of [`CookiePolicyService`](crate::CookiePolicyService).
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // `None` where this layer stands aside, and once the response has left.
        cookies: Option<Cookies>,
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn new(inner: F, cookies: Option<Cookies>) -> Self {
        Self { inner, cookies }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut outcome = ready!(this.inner.poll(cx));
        if let Ok(response) = &mut outcome
            && let Some(cookies) = this.cookies.take()
        {
            send(cookies, response);
        }
        Poll::Ready(outcome)
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The response half.
fn send<B>(mut cookies: Cookies, response: &mut Response<B>) {
    let outgoing = cookies.finish();
    let policy = cookies.policy();
    let passed = response.extensions_mut().remove::<LetOut>().map_or_else(Vec::new, |LetOut(lines)| lines);
    let others = Others { passed, declare: &|name| cookies.outer_declares(name) };
    let status = response.status();
    let sent = outbound::send(policy, outgoing, &others, status, response.headers_mut());
    policy.counters().suppressed(policy.id(), &sent.suppressions);
    if cookies.has_outer() && !sent.lines.is_empty() {
        response.extensions_mut().insert(LetOut(sent.lines));
    }
    if !(cookies.refused().is_empty() && sent.suppressions.is_empty()) {
        let report = response.extensions_mut().get_or_insert_default::<Report>();
        report.refusals.extend_from_slice(cookies.refused());
        report.suppressions.extend(sent.suppressions);
    }
}

/// The lines that layers further in let out, for the layer of another policy around them.
#[derive(Clone)]
struct LetOut(Vec<HeaderValue>);
