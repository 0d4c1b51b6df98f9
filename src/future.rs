//! The future of [`CookiePolicyService`](crate::CookiePolicyService): the inner one, then the response half.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::cookies::Cookies;
use crate::service;

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
            service::send(&cookies, response);
        }
        Poll::Ready(outcome)
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
