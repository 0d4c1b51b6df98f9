//! What the handler gets to see: consent is asked for, and the `Cookie` header written again if it has to be.

use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use super::parse::pairs;
use super::verify::{Cookie, Verified};
use crate::policy::{Basis, CookiePolicy};
use crate::report::{Refusal, RefusalReason};
use crate::wire::Period;

/// The cookies that were let in.
#[derive(Default)]
pub(crate) struct Admitted {
    /// The `Cookie` header's fields as the handler sees them.
    fields: Fields,
    /// The cookies that were not.
    pub(crate) refusals: Vec<Refusal>,
    /// Those among the admitted that a previous key had signed or sealed.
    pub(crate) stale: Vec<Stale>,
    /// The moment at which they were judged, in Unix seconds; 0 where there were none.
    pub(crate) judged: u32,
}

#[derive(Default)]
enum Fields {
    #[default]
    None,
    One(HeaderValue),
    Several(Vec<HeaderValue>),
}

/// An admitted value that a previous key had signed, with the period that it was given.
pub(crate) struct Stale {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) period: Period,
}

/// What has to become of the request's header.
pub(super) enum Verdict {
    LeftAlone(Admitted),
    /// The header is to say this instead; nothing, where no cookie is left.
    Rewritten(Admitted, Option<HeaderValue>),
}

impl Admitted {
    pub(super) fn judge(policy: &CookiePolicy, verified: Verified<'_>, now: u32) -> Verdict {
        let (mut cookies, mut refusals, mut altered) = verified.into_parts();
        cookies.retain(|cookie| {
            let withheld = cookie.row.is_some_and(|row| matches!(policy.row(row).basis(), Basis::Consent(_)));
            if withheld {
                altered = true;
                refusals.push(Refusal::new(cookie.name, RefusalReason::NoConsent));
            }
            !withheld
        });
        let stale = cookies.iter().filter_map(Stale::of).collect();
        let admitted = Self { fields: Fields::None, refusals, stale, judged: now };
        if altered { Verdict::Rewritten(admitted, header(&cookies)) } else { Verdict::LeftAlone(admitted) }
    }

    /// Whether nothing was refused, and nothing has to be issued anew.
    pub(crate) fn is_unremarkable(&self) -> bool {
        self.refusals.is_empty() && self.stale.is_empty()
    }

    /// The admitted pairs, as the handler's header has them.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let fields = match &self.fields {
            Fields::None => &[],
            Fields::One(field) => std::slice::from_ref(field),
            Fields::Several(fields) => fields,
        };
        fields
            .iter()
            .flat_map(|field| pairs(field.as_bytes()))
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl Verdict {
    /// Puts the header right and keeps what it says.
    pub(super) fn hand_over(self, headers: &mut HeaderMap) -> Admitted {
        let several = headers.get_all(COOKIE).iter().nth(1).is_some();
        let rewritten = matches!(self, Self::Rewritten(..));
        let mut admitted = match self {
            Self::LeftAlone(admitted) => admitted,
            Self::Rewritten(admitted, Some(header)) => {
                // In place where it can be: `insert` makes room first, and a full map grows by that, or cannot.
                if several {
                    headers.remove(COOKIE);
                }
                match headers.get_mut(COOKIE) {
                    Some(only) => *only = header,
                    None => drop(headers.insert(COOKIE, header)),
                }
                admitted
            }
            Self::Rewritten(admitted, None) => {
                headers.remove(COOKIE);
                admitted
            }
        };
        // Sensitive, so that neither `Debug` of the headers nor the tables of HTTP/2 show them.
        let sensitive = |field: &mut HeaderValue| {
            field.set_sensitive(true);
            field.clone()
        };
        admitted.fields = if rewritten || !several {
            headers.get_mut(COOKIE).map_or(Fields::None, |field| Fields::One(sensitive(field)))
        } else {
            let fields = headers.iter_mut().filter(|(name, _)| *name == COOKIE).map(|(_, field)| field);
            Fields::Several(fields.map(sensitive).collect())
        };
        admitted
    }
}

impl Stale {
    fn of(cookie: &Cookie<'_>) -> Option<Self> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        Some(Self { period: cookie.stale?, name: text(cookie.name)?, value: text(&cookie.value)? })
    }
}

/// The cookies as one header line; `None` if there are none.
fn header(cookies: &[Cookie<'_>]) -> Option<HeaderValue> {
    let length = cookies.iter().map(|cookie| cookie.name.len() + cookie.value.len() + 3).sum();
    let mut line = Vec::with_capacity(length);
    for cookie in cookies {
        if !line.is_empty() {
            line.extend_from_slice(b"; ");
        }
        line.extend_from_slice(cookie.name);
        line.push(b'=');
        line.extend_from_slice(&cookie.value);
    }
    if line.is_empty() {
        return None;
    }
    // Every byte of it stood in a header before, so it is legal in one.
    HeaderValue::from_maybe_shared(Bytes::from(line)).ok()
}
