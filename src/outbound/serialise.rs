//! `Set-Cookie` lines in the strict grammar of RFC 6265bis section 4.1.1, written by the `cookie` crate.

use bytes::Bytes;
use cookie::Cookie;
use cookie::time::{Duration, OffsetDateTime};
use http::HeaderValue;

use super::enforce::Life;
use super::sign::Ready;
use crate::policy::SameSite;

/// The line of a cookie; `None` where HTTP has no such line.
pub(super) fn line(ready: &Ready, now: u32) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(&ready.name, &ready.value);
    let scope = &ready.scope;
    if !scope.path.is_empty() {
        cookie.set_path(&scope.path);
    }
    if let Some(domain) = &scope.domain {
        cookie.set_domain(domain);
    }
    if let Some(same_site) = scope.same_site {
        cookie.set_same_site(match same_site {
            SameSite::Strict => cookie::SameSite::Strict,
            SameSite::Lax => cookie::SameSite::Lax,
            SameSite::None => cookie::SameSite::None,
        });
    }
    cookie.set_secure(scope.secure);
    cookie.set_http_only(scope.http_only);
    cookie.set_partitioned(ready.partitioned);
    match ready.life {
        Life::Session => {}
        // Both, as they have to agree for clients that know only the older one (RFC 6265bis section 4.1.2.2).
        Life::Seconds(seconds) => persist(&mut cookie, seconds, i64::from(now) + i64::from(seconds))?,
        Life::Until(seconds, end) => persist(&mut cookie, seconds, end.into())?,
        Life::Deleted => {
            cookie.set_max_age(Duration::ZERO);
            cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
        }
    }
    let mut line = HeaderValue::from_maybe_shared(Bytes::from(cookie.to_string())).ok()?;
    line.set_sensitive(true);
    Some(line)
}

/// `None` for a time that no line can say.
fn persist(cookie: &mut Cookie<'_>, seconds: u32, end: i64) -> Option<()> {
    cookie.set_max_age(Duration::seconds(seconds.into()));
    cookie.set_expires(OffsetDateTime::from_unix_timestamp(end).ok()?);
    Some(())
}
