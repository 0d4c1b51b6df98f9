//! The visitor's id behind the handle: the one that came, or a new one for whoever asks.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::error::Reason;
use super::{Cookies, SetCookieError};
use crate::outbound::{self, Draft, Origin, Wish};
use crate::policy::Role;
use crate::value::visitor::VisitorId;

impl Cookies {
    /// The visitor's id: the one that came, else a new one, whose cookie leaves with this response. However often it is asked
    /// for while a request is under way, the id is the same.
    ///
    /// - To ask is what issues it; nothing else does. Its time runs from then on, and a visitor who comes back does not prolong it.
    /// - What was not issued under this policy's keys is refused like any bad cookie, the decimal ids of OFBiz included: such a
    ///   visitor is a new one.
    /// - If the table has no row for it, the layer of another policy around this one is asked.
    ///
    /// # Errors
    /// [`SetCookieError`] if no table has a row for it, its row needs a consent that the visitor has not given, the response
    /// has left, or the system has no random bytes.
    ///
    /// ```
    /// use tower_cookie_policy::{Cookies, SetCookieError};
    ///
    /// fn open_case(cookies: &Cookies) -> Result<String, SetCookieError> {
    ///     Ok(format!("a case of the visitor {}", cookies.visitor_id()?))
    /// }
    /// ```
    pub fn visitor_id(&self) -> Result<VisitorId, SetCookieError> {
        let none = || SetCookieError { name: String::new(), reason: Reason::NoVisitorRow };
        let (holder, row) = self.holder_of(Role::Visitor).ok_or_else(none)?;
        let name = row.name().literal();
        if let Some(id) = holder.admitted_visitor(name) {
            return Ok(id);
        }
        let refused = |reason| SetCookieError { name: name.to_owned(), reason };
        holder.note_consent(name);
        outbound::row_to_set(&holder.0.policy, holder.granted(), name, Origin::Managed)
            .map_err(|stop| refused(Reason::Stopped(stop)))?;
        // One who asks at the same time waits here, and then finds the order.
        let mut orders = holder.0.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = orders.as_mut().ok_or_else(|| refused(Reason::Late))?;
        if let Some(id) = ordered_visitor(orders, name) {
            return Ok(id);
        }
        let id = VisitorId::random().map_err(|_| refused(Reason::NoEntropy))?;
        orders.push(Draft::order(name, id.as_str().to_owned(), Origin::Managed, Wish::Declared));
        Ok(id)
    }

    /// The visitor's id, if one came or was [asked for](Self::visitor_id) in this request. To look for it issues none.
    #[must_use]
    pub fn known_visitor_id(&self) -> Option<VisitorId> {
        let (holder, row) = self.holder_of(Role::Visitor)?;
        let name = row.name().literal();
        holder.admitted_visitor(name).or_else(|| {
            let orders = holder.0.orders.lock().unwrap_or_else(PoisonError::into_inner);
            ordered_visitor(orders.as_ref()?, name)
        })
    }

    /// Whether a policy around the handler has a row for it.
    #[cfg(feature = "axum")]
    pub(crate) fn knows_visitors(&self) -> bool {
        self.holder_of(Role::Visitor).is_some()
    }

    fn admitted_visitor(&self, name: &str) -> Option<VisitorId> {
        self.0.read_cookies.store(true, Ordering::Relaxed);
        let mut pairs = self.0.admitted.pairs();
        let (_, value) = pairs.find(|(present, _)| *present == name.as_bytes())?;
        VisitorId::of_cookie(value)
    }
}

/// The id that was ordered before.
fn ordered_visitor(orders: &[Draft], name: &str) -> Option<VisitorId> {
    let order = orders.iter().find(|order| order.origin == Origin::Managed && order.name == name)?;
    VisitorId::of_cookie(order.value.as_bytes())
}
