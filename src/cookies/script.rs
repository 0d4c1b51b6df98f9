//! What Direct Web Remoting needs of the handle: the row of its id, and the policy whose sessions can belong to one.

use super::Cookies;
use crate::policy::{CookiePolicy, CookieSpec, Role};

impl Cookies {
    /// The row for the id of Direct Web Remoting, and the handle of the policy around the handler that has it.
    pub(crate) fn script_session(&self) -> Option<(&Self, &CookieSpec)> {
        let row = self.0.policy.specs().iter().find(|row| row.declared_role() == Role::ScriptSession);
        match row {
            Some(row) => Some((self, row)),
            None => self.0.outer.as_ref()?.script_session(),
        }
    }

    /// The policy around the handler that [`session`](Self::session) is of.
    pub(crate) fn session_policy(&self) -> Option<&CookiePolicy> {
        match self.0.policy.session_row() {
            Some(_) => Some(&self.0.policy),
            None => self.0.outer.as_ref()?.session_policy(),
        }
    }
}
