//! Which of the names that are present are this policy's own TS cookies.

use super::parse::Pair;
use crate::policy::{CookiePolicy, Found, Integrity};
use crate::wire;

/// The companions that guarded patterns have for the names that are present. Those of exact names are in the table.
pub(super) fn companions_of_patterns(policy: &CookiePolicy, pairs: &[Pair<'_>]) -> Vec<String> {
    if !policy.guards_patterns() || !pairs.iter().any(|pair| wire::name::is_transactional(pair.name)) {
        return Vec::new();
    }
    let guarded_pattern = |row: usize| {
        let row = policy.row(row);
        row.declared_integrity() == Integrity::Guarded && !row.name().is_exact()
    };
    let present = pairs.iter().filter(|pair| match policy.names().find(pair.name) {
        Found::Row(row) => guarded_pattern(row),
        _ => false,
    });
    present
        .filter_map(|pair| std::str::from_utf8(pair.name).ok())
        .map(|name| wire::name::companion(policy.id(), name))
        .collect()
}
