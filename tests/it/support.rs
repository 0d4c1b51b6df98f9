//! An application under a policy, driven without a network.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookiePolicyBuilder, CookieSpec, Cookies, Integrity, Key, KeyRing,
    Lifetime, Report, TestClock,
};

/// 23 November 2026.
pub(crate) const NOW: u64 = 1_795_455_792;

pub(crate) type Answer = Response<Full<Bytes>>;

/// A key of bytes that count up from `first`.
pub(crate) fn key(first: u8) -> Key {
    let bytes: [u8; 32] = std::array::from_fn(|at| first.wrapping_add(u8::try_from(at).unwrap()));
    Key::from_bytes(&bytes).unwrap()
}

pub(crate) fn keys() -> KeyRing {
    KeyRing::new(key(0))
}

/// The preset and an application's own rows of every kind.
pub(crate) fn shop() -> CookiePolicyBuilder {
    let essential = || Basis::essential("a test");
    CookiePolicy::broadcloud(keys())
        .node("web-1")
        .clock(TestClock::at(NOW).clock())
        .with(CookieSpec::new("cart", essential()).integrity(Integrity::Guarded))
        .with(
            CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed).lifetime(Lifetime::YEAR),
        )
        .with(CookieSpec::new("ticket", essential()).integrity(Integrity::Signed))
        .with(CookieSpec::new("draft", essential()).integrity(Integrity::Sealed))
        .with(CookieSpec::new("font", essential()).lifetime(Lifetime::days(30)).readable_by_script())
        .with(CookieSpec::new("plain", essential()))
        .with(CookieSpec::new("deep", essential()).path("/deep"))
        .with(CookieSpec::new("__Host-pin", essential()).lifetime(Lifetime::days(1)))
        .with(CookieSpec::new("stats", Basis::Consent(Category::Statistics)).lifetime(Lifetime::days(30)))
        .with(CookieSpec::new("promo_*", Basis::Consent(Category::Marketing)))
}

/// What a handler got to see.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// The `Cookie` fields, as they are.
    pub(crate) fields: Vec<Vec<u8>>,
    /// What the handle says.
    pub(crate) pairs: Vec<(String, Vec<u8>)>,
    /// Names and reasons.
    pub(crate) refusals: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn header(&self) -> String {
        assert!(self.fields.len() <= 1, "{:?}", self.fields);
        self.fields.first().map_or_else(String::new, |field| field.escape_ascii().to_string())
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let value = self.pairs.iter().find(|(present, _)| present == name).map(|(_, value)| value);
        value.map(|value| value.escape_ascii().to_string())
    }

    pub(crate) fn reasons(&self, name: &str) -> Vec<&str> {
        self.refusals
            .iter()
            .filter(|(refused, _)| refused == name)
            .map(|(_, reason)| reason.as_str())
            .collect()
    }
}

/// Polls a future that has nothing to wait for.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("there is nothing to wait for"),
    }
}

/// The answer of a handler under the policy.
pub(crate) fn serve<B>(
    policy: &CookiePolicy,
    request: Request<B>,
    handler: impl Fn(Request<B>) -> Answer,
) -> Answer {
    let mut service = policy.layer().layer(service_fn(|request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer) }
    }));
    let Ok(answer) = now(service.call(request));
    answer
}

/// A request with these `Cookie` fields.
pub(crate) fn request<T: AsRef<[u8]>>(cookies: &[T]) -> Request<()> {
    let mut request = Request::new(());
    for field in cookies {
        request.headers_mut().append(COOKIE, HeaderValue::from_bytes(field.as_ref()).unwrap());
    }
    request
}

/// What a handler sees of these `Cookie` fields.
pub(crate) fn visit<T: AsRef<[u8]>>(policy: &CookiePolicy, cookies: &[T]) -> Seen {
    let seen = std::cell::RefCell::new(Seen::default());
    serve(policy, request(cookies), |request| {
        *seen.borrow_mut() = seen_by(&request);
        Answer::default()
    });
    seen.into_inner()
}

pub(crate) fn seen_by<B>(request: &Request<B>) -> Seen {
    let cookies = request.extensions().get::<Cookies>().unwrap();
    Seen {
        fields: request.headers().get_all(COOKIE).iter().map(|field| field.as_bytes().to_vec()).collect(),
        pairs: cookies.iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect(),
        refusals: cookies
            .refusals()
            .iter()
            .map(|refusal| (refusal.name().into(), refusal.reason().to_string()))
            .collect(),
    }
}

/// The answer to a handler that writes these raw `Set-Cookie` lines.
pub(crate) fn write<T: AsRef<[u8]>>(policy: &CookiePolicy, lines: &[T]) -> Answer {
    serve(policy, Request::new(()), |_| with_lines(Answer::default(), lines))
}

pub(crate) fn with_lines<T: AsRef<[u8]>>(mut answer: Answer, lines: &[T]) -> Answer {
    for line in lines {
        answer.headers_mut().append(SET_COOKIE, HeaderValue::from_bytes(line.as_ref()).unwrap());
    }
    answer
}

/// The answer to a handler that uses its handle.
pub(crate) fn order(policy: &CookiePolicy, orders: impl Fn(&Cookies)) -> Answer {
    serve(policy, Request::new(()), |request| {
        orders(request.extensions().get::<Cookies>().unwrap());
        Answer::default()
    })
}

/// The `Set-Cookie` lines of an answer.
pub(crate) fn lines(answer: &Answer) -> Vec<String> {
    let lines = answer.headers().get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// Names and reasons of what was suppressed.
pub(crate) fn suppressed(answer: &Answer) -> Vec<(String, String)> {
    let report = answer.extensions().get::<Report>().cloned().unwrap_or_default();
    report.suppressions().iter().map(|one| (one.name().to_owned(), one.reason().to_string())).collect()
}

/// The value that a `Set-Cookie` line sets, as a `Cookie` header would send it back.
pub(crate) fn sent_back(line: &str) -> String {
    line.split(';').next().unwrap().to_owned()
}

/// The attributes of a line, in lower case, sorted.
pub(crate) fn attributes(line: &str) -> Vec<String> {
    let mut attributes: Vec<String> =
        line.split(';').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect();
    attributes.sort();
    attributes
}

/// These guarded cookies, which may be anything that a cookie can, with genuine TS cookies of one transaction: under
/// [`keys`], the id `broadcloud`, and started at this time. A policy that has them as an application's own rows issues them.
pub(crate) fn vouched_at<P: AsRef<str>>(now: u64, pairs: &[P]) -> Vec<String> {
    let (mut main, mut jar) = (None, Vec::new());
    for pair in pairs {
        let name = pair.as_ref().split('=').next().unwrap();
        let row = CookieSpec::new(name, Basis::essential("a test")).integrity(Integrity::Guarded);
        let policy = CookiePolicy::empty(keys()).clock(TestClock::at(now).clock()).with(row).build().unwrap();
        let cookies: Vec<String> = main.iter().cloned().collect();
        let answer = serve(&policy, request(&cookies), |_| with_lines(Answer::default(), &[pair.as_ref()]));
        for line in lines(&answer) {
            match line.starts_with("TS01") {
                true => main = Some(sent_back(&line)),
                false => jar.push(sent_back(&line)),
            }
        }
    }
    jar.extend(main);
    jar
}

/// The same as one header line, of a transaction that started at [`NOW`].
pub(crate) fn vouched<P: AsRef<str>>(pairs: &[P]) -> String {
    vouched_at(NOW, pairs).join("; ")
}

/// The wire form of a signed cookie, issued by the policy itself.
pub(crate) fn issue(policy: &CookiePolicy, name: &str, value: &str) -> String {
    let answer = order(policy, |cookies| cookies.set(name, value).unwrap());
    sent_back(&lines(&answer)[0])
}
