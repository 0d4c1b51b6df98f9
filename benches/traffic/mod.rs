//! The requests that the benches send, and the policies that judge them.
#![allow(dead_code, reason = "each bench uses its part")]

pub(crate) mod genuine;

use std::convert::Infallible;
use std::error::Error;
use std::future::{Ready, ready};
use std::hint::black_box;

use axum_extra::extract::cookie::Key;
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE, USER_AGENT,
};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookiePolicyBuilder, CookieSpec, Cookies, Integrity, KeyRing, Lifetime,
};
use tower_sessions::service::SignedCookie;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::measure::once;

pub(crate) type Answer = Response<Full<Bytes>>;

/// What every handler answers.
pub(crate) fn answer() -> Ready<Result<Answer, Infallible>> {
    let mut answer = Response::new(Full::from(Bytes::from_static(b"ok")));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    ready(Ok(answer))
}

/// The handler that leaves all to the layers around it.
pub(crate) async fn untouched(request: Request<()>) -> Result<Answer, Infallible> {
    drop(black_box(request));
    answer().await
}

/// A browser's request, with this `Cookie` header.
pub(crate) fn request(cookies: Option<&HeaderValue>) -> Request<()> {
    let mut request = Request::new(());
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("uc.example"));
    headers.insert(USER_AGENT, HeaderValue::from_static("Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"));
    headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de,en;q=0.5"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
    if let Some(cookies) = cookies {
        headers.insert(COOKIE, cookies.clone());
    }
    request
}

/// These pairs as one header.
pub(crate) fn header(pairs: &[String]) -> Result<HeaderValue, Box<dyn Error>> {
    Ok(HeaderValue::from_maybe_shared(Bytes::from(pairs.join("; ")))?)
}

/// The documented table. Three rows whose values are the crate's own to issue are a handler's here, so that the values can be
/// known ones; each costs what it does there: a MAC, or an AEAD. The key is a known one.
pub(crate) fn documented() -> Result<CookiePolicy, Box<dyn Error>> {
    Ok(documented_table()?.build()?)
}

/// The same, before it is built.
pub(crate) fn documented_table() -> Result<CookiePolicyBuilder, Box<dyn Error>> {
    let mut policy = CookiePolicy::broadcloud(KeyRing::from_bytes(&genuine::KEY)?).node("web-1");
    for (name, integrity, lifetime) in PLAIN {
        let row = CookieSpec::new(name, Basis::Requested).integrity(integrity).lifetime(lifetime);
        policy = policy.without(name).with(row);
    }
    Ok(policy)
}

/// The ten documented cookies under [`documented`] and their TS cookies, 13 pairs, all of them genuine. The policy's own
/// layer issued the Signed and Sealed ones.
pub(crate) fn documented_pairs(policy: &CookiePolicy) -> Vec<String> {
    let node = genuine::node_label(policy.id(), "web-1");
    let [session, user, place] = GUARDED;
    let guarded = [
        (session, "19AE8C76404ACD4FC66BBCE3F6FF0705"),
        (user, "3f2b8c1e-9d47-4a60-b5e1-7c0a9f84d216"),
        (place, node.as_str()),
    ];
    let mut pairs: Vec<String> = guarded.map(|(name, value)| format!("{name}={value}")).to_vec();
    pairs.extend(
        [
            "DWRSESSIONID=q7Rk0vXc!mNw2Zt~Yb5HsLd8pGfJ1lk3Rxo",
            "i18next=de",
            "XRMINT=rd1o00000000000000000000ffff0a010203o8080",
        ]
        .map(str::to_owned),
    );
    let [login, visitor] = SIGNED;
    pairs.extend(issued(
        policy,
        &[
            (login, "c2VyaWVzLTE2LWJ5dGVzLQ~dmFsaWRhdG9yLTE2LWJ5dA"),
            (SEALED, "alice%40example.com"),
            (visitor, "b2ZiaXotdmlzaXRvci0xNg"),
        ],
    ));
    let transaction = genuine::transaction(policy.id(), &guarded);
    let names = transaction.iter().filter_map(|pair| pair.split('=').next());
    assert!(names.eq(policy.transaction_names()), "the names of the TS cookies are the policy's");
    pairs.extend(transaction);
    pairs
}

/// The pairs that reach the browser when a handler orders these.
pub(crate) fn issued(policy: &CookiePolicy, orders: &[(&str, &str)]) -> Vec<String> {
    let mut service = policy.layer().layer(service_fn(|request: Request<()>| {
        let handle = request.extensions().get::<Cookies>();
        let taken =
            orders.iter().all(|(name, value)| handle.is_some_and(|handle| handle.set(name, *value).is_ok()));
        assert!(taken, "an order was not taken");
        answer()
    }));
    let Ok(response) = once(service.call(request(None)));
    pairs_set(&response)
}

/// The session cookie of tower-sessions, as its own layer signs it.
pub(crate) fn session_pair(key: &Key) -> Option<String> {
    let layer = SessionManagerLayer::new(MemoryStore::default()).with_signed(key.clone());
    let mut service = layer.layer(service_fn(|request: Request<()>| {
        let session = request.extensions().get::<Session>().cloned();
        let stored = session.is_some_and(|session| once(session.insert("user", "alice")).is_ok());
        assert!(stored, "nothing was stored");
        answer()
    }));
    let Ok(response) = once(service.call(request(None)));
    pairs_set(&response).pop()
}

/// Whether the layer of tower-sessions takes a session's id from this header.
pub(crate) fn knows_session(
    layer: &SessionManagerLayer<MemoryStore, SignedCookie>,
    cookies: &HeaderValue,
) -> bool {
    let mut service = layer.layer(service_fn(async |request: Request<()>| {
        let known = request.extensions().get::<Session>().is_some_and(|session| session.id().is_some());
        Ok::<_, Infallible>(Response::new(known))
    }));
    let Ok(response) = once(service.call(request(Some(cookies))));
    response.into_body()
}

/// Name and value of every cookie that a response sets.
pub(crate) fn pairs_set<B>(response: &Response<B>) -> Vec<String> {
    let lines = response.headers().get_all(SET_COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    lines.filter_map(|line| line.split(';').next()).map(str::to_owned).collect()
}

/// How many cookies the handler gets to see through the policy's layer, and how many of the request's were refused.
pub(crate) fn admitted(policy: &CookiePolicy, cookies: &HeaderValue) -> (usize, usize) {
    let mut seen = (0, 0);
    let mut service = policy.layer().layer(service_fn(|request: Request<()>| {
        if let Some(handle) = request.extensions().get::<Cookies>() {
            seen = (handle.iter().count(), handle.refusals().len());
        }
        answer()
    }));
    drop(once(service.call(request(Some(cookies)))));
    drop(service);
    seen
}

/// The guarded rows of the table, in its order.
pub(crate) const GUARDED: [&str; 3] = ["JSESSIONID", "X-Appia-UUID", "bsloc"];
/// The Signed rows of [`documented`].
pub(crate) const SIGNED: [&str; 2] = ["root.autoUserLoginId", "OFBiz.Visitor"];
/// The Sealed row of [`documented`].
pub(crate) const SEALED: &str = "X-Appia-ExtAuth";

const PLAIN: [(&str, Integrity, Lifetime); 3] = [
    (SIGNED[0], Integrity::Signed, Lifetime::YEAR),
    (SEALED, Integrity::Sealed, Lifetime::Session),
    (SIGNED[1], Integrity::Signed, Lifetime::YEAR),
];
