//! The scope that a line asks for, held against its row's and against what browsers take.

use super::collect::{Attributes, Draft, Origin};
use crate::policy::{CookiePolicy, Promises, Scope, broken_prefix, is_domain, is_path};
use crate::report::SuppressionReason;

/// Whether a line asks, in so many words, for another scope than the row's.
pub(super) fn differs(own: &Attributes, scope: &Scope) -> bool {
    let other_path = own.path.as_ref().is_some_and(|path| *path != scope.path);
    let other_domain = own.domain.as_ref().is_some_and(|domain| {
        !scope.domain.as_ref().is_some_and(|declared| declared.eq_ignore_ascii_case(domain))
    });
    other_path || other_domain || own.partitioned
}

/// The scope of an undeclared cookie: what the line asks for, or what rows have where the handle asks.
pub(super) fn own_scope(policy: &CookiePolicy, draft: &Draft) -> Result<Scope, SuppressionReason> {
    if draft.origin == Origin::Handle {
        return Ok(policy.default_scope());
    }
    let own = &draft.own;
    let scope = Scope {
        path: own.path.clone().unwrap_or_default(),
        domain: own.domain.clone(),
        same_site: own.same_site,
        secure: own.secure,
        http_only: own.http_only,
    };
    if is_scope(&scope) { Ok(scope) } else { Err(SuppressionReason::Malformed) }
}

pub(super) fn is_scope(scope: &Scope) -> bool {
    (scope.path.is_empty() || is_path(&scope.path)) && scope.domain.as_deref().is_none_or(is_domain)
}

/// Browsers do not let a line touch a cookie whose name's prefix it does not honour, so a deletion honours it.
pub(super) fn keep_prefix(name: &str, scope: &mut Scope) {
    if broken_prefix(name, &promises(scope)).is_some() {
        scope.secure = true;
        scope.http_only = true;
    }
    if broken_prefix(name, &promises(scope)).is_some() {
        scope.path = "/".to_owned();
        scope.domain = None;
    }
}

pub(super) fn promises(scope: &Scope) -> Promises<'_> {
    Promises {
        secure: scope.secure,
        http_only: scope.http_only,
        path: &scope.path,
        domain: scope.domain.as_deref(),
    }
}
