//! What a balancer chose.

use http::HeaderValue;

/// The back end for one request, and what the browser is told of it. [`Sticky::choose`](super::Sticky::choose) makes
/// one.
///
/// A proxy sends the request to the target at [`index`](Self::index), and gives the choice to
/// [`Sticky::attach`](super::Sticky::attach) with the response's headers. Until then it can go along in the
/// extensions of a request or a response. It is about the targets that it was chosen from: of another list, or of the
/// same one in another order, its index means nothing.
#[derive(Clone, Debug)]
pub struct Choice {
    pub(super) index: usize,
    pub(super) is_new: bool,
    /// Marked as sensitive, so that nothing prints it.
    pub(super) set_cookie: Option<HeaderValue>,
}

impl Choice {
    /// Its place among the targets.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether the visitor comes to this back end for the first time, as far as the cookie tells. What it keeps of a
    /// visitor in its memory is not there then.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The `Set-Cookie` line for the response, where there is something to set: for another back end than before, or
    /// for the dates of the same.
    ///
    /// It is for looking at. [`Sticky::attach`](super::Sticky::attach) puts it into a response, and tells caches.
    #[must_use]
    pub fn set_cookie(&self) -> Option<&HeaderValue> {
        self.set_cookie.as_ref()
    }
}
