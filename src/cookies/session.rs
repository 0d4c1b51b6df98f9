//! The session behind the handle: found by its cookie, and told of to the browser.

use std::sync::{Arc, PoisonError};

use super::{Cookies, Exchange};
use crate::outbound::{Draft, Origin, Wish};
use crate::policy::{CookieSpec, Role};
use crate::session::{Order, Session, Settled, Visit};

impl Cookies {
    /// The session of this request; no store is asked before it is used. `None` if no policy around the handler has a
    /// row for one.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        let Exchange { policy, outer, visit, .. } = &*self.0;
        let Some(row) = policy.session_row() else { return outer.as_ref()?.session() };
        Some(Session(Arc::clone(visit.get_or_init(|| Arc::new(self.arriving(row))))))
    }

    fn arriving(&self, row: &CookieSpec) -> Visit {
        let Exchange { policy, admitted, .. } = &*self.0;
        let name = row.name().literal().as_bytes();
        let presented = admitted.pairs().find(|(present, _)| *present == name);
        Visit::new(policy.clone(), presented.map(|(_, id)| (id, admitted.judged)))
    }

    /// What came of the session, if somebody has asked for it: at once where its store has nothing to do, else the visit
    /// that has to wait for it.
    #[inline]
    pub(crate) fn settle(&mut self) -> Result<Option<Settled>, Arc<Visit>> {
        if self.0.visit.get().is_none() && self.leave() {
            return Ok(None);
        }
        self.settle_visit().map(Some)
    }

    /// Sees to it that a session which is asked for from now on, by whoever still has this handle, is one of a response that
    /// has left. False if somebody was faster.
    pub(crate) fn leave(&mut self) -> bool {
        if Arc::get_mut(&mut self.0).is_some() {
            return true;
        }
        let Some(row) = self.0.policy.session_row() else { return true };
        let visit = self.arriving(row);
        visit.leave();
        self.0.visit.set(Arc::new(visit)).is_ok()
    }

    /// There will be no response: nothing that is still ordered or written would ever leave.
    pub(crate) fn abandon(&self) {
        self.0.orders.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(visit) = self.0.visit.get() {
            visit.leave();
        }
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
