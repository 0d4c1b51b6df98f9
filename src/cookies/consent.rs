//! Consent behind the handle: what the request's consent comes to, and the decision that its response answers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Uri;
use http::uri::PathAndQuery;

use super::{Cookies, Exchange};
use crate::consent::{Consent, Standing};
use crate::outbound::{Draft, Origin, Outgoing, Wish};
use crate::policy::{Asking, Categories, CookiePolicy, Found, Role, VALIDITY};
use crate::wire::Period;

/// A visitor's decision, which is on its way into the consent cookie.
pub(crate) struct Decided {
    /// The cookie's value.
    pub(crate) value: String,
    /// The whole hour from which it counts.
    pub(crate) hour: u32,
    pub(crate) granted: Categories,
}

/// What there is to know of a request beside its cookies, under a policy that asks for consent.
pub(crate) struct Asked {
    /// Where the request goes: visitors come back there from their decision.
    #[cfg_attr(not(feature = "pages"), expect(dead_code, reason = "decisions are made on the pages"))]
    target: Option<PathAndQuery>,
    /// What the visitor decided in this request.
    decided: OnceLock<Decided>,
    /// Whether a handler asked what the visitor has consented to.
    read: AtomicBool,
}

impl Asked {
    pub(crate) fn at(uri: &Uri) -> Box<Self> {
        let target = uri.path_and_query().cloned();
        Box::new(Self { target, decided: OnceLock::new(), read: AtomicBool::new(false) })
    }

    pub(super) fn is_idle(&mut self) -> bool {
        !*self.read.get_mut() && self.decided.get_mut().is_none()
    }

    pub(super) fn was_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }
}

impl Cookies {
    /// What the visitor has consented to. The response varies by `Cookie` and `Sec-GPC` as soon as it is asked anything.
    #[must_use]
    pub fn consent(&self) -> Consent {
        Consent::of(self)
    }

    /// The handle of the policy that asks for consent, among those around the handler: the innermost one's.
    pub(crate) fn asking(&self) -> Option<&Self> {
        match self.0.policy.asking() {
            Some(_) => Some(self),
            None => self.0.outer.as_ref()?.asking(),
        }
    }

    /// What the request's consent comes to, asked by a handler.
    pub(crate) fn read_standing(&self) -> Standing {
        self.note_read_consent();
        self.0.admitted.consent
    }

    /// Has the response vary by what the visitor has consented to.
    pub(super) fn note_read_consent(&self) {
        if let Some(asked) = &self.0.asked {
            asked.read.store(true, Ordering::Relaxed);
        }
    }

    fn decided(&self) -> Option<&Decided> {
        self.0.asked.as_ref()?.decided.get()
    }

    /// The consent cookie's value, where it was let in.
    #[cfg(feature = "pages")]
    pub(crate) fn consent_value(&self) -> Option<&[u8]> {
        let name = self.0.policy.row_of(Role::Consent)?.name().literal().as_bytes();
        self.0.admitted.pairs().find(|(present, _)| *present == name).map(|(_, value)| value)
    }

    /// The path and query that the request asks for.
    #[cfg(feature = "pages")]
    pub(crate) fn target(&self) -> Option<&str> {
        self.0.asked.as_ref()?.target.as_ref().map(PathAndQuery::as_str)
    }

    /// Has the response carry a decision. The first one counts.
    #[cfg(feature = "pages")]
    pub(crate) fn decide(&self, decided: Decided) {
        if let Some(asked) = &self.0.asked {
            let _ = asked.decided.set(decided);
        }
    }

    /// What the visitor has consented to, as far as the response is concerned.
    pub(super) fn granted(&self) -> Categories {
        self.decided().map_or(self.0.admitted.consent.granted, |decided| decided.granted)
    }

    /// Adds the consent cookie and the deletions that a decision brings along. Where an earlier decision has refused what still
    /// came, that goes now.
    pub(super) fn carry_out_consent(&self, outgoing: &mut Outgoing) {
        outgoing.granted = self.granted();
        let Exchange { policy, admitted, .. } = &*self.0;
        let Some(asking) = policy.asking() else { return };
        if let (Some(decided), Some(row)) = (self.decided(), policy.row_of(Role::Consent)) {
            let period = Period::starting(decided.hour, VALIDITY.max_age().unwrap_or_default());
            let (name, value) = (row.name().literal(), decided.value.clone());
            outgoing.orders.push(Draft::order(name, value, Origin::Dated(period), Wish::Declared));
            let refused = asking.all().without(decided.granted);
            let let_in = admitted.pairs().filter_map(|(name, _)| std::str::from_utf8(name).ok());
            let came = admitted.withheld().iter().map(String::as_str).chain(let_in);
            let strays = strays(policy, asking, refused, came);
            let exact = of_table(policy, asking, refused).filter(|name| !strays.contains(name));
            outgoing.orders.extend(strays.iter().copied().chain(exact).map(withdrawal));
        } else if !policy.only_reports() && !admitted.withheld().is_empty() {
            let refused = admitted.consent.answered.without(admitted.consent.granted);
            let came = admitted.withheld().iter().map(String::as_str);
            outgoing.reissues.extend(strays(policy, asking, refused, came).into_iter().map(withdrawal));
        }
    }
}

/// The exact names of the table that go with these categories.
fn of_table<'p>(
    policy: &'p CookiePolicy,
    asking: &Asking,
    refused: Categories,
) -> impl Iterator<Item = &'p str> {
    let rows = policy.specs().iter().enumerate().filter(|(_, row)| row.name().is_exact());
    let refused = move |at| asking.of_row(at).is_some_and(|category| refused.contains(category));
    rows.filter(move |(at, _)| refused(*at)).map(|(_, row)| row.name().literal())
}

/// Of what came, the names that go with these categories: as many as one response has room for. The others go with the next ones,
/// since a header that is too long for a proxy in front would be no response at all.
fn strays<'n>(
    policy: &CookiePolicy,
    asking: &Asking,
    refused: Categories,
    came: impl Iterator<Item = &'n str>,
) -> Vec<&'n str> {
    let mut names: Vec<&str> = Vec::new();
    for name in came {
        let is_refused =
            || number_of(policy, asking, name).is_some_and(|category| refused.contains(category));
        if names.len() < MOST_STRAYS && !names.contains(&name) && is_refused() {
            names.push(name);
        }
    }
    names
}

/// Each takes some 240 bytes, and proxies have room for 4 KiB.
const MOST_STRAYS: usize = 10;

/// The category of a cookie of this name.
fn number_of(policy: &CookiePolicy, asking: &Asking, name: &str) -> Option<usize> {
    match policy.names().find(name.as_bytes()) {
        Found::Row(row) => asking.of_row(row),
        _ => None,
    }
}

fn withdrawal(name: impl AsRef<str>) -> Draft {
    Draft::order(name.as_ref(), String::new(), Origin::Managed, Wish::Withdraw)
}
