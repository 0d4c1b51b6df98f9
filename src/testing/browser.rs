//! A browser, as far as cookies go, in front of an application in the same process.

pub(super) mod address;
#[cfg(feature = "pages")]
mod deciding;
pub(super) mod jar;
pub(super) mod line;
mod page;
mod sending;

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use http::{HeaderMap, Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use crate::clock::{Clock, TestClock};
use address::Address;
use jar::Jar;
use sending::{FETCH_SITE, Redirects};

pub(super) use sending::redirect;

pub use page::{Page, SetCookie};

/// A browser in front of an application, with the cookies that it was given.
///
/// - It keeps and sends cookies by the storage model of RFC 6265bis: host and `Domain`, `Path`, `Secure` (over HTTPS, or to
///   this machine itself), the prefixes of names, `Max-Age` and `Expires` up to 400 days, at most 4096 bytes of name and
///   value, `SameSite`, `Partitioned`.
/// - Its time is the [`TestClock`]'s, which the policy should go by too: when that is moved forward, cookies expire in both.
///   [`close`](Self::close) ends the browser session.
/// - It knows no list of public suffixes. A `Domain` without a dot is one, unless it is the host itself; `co.uk` is taken for a
///   domain like any other.
/// - A request is what a server sees of one: a path with a `Host` header. Its body is a `B`, which may be whatever is made from
///   [`Bytes`]: [`Full<Bytes>`](Full) by [`new`](Self::new), any other by [`over`](Self::over).
/// - Every body is read to its end; one that does not end is never a [`Page`].
///
/// `Debug` prints the names of cookies, never their values.
///
/// ```
/// use axum::{Router, response::Redirect, routing::{get, post}};
/// use std::time::Duration;
/// use tower_cookie_policy::testing::{Browser, TestClock};
/// use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, Cookies, KeyRing, Lifetime, SetCookieError};
///
/// async fn choose(cookies: Cookies) -> Result<Redirect, SetCookieError> {
///     cookies.set("theme", "dark")?;
///     Ok(Redirect::to("/"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = TestClock::at(1_795_455_792);
/// let policy = CookiePolicy::empty(KeyRing::generate()?)
///     .with(CookieSpec::new("theme", Basis::Requested).lifetime(Lifetime::days(30)))
///     .clock(clock.clock())
///     .build()?;
/// let app = Router::new().route("/", get(|| async { "home" })).route("/theme", post(choose)).layer(policy.layer());
///
/// let mut browser = Browser::new(app, &clock).at("https://shop.example");
/// let page = browser.post("/theme", &[("theme", "dark")]).await;
/// assert_eq!((page.path(), page.text()), ("/", "home".to_owned()));
/// assert_eq!(browser.cookie("theme"), Some("dark"));
/// browser.close();
/// clock.advance(Duration::from_secs(29 * 86_400));
/// assert_eq!(browser.cookie_names(), ["theme"]);
/// clock.advance(Duration::from_secs(86_400));
/// assert!(browser.cookie_names().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Browser<S, B = Full<Bytes>> {
    app: S,
    pub(super) clock: Clock,
    pub(super) base: Address,
    headers: HeaderMap,
    pub(super) jar: Jar,
    /// The page that it shows.
    shown: Option<Address>,
    bodies: PhantomData<fn(B)>,
}

impl<S> Browser<S> {
    /// A browser without cookies at `https://localhost`, in front of an application that takes `Full<Bytes>`, as axum's `Router`
    /// does.
    #[must_use]
    pub fn new(app: S, clock: &TestClock) -> Self {
        Self::over(app, clock)
    }
}

impl<S, B> Browser<S, B> {
    /// The same in front of an application that takes requests with another body: `Browser::<_, axum::body::Body>::over`.
    #[must_use]
    pub fn over(app: S, clock: &TestClock) -> Self {
        Self::by(app, clock.clock())
    }

    pub(super) fn by(app: S, clock: Clock) -> Self {
        let (headers, jar) = (HeaderMap::new(), Jar::default());
        Self { app, clock, base: Address::localhost(), headers, jar, shown: None, bodies: PhantomData }
    }

    /// Where the application is: the origin that paths are at, such as `https://shop.example` or `http://127.0.0.1:3000`.
    ///
    /// # Panics
    /// Where that is no `http` or `https` address.
    #[must_use]
    #[track_caller]
    pub fn at(mut self, origin: &str) -> Self {
        let base = Address::parse(origin).and_then(|address| address.resolve("/"));
        self.base = base.unwrap_or_else(|| failed(format_args!("`{origin}` is no origin")));
        self
    }

    /// A header that goes with every request: `.with_header("sec-gpc", "1")`. It replaces what the browser would say itself, so
    /// that `("sec-fetch-site", "cross-site")` makes all requests come from elsewhere, but not what a request for
    /// [`send`](Self::send) has of its own.
    ///
    /// # Panics
    /// Where name or value is not legal in HTTP.
    #[must_use]
    #[track_caller]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => self.headers.insert(name, value),
            _ => failed(format_args!("the header `{}` is not legal", name.escape_debug())),
        };
        self
    }

    /// The value of a cookie that is not over; of several with one name that which would be sent first. `None` also where it is
    /// no UTF-8.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let kept = self.jar.in_order(self.clock.now());
        let found = kept.into_iter().find(|cookie| cookie.line.name == name.as_bytes())?;
        std::str::from_utf8(&found.line.value).ok()
    }

    /// The names of all cookies that are not over, whichever path they are for: longer paths first, then as they came. Those
    /// that are no UTF-8 are left out, and a cookie without a name is `""`.
    #[must_use]
    pub fn cookie_names(&self) -> Vec<&str> {
        let kept = self.jar.in_order(self.clock.now());
        kept.into_iter().filter_map(|cookie| std::str::from_utf8(&cookie.line.name).ok()).collect()
    }

    /// Gives the browser a cookie, as if the application's page `/` had sent this `Set-Cookie` line. Returns whether a browser
    /// heeds it.
    pub fn plant(&mut self, line: &str) -> bool {
        self.jar.take(line.as_bytes(), &self.base, self.clock.now())
    }

    /// Removes every cookie of this name.
    pub fn forget(&mut self, name: &str) {
        self.jar.forget(name);
    }

    /// Ends the browser session, as a restart does: cookies without a lifetime are gone.
    pub fn close(&mut self) {
        self.jar.close();
    }

    /// A path, or an address anywhere.
    #[track_caller]
    pub(super) fn address(&self, path: &str) -> Address {
        self.base.resolve(path).unwrap_or_else(|| failed(format_args!("`{path}` is no path and no address")))
    }
}

impl<S, B, R> Browser<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    B: From<Bytes>,
    R: Body,
    R::Error: fmt::Debug,
{
    /// Asks for a page, as a visitor does who types its address, and goes where redirects lead.
    ///
    /// - `path` is a path with its query, or a whole address: another host is the same application by another name.
    /// - Redirects to another host leave the application and are not followed: the [`Page`] is the redirect.
    ///
    /// # Panics
    /// Where the application or a body fails, where `path` leads nowhere, and after 20 redirects.
    pub async fn get(&mut self, path: &str) -> Page {
        self.visit(path, Redirects::Followed).await
    }

    /// The same, and stays at the first response.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub async fn get_once(&mut self, path: &str) -> Page {
        self.visit(path, Redirects::Left).await
    }

    /// Sends a form from a page of the same origin, and goes where redirects lead: fields in
    /// `application/x-www-form-urlencoded`, with `Origin`, `Sec-Fetch-Site: same-origin`, and as `Referer` the page before, if it
    /// was of that origin. A 303 makes the next request a `GET`, as do 301 and 302; 307 and 308 send the form again.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        self.submit(path, form, Redirects::Followed).await
    }

    /// The same, and stays at the first response.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub async fn post_once(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        self.submit(path, form, Redirects::Left).await
    }

    /// Sends any other request, and stays at the first response. It goes as it is, with what else a browser has to say: `Host`,
    /// the cookies, and the headers of [`with_header`](Self::with_header).
    ///
    /// - A `Cookie` header of its own goes instead of the browser's cookies.
    /// - Where its `Sec-Fetch-Site` is `cross-site`, cookies go along as their `SameSite` allows: those with `Lax`, or none, with a
    ///   `GET` or `HEAD`, unless `Sec-Fetch-Mode` is something else than `navigate`.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub async fn send<T: Into<Bytes>>(&mut self, request: Request<T>) -> Page {
        let address = self.address(&request.uri().to_string());
        self.navigate(address, request.map(Into::into), Redirects::Left).await
    }

    async fn show(&mut self, address: Address, request: Request<Bytes>, redirects: Redirects) -> Page {
        let page = self.navigate(address, request, redirects).await;
        self.shown = Some(page.address().clone());
        page
    }

    async fn visit(&mut self, path: &str, redirects: Redirects) -> Page {
        let address = self.address(path);
        let mut request = Request::new(Bytes::new());
        if address.is_trustworthy() {
            self.say(request.headers_mut(), FETCH_SITE, "none");
        }
        self.show(address, request, redirects).await
    }

    async fn submit(&mut self, path: &str, form: &[(&str, &str)], redirects: Redirects) -> Page {
        let address = self.address(path);
        let fields = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::new(Bytes::from(fields));
        *request.method_mut() = Method::POST;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.say(headers, ORIGIN, &address.origin());
        self.come_from(self.shown.as_ref(), headers, &address);
        self.show(address, request, redirects).await
    }
}

impl<S, B> fmt::Debug for Browser<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, cookies) = (self.base.origin(), self.cookie_names());
        f.debug_struct("Browser").field("at", &at).field("cookies", &cookies).finish_non_exhaustive()
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "that is how tests fail")]
fn failed(how: fmt::Arguments<'_>) -> ! {
    panic!("{how}")
}
