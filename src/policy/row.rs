//! A row as documents have it.

use serde::{Deserialize, Serialize};

use super::spec::{Place, Text};
use super::{
    Action, Basis, CookieSpec, Integrity, Issuer, Lifetime, NamePattern, Role, SameSite, Scope, Tail,
};

/// A row as documents have it: [`CookieSpec`] with what goes without saying left out.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    name: String,
    /// Whether a trailing `*` is the name's own.
    #[serde(default, skip_serializing_if = "is_default")]
    exact: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tail: Option<Tail>,
    basis: Basis,
    #[serde(default)]
    lifetime: Lifetime,
    #[serde(default)]
    integrity: Integrity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<Action>,
    #[serde(default, skip_serializing_if = "is_default")]
    issuer: Issuer,
    #[serde(default, skip_serializing_if = "is_default")]
    role: Role,
    #[serde(default = "root", skip_serializing_if = "is_root")]
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_site: Option<SameSite>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    secure: bool,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    http_only: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    shared_with: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also_at: Vec<Place>,
    #[serde(default, rename = "type", skip_serializing_if = "Text::is_empty")]
    kind: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    purpose: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    justification: Text,
}

impl From<Row> for CookieSpec {
    fn from(row: Row) -> Self {
        let mut name = match row.exact {
            true => NamePattern::Exact(row.name.clone()),
            false => NamePattern::from(row.name.as_str()),
        };
        if let (NamePattern::Prefix(_, tail), Some(declared)) = (&mut name, row.tail) {
            *tail = declared;
        }
        let Row { basis, lifetime, integrity, action, issuer, role, kind, purpose, justification, .. } = row;
        let Row { path, domain, same_site, secure, http_only, shared_with, also_at, .. } = row;
        let scope = Scope { path, domain, same_site, secure, http_only };
        Self {
            name,
            kind,
            purpose,
            justification,
            basis,
            lifetime,
            integrity,
            action,
            issuer,
            role,
            scope,
            shared_with,
            also_at,
        }
    }
}

impl From<CookieSpec> for Row {
    fn from(spec: CookieSpec) -> Self {
        let tail = match &spec.name {
            NamePattern::Prefix(_, tail) if *tail != Tail::default() => Some(*tail),
            _ => None,
        };
        let Scope { path, domain, same_site, secure, http_only } = spec.scope;
        let CookieSpec {
            name,
            kind,
            purpose,
            justification,
            basis,
            lifetime,
            integrity,
            action,
            issuer,
            role,
            shared_with,
            also_at,
            ..
        } = spec;
        let exact = name.is_exact() && NamePattern::from(name.literal()) != name;
        let name = name.to_string();
        Self {
            name,
            exact,
            tail,
            basis,
            lifetime,
            integrity,
            action,
            issuer,
            role,
            path,
            domain,
            same_site,
            secure,
            http_only,
            shared_with,
            also_at,
            kind,
            purpose,
            justification,
        }
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn root() -> String {
    "/".to_owned()
}

fn is_root(path: &str) -> bool {
    path == "/"
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}
