//! An engine as far as the wire goes: bodies, cookies, replies.

use std::cell::Cell;
use std::convert::Infallible;

use http::header::COOKIE;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::dwr::{Denial, Exchange, ExchangeError};
use tower_cookie_policy::{CookiePolicy, Cookies};

use crate::session::support::Browser;
use crate::support::{Answer, lines, sent_back};

/// Ids as an engine has them. None was made here.
pub(crate) const ID: &str = "KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cX";
pub(crate) const OTHER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAA1ejw09q";
/// As the documentation of DWR has the reply to a batch that is not the page's own.
pub(crate) const CSRF: &str =
    "{ name:'java.lang.SecurityException', message:'CSRF Security Error (see server log for details).' }";

/// The lines of a call.
pub(crate) fn call(at: usize, script: &str, method: &str, parameters: &[&str]) -> String {
    let parameters = parameters.iter().enumerate();
    let parameters = parameters.map(|(number, value)| format!("c{at}-param{number}={value}\n"));
    format!(
        "c{at}-scriptName={script}\nc{at}-methodName={method}\nc{at}-id={at}\n{}",
        parameters.collect::<String>()
    )
}

/// A batch of these calls by whoever has this id.
pub(crate) fn batch(id: &str, calls: &[String]) -> String {
    let session = if id.is_empty() { String::new() } else { format!("{id}/yOxw09q-iqnVLfv83") };
    format!(
        "callCount={}\n{}batchId=1\ninstanceId=0\npage=%2Fapp\nscriptSessionId={session}\n",
        calls.len(),
        calls.concat()
    )
}

pub(crate) fn echo(id: &str) -> String {
    batch(id, &[call(0, "Portal", "echo", &["string:hello"])])
}

pub(crate) fn generate() -> String {
    batch("", &[call(0, "__System", "generateId", &[])])
}

/// What came of a request.
pub(crate) struct Got {
    pub(crate) answer: Answer,
    pub(crate) denial: Option<Denial>,
    /// What the application was asked.
    pub(crate) asked: Vec<String>,
    pub(crate) error: Option<ExchangeError>,
}

impl Got {
    pub(crate) fn script(&self) -> String {
        let mut body = self.answer.body().clone();
        let bytes = crate::support::now(body.frame()).map(|frame| frame.unwrap().into_data().unwrap());
        String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap()
    }

    /// What the reply's only statement hands over.
    pub(crate) fn statement(&self) -> String {
        let script = self.script();
        let mut lines = script.lines().filter_map(|line| line.strip_prefix("dwr.engine.remote."));
        let only = lines.next().unwrap_or_else(|| panic!("{script}")).to_owned();
        assert_eq!(lines.next(), None);
        only
    }

    /// The id that `generateId` told.
    pub(crate) fn id(&self) -> String {
        let statement = self.statement();
        let id = statement
            .strip_prefix("handleCallback(\"1\",\"0\",\"")
            .and_then(|rest| rest.strip_suffix("\");"));
        id.unwrap_or_else(|| panic!("{statement}")).to_owned()
    }

    /// The `Set-Cookie` lines about the id.
    pub(crate) fn cookie(&self) -> Vec<String> {
        lines(&self.answer).into_iter().filter(|line| line.starts_with("DWRSESSIONID=")).collect()
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.statement() == format!("handleBatchException({CSRF}, '1');") && self.asked.is_empty()
    }

    pub(crate) fn passes(&self) -> bool {
        self.denial.is_none() && self.statement() == r#"handleCallback("1","0","hello");"#
    }
}

/// A request with these `Cookie` fields, through an application that echoes.
pub(crate) async fn ask<T: AsRef<[u8]>>(
    policy: &CookiePolicy,
    method: Method,
    cookies: &[T],
    body: &[u8],
) -> Got {
    let mut request = crate::support::request(cookies);
    *request.method_mut() = method;
    send(policy, request, body).await
}

pub(crate) async fn post<T: AsRef<[u8]>>(policy: &CookiePolicy, cookies: &[T], body: &str) -> Got {
    ask(policy, Method::POST, cookies, body.as_bytes()).await
}

/// The same for a browser with a session and, besides, these values as the id.
pub(crate) async fn of_browser(
    policy: &CookiePolicy,
    browser: &mut Browser,
    ids: &[&str],
    body: &str,
) -> Got {
    let request = of(browser, ids);
    let got = send(policy, request, body.as_bytes()).await;
    browser.keep(&got.answer);
    got
}

/// The same where the layer of another policy lies around.
pub(crate) async fn of_browser_within(
    outer: &CookiePolicy,
    policy: &CookiePolicy,
    browser: &mut Browser,
    ids: &[&str],
    body: &str,
) -> Got {
    let heard = Cell::new(None);
    let mut service = outer.layer().layer(service_fn(|request: Request<()>| async {
        let got = send(policy, request, body.as_bytes()).await;
        let answer = got.answer.clone();
        heard.set(Some(got));
        Ok::<_, Infallible>(answer)
    }));
    let Ok(answer) = service.call(of(browser, ids)).await;
    drop(service);
    browser.keep(&answer);
    Got { answer, ..heard.into_inner().unwrap() }
}

fn of(browser: &Browser, ids: &[&str]) -> Request<()> {
    let mut request = browser.request();
    *request.method_mut() = Method::POST;
    for id in ids {
        let pair = HeaderValue::from_str(&format!("DWRSESSIONID={id}")).unwrap();
        request.headers_mut().append(COOKIE, pair);
    }
    request
}

async fn send(policy: &CookiePolicy, request: Request<()>, body: &[u8]) -> Got {
    let seen = Cell::new(None);
    let mut service = policy.layer().layer(service_fn(|request: Request<()>| {
        let seen = &seen;
        async move {
            let (outcome, answer) = handle(&request, body).await;
            seen.set(Some(outcome));
            Ok::<_, Infallible>(answer)
        }
    }));
    let Ok(answer) = service.call(request).await;
    drop(service);
    let (denial, asked, error) = seen.into_inner().unwrap();
    Got { answer, denial, asked, error }
}

type Outcome = (Option<Denial>, Vec<String>, Option<ExchangeError>);

/// The application.
async fn handle(request: &Request<()>, body: &[u8]) -> (Outcome, Answer) {
    let cookies = request.extensions().get::<Cookies>().unwrap();
    let mut exchange = match Exchange::begin(request.method(), cookies, body).await {
        Ok(exchange) => exchange,
        Err(error) => {
            let mut answer = Answer::default();
            *answer.status_mut() = error.status();
            return ((None, vec![], Some(error)), answer);
        }
    };
    let mut asked = Vec::new();
    for call in exchange.calls() {
        asked.push(format!("{}.{}", call.script(), call.method()));
        if (call.script(), call.method()) == ("Portal", "echo") {
            match call.text(0) {
                Ok(text) => call.answer(&text),
                Err(error) => call.fail(&error.to_string()),
            }
        }
    }
    let denial = exchange.denial().cloned();
    ((denial, asked, None), exchange.into_reply().into())
}

/// A browser that signed in.
pub(crate) async fn alice(policy: &CookiePolicy) -> Browser {
    Browser::user(policy, "alice").await
}

/// The cookie as a browser sends it back, and its attributes.
pub(crate) fn set(got: &Got) -> (String, Vec<String>) {
    let [line] = &got.cookie()[..] else { panic!("{:?}", got.cookie()) };
    (sent_back(line), crate::support::attributes(line))
}

pub(crate) fn is_ok(got: &Got) -> bool {
    got.answer.status() == StatusCode::OK
}
