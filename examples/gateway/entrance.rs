//! What a request has to be before anybody looks at its cookies.
//!
//! - It names one host. The policy's referrer check and the back end see the same one, in `Host`.
//! - Its body comes as it is, or in chunks and nothing besides.
//! - Its path carries no session's id. A servlet container takes `/account;jsessionid=ID` for as good as the cookie,
//!   in any segment, so the cookie's guard would be walked around. Links of that form are innocent, since containers
//!   write them where they do not know yet whether a browser keeps cookies, so the parameter is taken out and the
//!   rest passes. One whose semicolon is percent-encoded was written by nobody with good intentions, and is refused.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use tower_cookie_policy::{CookiePolicy, Integrity, NamePattern};

use crate::hops;

/// What stands at the entrance.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    /// The path parameters that stand for a protected cookie, in lower case. A container that was told another name
    /// for its session's cookie uses it for both.
    parameters: Vec<String>,
}

impl Entrance {
    pub(crate) fn of(policy: &CookiePolicy) -> Self {
        let protected = policy.specs().iter().filter(|row| row.declared_integrity() != Integrity::Open);
        let names = protected.filter_map(|row| match row.name() {
            NamePattern::Exact(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        Self { parameters: names.chain(["jsessionid".to_owned()]).collect() }
    }

    /// The same request in the one form in which it goes on; the error is the status of the answer.
    pub(crate) fn admit<B>(&self, mut request: Request<B>) -> Result<Request<B>, StatusCode> {
        // The one opens a tunnel, the other returns the cookies that scripts cannot read.
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Err(StatusCode::NOT_IMPLEMENTED);
        }
        if !hops::is_uncoded(request.headers()) {
            return Err(StatusCode::NOT_IMPLEMENTED);
        }
        let host = host(request.uri(), request.headers()).ok_or(StatusCode::BAD_REQUEST)?;
        let target = self.target(request.uri()).ok_or(StatusCode::BAD_REQUEST)?;
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = Uri::from(target);
        Ok(request)
    }

    /// Path and query without the session's id.
    fn target(&self, uri: &Uri) -> Option<PathAndQuery> {
        let given = uri.path_and_query()?;
        if !given.path().starts_with('/') {
            return None;
        }
        if !given.path().contains([';', '%']) {
            return Some(given.clone());
        }
        let path = self.without_ids(given.path());
        if self.hides_an_id(&path) {
            return None;
        }
        match given.query() {
            Some(query) => format!("{path}?{query}").parse().ok(),
            None => path.parse().ok(),
        }
    }

    fn without_ids(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| {
            let mut pieces = segment.split(';');
            let name = pieces.next().into_iter();
            name.chain(pieces.filter(|piece| !self.is_id(piece))).collect::<Vec<_>>().join(";")
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Whether one would come out for who decodes the path, or decodes it again.
    fn hides_an_id(&self, path: &str) -> bool {
        let mut path = path.to_owned();
        for _ in 0..3 {
            path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
            if path
                .split(['/', '\\'])
                .any(|segment| segment.split(';').skip(1).any(|piece| self.is_id(piece)))
            {
                return true;
            }
        }
        false
    }

    /// Whether a path parameter is an id, in whatever case, and however its name is spelt.
    fn is_id(&self, parameter: &str) -> bool {
        let name = parameter.split('=').next().unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8_lossy().to_lowercase();
        let name = name.trim_matches(|character: char| character.is_whitespace() || character.is_control());
        self.parameters.iter().any(|parameter| parameter == name)
    }
}

/// The host that is asked for. Where the target names one, `Host` does not count (RFC 9112 section 3.2.2).
fn host(uri: &Uri, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut hosts = headers.get_all(HOST).iter();
    let (field, another) = (hosts.next(), hosts.next());
    let host = match (uri.authority(), another) {
        (_, Some(_)) => return None,
        (Some(authority), None) => HeaderValue::try_from(authority.as_str()).ok()?,
        (None, None) => field?.clone(),
    };
    let authority = Authority::try_from(host.as_bytes()).ok()?;
    (!authority.as_str().contains('@')).then_some(host)
}
