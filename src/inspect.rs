//! Why was this cookie refused? What a policy makes of a request's cookies, without serving it.

use http::{HeaderMap, Request};

use crate::inbound;
use crate::policy::CookiePolicy;
use crate::report::Inspection;

/// What `policy` makes, at this moment of its clock, of the cookies in these request headers: each one's fate and its reason,
/// never a value. Nothing is counted, reported or changed, and no session store is asked.
///
/// **The headers have to be those that were sent.** A handler's own hold what was admitted, without TS cookies: about this
/// request ask [`Cookies::refusals`](crate::Cookies::refusals), or take the headers outside of the layer.
///
/// - The policy needs the keys that the server had, its table and its list of nodes.
/// - It is about cookies: where the request comes from, and whether a refusal would answer 403 under
///   [`Action::Reject`](crate::Action::Reject), is not said. That a session's cookie is admitted does not say that there is
///   a session.
/// - Where the policy has a [`binding`](crate::CookiePolicyBuilder::binding), the hook sees a `GET /` with these headers and no
///   extensions. If it looks at extensions, mains that it bound look forged here.
///
/// ```
/// use http::HeaderMap;
/// use http::header::{COOKIE, HeaderValue};
/// use tower_cookie_policy::{CookiePolicy, Finding, KeyRing, RefusalReason, inspect};
///
/// let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
/// let mut headers = HeaderMap::new();
/// headers.insert(COOKIE, HeaderValue::from_static("i18next=de; bsloc=Zk3vT9qLxWE"));
///
/// let found: Vec<_> = inspect(&policy, &headers).cookies().map(|cookie| cookie.finding().clone()).collect();
/// assert_eq!(found, [Finding::Admitted, Finding::Refused(RefusalReason::Unsigned)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn inspect(policy: &CookiePolicy, headers: &HeaderMap) -> Inspection {
    let mut request = Request::new(());
    *request.headers_mut() = headers.clone();
    let (parts, ()) = request.into_parts();
    let binding = policy.hooks().binding.as_ref().map_or_else(Vec::new, |hook| (hook.0)(&parts));
    inbound::examine(policy, &parts.headers, &binding)
}
