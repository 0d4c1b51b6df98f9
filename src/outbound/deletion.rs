//! The lines that delete a cookie: browsers delete what has the same name, domain and path, and nothing else.

use super::collect::Draft;
use super::enforce::{Life, Permitted};
use super::scope::{differs, is_scope, keep_prefix, own_scope};
use crate::policy::{CookiePolicy, SameSite, Scope};
use crate::report::SuppressionReason;

/// An undeclared cookie is deleted in the scope that the line names. A declared one is deleted in its row's scope; where
/// the line names another, in that one, and in the row's besides unless something else is set there.
pub(super) fn deletions(
    policy: &CookiePolicy,
    draft: &Draft,
    row: Option<usize>,
) -> Result<Vec<Permitted>, SuppressionReason> {
    let deleted = |mut scope: Scope, partitioned, accompanying| {
        keep_prefix(&draft.name, &mut scope);
        let (name, value) = (draft.name.clone(), String::new());
        Permitted { name, value, row, life: Life::Deleted, scope, partitioned, period: None, accompanying }
    };
    let own = &draft.own;
    let Some(row) = row.map(|row| policy.row(row)) else {
        let mut scope = own_scope(policy, draft)?;
        scope.secure |= own.partitioned || scope.same_site == Some(SameSite::None);
        return Ok(vec![deleted(scope, own.partitioned, false)]);
    };
    let elsewhere = Scope {
        path: own.path.clone().unwrap_or_else(|| row.scope.path.clone()),
        domain: own.domain.clone(),
        secure: row.scope.secure || own.partitioned,
        ..row.scope.clone()
    };
    if differs(own, &row.scope) && is_scope(&elsewhere) {
        Ok(vec![deleted(row.scope.clone(), false, true), deleted(elsewhere, own.partitioned, false)])
    } else {
        Ok(vec![deleted(row.scope.clone(), false, false)])
    }
}
