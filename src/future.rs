//! The future of [`CookiePolicyService`](crate::CookiePolicyService): the inner one, then the response half.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderValue, Response};
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
                match settle(this.cookies.as_ref().filter(|_| outcome.is_ok())) {
                    Ok(settled) => (outcome, settled),
                    Err(settling) => {
                        let waiting = this.waiting.insert(Box::new(Waiting { settling, response: None }));
                        match waiting.settling.as_mut().poll(cx) {
                            Poll::Ready(settled) => (outcome, settled),
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
                (outcome, settled)
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

/// What comes of the session: at once where the store has nothing to do, else after waiting for it.
fn settle(cookies: Option<&Cookies>) -> Result<Settled, Pin<Box<dyn Future<Output = Settled> + Send>>> {
    let Some(visit) = cookies.and_then(Cookies::visit) else { return Ok(Settled::default()) };
    visit.settled().ok_or_else(|| {
        let visit = Arc::clone(visit);
        Box::pin(async move { visit.settle().await }) as _
    })
}

/// The response half.
fn send<B: From<Bytes>>(mut cookies: Cookies, settled: Settled, response: &mut Response<B>) {
    if let Some(status) = settled.failure {
        // The handler promised what was not written, so nothing of its response leaves.
        *response = Response::new(B::from(Bytes::from(status.canonical_reason().unwrap_or_default())));
        *response.status_mut() = status;
    }
    let outgoing = cookies.finish(&settled);
    let policy = cookies.policy();
    let session = match (settled.refusal, policy.session_row()) {
        (Some(reason), Some(row)) => vec![Refusal::new(row.name().literal().as_bytes(), reason)],
        _ => vec![],
    };
    policy.counters().refused(policy.id(), &session);
    let passed = response.extensions_mut().remove::<LetOut>().map_or_else(Vec::new, |LetOut(lines)| lines);
    let others = Others { passed, declare: &|name| cookies.outer_declares(name) };
    let status = response.status();
    let sent = outbound::send(policy, outgoing, &others, status, response.headers_mut());
    policy.counters().suppressed(policy.id(), &sent.suppressions);
    if cookies.has_outer() && !sent.lines.is_empty() {
        response.extensions_mut().insert(LetOut(sent.lines));
    }
    if !(cookies.refused().is_empty() && session.is_empty() && sent.suppressions.is_empty()) {
        let report = response.extensions_mut().get_or_insert_default::<Report>();
        report.refusals.extend_from_slice(cookies.refused());
        report.refusals.extend(session);
        report.suppressions.extend(sent.suppressions);
    }
}

/// The lines that layers further in let out, for the layer of another policy around them.
#[derive(Clone)]
struct LetOut(Vec<HeaderValue>);
