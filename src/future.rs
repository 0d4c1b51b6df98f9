//! The future of [`CookiePolicyService`](crate::CookiePolicyService): the inner one, then the response half.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use pin_project_lite::pin_project;

use crate::cookies::Cookies;
use crate::outbound::{self, Others};
use crate::policy::Role;
use crate::report::{Refusal, Rejection, Report};
use crate::session::Settled;

pin_project! {
    /// The response future of [`CookiePolicyService`](crate::CookiePolicyService).
    pub struct ResponseFuture<F: Future> {
        // `None` where the policy answers itself.
        #[pin]
        inner: Option<F>,
        // `None` where this layer stands aside, and once the response has left.
        cookies: Option<Cookies>,
        late: Option<Box<Late<F::Output>>>,
    }

    impl<F: Future> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(cookies) = this.project().cookies.take() {
                cookies.abandon();
            }
        }
    }
}

/// A response that is there before the future is done.
struct Late<R> {
    /// The session's store, where the response has to wait for it.
    settling: Option<Pin<Box<dyn Future<Output = Settled> + Send>>>,
    outcome: R,
}

impl<F: Future> ResponseFuture<F> {
    pub(crate) fn new(inner: F, cookies: Option<Cookies>) -> Self {
        Self { inner: Some(inner), cookies, late: None }
    }

    /// The answer to a request that the inner service does not get to see.
    pub(crate) fn answered(outcome: F::Output) -> Self {
        Self { inner: None, cookies: None, late: Some(Box::new(Late { settling: None, outcome })) }
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
        let Some(inner) = this.inner.as_pin_mut().filter(|_| this.late.is_none()) else {
            return wait(this.late, this.cookies, cx);
        };
        let mut outcome = ready!(inner.poll(cx));
        let Some(mut cookies) = this.cookies.take() else { return Poll::Ready(outcome) };
        match &mut outcome {
            Ok(response) => match cookies.settle() {
                Ok(settled) => send(cookies, settled.as_ref(), response),
                Err(visit) => {
                    let settling: Pin<Box<dyn Future<Output = _> + Send>> =
                        Box::pin(async move { visit.settle().await });
                    *this.late = Some(Box::new(Late { settling: Some(settling), outcome }));
                    *this.cookies = Some(cookies);
                    return wait(this.late, this.cookies, cx);
                }
            },
            Err(_) => cookies.abandon(),
        }
        Poll::Ready(outcome)
    }
}

type Outcome<B, E> = Result<Response<B>, E>;

/// Waits for the session's store, if it has to, and then sends the response that was there before.
#[inline(never)]
fn wait<B: From<Bytes>, E>(
    late: &mut Option<Box<Late<Outcome<B, E>>>>,
    cookies: &mut Option<Cookies>,
    cx: &mut Context<'_>,
) -> Poll<Outcome<B, E>> {
    let settled = match late.as_mut().and_then(|late| late.settling.as_mut()) {
        Some(settling) => Some(ready!(settling.as_mut().poll(cx))),
        None => None,
    };
    let Some(late) = late.take() else { return Poll::Pending };
    let mut outcome = late.outcome;
    if let (Ok(response), Some(cookies)) = (&mut outcome, cookies.take()) {
        send(cookies, settled.as_ref(), response);
    }
    Poll::Ready(outcome)
}

/// The answer to a request that the policy rejects, on its way out like any other.
#[inline(never)]
pub(crate) fn reject<B: From<Bytes>>(mut cookies: Cookies, parts: &Parts) -> Response<B> {
    // There is no handler that could use the session, and nothing that is written now would be.
    cookies.leave();
    let mut answer = match &cookies.policy().hooks().responder {
        Some(respond) => (respond.0)(parts, &Rejection::new(cookies.refused().to_vec())),
        None => forbidden(),
    };
    if !answer.headers().contains_key(CACHE_CONTROL) {
        let _ = answer.headers_mut().try_insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    cookies.clean_up();
    let mut response = answer.map(B::from);
    send(cookies, None, &mut response);
    response
}

/// It says nothing of why: that would tell an attacker as well.
fn forbidden() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(b"Forbidden\n"));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
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
    let session = settled.map_or_else(Vec::new, |settled| session_refused(&cookies, settled));
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
    if policy.only_reports() {
        policy.counters().sight_response(&sent.suppressions, sent.sightings);
    }
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

/// What was wrong with cookies that came, which only the stores could tell.
fn session_refused(cookies: &Cookies, settled: &Settled) -> Vec<Refusal> {
    let policy = cookies.policy();
    let refusal = |&(role, reason): &(Role, _)| {
        Some(Refusal::new(policy.row_of(role)?.name().literal().as_bytes(), reason))
    };
    let refusals: Vec<Refusal> = settled.refusals.iter().filter_map(refusal).collect();
    policy.counters().refused(policy.id(), &refusals);
    refusals
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
