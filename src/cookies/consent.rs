//! Consent behind the handle: what the request's consent comes to, and the decision that its response answers.

use std::sync::atomic::Ordering;

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
        self.0.read_consent.store(true, Ordering::Relaxed);
        self.0.admitted.consent
    }

    /// The consent cookie's value, where it was let in.
    pub(crate) fn consent_value(&self) -> Option<&[u8]> {
        let name = self.0.policy.row_of(Role::Consent)?.name().literal().as_bytes();
        self.0.admitted.pairs().find(|(present, _)| *present == name).map(|(_, value)| value)
    }

    /// The path and query that the request asks for.
    pub(crate) fn target(&self) -> Option<&str> {
        self.0.target.as_ref().map(|target| target.as_str())
    }

    /// Has the response carry a decision. The first one counts.
    pub(crate) fn decide(&self, decided: Decided) {
        let _ = self.0.decided.set(decided);
    }

    /// What the visitor has consented to, as far as the response is concerned.
    pub(super) fn granted(&self) -> Categories {
        self.0.decided.get().map_or(self.0.admitted.consent.granted, |decided| decided.granted)
    }

    /// Adds the consent cookie and the deletions that a decision brings along. Where an earlier decision has refused what still
    /// came, that goes now.
    pub(super) fn carry_out_consent(&self, outgoing: &mut Outgoing) {
        outgoing.granted = self.granted();
        let Exchange { policy, admitted, decided, .. } = &*self.0;
        let Some(asking) = policy.asking() else { return };
        if let (Some(decided), Some(row)) = (decided.get(), policy.row_of(Role::Consent)) {
            let period = Period::starting(decided.hour, VALIDITY.max_age().unwrap_or_default());
            let (name, value) = (row.name().literal(), decided.value.clone());
            outgoing.orders.push(Draft::order(name, value, Origin::Dated(period), Wish::Declared));
            let refused = asking.all().without(decided.granted);
            let let_in = admitted.pairs().filter_map(|(name, _)| std::str::from_utf8(name).ok());
            let came = admitted.withheld().iter().map(String::as_str).chain(let_in);
            outgoing.orders.extend(withdrawn(policy, asking, refused, came).into_iter().map(withdrawal));
        } else if !policy.only_reports() && !admitted.withheld().is_empty() {
            let refused = admitted.consent.answered.without(admitted.consent.granted);
            let is_refused = |name: &&String| {
                let category = number_of(policy, asking, name);
                category.is_some_and(|category| refused.contains(category))
            };
            outgoing
                .reissues
                .extend(admitted.withheld().iter().filter(is_refused).map(|name| withdrawal(name)));
        }
    }
}

/// The names that go with these categories: the exact ones of the table, and what came.
fn withdrawn<'n>(
    policy: &'n CookiePolicy,
    asking: &Asking,
    refused: Categories,
    came: impl Iterator<Item = &'n str>,
) -> Vec<&'n str> {
    let rows = policy.specs().iter().enumerate().filter(|(_, row)| row.name().is_exact());
    let of_table =
        rows.filter(|(at, _)| asking.of_row(*at).is_some_and(|category| refused.contains(category)));
    let mut names: Vec<&str> = of_table.map(|(_, row)| row.name().literal()).collect();
    for name in came {
        let category = number_of(policy, asking, name);
        if category.is_some_and(|category| refused.contains(category)) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

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
