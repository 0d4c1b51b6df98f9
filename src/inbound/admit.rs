//! What the handler gets to see: the `Cookie` header is written again if it has to be.

use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use smallvec::SmallVec;

use super::cookie::{Cookie, Fate};
use super::parse::pairs;
use super::remarks::{Remarks, Stale};
use super::verify::Verified;
use crate::policy::CookiePolicy;
use crate::report::{Refusal, RefusalReason};
use crate::value::consent::Standing;
use crate::wire::main::Transaction;

/// The cookies that were let in.
#[derive(Default)]
pub(crate) struct Admitted {
    /// The `Cookie` header's fields as the handler sees them.
    fields: Fields,
    /// The moment at which they were judged, in Unix seconds; 0 where there were none.
    pub(crate) judged: u32,
    /// The transaction that the request belongs to.
    pub(crate) transaction: Option<Transaction>,
    /// What the visitor has consented to.
    pub(crate) consent: Standing,
    /// The first second at which each signed or sealed one does not count any more, in the order of the header. As many as the
    /// documented table has find room without an allocation.
    ends: SmallVec<[u32; 4]>,
    /// What is seldom said.
    remarks: Option<Box<Remarks>>,
}

#[derive(Default)]
enum Fields {
    #[default]
    None,
    One(HeaderValue),
    Several(Vec<HeaderValue>),
}

/// What has to become of the request's header.
pub(super) enum Verdict {
    LeftAlone(Admitted),
    /// The header is to say this instead; nothing, where no cookie is left.
    Rewritten(Admitted, Option<HeaderValue>),
}

impl Admitted {
    /// A request that has no cookies, and perhaps a signal.
    pub(super) fn without_cookies(consent: Standing) -> Self {
        Self { consent, ..Self::default() }
    }

    /// `consent` is what the request's signal comes to.
    pub(super) fn judge(
        policy: &CookiePolicy,
        mut verified: Verified<'_>,
        consent: Standing,
        now: u32,
    ) -> Verdict {
        let consent = verified.withhold(policy, consent.signal);
        let Verified { cookies, transaction, oversized } = verified;
        let mut admitted = Self { judged: now, transaction, consent, ..Self::default() };
        let mut altered = oversized;
        for cookie in &cookies {
            if cookie.is_withheld {
                admitted.remark().withhold(cookie);
            }
            match cookie.fate {
                Fate::Passing if cookie.row().is_none() && policy.only_reports() => {
                    admitted.remark().sight(cookie);
                }
                Fate::Passing => {}
                Fate::Verified => {
                    if let Some(ends) = end(policy, cookie) {
                        altered = true;
                        admitted.ends.push(ends);
                    }
                    if cookie.is_stale {
                        admitted.remark().stale.extend(Stale::of(cookie));
                    }
                }
                Fate::Spare | Fate::Own => altered = true,
                Fate::Refused { .. } => {
                    altered = true;
                    admitted.remark().note(cookie);
                }
                Fate::Adopted | Fate::Reported(_) => admitted.remark().note(cookie),
            }
        }
        if oversized {
            admitted.remark().refusals.push(Refusal::new(b"", RefusalReason::Oversized));
        }
        if altered { Verdict::Rewritten(admitted, header(&cookies)) } else { Verdict::LeftAlone(admitted) }
    }

    #[cold]
    fn remark(&mut self) -> &mut Remarks {
        self.remarks.get_or_insert_default()
    }

    /// Refuses the request itself.
    pub(super) fn turn_away(&mut self, reason: RefusalReason) {
        let remarks = self.remark();
        remarks.refusals.push(Refusal::new(b"", reason));
        remarks.turned_away = true;
        remarks.asked_referrer = reason == RefusalReason::Flow;
    }

    /// Notes that the request enters a flow.
    pub(super) fn enter_flow(&mut self) {
        self.remark().asked_referrer = true;
    }

    /// Whether the answer depends on the `Referer`, since the request is for a path of a flow.
    #[inline]
    pub(crate) fn asked_referrer(&self) -> bool {
        self.remarks.as_ref().is_some_and(|remarks| remarks.asked_referrer)
    }

    /// The cookies that were not let in, and those that were for all that.
    pub(crate) fn refusals(&self) -> &[Refusal] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.refusals)
    }

    /// Those among the admitted that a previous key had signed or sealed.
    pub(crate) fn stale(&self) -> &[Stale] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.stale)
    }

    /// Whether the policy answers the request itself.
    #[inline]
    pub(crate) fn is_rejected(&self) -> bool {
        self.remarks.as_ref().is_some_and(|remarks| remarks.turned_away || !remarks.alarming.is_empty())
    }

    /// The names for which it does.
    pub(crate) fn alarming(&self) -> &[String] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.alarming)
    }

    /// The rows of the adopted cookies, one for each name.
    #[inline]
    pub(crate) fn adopted(&self) -> &[usize] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.adopted)
    }

    /// The names of the cookies that need a consent that there is not.
    pub(crate) fn withheld(&self) -> &[String] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.withheld)
    }

    /// The undeclared names that were let in, where the policy only reports.
    pub(crate) fn undeclared(&self) -> &[String] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.undeclared)
    }

    /// Whether a cookie of this name was let in without a MAC that speaks for it. No companion is ever made for such.
    pub(crate) fn is_unproven(&self, name: &str) -> bool {
        self.remarks.as_ref().is_some_and(|remarks| remarks.unproven.iter().any(|known| known == name))
    }

    /// Whether there is nothing to say of it: nothing was refused, and nothing has to be issued anew.
    #[inline]
    pub(crate) fn is_unremarkable(&self) -> bool {
        self.remarks.is_none()
    }

    /// The first second at which each admitted cookie that is signed or sealed does not count any more, in their order.
    pub(crate) fn ends(&self) -> impl Iterator<Item = u32> {
        self.ends.iter().copied()
    }

    /// The admitted pairs, as the handler's header has them.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let fields = match &self.fields {
            Fields::None => &[],
            Fields::One(field) => std::slice::from_ref(field),
            Fields::Several(fields) => fields,
        };
        fields.iter().flat_map(|field| pairs(field.as_bytes()))
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

/// The first second at which a verified cookie does not count any more, if it is signed or sealed: then it is on the wire not what
/// it is to the handler.
fn end(policy: &CookiePolicy, cookie: &Cookie<'_>) -> Option<u32> {
    Some(cookie.period?.end(policy.validity(policy.row(cookie.row()?))))
}

/// The cookies as one header line; `None` if there are none.
fn header(cookies: &[Cookie<'_>]) -> Option<HeaderValue> {
    let let_in = || cookies.iter().filter(|cookie| cookie.fate.is_let_in());
    let length = let_in().map(|cookie| cookie.name().len() + cookie.value().len() + 3).sum();
    let mut line = Vec::with_capacity(length);
    for cookie in let_in() {
        if !line.is_empty() {
            line.extend_from_slice(b"; ");
        }
        match cookie.verbatim() {
            Some(text) => line.extend_from_slice(text),
            None => {
                line.extend_from_slice(cookie.name());
                line.push(b'=');
                line.extend_from_slice(cookie.value());
            }
        }
    }
    if line.is_empty() {
        return None;
    }
    // Every byte of it stood in a header before, so it is legal in one.
    HeaderValue::from_maybe_shared(Bytes::from(line)).ok()
}
