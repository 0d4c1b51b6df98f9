//! What makes a table impossible. Pure functions over rows; `build()` asks them in this order.

mod consent;
mod nodes;
mod protection;

pub(super) use consent::consent;

use super::document::Document;
use super::index::NameIndex;
use super::name::{LONGEST, is_token};
use super::{
    Basis, BuildError, Category, CookieSpec, Integrity, Issuer, Lifetime, NamePattern, Role, SameSite,
    broadcloud,
};

/// What is wrong with the policy as such.
pub(super) fn whole(policy: &Document) -> Result<(), BuildError> {
    let id = &policy.id;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !(1..=64).contains(&id.len()) || !id.bytes().all(legal) {
        return Err(BuildError::IllegalId { id: id.clone() });
    }
    nodes::list(policy)?;
    let longest = Lifetime::LONGEST.max_age().map_or(u64::MAX, u64::from);
    let legal = |seconds: u64| (1..=longest).contains(&seconds);
    if !legal(policy.absolute_limit) {
        return Err(BuildError::AbsoluteLimit { seconds: policy.absolute_limit });
    }
    if !legal(policy.idle_limit) {
        return Err(BuildError::IdleLimit { seconds: policy.idle_limit });
    }
    Ok(())
}

/// What is wrong with one row, its scope filled in.
pub(super) fn row(row: &CookieSpec, policy: &Document) -> Result<(), BuildError> {
    let name = || row.name.to_string();
    legal_name(&row.name)?;
    legal_scope(row)?;
    match row.lifetime {
        Lifetime::Persistent(0) => return Err(BuildError::NoLifetime { name: name() }),
        lifetime if lifetime.max_age() > Lifetime::LONGEST.max_age() => {
            return Err(BuildError::LongLifetime { name: name(), lifetime });
        }
        _ => {}
    }
    if let Basis::Consent(Category::Other(category)) = &row.basis {
        let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        let known = !matches!(Category::from(category.clone()), Category::Other(_))
            || RESERVED.contains(&category.as_str());
        if known || !(1..=64).contains(&category.len()) || !category.bytes().all(legal) {
            return Err(BuildError::IllegalCategory { name: name(), category: category.clone() });
        }
    }
    if row.integrity != Integrity::Open && row.issuer != Issuer::Server {
        return Err(BuildError::ForeignIssuer { name: name(), integrity: row.integrity, issuer: row.issuer });
    }
    if matches!(&row.basis, Basis::Essential { justification } if justification.trim().is_empty()) {
        return Err(BuildError::NoJustification { name: name() });
    }
    if row.shared_with.iter().any(|name| name.trim().is_empty()) {
        return Err(BuildError::NamelessThirdParty { name: name() });
    }
    legal_role(row)?;
    protection::row(row, policy)?;
    match row.role {
        Role::Node if policy.node.is_none() => Err(BuildError::NoNode { name: name() }),
        Role::Language if policy.languages.is_empty() => Err(BuildError::NoLanguages { name: name() }),
        _ => Ok(()),
    }
}

/// What is wrong between rows. The names of the TS cookies come back.
pub(super) fn table(rows: &[CookieSpec], policy: &str) -> Result<Vec<String>, BuildError> {
    let named: Vec<&CookieSpec> = rows.iter().filter(|row| row.role != Role::Transaction).collect();
    for (at, one) in named.iter().enumerate() {
        for other in &named[at + 1..] {
            if one.name == other.name {
                return Err(BuildError::DuplicateName { name: one.name.to_string() });
            }
            if one.name.overlaps(&other.name) {
                return Err(BuildError::OverlappingNames {
                    one: one.name.to_string(),
                    other: other.name.to_string(),
                });
            }
        }
    }
    for (at, one) in rows.iter().enumerate().filter(|(_, row)| row.role != Role::Plain) {
        if let Some(other) = rows[at + 1..].iter().find(|other| other.role == one.role) {
            let (one, other) = (one.name.to_string(), other.name.to_string());
            return Err(BuildError::DuplicateRole { role: rows[at].role, one, other });
        }
    }
    protection::names(&named, policy)
}

/// What is said of rows that the table does not have.
pub(super) fn without_row(policy: &Document) -> Result<(), BuildError> {
    let lacks = |role| !policy.cookies.iter().any(|row| row.role == role);
    if let Some(path) = policy.context_path.as_ref().filter(|_| lacks(Role::ScriptSession)) {
        return Err(BuildError::ContextPathWithoutRow { path: path.clone() });
    }
    if !policy.nodes.is_empty() && lacks(Role::Node) {
        return Err(BuildError::NodesWithoutRow { listed: nodes::quoted(&policy.nodes) });
    }
    Ok(())
}

/// What is wrong with names that are not what they decode to.
pub(super) fn aliases(rows: &[CookieSpec], names: &NameIndex) -> Result<(), BuildError> {
    let encoded = |row: &&CookieSpec| {
        let literal = row.name.literal();
        names.is_alias(literal.as_bytes()) || (!row.name.is_exact() && literal.contains('%'))
    };
    match rows.iter().find(encoded) {
        Some(row) => Err(BuildError::AliasName { name: row.name.to_string() }),
        None => Ok(()),
    }
}

/// Names that a category of the application's own cannot have: the form has fields of these names, and cookies that need no consent
/// are of the first.
const RESERVED: [&str; 7] = ["essential", "decision", "revision", "return_to", "source", "shown", "lng"];

fn legal_name(name: &NamePattern) -> Result<(), BuildError> {
    let literal = name.literal();
    if matches!(name, NamePattern::Prefix(_, tail) if tail.is_empty()) {
        return Err(BuildError::EmptyTail { name: name.to_string() });
    }
    // A pattern needs room for a tail.
    if literal.len() > LONGEST || (literal.len() == LONGEST && !name.is_exact()) {
        return Err(BuildError::LongName { name: literal.to_owned(), bytes: literal.len() });
    }
    if !is_token(literal.as_bytes()) {
        return Err(BuildError::IllegalName { name: literal.to_owned() });
    }
    Ok(())
}

fn legal_scope(row: &CookieSpec) -> Result<(), BuildError> {
    let (name, scope) = (row.name.to_string(), &row.scope);
    if !is_path(&scope.path) {
        return Err(BuildError::IllegalPath { name, path: scope.path.clone() });
    }
    if let Some(domain) = scope.domain.as_ref().filter(|domain| !is_domain(domain)) {
        return Err(BuildError::IllegalDomain { name, domain: domain.clone() });
    }
    if scope.same_site == Some(SameSite::None) && !scope.secure {
        return Err(BuildError::SameSiteNoneWithoutSecure { name });
    }
    let keeps = Promises {
        secure: scope.secure,
        http_only: scope.http_only,
        path: &scope.path,
        domain: scope.domain.as_deref(),
    };
    for place in &row.also_at {
        if !is_path(&place.path) {
            return Err(BuildError::IllegalPath { name, path: place.path.clone() });
        }
        if let Some(domain) = place.domain.as_ref().filter(|domain| !is_domain(domain)) {
            return Err(BuildError::IllegalDomain { name, domain: domain.clone() });
        }
    }
    match broken_prefix(row.name.literal(), &keeps) {
        Some((prefix, needs)) => Err(BuildError::BrokenPrefix { name, prefix, needs }),
        None => Ok(()),
    }
}

fn legal_role(row: &CookieSpec) -> Result<(), BuildError> {
    let needs = match row.role {
        Role::Plain => return Ok(()),
        Role::Transaction if row.name == broadcloud::transaction().name => Integrity::Open,
        Role::Transaction => {
            return Err(BuildError::RolePattern { name: row.name.to_string(), role: row.role });
        }
        Role::Session | Role::Correlation | Role::Node => Integrity::Guarded,
        Role::AutoLogin | Role::Visitor | Role::Consent => Integrity::Signed,
        Role::UserId => Integrity::Sealed,
        Role::ScriptSession | Role::Language | Role::Stickiness => Integrity::Open,
    };
    let (name, role, integrity) = (row.name.to_string(), row.role, row.integrity);
    if integrity != needs {
        return Err(BuildError::RoleIntegrity { name, role, integrity, needs });
    }
    if row.category().is_some() && !matches!(role, Role::Visitor | Role::Language | Role::Consent) {
        return Err(BuildError::RoleBasis { name, role });
    }
    if !matches!(role, Role::Stickiness | Role::Transaction) && !row.name.is_exact() {
        return Err(BuildError::RolePattern { name, role });
    }
    Ok(())
}

/// What a cookie's attributes promise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promises<'s> {
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    /// The `Path` attribute as it will be sent; empty if none will.
    pub(crate) path: &'s str,
    pub(crate) domain: Option<&'s str>,
}

/// The prefix of the name that asks for more than is promised, and what it asks for (RFC 6265bis section 4.1.3).
/// Browsers compare the prefix without regard to case, so it is looked for that way.
pub(crate) fn broken_prefix(name: &str, keeps: &Promises<'_>) -> Option<(&'static str, &'static str)> {
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let host = keeps.secure && keeps.path == "/" && keeps.domain.is_none();
    if starts("__Host-Http-") {
        return (!(host && keeps.http_only))
            .then_some(("__Host-Http-", "Secure, HttpOnly, Path=/ and no Domain"));
    }
    if starts("__Host-") {
        return (!host).then_some(("__Host-", "Secure, Path=/ and no Domain"));
    }
    if starts("__Http-") {
        return (!(keeps.secure && keeps.http_only)).then_some(("__Http-", "Secure and HttpOnly"));
    }
    (starts("__Secure-") && !keeps.secure).then_some(("__Secure-", "Secure"))
}

/// Whether a `Path` attribute takes effect in browsers: they ignore one over 1024 bytes, or that does not start with `/`.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= 1024
        && path.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b';')
        && !path.ends_with(' ')
}

/// Whether a `Domain` attribute is a host name in ASCII (RFC 1123 section 2.1): labels of letters, digits and hyphens.
pub(crate) fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let bytes = label.as_bytes();
        (1..=63).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && bytes.first() != Some(&b'-')
            && bytes.last() != Some(&b'-')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}
