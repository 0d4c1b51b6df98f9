//! Where a request comes from: whether it may change something here, and whether it may enter a flow.
//!
//! The first rule that applies decides about unsafe methods and upgrades:
//!
//! 1. one `Origin`, and it is on the allowed list: passes.
//! 2. `Sec-Fetch-Site` is there: passes if it is one field that says `same-origin` or `none`, and else does not.
//! 3. `Origin` is there: has to be one field and our own; a `Referer` beside it has to be one field and of the same origin.
//! 4. `Referer` is there: has to be one field and our own.
//! 5. none of the three: passes, unless the policy requires one.
//!
//! Whatever the method, the path of a flow can be entered only with one `Referer` that names one of the flow's pages here.
//!
//! Headers that proxies add (`Forwarded`, `X-Forwarded-Host`) are never read: where nobody strips them, a client writes
//! them.

use http::header::{AsHeaderName, HOST, ORIGIN, REFERER, UPGRADE};
use http::{HeaderMap, Method, Uri};

use crate::policy::{Authority, CookiePolicy, ReferrerRules, WebOrigin};
use crate::report::RefusalReason;

/// Whether it counts where such a request comes from.
#[inline]
pub(crate) fn concerns(policy: &CookiePolicy, method: &Method, headers: &HeaderMap) -> bool {
    !policy.referrer().flows.is_empty() || changes(method, headers)
}

/// Whether it is unsafe. An upgrade is a GET, and the connection that it opens (a WebSocket) carries the cookies of the
/// handshake.
#[inline]
fn changes(method: &Method, headers: &HeaderMap) -> bool {
    !method.is_safe() || headers.contains_key(UPGRADE)
}

/// Whether the request may pass: [`RefusalReason::Referrer`] or [`RefusalReason::Flow`] if not. If so, whether it enters a
/// flow, so that its answer is for those alone who come from there.
pub(crate) fn judge(
    policy: &CookiePolicy,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<bool, RefusalReason> {
    let request = Request { rules: policy.referrer(), uri, headers };
    if changes(method, headers) && !request.may_change() {
        return Err(RefusalReason::Referrer);
    }
    request.enters()
}

/// What is asked about a request.
struct Request<'r> {
    rules: &'r ReferrerRules,
    uri: &'r Uri,
    headers: &'r HeaderMap,
}

impl Request<'_> {
    fn may_change(&self) -> bool {
        let origin = self.field(ORIGIN);
        if let Field::One(text) = origin
            && !self.rules.allowed.is_empty()
            && WebOrigin::parse(text).is_ok_and(|origin| self.rules.allowed.contains(&origin))
        {
            return true;
        }
        match self.field(SEC_FETCH_SITE) {
            Field::Absent => {}
            Field::One(site) => return matches!(site, b"same-origin" | b"none"),
            Field::Several => return false,
        }
        match (origin, self.field(REFERER)) {
            (Field::Absent, Field::Absent) => !self.rules.required,
            (Field::One(origin), Field::Absent) => {
                WebOrigin::parse(origin).is_ok_and(|origin| self.is_own(&origin))
            }
            (Field::Absent, Field::One(referrer)) => {
                WebOrigin::split(referrer).is_ok_and(|(origin, _)| self.is_own(&origin))
            }
            (Field::One(origin), Field::One(referrer)) => {
                match (WebOrigin::parse(origin), WebOrigin::split(referrer)) {
                    (Ok(origin), Ok((other, _))) => origin == other && self.is_own(&origin),
                    _ => false,
                }
            }
            (Field::Several, _) | (_, Field::Several) => false,
        }
    }

    fn enters(&self) -> Result<bool, RefusalReason> {
        let Some(pages) = self.rules.flows.pages(self.uri.path()) else { return Ok(false) };
        let Field::One(referrer) = self.field(REFERER) else { return Err(RefusalReason::Flow) };
        let Ok((origin, rest)) = WebOrigin::split(referrer) else { return Err(RefusalReason::Flow) };
        let end = rest.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(rest.len());
        let from_page = pages.contains(&rest[..end]) && self.is_own(&origin);
        if from_page { Ok(true) } else { Err(RefusalReason::Flow) }
    }

    fn is_own(&self, origin: &WebOrigin<'_>) -> bool {
        // HTTP/2 has no need of `Host`, and where the target names an authority `Host` does not count (RFC 9112
        // section 3.2.2). One that cannot be read is not passed over for the other.
        self.rules.is_own(origin, || match (self.uri.authority(), self.field(HOST)) {
            (Some(authority), _) => Authority::parse(authority.as_str().as_bytes()).ok(),
            (None, Field::One(host)) => Authority::parse(host).ok(),
            (None, Field::Absent | Field::Several) => None,
        })
    }

    fn field(&self, name: impl AsHeaderName) -> Field<'_> {
        let mut fields = self.headers.get_all(name).iter();
        match (fields.next(), fields.next()) {
            (None, _) => Field::Absent,
            (Some(field), None) => Field::One(field.as_bytes()),
            (Some(_), Some(_)) => Field::Several,
        }
    }
}

/// A header that may be sent once. Of two, one was put there by somebody else than the browser, and nobody knows which.
#[derive(Clone, Copy)]
enum Field<'h> {
    Absent,
    One(&'h [u8]),
    Several,
}

const SEC_FETCH_SITE: &str = "sec-fetch-site";

#[cfg(test)]
mod tests;
