//! Browsers, and requests under way.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use http::header::COOKIE;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{CookiePolicy, CookiePolicyBuilder, Cookies, Session, SessionError, TestClock};

use super::staged::Staged;
use crate::support::{Answer, NOW, keys, lines, vouched_at};

/// A clock, and the preset under it.
pub(crate) fn clocked() -> (TestClock, CookiePolicyBuilder) {
    let clock = TestClock::at(NOW);
    let builder = CookiePolicy::broadcloud(keys()).node("web-1").clock(clock.clock());
    (clock, builder)
}

pub(crate) fn policy() -> CookiePolicy {
    clocked().1.build().unwrap()
}

/// The preset on a stage.
pub(crate) fn staged() -> (TestClock, Staged, CookiePolicy) {
    let (clock, builder) = clocked();
    let store = Staged::new();
    (clock, store.clone(), builder.store(store).build().unwrap())
}

/// A browser as far as the session cookie goes, and the TS cookies that speak for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) id: Option<String>,
    pub(crate) transaction: BTreeMap<String, String>,
}

impl Browser {
    /// One that has this id from somewhere, with genuine TS cookies for it: whoever has been here has them for any id that
    /// he was given, and none for another. To be sure it is tried with all.
    pub(crate) fn with(id: impl Into<String>) -> Self {
        Self::with_at(NOW, id)
    }

    /// The same, of a transaction that started at this time.
    pub(crate) fn with_at(now: u64, id: impl Into<String>) -> Self {
        let id = id.into();
        let header = format!("JSESSIONID={id}");
        let ids: Vec<&str> = header.split("; ").filter(|pair| pair.starts_with("JSESSIONID=")).collect();
        let legal = |id: &&str| id.bytes().all(|byte| matches!(byte, 0x21..=0x7e));
        let vouched = if ids.iter().all(legal) { vouched_at(now, &ids) } else { vec![] };
        let cookies = vouched.iter().filter_map(|pair| pair.split_once('='));
        let cookies = cookies.filter(|(name, _)| name.starts_with("TS"));
        // Several companions of one name are several cookies, of different paths.
        let mut transaction: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in cookies {
            let both = transaction.get(name).map(|known| format!("{known}; {name}={value}"));
            transaction.insert(name.to_owned(), both.unwrap_or_else(|| value.to_owned()));
        }
        Self { id: Some(id), transaction }
    }

    /// One that has stored something.
    pub(crate) async fn visitor(policy: &CookiePolicy) -> Self {
        let mut browser = Self::default();
        browser.does(policy, async |session| session.insert("note", "milk").await).await;
        browser
    }

    /// One with a signed-in user.
    pub(crate) async fn user(policy: &CookiePolicy, user: &str) -> Self {
        let mut browser = Self::default();
        browser.does(policy, async |session| session.sign_in(user).await).await;
        browser
    }

    pub(crate) fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        if let Some(id) = &self.id {
            let others = self.transaction.iter().map(|(name, value)| format!("; {name}={value}"));
            let header = format!("JSESSIONID={id}{}", others.collect::<String>());
            request.headers_mut().insert(COOKIE, HeaderValue::from_str(&header).unwrap());
        }
        request
    }

    /// Keeps what an answer says of the session cookie and of TS cookies.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in lines(answer) {
            if let Some(rest) = line.strip_prefix("JSESSIONID=") {
                let value = rest.split(';').next().unwrap();
                self.id = Some(value.to_owned()).filter(|_| !rest.contains("Max-Age=0"));
            }
            let (name, rest) = line.split_once('=').unwrap();
            if name.starts_with("TS") {
                let value = rest.split(';').next().unwrap();
                match rest.contains("Max-Age=0") {
                    true => self.transaction.remove(name),
                    false => self.transaction.insert(name.to_owned(), value.to_owned()),
                };
            }
        }
    }

    /// Sends a request, keeps the answer's cookies, and gives what the handler made of its session.
    pub(crate) async fn ask<T>(
        &mut self,
        policy: &CookiePolicy,
        handler: impl AsyncFnOnce(Session) -> T,
    ) -> (T, Answer) {
        let (made, answer) = ask(policy, self.request(), handler).await;
        self.keep(&answer);
        (made, answer)
    }

    /// The same, where all goes well.
    pub(crate) async fn does<T>(
        &mut self,
        policy: &CookiePolicy,
        handler: impl AsyncFnOnce(Session) -> Result<T, SessionError>,
    ) -> T {
        let (made, answer) = self.ask(policy, handler).await;
        assert_eq!(answer.status(), StatusCode::OK);
        made.unwrap()
    }

    pub(crate) async fn whose(&mut self, policy: &CookiePolicy) -> Option<String> {
        self.does(policy, async |session| session.user().await).await
    }

    pub(crate) async fn note(&mut self, policy: &CookiePolicy) -> Option<String> {
        self.does(policy, async |session| session.get("note").await).await
    }
}

/// What a handler made of the session of a request, and the answer.
pub(crate) async fn ask<T>(
    policy: &CookiePolicy,
    request: Request<()>,
    handler: impl AsyncFnOnce(Session) -> T,
) -> (T, Answer) {
    answer(policy, request, async |session| (handler(session).await, Answer::default())).await
}

/// The same for a handler that answers itself.
pub(crate) async fn answer<T>(
    policy: &CookiePolicy,
    request: Request<()>,
    handler: impl AsyncFnOnce(Session) -> (T, Answer),
) -> (T, Answer) {
    let (made, handler) = (Cell::new(None), Cell::new(Some(handler)));
    let mut service = policy.layer().layer(service_fn(|request: Request<()>| {
        let (made, handler) = (&made, handler.take().unwrap());
        async move {
            let session = request.extensions().get::<Cookies>().unwrap().session().unwrap();
            let (value, answer) = handler(session).await;
            made.set(Some(value));
            Ok::<_, Infallible>(answer)
        }
    }));
    let Ok(answer) = service.call(request).await;
    drop(service);
    (made.into_inner().unwrap(), answer)
}

/// The `Set-Cookie` lines about cookies that tell who somebody is.
pub(crate) fn about_session(answer: &Answer) -> Vec<String> {
    let about = ["JSESSIONID=", "X-Appia-", "root.autoUserLoginId="];
    lines(answer).into_iter().filter(|line| about.iter().any(|name| line.starts_with(name))).collect()
}

pub(crate) async fn body(answer: Answer) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
