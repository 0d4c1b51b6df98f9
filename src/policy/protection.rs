//! What holds a row's cookies, worked out once: the companion's name, and what happens to what does not verify.

use std::borrow::Cow;

use super::document::Document;
use super::{Action, CookiePolicy, CookieSpec, Integrity, Role, Scope};
use crate::wire::name;

/// What holds the cookies of one row.
pub(crate) struct Protection {
    /// The name of the companion, where the row is guarded and has one name.
    companion: Option<Box<str>>,
    /// What happens to what does not verify. `Report` is for plain guarded rows alone.
    pub(crate) action: Action,
    /// Whether a value without a companion may be adopted while the policy adopts.
    pub(crate) is_adoptable: bool,
}

impl Protection {
    pub(super) fn of(row: &CookieSpec, policy: &Document) -> Self {
        let is_guarded = row.integrity == Integrity::Guarded;
        let is_plain = is_guarded && row.role == Role::Plain;
        let action = match row.action.unwrap_or(policy.action) {
            Action::Report if !is_plain => Action::Strip,
            _ if row.integrity == Integrity::Open => Action::Strip,
            // It is a hint, and the next response says another.
            _ if row.role == Role::Node => Action::Strip,
            action => action,
        };
        let companion = row.guards_one_name().then(|| name::companion(&policy.id, row.name.literal()).into());
        Self { companion, action, is_adoptable: is_plain }
    }
}

impl CookiePolicy {
    pub(crate) fn protection(&self, row: usize) -> &Protection {
        &self.0.protections[row]
    }

    /// The name of the companion of the cookie `name`, which is of this guarded row.
    pub(crate) fn companion(&self, row: usize, name: &str) -> Cow<'_, str> {
        match self.companion_of_row(row) {
            Some(companion) => Cow::Borrowed(companion),
            None => Cow::Owned(name::companion(self.id(), name)),
        }
    }

    /// The name of the companion of a guarded row with one name.
    pub(crate) fn companion_of_row(&self, row: usize) -> Option<&str> {
        self.protection(row).companion.as_deref()
    }

    /// The name of the main.
    pub(crate) fn main(&self) -> &str {
        self.0.names.main()
    }

    /// Whether guarded values without a companion are let in at this moment.
    pub(crate) fn adopts(&self, now: u32) -> bool {
        self.document().adopt_unsigned_until.is_some_and(|until| u64::from(now) < until)
    }

    /// The scope of the TS cookies, which is that of every guarded cookie but for `HttpOnly`.
    pub(crate) fn transaction_scope(&self) -> Scope {
        self.default_scope()
    }
}
