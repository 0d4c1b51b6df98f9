//! An application, asked for all that it has, and held to its table.

mod crawler;
mod finding;
mod links;

use std::fmt;
use std::panic::Location;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use super::browser::Browser;
use crate::clock::Clock;
use crate::policy::CookiePolicy;
use crawler::Crawler;

/// What a crawl came by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Crawl {
    /// How many addresses were asked for, that which does not exist included.
    pub pages: usize,
    /// The names of the cookies that were set, each once, sorted. All are declared.
    pub cookies: Vec<String>,
}

/// Holds an application to its table: nothing that it answers sets a cookie that the table does not declare, or sets one otherwise
/// than the table says.
///
/// - Each path is asked for with `GET` and `HEAD`, and so is what redirects, `href` and `src` lead to on the same host, up to
///   500 addresses: by a visitor who has no cookies, by one who keeps what they are given, and by that one again at the end. So is
///   an address that does not exist; and there, and at each path, a method that nobody handles, since errors count too.
/// - A cookie that is set is held to its row's lifetime (it may be shorter), `Path`, `Domain`, `Secure`, `HttpOnly`, `SameSite`,
///   issuer, and to its basis: nothing is set that lacks the consent it needs. Deletions pass.
/// - What the layer had to stop or to change counts as well, since the application tried.
/// - Only `GET` links are followed, whatever they do: one that signs out is a link like any other. Bodies are read where they are
///   HTML. The query of an address counts, its fragment does not.
/// - The application is taken to be at the policy's [`origin`](crate::CookiePolicyBuilder::origin), else at its
///   [`domain`](crate::CookiePolicyBuilder::domain), else at `https://localhost`. Links come with a `Referer`, paths without.
/// - A date in an `Expires` is held against the policy's clock.
///
/// What needs a form, or a visitor who is signed in, is for a [`Browser`] that comes prepared: see
/// [`Browser::assert_only_declared`].
///
/// ```
/// use axum::{Router, response::Html, routing::get};
/// use tower_cookie_policy::testing::assert_only_declared;
/// use tower_cookie_policy::{CookiePolicy, KeyRing};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
/// let app = Router::new()
///     .route("/", get(|| async { Html("<a href='/imprint'>Imprint</a>") }))
///     .route("/imprint", get(|| async { "We" }))
///     .layer(policy.layer());
///
/// let crawl = assert_only_declared(&policy, app, ["/"]).await;
/// assert_eq!(crawl.pages, 3);
/// assert!(crawl.cookies.is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// Where the table is not kept, with up to 20 sentences that say what was asked for and what came, such as
/// `GET /shop (200) sets "_ga", which the table does not declare`; no value of a cookie is in them. Also where the application
/// or a body fails, and where a path leads nowhere.
#[track_caller]
pub fn assert_only_declared<S, R>(
    policy: &CookiePolicy,
    app: S,
    paths: impl IntoIterator<Item = impl AsRef<str>>,
) -> impl Future<Output = Crawl>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>>,
    S::Error: fmt::Debug,
    R: Body,
    R::Error: fmt::Debug,
{
    let place = Location::caller();
    let clock = policy.clone();
    let mut browser = Browser::by(app, Clock::from_fn(move || clock.now().into()));
    let document = policy.document();
    let at = document.origin.clone().or_else(|| Some(format!("https://{}", document.domain.as_ref()?)));
    if let Some(at) = at {
        browser = browser.at(&at);
    }
    let paths = listed(paths);
    async move { Crawler::new(policy, &mut browser).crawl(paths, place).await }
}

impl<S, B, R> Browser<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    B: From<Bytes>,
    R: Body,
    R::Error: fmt::Debug,
{
    /// As [`assert_only_declared`], by this browser, with its headers, at its origin: the visitor who keeps cookies begins with
    /// its own, and may be signed in, or have decided about consent.
    ///
    /// # Panics
    /// As [`assert_only_declared`].
    #[track_caller]
    pub fn assert_only_declared(
        &mut self,
        policy: &CookiePolicy,
        paths: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> impl Future<Output = Crawl> {
        let place = Location::caller();
        let paths = listed(paths);
        async move { Crawler::new(policy, self).crawl(paths, place).await }
    }
}

fn listed(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    paths.into_iter().map(|path| path.as_ref().to_owned()).collect()
}
