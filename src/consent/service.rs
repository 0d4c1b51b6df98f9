//! The service that visitors decide by: the declaration, the form, the decision, and the same for programs.
//!
//! - State changes by `POST` alone, and the policy's layer around it refuses what comes from another site.
//! - It works without script. Scripts send and get JSON at the same address.

mod answer;
mod state;

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use maud::{DOCTYPE, PreEscaped, html};
use tower_service::Service;

use super::decision::Submitted;
use crate::cookies::Cookies;
use crate::policy::CookiePolicy;
use answer::Answering;

impl CookiePolicy {
    /// The service that visitors decide by, to be mounted at [its paths](ConsentService::paths), within the policy's layer.
    ///
    /// ```
    /// # #[cfg(feature = "axum")] fn mount() -> Result<(), Box<dyn std::error::Error>> {
    /// use axum::Router;
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
    /// let service = policy.consent_service();
    /// let mut app: Router = Router::new();
    /// for path in service.paths() {
    ///     app = app.route_service(&path, service.clone());
    /// }
    /// let app = app.layer(policy.layer());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn consent_service(&self) -> ConsentService {
        ConsentService { policy: self.clone(), frame: None }
    }
}

/// Below the policy's [consent path](crate::CookiePolicyBuilder::consent_path), which is `/cookies` by default, it answers
///
/// | path | with |
/// |---|---|
/// | `/cookies` | the page about cookies, with the form where there is something to decide |
/// | `/cookies.json`, `/cookies.md` | the declaration, for programs |
/// | `/cookies/style.css` | the [style sheet](crate::STYLESHEET) of banner, form and declaration |
/// | `/cookies/consent` | the form; `POST` takes the decision |
/// | `/.well-known/gpc.json` | that Global Privacy Control is honoured |
///
/// - `?lng=` chooses the language, else the policy's languages and the visitor's choice do, else `Accept-Language`.
/// - The form has the fields `decision` (`accept`, `reject` or `save`), one for each category (`statistics=on`, with `save`),
///   `revision`, `return_to`, and `shown` for each category that it shows; none means all. It is answered with 303 to `return_to`, a
///   path of this site. Where what was shown is not what is asked today, or no `revision` says what was shown, the answer is the
///   form again, with 409; where what is allowed could not be recorded, with 503.
/// - A script gets the state with `Accept: application/json`, and sends `{"decision", "granted": [..], "revision"}` as
///   `application/json`: the answer is the state after it, or 409 and the state as it is.
/// - Whoever may not decide, since the request comes from another site, gets the layer's 403.
/// - Without the policy's layer around it, it answers 500 and says so.
#[derive(Clone)]
pub struct ConsentService {
    policy: CookiePolicy,
    frame: Option<Arc<Frame>>,
}

/// Puts a page into the application's own.
type Frame = dyn Fn(&Parts, &ConsentPage) -> String + Send + Sync;

/// A page of the [`ConsentService`] without what stands around it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentPage {
    title: String,
    language: String,
    content: String,
}

impl ConsentPage {
    pub(super) fn new(title: &str, language: &str, content: String) -> Self {
        Self { title: title.to_owned(), language: language.to_owned(), content }
    }

    /// The title, as plain text.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The language of the page, as a tag.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// What the page shows, as HTML: to be put into `<main>` as it is.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The page as a document of its own.
    fn bare(&self, policy: &CookiePolicy) -> String {
        let page = html! {
            (DOCTYPE)
            html lang=(self.language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    link rel="stylesheet" href={ (policy.consent_path()) "/style.css" };
                }
                body { main.cookie-page { (PreEscaped(&self.content)) } }
            }
        };
        page.into_string()
    }
}

/// Without the content, which has the number of the visitor's receipt.
impl fmt::Debug for ConsentPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentPage")
            .field("title", &self.title)
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl ConsentService {
    /// Puts its pages into the application's own: the function gets the request and the page, and returns the whole document,
    /// which has to have the [style sheet](crate::STYLESHEET).
    #[must_use]
    pub fn frame(mut self, frame: impl Fn(&Parts, &ConsentPage) -> String + Send + Sync + 'static) -> Self {
        self.frame = Some(Arc::new(frame));
        self
    }

    /// The paths that it answers.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let below = Place::ALL.map(|place| place.path(self.policy.consent_path()));
        below.to_vec()
    }

    /// Whether it answers this path, for those who have no router.
    #[must_use]
    pub fn answers(&self, path: &str) -> bool {
        Place::of(path, self.policy.consent_path()).is_some()
    }

    async fn answer(self, parts: Parts, body: Result<Bytes, StatusCode>) -> Response<Full<Bytes>> {
        let Some(place) = Place::of(parts.uri.path(), self.policy.consent_path()) else {
            return answer::plain(StatusCode::NOT_FOUND, "There is no such page.\n");
        };
        let Some(cookies) = parts.extensions.get::<Cookies>().and_then(|all| all.under(&self.policy)) else {
            return answer::plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the consent service needs its policy's layer around it: add `.layer(policy.layer())` after its route\n",
            );
        };
        let answering = Answering { service: &self, cookies, parts: &parts };
        let is_head = parts.method == Method::HEAD;
        let mut response = match (&parts.method, place) {
            (&(Method::GET | Method::HEAD), place) => answering.show(place),
            (&Method::POST, Place::Decision) => match body.map(|body| submitted(&parts, &body)) {
                Ok(Ok(submitted)) => answering.decide(submitted).await,
                Ok(Err((status, why))) => answer::plain(status, why),
                Err(status) => answer::plain(status, status.canonical_reason().unwrap_or_default()),
            },
            (_, place) => answer::not_allowed(place == Place::Decision),
        };
        if is_head {
            *response.body_mut() = Full::default();
        }
        response
    }

    fn page(&self, parts: &Parts, page: &ConsentPage) -> String {
        match &self.frame {
            Some(frame) => frame(parts, page),
            None => page.bare(&self.policy),
        }
    }
}

/// What a page or file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Declaration,
    Json,
    Markdown,
    Style,
    Decision,
    Signal,
}

impl Place {
    const ALL: [Self; 6] =
        [Self::Declaration, Self::Json, Self::Markdown, Self::Style, Self::Decision, Self::Signal];

    fn of(path: &str, base: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.path(base) == path)
    }

    fn path(self, base: &str) -> String {
        match self {
            Self::Declaration => base.to_owned(),
            Self::Json => format!("{base}.json"),
            Self::Markdown => format!("{base}.md"),
            Self::Style => format!("{base}/style.css"),
            Self::Decision => format!("{base}/consent"),
            Self::Signal => "/.well-known/gpc.json".to_owned(),
        }
    }
}

/// What the body of a `POST` says: a form, or JSON where it is said to be.
fn submitted(parts: &Parts, body: &[u8]) -> Result<Submitted, (StatusCode, &'static str)> {
    let kind = parts.headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes()).unwrap_or_default();
    let kind = kind.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    let submitted = match kind.to_ascii_lowercase().as_slice() {
        b"application/json" => Submitted::of_json(body),
        b"application/x-www-form-urlencoded" | b"" => Submitted::of_form(body),
        _ => {
            let needs =
                "a decision is a form (application/x-www-form-urlencoded) or JSON (application/json)\n";
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, needs));
        }
    };
    submitted.map_err(|wrong| (StatusCode::BAD_REQUEST, wrong.0))
}

impl<B> Service<Request<B>> for ConsentService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = match parts.method {
                Method::POST => read(body).await,
                _ => Ok(Bytes::new()),
            };
            Ok(service.answer(parts, body).await)
        })
    }
}

/// The body, as far as a decision can be long.
async fn read<B>(body: B) -> Result<Bytes, StatusCode>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(collected) => {
            let mut all = collected.aggregate();
            Ok(all.copy_to_bytes(all.remaining()))
        }
        Err(error) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

impl fmt::Debug for ConsentService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentService").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Bytes of a decision: the longest has fewer than 4000.
const LONGEST_BODY: usize = 16 * 1024;
