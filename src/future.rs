//! The future of [`CookiePolicyService`](crate::CookiePolicyService): the inner one, then the response half.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, SET_COOKIE};
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

    impl<F: Future> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(cookies) = this.project().cookies.take() {
                cookies.abandon();
            }
        }
    }
}

/// A response that waits for the session's store.
struct Waiting<R> {
    settling: Pin<Box<dyn Future<Output = Settled> + Send>>,
    outcome: R,
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
        if this.waiting.is_some() {
            return wait(this.waiting, this.cookies, cx);
        }
        let mut outcome = ready!(this.inner.poll(cx));
        let Some(mut cookies) = this.cookies.take() else { return Poll::Ready(outcome) };
        match &mut outcome {
            Ok(response) => match cookies.settle() {
                Ok(settled) => send(cookies, settled.as_ref(), response),
                Err(visit) => {
                    let settling = Box::pin(async move { visit.settle().await });
                    *this.waiting = Some(Box::new(Waiting { settling, outcome }));
                    *this.cookies = Some(cookies);
                    return wait(this.waiting, this.cookies, cx);
                }
            },
            Err(_) => cookies.abandon(),
        }
        Poll::Ready(outcome)
    }
}

type Outcome<B, E> = Result<Response<B>, E>;

/// Waits for the session's store, and then sends the response that was there before.
#[inline(never)]
fn wait<B: From<Bytes>, E>(
    waiting: &mut Option<Box<Waiting<Outcome<B, E>>>>,
    cookies: &mut Option<Cookies>,
    cx: &mut Context<'_>,
) -> Poll<Outcome<B, E>> {
    let Some(settling) = waiting.as_mut().map(|waiting| waiting.settling.as_mut()) else {
        return Poll::Pending;
    };
    let settled = ready!(settling.poll(cx));
    let Some(waited) = waiting.take() else { return Poll::Pending };
    let mut outcome = waited.outcome;
    if let (Ok(response), Some(cookies)) = (&mut outcome, cookies.take()) {
        send(cookies, Some(&settled), response);
    }
    Poll::Ready(outcome)
}

impl<F: Future> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The response half.
#[inline]
fn send<B: From<Bytes>>(mut cookies: Cookies, settled: Option<&Settled>, response: &mut Response<B>) {
    if settled.is_none() && cookies.are_idle() && !response.headers().contains_key(SET_COOKIE) {
        return;
    }
    let session = settled.and_then(|settled| session_refused(&cookies, settled));
    if let Some(status) = settled.and_then(|settled| settled.failure) {
        replace(response, status);
    }
    let outgoing = cookies.finish(settled);
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

/// The handler promised what was not written, so nothing of its response leaves. What layers further in have let out is
/// theirs to promise, and stays.
fn replace<B: From<Bytes>>(response: &mut Response<B>, status: StatusCode) {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut before =
        std::mem::replace(response, Response::new(B::from(Bytes::from_static(reason.as_bytes()))));
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(report) = before.extensions_mut().remove::<Report>() {
        response.extensions_mut().insert(report);
    }
    if let Some(let_out) = before.extensions_mut().remove::<LetOut>() {
        for line in &let_out.0 {
            let _ = response.headers_mut().try_append(SET_COOKIE, line.clone());
        }
        response.extensions_mut().insert(let_out);
    }
}

/// The lines that layers further in let out, for the layer of another policy around them.
#[derive(Clone)]
struct LetOut(Vec<HeaderValue>);
