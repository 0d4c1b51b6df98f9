//! The future of [`CookiePolicyService`](crate::CookiePolicyService): the inner one, then the response half.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Response, StatusCode};
use pin_project_lite::pin_project;

use crate::cookies::Cookies;
use crate::outbound::{self, Others};
use crate::report::{Refusal, Report};
use crate::session::Settled;

pin_project! {
    /// The response future of [`CookiePolicyService`](crate::CookiePolicyService).
    pub struct ResponseFuture<F: Future> {
        #[pin]
        inner: F,
        // `None` where this layer stands aside, and once the response has left.
        cookies: Option<Cookies>,
        waiting: Option<Box<Waiting<F::Output>>>,
    }
}

/// A response that waits for the session's store.
struct Waiting<R> {
    settling: Pin<Box<dyn Future<Output = Settled> + Send>>,
    response: Option<R>,
}

impl<F: Future> ResponseFuture<F> {
    pub(crate) fn new(inner: F, cookies: Option<Cookies>) -> Self {
        Self { inner, cookies, waiting: None }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<Bytes>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut outcome, settled) = match this.waiting {
            None => {
                let outcome = ready!(this.inner.poll(cx));
                let settled = match this.cookies.as_mut().filter(|_| outcome.is_ok()) {
                    Some(cookies) => cookies.settle(),
                    None => Ok(None),
                };
                match settled {
                    Ok(settled) => (outcome, settled),
                    Err(visit) => {
                        let settling = Box::pin(async move { visit.settle().await });
                        let waiting = this.waiting.insert(Box::new(Waiting { settling, response: None }));
                        match waiting.settling.as_mut().poll(cx) {
                            Poll::Ready(settled) => (outcome, Some(settled)),
                            Poll::Pending => {
                                waiting.response = Some(outcome);
                                return Poll::Pending;
                            }
                        }
                    }
                }
            }
            Some(waiting) => {
                let Waiting { settling, response } = &mut **waiting;
                let settled = ready!(settling.as_mut().poll(cx));
                // It was put there when the store had to be waited for, and is taken out here alone.
                let Some(outcome) = response.take() else { return Poll::Pending };
                (outcome, Some(settled))
            }
        };
        if let Ok(response) = &mut outcome
            && let Some(cookies) = this.cookies.take()
        {
            send(cookies, settled, response);
        }
        Poll::Ready(outcome)
    }
}

impl<F: Future> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The response half.
#[inline]
fn send<B: From<Bytes>>(mut cookies: Cookies, settled: Option<Settled>, response: &mut Response<B>) {
    let session = settled.as_ref().and_then(|settled| session_refused(&cookies, settled));
    if let Some(status) = settled.as_ref().and_then(|settled| settled.failure) {
        replace(response, status);
    }
    let outgoing = cookies.finish(settled.as_ref());
    let policy = cookies.policy();
    let passed = response.extensions_mut().remove::<LetOut>().map_or_else(Vec::new, |LetOut(lines)| lines);
    let others = Others { passed, declare: &|name| cookies.outer_declares(name) };
    let status = response.status();
    let sent = outbound::send(policy, outgoing, &others, status, response.headers_mut());
    policy.counters().suppressed(policy.id(), &sent.suppressions);
    if cookies.has_outer() && !sent.lines.is_empty() {
        response.extensions_mut().insert(LetOut(sent.lines));
    }
    if !(cookies.refused().is_empty() && session.is_none() && sent.suppressions.is_empty()) {
        let report = response.extensions_mut().get_or_insert_default::<Report>();
        report.refusals.extend_from_slice(cookies.refused());
        report.refusals.extend(session);
        report.suppressions.extend(sent.suppressions);
    }
}

/// What was wrong with the id that came, which only the store could tell.
fn session_refused(cookies: &Cookies, settled: &Settled) -> Option<Refusal> {
    let policy = cookies.policy();
    let refusal = Refusal::new(policy.session_row()?.name().literal().as_bytes(), settled.refusal?);
    policy.counters().refused(policy.id(), std::slice::from_ref(&refusal));
    Some(refusal)
}

/// The handler promised what was not written, so nothing of its response leaves.
fn replace<B: From<Bytes>>(response: &mut Response<B>, status: StatusCode) {
    let reason = status.canonical_reason().unwrap_or_default();
    *response = Response::new(B::from(Bytes::from_static(reason.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The lines that layers further in let out, for the layer of another policy around them.
#[derive(Clone)]
struct LetOut(Vec<HeaderValue>);
