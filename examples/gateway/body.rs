//! Bodies on their way through.
//!
//! Trailers go no further, in neither direction: the policy is done with a message's fields once its body begins, and
//! among those that come later there may be a `Cookie` or a `Set-Cookie` (RFC 9110 section 6.5.1).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

/// A response's body: a back end's, or the gateway's own. The policy layer makes one of bytes where it answers itself.
pub(crate) struct Reply(UnsyncBoxBody<Bytes, hyper::Error>);

impl From<Bytes> for Reply {
    fn from(bytes: Bytes) -> Self {
        Self(Full::new(bytes).map_err(|never| match never {}).boxed_unsync())
    }
}

impl From<Incoming> for Reply {
    fn from(body: Incoming) -> Self {
        Self(body.boxed_unsync())
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx).map(without_trailers)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// A request's body, which can be given to another back end as long as no byte of it was asked for.
#[derive(Clone)]
pub(crate) struct Parcel(Arc<Mutex<Content>>);

struct Content {
    body: Incoming,
    opened: bool,
    broken: bool,
}

impl Parcel {
    pub(crate) fn new(body: Incoming) -> Self {
        Self(Arc::new(Mutex::new(Content { body, opened: false, broken: false })))
    }

    /// Whether some of it may be on its way already.
    pub(crate) fn was_opened(&self) -> bool {
        self.with(|content| content.opened)
    }

    /// Whether the client broke off, or what it sent is no body.
    pub(crate) fn is_broken(&self) -> bool {
        self.with(|content| content.broken)
    }

    fn with<R>(&self, look: impl FnOnce(&mut Content) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Body for Parcel {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.with(|content| {
            content.opened = true;
            let frame = Pin::new(&mut content.body).poll_frame(cx);
            content.broken |= matches!(frame, Poll::Ready(Some(Err(_))));
            frame.map(without_trailers)
        })
    }

    fn is_end_stream(&self) -> bool {
        self.with(|content| content.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|content| content.body.size_hint())
    }
}

/// Nothing comes after trailers, so that the body ends in their place.
fn without_trailers<E>(frame: Option<Result<Frame<Bytes>, E>>) -> Option<Result<Frame<Bytes>, E>> {
    frame.filter(|frame| !frame.as_ref().is_ok_and(Frame::is_trailers))
}
