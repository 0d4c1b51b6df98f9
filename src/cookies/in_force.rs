//! The cookies in force: what was let in, each with its row of the table and the time that it has left.

use std::time::Duration;

use super::{Cookies, Exchange};
use crate::policy::{CookieSpec, Found, Integrity, Role};
use crate::wire::Period;

/// A cookie that was let in, with its row and the time that it has left. It holds no value.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce<'c> {
    name: &'c str,
    spec: &'c CookieSpec,
    integrity: Integrity,
    remaining: Option<Duration>,
}

impl<'c> InForce<'c> {
    /// The name, as it came.
    #[must_use]
    pub fn name(&self) -> &'c str {
        self.name
    }

    /// Its row of the table.
    #[must_use]
    pub fn spec(&self) -> &'c CookieSpec {
        self.spec
    }

    /// What a client may do to its value, as its row says. The TS main, whose row is about names of more than one kind, carries
    /// its own MAC, so it is [`Signed`](Integrity::Signed).
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        self.integrity
    }

    /// For how long it still counts here, in whole seconds from when the request was judged; the browser may forget it sooner.
    ///
    /// - A signed or sealed one counts until its own expiry, or until its row's lifetime is over, whichever comes first.
    /// - A guarded one, and the TS main, count until the transaction's absolute limit, after which nothing of it verifies.
    /// - `None` where nothing tells: an [open](Integrity::Open) cookie does not say when it was set, and a guarded one for which
    ///   no MAC speaks (it was adopted, or let in under [`Action::Report`](crate::Action::Report)) is of no transaction.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.remaining
    }
}

impl Cookies {
    /// The cookies of the table that came with this request and were let in, each name once, and the TS main where the request
    /// belongs to a transaction; in the table's order.
    ///
    /// - What this response sets or deletes is in force from the next request on.
    /// - Undeclared cookies are in no table; [`iter`](Self::iter) has them.
    /// - That a session's id is in force does not say that there is such a session: only its store knows.
    ///
    /// ```
    /// use tower_cookie_policy::Cookies;
    ///
    /// fn print(cookies: &Cookies) {
    ///     for cookie in cookies.in_force() {
    ///         println!("{}: declared for {}", cookie.name(), cookie.spec().declared_lifetime());
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce<'_>> {
        self.note_all();
        let Exchange { policy, admitted, .. } = &*self.0;
        let limit = policy.absolute_limit();
        let transaction =
            admitted.transaction.map(|present| Period::starting(present.started, limit).end(limit));
        let left = |end: u32| Duration::from_secs(end.saturating_sub(admitted.judged).into());
        // Those of signed and sealed cookies, which come in this order.
        let mut ends = admitted.ends();
        let mut found: Vec<(usize, InForce<'_>)> = Vec::new();
        for (name, _) in admitted.pairs() {
            let (Found::Row(row), Ok(name)) = (policy.names().find(name), std::str::from_utf8(name)) else {
                continue;
            };
            let spec = policy.row(row);
            let integrity = spec.declared_integrity();
            let end = match integrity {
                Integrity::Open => None,
                Integrity::Guarded => transaction.filter(|_| !admitted.is_unproven(name)),
                Integrity::Signed | Integrity::Sealed => ends.next(),
            };
            if !found.iter().any(|(_, known)| known.name == name) {
                found.push((row, InForce { name, spec, integrity, remaining: end.map(left) }));
            }
        }
        let of_main = (0..).zip(policy.specs()).find(|(_, row)| row.declared_role() == Role::Transaction);
        if let (Some((row, spec)), Some(end)) = (of_main, transaction) {
            let (name, integrity) = (policy.main(), Integrity::Signed);
            found.push((row, InForce { name, spec, integrity, remaining: Some(left(end)) }));
        }
        found.sort_by_key(|(row, _)| *row);
        found.into_iter().map(|(_, cookie)| cookie).collect()
    }
}
