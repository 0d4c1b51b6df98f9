//! Browsers, requests under way and stores that misbehave.

use std::cell::Cell;
use std::convert::Infallible;

use http::header::COOKIE;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{CookiePolicy, CookiePolicyBuilder, Cookies, Session, SessionError, TestClock};

use crate::support::{Answer, NOW, keys, lines};

/// A clock, and the preset under it.
pub(crate) fn clocked() -> (TestClock, CookiePolicyBuilder) {
    let clock = TestClock::at(NOW);
    let builder = CookiePolicy::broadcloud(keys()).node("web-1").clock(clock.clock());
    (clock, builder)
}

/// A browser as far as the session cookie goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) id: Option<String>,
}

impl Browser {
    pub(crate) fn with(id: &str) -> Self {
        Self { id: Some(id.to_owned()) }
    }

    pub(crate) fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        if let Some(id) = &self.id {
            request.headers_mut().insert(COOKIE, HeaderValue::from_str(&format!("JSESSIONID={id}")).unwrap());
        }
        request
    }

    /// Keeps what an answer says of the session cookie.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in lines(answer) {
            if let Some(rest) = line.strip_prefix("JSESSIONID=") {
                let value = rest.split(';').next().unwrap();
                self.id = Some(value.to_owned()).filter(|_| !rest.contains("Max-Age=0"));
            }
        }
    }

    /// Sends a request, keeps the answer's cookies, and gives what the handler made of its session.
    pub(crate) async fn ask<T: Send>(
        &mut self,
        policy: &CookiePolicy,
        handler: impl AsyncFnOnce(Session) -> T,
    ) -> (T, Answer) {
        let (made, answer) = ask(policy, self.request(), handler).await;
        self.keep(&answer);
        (made, answer)
    }

    /// The same, where all goes well.
    pub(crate) async fn does<T: Send>(
        &mut self,
        policy: &CookiePolicy,
        handler: impl AsyncFnOnce(Session) -> Result<T, SessionError>,
    ) -> T {
        let (made, answer) = self.ask(policy, handler).await;
        assert_eq!(answer.status(), StatusCode::OK);
        made.unwrap()
    }
}

/// What a handler made of the session of a request, and the answer.
pub(crate) async fn ask<T>(
    policy: &CookiePolicy,
    request: Request<()>,
    handler: impl AsyncFnOnce(Session) -> T,
) -> (T, Answer) {
    let (made, handler) = (Cell::new(None), Cell::new(Some(handler)));
    let mut service = policy.layer().layer(service_fn(|request: Request<()>| {
        let (made, handler) = (&made, handler.take().unwrap());
        async move {
            let session = request.extensions().get::<Cookies>().unwrap().session().unwrap();
            made.set(Some(handler(session).await));
            Ok::<_, Infallible>(Answer::default())
        }
    }));
    let Ok(answer) = service.call(request).await;
    drop(service);
    (made.into_inner().unwrap(), answer)
}

/// The `Set-Cookie` lines that are about the session's cookies.
pub(crate) fn about_session(answer: &Answer) -> Vec<String> {
    lines(answer)
        .into_iter()
        .filter(|line| line.starts_with("JSESSIONID=") || line.starts_with("X-Appia"))
        .collect()
}

pub(crate) async fn body(answer: Answer) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
