//! A decision as a receipt.

use super::decision::{self, Outcome};
use super::receipt::{Decided, Event, Method, Purpose, PurposeCookie, PurposeState, Receipt};
use super::{Controller, text};
use crate::key::KeyError;
use crate::policy::{Asking, Categories, Category, CookiePolicy, VALIDITY};
use crate::value::consent::Choice;

/// What there is to record of a decision.
pub(super) struct Recorded<'d> {
    pub(super) policy: &'d CookiePolicy,
    pub(super) asking: &'d Asking,
    /// The language that it was shown in, by its number.
    pub(super) shown: usize,
    /// The decision before, if there was one.
    pub(super) before: Option<Choice<'d>>,
    pub(super) outcome: Outcome,
    /// Whether the browser sends Global Privacy Control.
    pub(super) is_signalled: bool,
    pub(super) method: decision::Method,
    pub(super) now: u32,
}

impl Recorded<'_> {
    /// The receipt, under a new number.
    pub(super) fn receipt(&self) -> Result<Receipt, KeyError> {
        let words = &self.policy.wording().all()[self.shown];
        let terms = &self.policy.document().consent;
        let previous = self.before.as_ref().and_then(|before| before.receipt?.parse().ok());
        let had = self.before.as_ref().map(|before| before.granted(self.asking)).unwrap_or_default();
        let event = match (had.is_empty(), self.outcome.granted.is_empty()) {
            _ if had == self.outcome.granted && !had.is_empty() => Event::Confirmed,
            (true, true) => Event::Refused,
            (true, false) => Event::Given,
            (false, true) => Event::Withdrawn,
            (false, false) => Event::Changed,
        };
        Receipt::new(Decided {
            previous,
            principal: previous.filter(|_| event == Event::Withdrawn),
            notice: terms.privacy_notice.clone(),
            policy: self.policy.id().to_owned(),
            revision: text(self.asking.revision(self.shown)),
            language: words.language.clone(),
            controller: terms.controller.clone().unwrap_or_else(|| Controller::new(words.site.as_ref())),
            purposes: self
                .asking
                .those(self.outcome.shown)
                .map(|(at, category)| self.purpose(at, category, had))
                .collect(),
            event,
            method: match self.method {
                decision::Method::Banner => Method::Banner,
                decision::Method::Settings => Method::Settings,
                decision::Method::Api => Method::Api,
            },
            time: self.now,
            validity: VALIDITY.max_age().unwrap_or_default(),
            global_privacy_control: self.is_signalled,
        })
    }

    fn purpose(&self, number: usize, category: &Category, had: Categories) -> Purpose {
        let words = &self.policy.wording().all()[self.shown];
        let cookies = self.policy.rows_of(category).map(|row| PurposeCookie {
            name: row.name().to_string(),
            purpose: row.purpose.in_language(&words.language).to_owned(),
            lifetime: row.declared_lifetime().max_age(),
        });
        let state = match (self.outcome.granted.contains(number), had.contains(number)) {
            (true, _) => PurposeState::Granted,
            (false, true) => PurposeState::Withdrawn,
            (false, false) => PurposeState::Refused,
        };
        Purpose {
            category: category.clone(),
            title: words.category(category.name()).to_owned(),
            about: words.about(category).to_owned(),
            state,
            hash: text(self.asking.hash(number, self.shown)),
            cookies: cookies.collect(),
            third_parties: self.policy.third_parties(category).into_iter().map(str::to_owned).collect(),
            withdrawal: self.policy.decision_path(),
        }
    }
}
