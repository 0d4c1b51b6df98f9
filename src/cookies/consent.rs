//! Consent behind the handle: what the request's consent comes to, and the decision that its response answers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::uri::PathAndQuery;
use http::{HeaderName, Request};

use super::{Cookies, Exchange};
use crate::consent::Consent;
use crate::outbound::{Draft, Origin, Outgoing, Wish, Withdrawal};
use crate::policy::{Asking, Categories, CookiePolicy, Found, Role, VALIDITY};
#[cfg(feature = "pages")]
use crate::value::consent::Choice;
use crate::value::consent::Standing;
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
    /// Whether it is for a page, as far as the browser says.
    is_document: bool,
    /// What the visitor decided in this request.
    decided: OnceLock<Decided>,
    /// Whether a handler asked what the visitor has consented to.
    read: AtomicBool,
}

impl Asked {
    pub(crate) fn by<B>(request: &Request<B>) -> Box<Self> {
        // Whoever sends a form does not want to send it again.
        let target = request.uri().path_and_query().filter(|_| request.method().is_safe()).cloned();
        let is_document = request.headers().get(SEC_FETCH_DEST).is_none_or(|dest| dest == "document");
        Box::new(Self { target, is_document, decided: OnceLock::new(), read: AtomicBool::new(false) })
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

    /// What the consent cookie says, where it counts.
    #[cfg(feature = "pages")]
    pub(crate) fn choice(&self) -> Option<Choice<'_>> {
        self.0.admitted.consent.decided?;
        let name = self.0.policy.row_of(Role::Consent)?.name().literal().as_bytes();
        let (_, value) = self.0.admitted.pairs().find(|(present, _)| *present == name)?;
        Choice::parse(value)
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
            let came = of_categories(policy, asking, refused, came);
            outgoing.withdrawal = Withdrawal { came, decided: Some(refused) };
        } else if !admitted.withheld().is_empty() && !policy.only_reports() && self.is_document() {
            let refused = admitted.consent.answered.without(admitted.consent.granted);
            let came = admitted.withheld().iter().map(String::as_str);
            outgoing.withdrawal =
                Withdrawal { came: of_categories(policy, asking, refused, came), decided: None };
        }
    }

    /// Whether the request is for a page, as far as the browser says.
    fn is_document(&self) -> bool {
        self.0.asked.as_ref().is_some_and(|asked| asked.is_document)
    }
}

/// The names that are of these categories.
fn of_categories<'n>(
    policy: &CookiePolicy,
    asking: &Asking,
    refused: Categories,
    names: impl Iterator<Item = &'n str>,
) -> Vec<String> {
    let is_refused = |name: &&str| {
        let category = number_of(policy, asking, name);
        category.is_some_and(|category| refused.contains(category))
    };
    names.filter(is_refused).map(str::to_owned).collect()
}

/// The category of a cookie of this name.
fn number_of(policy: &CookiePolicy, asking: &Asking, name: &str) -> Option<usize> {
    match policy.names().find(name.as_bytes()) {
        Found::Row(row) => asking.of_row(row),
        _ => None,
    }
}

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
