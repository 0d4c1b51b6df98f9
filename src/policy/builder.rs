//! Collects a policy and judges it, once, in [`build`](CookiePolicyBuilder::build).

mod consent;
mod referrer;
mod stores;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

use super::document::{Document, NonAscii, Undeclared, UndeclaredRequests};
use super::hooks::Hooks;
use super::index::NameIndex;
use super::nodes::Nodes;
use super::protection::Protection;
use super::{
    Asking, Basis, BuildError, Category, CookiePolicy, CookieSpec, Integrity, ReferrerRules, Role, SameSite,
    Table,
};
use super::{broadcloud, judge};
use crate::clock::Clock;
use crate::key::KeyRing;
use crate::report::Counters;
use crate::value::locale::Languages;
use crate::value::node::Node;
use crate::wording::Wording;
use consent::Kept;
use stores::Stores;

/// A policy in the making. Nothing is judged before [`build`](Self::build).
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build()`"]
pub struct CookiePolicyBuilder {
    keys: KeyRing,
    clock: Clock,
    stores: Stores,
    receipts: Kept,
    hooks: Hooks,
    document: Document,
}

impl CookiePolicyBuilder {
    pub(super) fn new(keys: KeyRing, document: Document) -> Self {
        let (clock, hooks) = (Clock::system(), Hooks::default());
        Self { keys, clock, stores: Stores::default(), receipts: Kept::default(), hooks, document }
    }

    /// The policy's id: one for each deployment and tenant, since it is part of every key and TS name.
    /// The default is `broadcloud`.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.document.id = id.into();
        self
    }

    /// One more row.
    pub fn with(mut self, row: CookieSpec) -> Self {
        self.document.cookies.push(row);
        self
    }

    /// Without the row of this name, as the table prints it (`XRM*`).
    pub fn without(mut self, name: &str) -> Self {
        self.document.cookies.retain(|row| row.name.to_string() != name);
        self
    }

    /// This node's name. The preset needs one, for `bsloc`.
    pub fn node(mut self, name: impl Into<String>) -> Self {
        self.document.node = Some(name.into());
        self
    }

    /// The nodes of the site, this one among them: the whole list. The default is this node alone.
    ///
    /// It says which labels count in `bsloc`. A visitor with the label of a live or a draining node keeps it, whichever of them
    /// answers: who goes where is for the load balancer to decide, by the lines that
    /// [`haproxy_routing`](CookiePolicy::haproxy_routing) writes for one. Who comes with another label, of a dead node or of none,
    /// gets the label of the node that answers, and never an error. All nodes are given the same list, and the same keys. A
    /// table without a row for the label does not build.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing, Node};
    ///
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
    ///     .node("web-1")
    ///     .nodes([Node::new("web-1"), Node::draining("web-2"), Node::dead("web-3")])
    ///     .build()?;
    /// assert_eq!(policy.node_label("web-2").map(|label| label.len()), Some(11));
    /// assert_eq!(policy.node_label("web-4"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn nodes<I: IntoIterator<Item: Into<Node>>>(mut self, nodes: I) -> Self {
        self.document.nodes = nodes.into_iter().map(Into::into).collect();
        self
    }

    /// The languages that the application speaks, as BCP 47 tags; the first one is the fallback.
    /// The preset's default is English and German.
    pub fn languages<I: IntoIterator<Item: Into<String>>>(mut self, tags: I) -> Self {
        self.document.languages = tags.into_iter().map(Into::into).collect();
        self
    }

    /// The path below which the application lies (`/app`), as its scripts know it: the `Path` of the row with the role
    /// [`ScriptSession`](Role::ScriptSession), whatever the row says; a table without such a row does not build. The script
    /// engine writes that cookie with this path, and another one would be a second cookie. A slash at the end is left out, as
    /// the engine does, and nothing is `/`.
    pub fn context_path(mut self, path: impl Into<String>) -> Self {
        self.document.context_path = Some(path.into());
        self
    }

    /// The `Domain` of the TS cookies and of every row that names none. The default is none at all: host-only.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.document.domain = Some(domain.into());
        self
    }

    /// The `SameSite` of the TS cookies and of every row that names none. The default is `Lax`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.document.same_site = same_site;
        self
    }

    /// What happens to a `Set-Cookie` that is not in the table. The default drops it.
    pub fn undeclared(mut self, undeclared: Undeclared) -> Self {
        self.document.undeclared = undeclared;
        self
    }

    /// What happens to a request's cookie that is not in the table. The default keeps it.
    pub fn undeclared_requests(mut self, undeclared: UndeclaredRequests) -> Self {
        self.document.undeclared_requests = undeclared;
        self
    }

    /// What happens to a request's cookie whose value holds a byte above 0x7F. The default refuses it.
    pub fn non_ascii(mut self, non_ascii: NonAscii) -> Self {
        self.document.non_ascii = non_ascii;
        self
    }

    /// Behind this policy's layer something takes cookies apart that splits at commas, as RFC 2109 had it and a pair `$Version=1`
    /// still tells some to, or at blanks: another server, or a parser of another kind. A value that nothing speaks for, and in which
    /// it would find a declared or a TS cookie, is refused as an [`Alias`](crate::RefusalReason::Alias) then. Without it such
    /// values pass, since they are values and nothing else (RFC 6265bis section 5.8.3).
    pub fn legacy_parsers(mut self) -> Self {
        self.document.legacy_parsers = true;
        self
    }

    /// How long a session, a transaction or a signed session cookie counts, whatever happens. The default is 12 hours,
    /// in whole seconds.
    pub fn absolute_limit(mut self, limit: Duration) -> Self {
        self.document.absolute_limit = limit.as_secs();
        self
    }

    /// How long a session counts without being used. The default is 30 minutes, in whole seconds. A session that is used
    /// is touched in the store once a tenth of this has passed.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.document.idle_limit = limit.as_secs();
        self
    }

    /// Where the time comes from. The default is the system's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Without `Secure` on any cookie, so that browsers also send them over plain HTTP beyond the loopback host,
    /// where anybody on the way can read and plant them. Our [own origin](Self::origin) may be one over plain HTTP, then.
    pub fn danger_allow_http(mut self) -> Self {
        self.document.danger_allow_http = true;
        self
    }

    /// Judges all of it.
    ///
    /// # Errors
    /// [`BuildError`] quotes what cannot be.
    pub fn build(self) -> Result<CookiePolicy, BuildError> {
        let Self { keys, clock, stores, receipts, hooks, mut document } = self;
        judge::whole(&document)?;
        complete(&mut document);
        for row in &document.cookies {
            judge::row(row, &document)?;
        }
        let transaction = judge::table(&document.cookies, &document.id)?;
        judge::without_row(&document)?;
        let illegal = |tag| BuildError::IllegalLanguage { tag };
        let languages = Languages::new(&document.languages).map_err(illegal)?;
        let referrer = ReferrerRules::judge(&document)?;
        let names = document.cookies.iter().map(|row| (&row.name, row.role == Role::Transaction));
        let rows = document.cookies.iter().enumerate();
        let guarded = rows.filter(|(_, row)| row.guards_one_name()).map(|(at, _)| at);
        let names = NameIndex::new(names, transaction, guarded);
        judge::aliases(&document.cookies, &names)?;
        let roles = by_role(&document.cookies);
        let nodes = match roles[Role::Node as usize] {
            Some(_) => nodes(&document, &keys)?,
            None => None,
        };
        judge::consent(&document)?;
        let categories: Vec<&str> =
            document.cookies.iter().filter_map(CookieSpec::category).map(Category::name).collect();
        let unknown = |(language, key)| BuildError::UnknownText { language, key };
        let is_category = |name: &str| name == "essential" || categories.contains(&name);
        let wording = Wording::new(&document.texts, is_category).map_err(unknown)?;
        let asking = Asking::judge(&document, &wording)?;
        let receipts = receipts.judge(asking.is_some())?;
        let (sessions, series) = stores.judge(&roles, hooks.theft.is_some(), &document.id)?;
        Ok(CookiePolicy(Arc::new(Table {
            sessions,
            series,
            nodes,
            asking,
            wording,
            receipts,
            guards_patterns: document.cookies.iter().any(CookieSpec::guards_a_pattern),
            roles,
            names,
            subkeys: keys.subkeys(&document.id),
            counters: Counters::of(document.cookies.len()),
            protections: document.cookies.iter().map(|row| Protection::of(row, &document)).collect(),
            hooks,
            clock,
            languages,
            referrer,
            document,
        })))
    }
}

/// The nodes with their labels.
fn nodes(document: &Document, keys: &KeyRing) -> Result<Option<Nodes>, BuildError> {
    let Some(own) = &document.node else { return Ok(None) };
    let listed = match document.nodes.as_slice() {
        [] => vec![Node::from(own.as_str())],
        listed => listed.to_vec(),
    };
    Nodes::new(own, listed, &keys.node_keys(&document.id)).map(Some)
}

/// The row of each role, the first one where there are several.
fn by_role(rows: &[CookieSpec]) -> [Option<usize>; Role::COUNT] {
    let mut roles = [None; Role::COUNT];
    for (at, row) in rows.iter().enumerate() {
        roles[row.role as usize].get_or_insert(at);
    }
    roles
}

/// Adds the rows that others bring along, and fills in what rows left to the policy.
fn complete(document: &mut Document) {
    let rows = &mut document.cookies;
    let lacks = |rows: &[CookieSpec], role| !rows.iter().any(|row| row.role == role);
    if rows.iter().any(|row| matches!(row.basis, Basis::Consent(_))) && lacks(rows, Role::Consent) {
        rows.push(broadcloud::consent());
    }
    if rows.iter().any(|row| row.integrity == Integrity::Guarded) && lacks(rows, Role::Transaction) {
        rows.push(broadcloud::transaction());
    }
    for row in rows {
        if let Some(path) = document.context_path.as_ref().filter(|_| row.role == Role::ScriptSession) {
            let path = path.trim_end_matches('/');
            row.scope.path = if path.is_empty() { "/" } else { path }.to_owned();
        }
        if row.scope.domain.is_none() && !row.name.is_host_only() {
            row.scope.domain.clone_from(&document.domain);
        }
        row.scope.same_site.get_or_insert(document.same_site);
        row.scope.secure &= !document.danger_allow_http;
    }
}
