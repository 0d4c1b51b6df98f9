//! The session behind the handle: found by its cookie, and told of to the browser.

use std::sync::{Arc, PoisonError};

use super::{Cookies, Exchange};
use crate::outbound::{Draft, Origin, Wish};
use crate::policy::Role;
use crate::report::{Refusal, RefusalReason};
use crate::session::{Login, Order, Presented, Session, Settled, Visit};
use crate::value::appia::{encoded, random_uuid};
use crate::wire::Period;

impl Cookies {
    /// The session of this request; no store is asked before it is used. `None` if no policy around the handler has a
    /// row for one.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        let (holder, _) = self.holder_of(Role::Session)?;
        Some(Session(Arc::clone(holder.0.visit.get_or_init(|| Arc::new(holder.arriving())))))
    }

    fn arriving(&self) -> Visit {
        let Exchange { policy, admitted, .. } = &*self.0;
        let name = |role| policy.row_of(role).map_or("", |row| row.name().literal()).as_bytes();
        let [id, user, login] = [Role::Session, Role::UserId, Role::AutoLogin].map(name);
        let mut presented = [None; 3];
        for (name, value) in admitted.pairs() {
            let of = [id, user, login].iter().position(|of| *of == name);
            if let Some(place) = of {
                presented[place].get_or_insert(value);
            }
        }
        let [id, user, login] = presented;
        Visit::new(policy.clone(), Presented::new(id, user, login, admitted.judged))
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
        if self.0.policy.row_of(Role::Session).is_none() {
            return true;
        }
        let visit = self.arriving();
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
        if !order.forget && order.keep.is_none() && order.login.is_none() {
            return;
        }
        for row in self.0.policy.specs() {
            let name = row.name().literal();
            orders.extend(match told(order, row.declared_role()) {
                Some(Told::Value(value)) => Some(Draft::order(name, value, Origin::Managed, Wish::Declared)),
                Some(Told::Within(value, period)) => {
                    Some(Draft::order(name, value, Origin::Succeeding(period), Wish::Declared))
                }
                Some(Told::Gone) if self.came(name) => {
                    Some(Draft::order(name, String::new(), Origin::Managed, Wish::Delete))
                }
                Some(Told::Gone) | None => None,
            });
        }
    }

    /// Whether the request brought a cookie of this name that may go, let in or not. One of several that nobody can tell apart
    /// stays: a deletion reaches the visitor's own, and leaves what another host has planted as the only one.
    fn came(&self, name: &str) -> bool {
        let mut pairs = self.0.admitted.pairs();
        let is_bad = |one: &Refusal| one.is_about(name) && one.reason() != RefusalReason::Duplicate;
        pairs.any(|(present, _)| present == name.as_bytes()) || self.refused().iter().any(is_bad)
    }
}

/// What the browser is told of a cookie.
enum Told {
    Value(String),
    /// A value with the period that another one had before.
    Within(String, Period),
    Gone,
}

/// What an order says of the cookie of this role.
fn told(order: &Order, role: Role) -> Option<Told> {
    let forgotten = || (order.forget && role.ends_with_session()).then_some(Told::Gone);
    match (role, &order.keep, &order.login) {
        (Role::Session, Some(id), _) => Some(Told::Value(id.to_cookie())),
        // Without random bytes there would be no id either.
        (Role::Correlation, Some(_), _) => random_uuid().ok().map(Told::Value),
        (Role::UserId, Some(_), _) => match &order.owner {
            Some(user) if order.rotates => Some(Told::Value(encoded(user))),
            Some(_) => None,
            None => Some(Told::Gone),
        },
        (Role::AutoLogin, _, Some(Login::Keep(token, period))) => {
            Some(Told::Within(token.to_cookie(), *period))
        }
        (Role::AutoLogin, _, Some(Login::Forget | Login::Told)) => Some(Told::Gone),
        (Role::AutoLogin, _, Some(Login::Left)) => None,
        _ => forgotten(),
    }
}
