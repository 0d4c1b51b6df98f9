//! The row of Direct Web Remoting's id behind the handle.

use super::Cookies;
use crate::policy::{CookieSpec, Role};

impl Cookies {
    /// The row for the id of Direct Web Remoting, and the handle of the policy around the handler that has it.
    pub(crate) fn script_session(&self) -> Option<(&Self, &CookieSpec)> {
        let row = self.0.policy.specs().iter().find(|row| row.declared_role() == Role::ScriptSession);
        match row {
            Some(row) => Some((self, row)),
            None => self.0.outer.as_ref()?.script_session(),
        }
    }
}
