//! Consent on the way in: what the visitor has not consented to is not read.
//!
//! - The decision is in the consent cookie, which is signed. None, or several that verify and differ: undecided, which is refused.
//! - `Sec-GPC: 1` withholds marketing whatever was decided (Global Privacy Control, section 3.2): one field of exactly that.

use http::{HeaderMap, HeaderName};

use super::cookie::Fate;
use super::verify::Verified;
use crate::policy::{Asking, CookiePolicy, Role};
use crate::report::RefusalReason;
use crate::value::consent::{Choice, Standing};

/// What the policy has to know of the visitor's consent before it looks at cookies: whether the signal is on.
#[inline]
pub(super) fn standing_of(policy: &CookiePolicy, headers: &HeaderMap) -> Standing {
    match policy.asking() {
        Some(asking) if is_signalled(headers) => Standing::default().under_signal(asking),
        _ => Standing::default(),
    }
}

fn is_signalled(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_GPC).iter().any(|field| field.as_bytes() == b"1")
}

impl Verified<'_> {
    /// Refuses what needs a consent that the visitor has not given; a policy that only reports says so and lets it in. What the
    /// request's consent comes to is returned.
    pub(super) fn withhold(&mut self, policy: &CookiePolicy, signal: bool) -> Standing {
        let Some(asking) = policy.asking() else { return Standing::default() };
        let mut standing = self.decision(policy, asking);
        if signal {
            standing = standing.under_signal(asking);
        }
        for cookie in &mut self.cookies {
            let category = cookie.row().and_then(|row| asking.of_row(row));
            if category.is_none_or(|category| standing.granted.contains(category)) {
                continue;
            }
            cookie.is_withheld = true;
            if policy.only_reports() {
                continue;
            }
            cookie.is_stale = false;
            cookie.fate = match cookie.fate {
                // Good or not, it would be refused; so it is no reason to answer for the request.
                Fate::Refused { reason, .. } => Fate::refused(reason),
                _ => Fate::refused(RefusalReason::NoConsent),
            };
        }
        standing
    }

    /// What the consent cookie says, if there is one that verifies.
    fn decision(&self, policy: &CookiePolicy, asking: &Asking) -> Standing {
        let row = policy.index_of(Role::Consent);
        let cookie = self.cookies.iter().find(|cookie| cookie.fate == Fate::Verified && cookie.row() == row);
        let choice = cookie.and_then(|cookie| {
            let issued = cookie.period?.issued;
            Choice::parse(cookie.value()).filter(|choice| choice.decided == issued)
        });
        choice.map_or_else(Standing::default, |choice| choice.standing(asking))
    }
}

const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");
