//! The node to which the visitor's cookie leads, and the label that this node puts there.
//!
//! - It goes along with a new session id: the session is here.
//! - Who came with a label that does not count gets this node's, and never an error. That is a reissue: it waits where a cache
//!   might keep the response.
//! - Who came without one gets none.

use super::Cookies;
use crate::inbound::Stale;
use crate::outbound::{Draft, Origin, Outgoing, Wish};
use crate::policy::Role;
use crate::report::{Refusal, RefusalReason};
use crate::session::Settled;
use crate::value::node::Node;

impl Cookies {
    /// The node to which the visitor's cookie (`bsloc` in the preset) leads, if it was admitted. It need not be the node that
    /// answers: where the load balancer cannot reach it, another one does. `None` too if no policy around the handler has a row for
    /// it.
    ///
    /// The response varies by `Cookie` then.
    #[must_use]
    pub fn node(&self) -> Option<Node> {
        let (holder, row) = self.holder_of(Role::Node)?;
        let label = holder.get_all(row.name().literal()).next()?;
        let (_, nodes) = holder.0.policy.nodes()?;
        nodes.find(label).cloned()
    }

    /// Sees to it that the visitor comes back here, where that is needed.
    pub(super) fn route(&self, settled: Option<&Settled>, outgoing: &mut Outgoing) {
        let begins = settled.is_some_and(|settled| settled.order.keep.is_some());
        let fails = settled.is_some_and(|settled| settled.failure.is_some());
        if !begins && self.refused().is_empty() {
            return;
        }
        let Some((row, nodes)) = self.0.policy.nodes() else { return };
        let (name, own) = (row.name().literal(), nodes.own_label());
        let mut pairs = self.0.admitted.pairs();
        let label = pairs.find(|(present, _)| *present == name.as_bytes()).map(|(_, label)| label);
        let draft = || Draft::order(name, own.to_owned(), Origin::Managed, Wish::Declared);
        if begins && label != Some(own.as_bytes()) {
            outgoing.orders.push(draft());
        } else if label.is_none() && !fails && self.is_to_be_routed(name) {
            outgoing.reissues.push(draft());
        }
    }

    /// Whether a cookie of this name was refused, and may be replaced.
    ///
    /// A request that is rejected is answered for other things. And another transaction begins for this only where nothing speaks
    /// of any: who has lost the main gets the label with the next session. Where several may be the visitor's, another would take
    /// the place of the visitor's own, and leave what another host has planted as the only one.
    fn is_to_be_routed(&self, name: &str) -> bool {
        let admitted = &self.0.admitted;
        let is_torn = || self.refused().iter().any(|one| one.reason() == RefusalReason::Duplicate);
        let may_begin = |one: &Refusal| one.reason() == RefusalReason::Unsigned && !is_torn();
        let is_bad = |one: &Refusal| one.is_about(name) && (admitted.transaction.is_some() || may_begin(one));
        !admitted.is_rejected() && self.refused().iter().any(is_bad)
    }

    /// The value, under the present key, of what came under a previous one.
    pub(super) fn renewed(&self, stale: &Stale) -> String {
        match self.0.policy.nodes() {
            Some((row, nodes)) if row.name().literal() == stale.name => nodes.own_label().to_owned(),
            _ => stale.value.clone(),
        }
    }
}
