//! The session behind the handle: found by its cookie, and told of to the browser.

use std::sync::Arc;

use super::{Cookies, Exchange};
use crate::outbound::{Draft, Origin, Wish};
use crate::policy::{CookieSpec, Role};
use crate::session::{Order, Session, Settled, Visit};

impl Cookies {
    /// The session of this request; no store is asked before it is used. `None` if no policy around the handler has a
    /// row for one.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        let Exchange { policy, admitted, outer, visit, .. } = &*self.0;
        let Some(row) = policy.session_row() else { return outer.as_ref()?.session() };
        let visit = visit.get_or_init(|| {
            let name = row.name().literal().as_bytes();
            let presented =
                admitted.pairs().find(|(present, _)| *present == name).map(|(_, id)| (id, admitted.judged));
            Arc::new(Visit::new(policy.clone(), presented))
        });
        Some(Session(Arc::clone(visit)))
    }

    /// What came of the session, if somebody has asked for it: at once where its store has nothing to do, else the visit
    /// that has to wait for it.
    #[inline]
    pub(crate) fn settle(&mut self) -> Result<Option<Settled>, Arc<Visit>> {
        if self.0.visit.get().is_none() { Ok(None) } else { self.settle_visit().map(Some) }
    }

    fn settle_visit(&mut self) -> Result<Settled, Arc<Visit>> {
        // Mostly the handler has dropped its handles by now, and there is nobody to lock out.
        if let Some(visit) = Arc::get_mut(&mut self.0).and_then(|alone| alone.visit.get_mut())
            && let Some(alone) = Arc::get_mut(visit)
        {
            return alone.settled_alone().ok_or_else(|| Arc::clone(visit));
        }
        let Some(visit) = self.0.visit.get() else { return Ok(Settled::default()) };
        visit.settled().ok_or_else(|| Arc::clone(visit))
    }

    /// Orders the cookies that a session's order is about. What tells who was signed in is deleted where it came.
    pub(super) fn carry_out(&self, order: &Order, orders: &mut Vec<Draft>) {
        if !order.forget && order.keep.is_none() {
            return;
        }
        let draft = |row: &CookieSpec, value, wish| {
            Some(Draft::order(row.name().literal(), value, Origin::Managed, wish))
        };
        let forgotten = |row: &CookieSpec| order.forget && row.declared_role().ends_with_session();
        let rows = self.0.policy.specs().iter();
        orders.extend(rows.filter_map(|row| match (row.declared_role(), &order.keep) {
            (Role::Session, Some(id)) => draft(row, id.to_cookie(), Wish::Declared),
            _ if forgotten(row) && self.came(row.name().literal()) => draft(row, String::new(), Wish::Delete),
            _ => None,
        }));
    }

    /// Whether the request brought a cookie of this name, let in or not.
    fn came(&self, name: &str) -> bool {
        let mut pairs = self.0.admitted.pairs();
        pairs.any(|(present, _)| present == name.as_bytes())
            || self.refused().iter().any(|refusal| refusal.is_about(name))
    }
}
