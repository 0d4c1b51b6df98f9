//! What the TS cookies are bound to, and what happens where they do not hold.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::CookiePolicyBuilder;
use crate::policy::Action;
use crate::policy::hooks::Hook;
use crate::report::Rejection;

/// What protected cookies are held to.
impl CookiePolicyBuilder {
    /// What happens when a guarded, signed or sealed cookie does not verify. The default strips it; a row can say otherwise
    /// with [`CookieSpec::action`](crate::CookieSpec::action).
    pub fn action(mut self, action: Action) -> Self {
        self.document.action = action;
        self
    }

    /// Until this date, guarded cookies of the application's own are let in without a companion, on requests without any TS
    /// main: for a site that begins to guard cookies which browsers already have. They are counted by name
    /// ([`Counts::adopted`](crate::Counts::adopted)). A cookie gets its companion when the server sets it, not before.
    ///
    /// While it lasts anybody can drop the TS cookies and have a value let in that this server never set, as before the site
    /// guarded it.
    pub fn adopt_unsigned_until(mut self, date: SystemTime) -> Self {
        let seconds = date.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.document.adopt_unsigned_until = Some(seconds);
        self
    }

    /// Binds each transaction to what this function says of the request that starts it: a transaction that comes with a
    /// request of which it says something else is none (`NoTransaction`), and its guarded cookies are not let in. An empty
    /// answer binds to nothing in particular.
    ///
    /// It is for what an attacker who has copied all cookies does not have, and a visitor keeps for hours: the fingerprint of
    /// a client certificate, a TLS exporter where connections last that long, a device's own id. Addresses are none of these.
    /// Only a keyed hash of the answer leaves the server.
    ///
    /// ```
    /// use http::request::Parts;
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// /// What the TLS acceptor puts into the request's extensions.
    /// #[derive(Clone)]
    /// struct ClientCertificate { sha256: [u8; 32] }
    ///
    /// let of_certificate = |parts: &Parts| match parts.extensions.get::<ClientCertificate>() {
    ///     Some(certificate) => certificate.sha256.to_vec(),
    ///     None => Vec::new(),
    /// };
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").binding(of_certificate).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn binding(mut self, of_request: impl Fn(&Parts) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.hooks.binding = Some(Hook(Arc::new(of_request)));
        self
    }

    /// What answers a request that the policy rejects: for a cookie whose [`action`](Self::action) is
    /// [`Action::Reject`], or for where it comes from. The default is a 403 whose body says `Forbidden` and nothing else.
    ///
    /// The function gets the request's parts, with a `Cookie` header of what was let in, and why it is rejected. The answer
    /// goes through the response half like a handler's, and deletes the rejected cookies besides. The handle
    /// [`Cookies`](crate::Cookies) is in the parts' extensions, for the visitor's language say. With axum, `Bytes` is
    /// `axum::body::Bytes` and `http` is `axum::http`. Tell the visitor that
    /// something was wrong and not what: it would tell an attacker as well.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::header::CONTENT_TYPE;
    /// use http::request::Parts;
    /// use http::{HeaderValue, Response, StatusCode};
    /// use tower_cookie_policy::{Action, CookiePolicy, KeyRing, Rejection};
    ///
    /// fn again(_: &Parts, _: &Rejection) -> Response<Bytes> {
    ///     let mut response = Response::new(Bytes::from_static(b"<p>Please go back and try again."));
    ///     *response.status_mut() = StatusCode::FORBIDDEN;
    ///     response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    ///     response
    /// }
    ///
    /// let keys = KeyRing::generate()?;
    /// let policy = CookiePolicy::broadcloud(keys).node("web-1").action(Action::Reject).responder(again).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn responder(
        mut self,
        respond: impl Fn(&Parts, &Rejection) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.hooks.responder = Some(Hook(Arc::new(respond)));
        self
    }
}
