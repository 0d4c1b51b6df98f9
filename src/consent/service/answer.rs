//! What the service answers.

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;

use super::state::State;
use super::{ConsentPage, ConsentService, Place};
use crate::consent::decision::{Method, Submitted, Taken, own_path};
use crate::consent::pages::{self, Notice, STYLESHEET, View};
use crate::consent::record::Recorded;
use crate::consent::{ReceiptError, ReceiptErrorKind, ReceiptId};
use crate::cookies::{Cookies, Decided};
use crate::policy::CookiePolicy;
use crate::report;
use crate::value::consent::{self, Standing};
use crate::value::locale::Languages;

/// One request to the service.
pub(super) struct Answering<'r> {
    pub(super) service: &'r ConsentService,
    pub(super) cookies: &'r Cookies,
    pub(super) parts: &'r Parts,
}

impl Answering<'_> {
    fn policy(&self) -> &CookiePolicy {
        &self.service.policy
    }

    /// The language to answer in.
    fn language(&self) -> String {
        let chosen = pages::queried(&self.parts.uri, "lng");
        let visitors = || self.cookies.locale(&self.parts.headers).map(|locale| locale.to_string());
        chosen.or_else(visitors).unwrap_or_else(|| {
            let tags: Vec<String> =
                self.policy().wording().all().iter().map(|words| words.language.clone()).collect();
            let spoken = Languages::new(&tags).ok();
            spoken
                .and_then(|spoken| spoken.negotiate(&self.parts.headers).map(ToString::to_string))
                .unwrap_or_default()
        })
    }

    pub(super) fn show(&self, place: Place) -> Response<Full<Bytes>> {
        // What is the same for everybody depends on no language.
        match place {
            Place::Style => return cacheable("text/css; charset=utf-8", STYLESHEET),
            Place::Signal => return cacheable("application/json", SIGNAL),
            _ => {}
        }
        let language = self.language();
        let declaration = self.policy().declaration(&language);
        match place {
            Place::Declaration => {
                let return_to = self.policy().consent_path().to_owned();
                let form = View::of(self.cookies, &language, Some(return_to))
                    .map(|view| pages::form(&view, pages::Level::Section, Notice::None).into_string());
                self.page(StatusCode::OK, &language, declaration.to_html() + &form.unwrap_or_default())
            }
            Place::Json => file("application/json", declaration.to_json()),
            Place::Markdown => file("text/markdown; charset=utf-8", declaration.to_markdown()),
            _ if wants_json(&self.parts.headers) => self.state(StatusCode::OK, &language, None),
            _ => self.form(StatusCode::OK, &language, Notice::None, self.return_to()),
        }
    }

    /// Where the form leads back to: where its link stood.
    fn return_to(&self) -> String {
        own_path(pages::queried(&self.parts.uri, "return_to").as_deref())
    }

    pub(super) async fn decide(&self, submitted: Submitted) -> Response<Full<Bytes>> {
        let Some(asking) = self.policy().asking() else {
            return plain(StatusCode::NOT_FOUND, "There is nothing to decide.\n");
        };
        let is_script = wants_json(&self.parts.headers) || submitted.method == Method::Api;
        let Some(shown) = asking.language_of(submitted.revision.as_bytes()) else {
            let language = self.language();
            return match is_script {
                true => self.state(StatusCode::CONFLICT, &language, None),
                false => self.form(StatusCode::CONFLICT, &language, Notice::Stale, submitted.return_to),
            };
        };
        if submitted.is_mistaken(asking) {
            return plain(StatusCode::BAD_REQUEST, "`granted` names what is no category\n");
        }
        let now = self.policy().now();
        let is_signalled = self.cookies.read_standing().signal;
        let before = self.cookies.choice();
        let known = before.as_ref().map(|before| before.standing(asking)).unwrap_or_default();
        let outcome = submitted.outcome(asking, known, is_signalled, now);
        let earlier = before.as_ref().and_then(|before| before.receipt);
        let (policy, method) = (self.policy(), submitted.method);
        let recorded = Recorded { policy, asking, shown, before, outcome, is_signalled, method, now };
        let (taken, outcome, receipt) = match self.record(&recorded).await {
            Ok(receipt) => (Taken::Whole, outcome, receipt.map(|id| id.to_string())),
            Err(_) => {
                let (taken, left) = outcome.unrecorded(known);
                (taken, left, earlier.map(str::to_owned))
            }
        };
        let receipt = receipt.filter(|_| !outcome.granted.is_empty()).unwrap_or_default();
        let tag = policy.wording().all()[shown].language.as_str();
        let after = outcome.standing();
        let after = if is_signalled { after.under_signal(asking) } else { after };
        if taken != Taken::Nothing {
            let value = consent::write(asking, (shown, tag), outcome.standing(), &receipt);
            self.cookies.decide(Decided { value, hour: outcome.from, granted: after.granted });
        }
        if taken != Taken::Whole {
            return match is_script {
                true => self.state(StatusCode::SERVICE_UNAVAILABLE, tag, Some((after, Some(&receipt)))),
                false => {
                    self.form(StatusCode::SERVICE_UNAVAILABLE, tag, Notice::Unrecorded, submitted.return_to)
                }
            };
        }
        if is_script {
            return self.state(StatusCode::OK, tag, Some((after, Some(&receipt))));
        }
        let mut response = plain(StatusCode::SEE_OTHER, "");
        let location = HeaderValue::try_from(submitted.return_to);
        response.headers_mut().insert(LOCATION, location.unwrap_or(HeaderValue::from_static("/")));
        response
    }

    /// Records the decision, where decisions are recorded.
    async fn record(&self, recorded: &Recorded<'_>) -> Result<Option<ReceiptId>, ReceiptError> {
        let Some(receipts) = self.policy().receipts() else { return Ok(None) };
        let outcome = match recorded.receipt() {
            Ok(receipt) => receipts.append(&receipt).await.map(|()| Some(receipt.id())),
            Err(error) => Err(ReceiptError::caused(ReceiptErrorKind::Unavailable, error)),
        };
        if let Err(error) = &outcome {
            report::receipts_failed(self.policy().id(), "append", error);
        }
        outcome
    }

    fn form(
        &self,
        status: StatusCode,
        language: &str,
        notice: Notice,
        return_to: String,
    ) -> Response<Full<Bytes>> {
        let content = match View::of(self.cookies, language, Some(return_to)) {
            Some(view) => pages::form(&view, pages::Level::Page, notice),
            None => pages::nothing_to_decide(self.policy().wording().of(language)),
        };
        self.page(status, language, content.into_string())
    }

    fn page(&self, status: StatusCode, language: &str, content: String) -> Response<Full<Bytes>> {
        let words = self.policy().wording().of(language);
        let page = ConsentPage::new(&words.title, &words.language, content);
        personal(status, "text/html; charset=utf-8", self.service.page(self.parts, &page))
    }

    /// The state: as of the request, or after a decision.
    fn state(
        &self,
        status: StatusCode,
        language: &str,
        after: Option<(Standing, Option<&str>)>,
    ) -> Response<Full<Bytes>> {
        let Some(asking) = self.policy().asking() else {
            return plain(StatusCode::NOT_FOUND, "There is nothing to decide.\n");
        };
        let known =
            || (self.cookies.read_standing(), self.cookies.choice().and_then(|choice| choice.receipt));
        let (standing, receipt) = after.unwrap_or_else(known);
        let state = State::of(self.policy(), asking, standing, receipt, language);
        // Strings, numbers and lists under text keys: there is no such value that JSON cannot say.
        personal(status, "application/json", serde_json::to_string_pretty(&state).unwrap_or_default())
    }
}

/// Whether JSON is named among what is accepted, and pages are not.
fn wants_json(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(ACCEPT).iter().filter_map(|field| field.to_str().ok());
    let kinds: Vec<&str> = fields
        .flat_map(|field| field.split(','))
        .map(|kind| kind.split(';').next().unwrap_or(kind).trim())
        .collect();
    let names = |kind: &str| kinds.iter().any(|known| known.eq_ignore_ascii_case(kind));
    names("application/json") && !names("text/html")
}

fn file(kind: &'static str, content: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// What is the same for everybody.
fn cacheable(kind: &'static str, content: &'static str) -> Response<Full<Bytes>> {
    let mut response = file(kind, content);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

/// What is for one visitor and one moment.
fn personal(status: StatusCode, kind: &'static str, content: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = file(kind, content);
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    personal(status, "text/plain; charset=utf-8", text)
}

pub(super) fn not_allowed(takes_decisions: bool) -> Response<Full<Bytes>> {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "There is nothing to do here by this method.\n");
    let allowed = if takes_decisions { "GET, HEAD, POST" } else { "GET, HEAD" };
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The day on which what this says of the signal was last changed.
const SIGNAL: &str = "{\"gpc\":true,\"lastUpdate\":\"2026-11-26\"}\n";
