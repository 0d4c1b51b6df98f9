//! The application's own functions: what binds a transaction, what answers a rejected request, what hears of a theft.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use crate::report::Rejection;
use crate::session::Theft;

/// The functions that a policy was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) binding: Option<Hook<Binding>>,
    pub(crate) responder: Option<Hook<Responder>>,
    pub(crate) theft: Option<Hook<OnTheft>>,
}

/// What a transaction is bound to.
type Binding = dyn Fn(&Parts) -> Vec<u8> + Send + Sync;

/// What answers a rejected request.
type Responder = dyn Fn(&Parts, &Rejection) -> Response<Bytes> + Send + Sync;

/// What hears of a stolen login.
type OnTheft = dyn Fn(&Theft) + Send + Sync;

/// A function of the application's.
pub(crate) struct Hook<F: ?Sized>(pub(crate) Arc<F>);

impl<F: ?Sized> Clone for Hook<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> fmt::Debug for Hook<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}
