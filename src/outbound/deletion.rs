//! The lines that delete a cookie: browsers delete what has the same name, domain and path, and nothing else.

use super::collect::Draft;
use super::enforce::{Life, Permitted};
use super::scope::{differs, is_scope, keep_prefix, own_scope};
use crate::policy::{CookiePolicy, SameSite, Scope};
use crate::report::SuppressionReason;

/// A cookie of this row is deleted in each scope in which the browser may hold it: the row's, without a `Domain`, with the
/// policy's, and wherever else the row says; and in each both unpartitioned and partitioned, which are two cookies to browsers.
pub(super) fn withdrawals(policy: &CookiePolicy, draft: &Draft, row: usize) -> Vec<Permitted> {
    let spec = policy.row(row);
    let own = &spec.scope;
    let domains = [own.domain.clone(), None, policy.default_scope().domain];
    let own_path = domains.map(|domain| (own.path.clone(), domain));
    let others = spec.also_at.iter().map(|place| (place.path.clone(), place.domain.clone()));
    let mut places: Vec<(String, Option<String>)> = Vec::new();
    for place in own_path.into_iter().chain(others) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let scopes = places.into_iter().map(|(path, domain)| {
        let mut scope = Scope { path, domain, ..own.clone() };
        keep_prefix(&draft.name, &mut scope);
        scope
    });
    let both = scopes.flat_map(|scope| [false, true].map(|partitioned| (scope.clone(), partitioned)));
    both.filter(|(scope, partitioned)| scope.secure || !partitioned)
        .map(|(scope, partitioned)| Permitted {
            name: draft.name.clone(),
            value: String::new(),
            row: Some(row),
            life: Life::Deleted,
            scope,
            partitioned,
            period: None,
            accompanying: false,
        })
        .collect()
}

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
