//! The balancer's own line, which leaves outside every policy.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::cache;
use crate::policy::trim;
use crate::value::sticky::{Choice, Sticky};

impl Sticky {
    /// Sets the cookie in the response, if there is something to set, and makes the response this visitor's own for caches (HAProxy's
    /// `nocache`). A cookie of this name that the back end set itself is removed.
    ///
    /// It goes outside the policy layer, whose table drops what it does not know.
    pub fn attach(&self, choice: &Choice, headers: &mut HeaderMap) {
        if headers.get_all(SET_COOKIE).iter().any(|line| self.is_set_by(line)) {
            let others: Vec<HeaderValue> =
                headers.get_all(SET_COOKIE).iter().filter(|line| !self.is_set_by(line)).cloned().collect();
            headers.remove(SET_COOKIE);
            for line in others {
                let _ = headers.try_append(SET_COOKIE, line);
            }
        }
        // A response that is too full to say that it is private says nothing of the back end either.
        if let Some(line) = choice.set_cookie()
            && cache::keep_private(headers)
        {
            let _ = headers.try_append(SET_COOKIE, line.clone());
        }
    }

    fn is_set_by(&self, line: &HeaderValue) -> bool {
        let pair = line.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        trim(name) == self.name().as_bytes()
    }
}
