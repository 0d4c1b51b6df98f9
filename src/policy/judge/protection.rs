//! What makes a row's protection impossible, and the names of the TS cookies.

use crate::policy::document::Document;
use crate::policy::{Action, BuildError, CookieSpec, Integrity, Lifetime, Role, SameSite};
use crate::wire;

/// What is wrong with how a row is protected.
pub(super) fn row(row: &CookieSpec, policy: &Document) -> Result<(), BuildError> {
    action(row)?;
    match row.integrity == Integrity::Guarded || row.role == Role::Transaction {
        true => scope(row, policy),
        false => Ok(()),
    }
}

/// The names of the TS cookies of these rows: the main's, and each guarded row's with an exact name.
pub(super) fn names(rows: &[&CookieSpec], policy: &str) -> Result<Vec<String>, BuildError> {
    let mut guarded: Vec<(&str, String)> = Vec::new();
    for row in rows.iter().filter(|row| row.guards_one_name()) {
        let name = row.name.literal();
        let companion = wire::name::companion(policy, name);
        if let Some((one, _)) = guarded.iter().find(|(_, known)| *known == companion) {
            return Err(BuildError::SameCompanion {
                one: (*one).to_owned(),
                other: name.to_owned(),
                companion,
            });
        }
        guarded.push((name, companion));
    }
    if !rows.iter().any(|row| row.integrity == Integrity::Guarded) {
        return Ok(Vec::new());
    }
    // The companions of a guarded pattern can have any name of their shape.
    if rows.iter().any(|row| row.guards_a_pattern())
        && let Some(row) = rows.iter().find(|row| row.name.may_be_transactional())
    {
        return Err(BuildError::TransactionName { name: row.name.to_string() });
    }
    let mut names = vec![wire::name::main(policy)];
    names.extend(guarded.into_iter().map(|(_, companion)| companion));
    match names.iter().find(|name| rows.iter().any(|row| row.name.matches(name))) {
        Some(name) => Err(BuildError::TransactionName { name: name.clone() }),
        None => Ok(names),
    }
}

/// An action that could never be taken is a misunderstanding.
fn action(row: &CookieSpec) -> Result<(), BuildError> {
    let Some(action) = row.action else { return Ok(()) };
    let is_plain = row.integrity == Integrity::Guarded && row.role == Role::Plain;
    let is_never_taken = match action {
        Action::Report => !is_plain,
        Action::Reject => row.role == Role::Node,
        Action::Strip => false,
    };
    if row.integrity == Integrity::Open || is_never_taken {
        let (name, integrity, role) = (row.name.to_string(), row.integrity, row.role);
        return Err(BuildError::UselessAction { name, integrity, role, action });
    }
    Ok(())
}

/// The bounds of a guarded row: it lives and goes exactly where its companion does. The row of the TS cookies has no others.
fn scope(row: &CookieSpec, policy: &Document) -> Result<(), BuildError> {
    let name = row.name.to_string();
    if row.lifetime != Lifetime::Session {
        return Err(BuildError::GuardedLifetime { name, lifetime: row.lifetime });
    }
    let text = |domain: &Option<String>| domain.clone().unwrap_or_else(|| "none".to_owned());
    let same_site = |same_site: Option<SameSite>| same_site.unwrap_or(policy.same_site).as_str().to_owned();
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let scope = &row.scope;
    let computed = row.role == Role::Transaction;
    for (attribute, row, transaction) in [
        ("HttpOnly", switch(scope.http_only || !computed), switch(true)),
        ("Path", scope.path.clone(), "/".to_owned()),
        ("Domain", text(&scope.domain), text(&policy.domain)),
        ("SameSite", same_site(scope.same_site), same_site(None)),
        ("Secure", switch(scope.secure), switch(!policy.danger_allow_http)),
    ] {
        if !row.eq_ignore_ascii_case(&transaction) {
            return Err(BuildError::GuardedScope { name, attribute, row, transaction });
        }
    }
    Ok(())
}
