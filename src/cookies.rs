//! The handler's handle: what came in, what shall go out.
//!
//! - [`Cookies`] lies in the request's extensions; with axum it is an extractor.
//! - Reading gives admitted values only, without signatures. A response whose handler read one varies by `Cookie`.
//! - Setting and removing are orders: the response half carries them out, by the table.

mod consent;
mod error;
mod in_force;
mod language;
mod node;
mod session;
mod transaction;
mod visitor;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::inbound::{Admitted, Stale};
use crate::outbound::{self, Continuity, Draft, Origin, Outgoing, Wish, Withdrawal};
use crate::policy::{Categories, CookiePolicy, CookieSpec, Found, Role};
use crate::report::Refusal;
use crate::session::{Settled, Visit};

pub(crate) use consent::Asked;
#[cfg(feature = "pages")]
pub(crate) use consent::Decided;
use error::Reason;
pub use error::SetCookieError;
pub use in_force::InForce;

/// The cookies of one request and of its response, under one policy. Cheap to clone; all clones are one.
///
/// ```
/// use tower_cookie_policy::{Cookies, SetCookieError};
///
/// fn switch_to_dark(cookies: &Cookies) -> Result<&'static str, SetCookieError> {
///     if cookies.get("theme") == Some("dark") {
///         return Ok("already dark");
///     }
///     cookies.set("theme", "dark")?;
///     Ok("dark from now on")
/// }
/// ```
#[derive(Clone)]
pub struct Cookies(Arc<Exchange>);

/// One request and its response.
struct Exchange {
    policy: CookiePolicy,
    admitted: Admitted,
    /// What the policy's hook says of the request.
    binding: Vec<u8>,
    /// The handle of the layer of another policy around this one.
    outer: Option<Cookies>,
    /// What the handler ordered, until the response half has collected it.
    orders: Mutex<Option<Vec<Draft>>>,
    read_cookies: AtomicBool,
    read_language: AtomicBool,
    /// What there is to know beside, under a policy that asks for consent. Others do without, at no cost.
    asked: Option<Box<Asked>>,
    /// The session, once somebody has asked for it.
    visit: OnceLock<Arc<Visit>>,
}

impl Cookies {
    #[inline]
    pub(crate) fn new(
        policy: CookiePolicy,
        admitted: Admitted,
        binding: Vec<u8>,
        asked: Option<Box<Asked>>,
        outer: Option<Self>,
    ) -> Self {
        Self(Arc::new(Exchange {
            policy,
            admitted,
            binding,
            outer,
            orders: Mutex::new(Some(Vec::new())),
            read_cookies: AtomicBool::new(false),
            read_language: AtomicBool::new(false),
            asked,
            visit: OnceLock::new(),
        }))
    }

    /// The first admitted value of this name, if it is text. Signatures are stripped; quotes and percent signs are not
    /// interpreted.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next().and_then(|value| std::str::from_utf8(value).ok())
    }

    /// All admitted values of this name, in the order in which the client sent them.
    pub fn get_all<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c [u8]> {
        self.0.read_cookies.store(true, Ordering::Relaxed);
        self.note_consent(name);
        let named = self.0.admitted.pairs().filter(move |(present, _)| *present == name.as_bytes());
        named.map(|(_, value)| value)
    }

    /// Whether a cookie of this name was admitted.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get_all(name).next().is_some()
    }

    /// All admitted names and values, in the order in which the client sent them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.note_all();
        let text = |(name, value)| Some((std::str::from_utf8(name).ok()?, value));
        self.0.admitted.pairs().filter_map(text)
    }

    /// The request's cookies that do not hold: those that were not admitted, and those that were for all that
    /// ([`Refusal::was_let_in`]).
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        self.note_all();
        self.refused()
    }

    /// The same, asked by the layer and not by the handler.
    pub(crate) fn refused(&self) -> &[Refusal] {
        self.0.admitted.refusals()
    }

    /// Orders a cookie of this name with its row's lifetime and scope. The last order for a name counts, and any order
    /// before a raw `Set-Cookie` for it.
    ///
    /// For a row whose basis is `Requested` this call says that the visitor asked for it.
    ///
    /// # Errors
    /// [`SetCookieError`] if the table does not let the handler set this cookie, or not to this value.
    pub fn set(&self, name: &str, value: impl Into<String>) -> Result<(), SetCookieError> {
        let value = value.into();
        let refused = |reason| SetCookieError { name: name.to_owned(), reason };
        let policy = &self.0.policy;
        self.note_consent(name);
        let settable = outbound::row_to_set(policy, self.granted(), name, Origin::Handle)
            .map_err(|stop| refused(Reason::Stopped(stop)))?;
        let row = settable.row.map(|row| policy.row(row));
        outbound::allows_value(policy, row, name, &value).map_err(|stop| refused(Reason::Stopped(stop)))?;
        self.order(Draft::order(name, value, Origin::Handle, Wish::Declared))
            .ok_or_else(|| refused(Reason::Late))
    }

    /// Orders that the browser deletes the cookie of this name, in its row's scope. An undeclared one is deleted where
    /// rows go that say nothing else: `Path=/`, and the policy's `Domain`.
    ///
    /// # Errors
    /// [`SetCookieError`] if the crate manages the cookie, or the response has left.
    pub fn remove(&self, name: &str) -> Result<(), SetCookieError> {
        let refused = |reason| SetCookieError { name: name.to_owned(), reason };
        let policy = &self.0.policy;
        outbound::row_to_delete(policy, name, Origin::Handle)
            .map_err(|stop| refused(Reason::Stopped(stop)))?;
        self.order(Draft::order(name, String::new(), Origin::Handle, Wish::Delete))
            .ok_or_else(|| refused(Reason::Late))
    }

    /// The policy that admitted these cookies.
    #[must_use]
    pub fn policy(&self) -> &CookiePolicy {
        &self.0.policy
    }

    /// The handle of the layer of this policy id, among the layers around the handler.
    #[must_use]
    pub fn of_policy(&self, id: &str) -> Option<&Self> {
        if self.0.policy.id() == id { Some(self) } else { self.0.outer.as_ref()?.of_policy(id) }
    }

    /// The handle of the policy that has the row of this role, among those around the handler: the innermost one's. With it.
    pub(crate) fn holder_of(&self, role: Role) -> Option<(&Self, &CookieSpec)> {
        match self.0.policy.row_of(role) {
            Some(row) => Some((self, row)),
            None => self.0.outer.as_ref()?.holder_of(role),
        }
    }

    /// Whether a layer of another policy lies around this one.
    pub(crate) fn has_outer(&self) -> bool {
        self.0.outer.is_some()
    }

    /// Whether this very policy has a layer here or around. Another policy of the same id is another one: its layer
    /// does not stand aside, so that nothing goes by a table that was not asked.
    pub(crate) fn is_under(&self, policy: &CookiePolicy) -> bool {
        self.0.policy.is(policy) || self.0.outer.as_ref().is_some_and(|outer| outer.is_under(policy))
    }

    /// The handle of this very policy's layer, here or around.
    #[cfg(feature = "pages")]
    pub(crate) fn under(&self, policy: &CookiePolicy) -> Option<&Self> {
        if self.0.policy.is(policy) { Some(self) } else { self.0.outer.as_ref()?.under(policy) }
    }

    /// Whether the table of a layer around this one has a cookie of this name.
    pub(crate) fn outer_declares(&self, name: &str) -> bool {
        let outer = self.0.outer.as_ref();
        outer.is_some_and(|outer| outer.0.policy.declares(name) || outer.outer_declares(name))
    }

    /// Whether the response half has nothing to do for this request, nor to tell of it, and nobody can order anything any
    /// more. That is the common case, in which it costs next to nothing.
    #[inline]
    pub(crate) fn are_idle(&mut self) -> bool {
        let Some(alone) = Arc::get_mut(&mut self.0) else { return false };
        let orders = alone.orders.get_mut().unwrap_or_else(PoisonError::into_inner);
        orders.as_ref().is_none_or(Vec::is_empty)
            && !*alone.read_cookies.get_mut()
            && !*alone.read_language.get_mut()
            && alone.asked.as_mut().is_none_or(|asked| asked.is_idle())
            && alone.admitted.is_unremarkable()
    }

    /// What the response half has to carry out. Orders that come later are refused. A response that failed for its
    /// session carries out none.
    #[inline]
    pub(crate) fn finish(&mut self, settled: Option<&Settled>) -> Outgoing {
        // Mostly the handler has dropped its handle by now, and there is nobody to lock out.
        let orders = match Arc::get_mut(&mut self.0) {
            Some(alone) => alone.orders.get_mut().unwrap_or_else(PoisonError::into_inner).take(),
            None => self.0.orders.lock().unwrap_or_else(PoisonError::into_inner).take(),
        };
        let mut outgoing = Outgoing {
            withdrawal: Withdrawal::default(),
            continuity: Continuity {
                present: self.0.admitted.transaction,
                binding: self.0.binding.clone(),
                going_on: settled.filter(|settled| settled.order.rotates).map(|_| self.proven()),
            },
            orders: orders.unwrap_or_default(),
            reissues: self.0.admitted.stale().iter().map(|stale| self.reissue(stale)).collect(),
            read_cookies: self.0.read_cookies.load(Ordering::Relaxed),
            read_language: self.0.read_language.load(Ordering::Relaxed),
            read_consent: self.0.asked.as_ref().is_some_and(|asked| asked.was_read()),
            granted: Categories::default(),
            asked_referrer: self.0.admitted.asked_referrer(),
        };
        if let Some(settled) = settled {
            outgoing.read_cookies |= settled.asked;
            if settled.failure.is_some() {
                (outgoing.orders, outgoing.reissues) = (Vec::new(), Vec::new());
            }
            // What the store has confirmed is so, whatever failed after it: without its new id a browser is locked out.
            self.carry_out(&settled.order, &mut outgoing.orders);
        }
        self.route(settled, &mut outgoing);
        self.carry_out_consent(&mut outgoing);
        outgoing
    }

    /// The handler has asked for all cookies, and so for those that the browser's signal withholds.
    fn note_all(&self) {
        self.0.read_cookies.store(true, Ordering::Relaxed);
        self.note_read_consent();
    }

    /// What is to be had of a cookie that needs a consent depends on the consent.
    fn note_consent(&self, name: &str) {
        let Some(asking) = self.0.policy.asking() else { return };
        if let Found::Row(row) = self.0.policy.names().find(name.as_bytes())
            && asking.of_row(row).is_some()
        {
            self.note_read_consent();
        }
    }

    fn reissue(&self, stale: &Stale) -> Draft {
        let is_consent =
            self.0.policy.row_of(Role::Consent).is_some_and(|row| row.name().matches(&stale.name));
        let origin = match stale.period {
            // What is decided is dated, so that whoever has refused has the same bytes again.
            Some(period) if is_consent => Origin::Dated(period),
            Some(period) => Origin::Reissue(period),
            None => Origin::Managed,
        };
        Draft::order(&stale.name, self.renewed(stale), origin, Wish::Declared)
    }

    fn order(&self, draft: Draft) -> Option<()> {
        let mut orders = self.0.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = orders.as_mut()?;
        orders.push(draft);
        Some(())
    }
}

/// Names and counts, never a value.
impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            self.0.admitted.pairs().map(|(name, _)| name.escape_ascii().to_string()).collect();
        f.debug_struct("Cookies")
            .field("policy", &self.0.policy.id())
            .field("admitted", &names)
            .finish_non_exhaustive()
    }
}
