//! Collects a policy and judges it, once, in [`build`](CookiePolicyBuilder::build).

mod referrer;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

use super::document::{Document, NonAscii, Undeclared, UndeclaredRequests};
use super::hooks::{Hook, Hooks};
use super::index::NameIndex;
use super::nodes::Nodes;
use super::protection::Protection;
use super::{Basis, BuildError, CookiePolicy, CookieSpec, Integrity, ReferrerRules, Role, SameSite, Table};
use super::{broadcloud, judge};
use crate::clock::Clock;
use crate::key::KeyRing;
use crate::report::Counters;
use crate::session::{Keeper, MemoryStore, RememberStore, Series, SessionStore, Sessions, Store, Theft};
use crate::value::locale::Languages;
use crate::value::node::Node;

/// A policy in the making. Nothing is judged before [`build`](Self::build).
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build()`"]
pub struct CookiePolicyBuilder {
    keys: KeyRing,
    clock: Clock,
    store: Option<Store<Sessions>>,
    /// The same store, where it keeps remembered logins as well.
    series: Option<Store<Series>>,
    remember_store: Option<Store<Series>>,
    store_deadline: Duration,
    hooks: Hooks,
    document: Document,
}

impl CookiePolicyBuilder {
    pub(super) fn new(keys: KeyRing, document: Document) -> Self {
        let store_deadline = Duration::from_secs(3);
        let (clock, hooks) = (Clock::system(), Hooks::default());
        Self { keys, clock, store: None, series: None, remember_store: None, store_deadline, hooks, document }
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

    /// Where sessions and remembered logins are kept. The default is a [`MemoryStore`](crate::MemoryStore) of this policy's own.
    /// One store is for the policies of one id, on however many machines: it does not tell the sessions and users of others
    /// apart.
    pub fn store(mut self, store: impl SessionStore + RememberStore) -> Self {
        let store = Arc::new(store);
        self.store = Some(Store::<Sessions>::new(Arc::clone(&store)));
        self.series = Some(Store::<Series>::new(store));
        self
    }

    /// Where sessions are kept, and no remembered logins. Without a [`remember_store`](Self::remember_store) besides nobody is
    /// remembered.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Store::<Sessions>::new(Arc::new(store)));
        self.series = None;
        self
    }

    /// Where remembered logins are kept, for the row with `Role::AutoLogin`, wherever sessions are.
    pub fn remember_store(mut self, store: impl RememberStore) -> Self {
        self.remember_store = Some(Store::<Series>::new(Arc::new(store)));
        self
    }

    /// What is to be done when a remembered login is found out to be stolen: warning the user by mail, say, or an alarm. It runs
    /// once for each theft, in the middle of the request that brought the used-up cookie, so it should start what takes time
    /// and not wait for it. The visitor's next request hears of it by [`Session::theft`](crate::Session::theft). A table without
    /// the row for remembered logins does not build.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let (alarms, alarm) = std::sync::mpsc::channel();
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
    ///     .node("web-1")
    ///     .on_theft(move |theft| drop(alarms.send(theft.clone())))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_theft(mut self, alarm: impl Fn(&Theft) + Send + Sync + 'static) -> Self {
        self.hooks.theft = Some(Hook(Arc::new(alarm)));
        self
    }

    /// How long the session store may take over one step, and over a write with all its tries; after that it has failed. The
    /// default is 3 seconds.
    /// A store that has to wait needs Tokio's timer around it, which every Tokio server has.
    pub fn store_deadline(mut self, deadline: Duration) -> Self {
        self.store_deadline = deadline;
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
        let Self { keys, clock, store, series, remember_store, store_deadline, hooks, mut document } = self;
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
        let nodes = nodes(&document, &keys)?;
        let session = document.cookies.iter().position(|row| row.role == Role::Session);
        if store_deadline.is_zero() {
            return Err(BuildError::NoStoreDeadline);
        }
        if session.is_none() && store.is_some() {
            return Err(BuildError::StoreWithoutSession);
        }
        let remembers = session.is_some() && document.cookies.iter().any(|row| row.role == Role::AutoLogin);
        if !remembers && remember_store.is_some() {
            return Err(BuildError::RememberStoreWithoutRow);
        }
        if !remembers && hooks.theft.is_some() {
            return Err(BuildError::TheftWithoutRow);
        }
        let memory = MemoryStore::new();
        let is_default = store.is_none();
        let sessions = session.map(|row| {
            let store = store.unwrap_or_else(|| Store::<Sessions>::new(Arc::new(memory.clone())));
            (row, Keeper::new(store, store_deadline, &document.id))
        });
        let of_default = || is_default.then(|| Store::<Series>::new(Arc::new(memory)));
        let series = remember_store.or(series).or_else(of_default);
        let series = series.filter(|_| remembers);
        Ok(CookiePolicy(Arc::new(Table {
            sessions,
            series: series.map(|store| Keeper::new(store, store_deadline, &document.id)),
            nodes,
            asks_consent: document.cookies.iter().any(|row| matches!(row.basis, Basis::Consent(_))),
            guards_patterns: document.cookies.iter().any(CookieSpec::guards_a_pattern),
            roles: by_role(&document.cookies),
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

/// The row of the node's label, if there is one, and the nodes with their labels.
fn nodes(document: &Document, keys: &KeyRing) -> Result<Option<(usize, Nodes)>, BuildError> {
    let row = document.cookies.iter().position(|row| row.role == Role::Node);
    let (Some(row), Some(own)) = (row, &document.node) else { return Ok(None) };
    let listed = match document.nodes.as_slice() {
        [] => vec![Node::from(own.as_str())],
        listed => listed.to_vec(),
    };
    Ok(Some((row, Nodes::new(own, listed, &keys.node_keys(&document.id))?)))
}

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
