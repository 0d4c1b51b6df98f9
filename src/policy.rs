//! The policy: a table of cookies, judged once, with its keys and its clock.
//!
//! - A policy is built from the preset, from nothing or from a document, and judged by
//!   [`build`](CookiePolicyBuilder::build), never later.
//! - It is immutable and cheap to clone.
//! - The request half and the response half ask it; it asks neither.
//!
//! ```
//! use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, Integrity, KeyRing};
//!
//! let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
//!     .id("shop")
//!     .node("web-1")
//!     .with(CookieSpec::new("cart", Basis::essential("keeps the cart")).integrity(Integrity::Guarded))
//!     .build()?;
//! assert_eq!(policy.specs().len(), 11);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod action;
mod basis;
mod broadcloud;
mod builder;
mod consent;
mod document;
mod error;
mod flow;
mod haproxy;
mod hooks;
mod index;
mod integrity;
mod judge;
mod lifetime;
mod lint;
mod name;
mod nodes;
mod origin;
mod protection;
mod referrer;
mod role;
mod row;
mod scope;
mod spec;
mod text;

use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use crate::consent::Receipts;
use crate::key::{KeyRing, Subkeys};
use crate::report::{Counters, Counts};
use crate::session::{Keeper, Series, Sessions};
use crate::value::locale::{Languages, Locale};
use crate::wording::Wording;
use nodes::Nodes;
use protection::Protection;

pub use action::Action;
pub use basis::{Basis, Category};
pub use builder::CookiePolicyBuilder;
pub use document::{Mode, NonAscii, Undeclared, UndeclaredRequests};
pub use error::BuildError;
pub use haproxy::RoutingError;
pub use integrity::Integrity;
pub use lifetime::{IllegalLifetime, Lifetime};
pub use lint::Lint;
pub use name::{Characters, NamePattern, Tail};
pub use role::{Issuer, Role};
pub use scope::SameSite;
pub use spec::CookieSpec;
pub use text::DocumentError;

pub(crate) use consent::{Asking, Categories, Hash, VALIDITY};
pub(crate) use document::Document;
pub(crate) use hooks::Hooks;
pub(crate) use index::{Found, NameIndex};
pub(crate) use judge::{Promises, broken_prefix, is_domain, is_path};
pub(crate) use name::{is_token, trim};
pub(crate) use origin::{Authority, WebOrigin};
pub(crate) use referrer::ReferrerRules;
pub(crate) use scope::Scope;

/// A table of cookies that the wire keeps. Made by [`broadcloud`](Self::broadcloud), [`empty`](Self::empty),
/// [`from_toml`](Self::from_toml) or [`from_json`](Self::from_json); put on by [`layer`](Self::layer).
#[derive(Clone)]
pub struct CookiePolicy(Arc<Table>);

/// What a policy knows after it was judged.
struct Table {
    document: Document,
    names: NameIndex,
    subkeys: Subkeys,
    languages: Languages,
    referrer: ReferrerRules,
    clock: Clock,
    counters: Counters,
    guards_patterns: bool,
    /// What visitors are asked, where some row needs a consent.
    asking: Option<Asking>,
    wording: Wording,
    receipts: Option<Receipts>,
    /// By row.
    protections: Vec<Protection>,
    /// The row of each role. Many are plain, and the first one stands for them.
    roles: [Option<usize>; Role::COUNT],
    hooks: Hooks,
    /// The store of the sessions, where there is a row for them.
    sessions: Option<Keeper<Sessions>>,
    /// The store of remembered logins, where there is a row for them.
    series: Option<Keeper<Series>>,
    /// The nodes, where there is a row for their labels.
    nodes: Option<Nodes>,
}

impl CookiePolicy {
    /// The ten rows of the BroadCloud UC-One privacy statement (revision of 30 July 2018), in English and German.
    /// It needs a [`node`](CookiePolicyBuilder::node).
    pub fn broadcloud(keys: KeyRing) -> CookiePolicyBuilder {
        let languages = ["en", "de"].map(str::to_owned).to_vec();
        CookiePolicyBuilder::new(
            keys,
            Document { cookies: broadcloud::rows(), languages, ..Document::default() },
        )
    }

    /// A table without rows: under it no cookie leaves, deletions apart.
    pub fn empty(keys: KeyRing) -> CookiePolicyBuilder {
        CookiePolicyBuilder::new(keys, Document::default())
    }

    /// The policy's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.document.id
    }

    /// The rows, those that `build()` added included.
    #[must_use]
    pub fn specs(&self) -> &[CookieSpec] {
        &self.0.document.cookies
    }

    /// The names of this policy's TS cookies that follow from its table: the main's, then the companions' of the
    /// guarded rows with an exact name. Empty without a guarded row.
    #[must_use]
    pub fn transaction_names(&self) -> Vec<&str> {
        self.0.names.transaction()
    }

    /// The languages that the application speaks, in canonical case, the fallback first.
    #[must_use]
    pub fn languages(&self) -> &[Locale] {
        self.0.languages.as_slice()
    }

    /// How many cookies were refused and suppressed since the policy was built, by reason, and how many adopted, by row.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counters.read(self.specs())
    }

    /// Whether both are clones of one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn document(&self) -> &Document {
        &self.0.document
    }

    pub(crate) fn names(&self) -> &NameIndex {
        &self.0.names
    }

    /// Whether a cookie of this name is this policy's to judge.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.0.names.find(name.as_bytes()) != Found::Undeclared
    }

    /// Whether a guarded row is a pattern, so that more TS cookies are this policy's than its table can tell.
    pub(crate) fn guards_patterns(&self) -> bool {
        self.0.guards_patterns
    }

    /// What visitors are asked, where some row needs a consent.
    #[inline]
    pub(crate) fn asking(&self) -> Option<&Asking> {
        self.0.asking.as_ref()
    }

    /// The rows that need a consent to this category.
    #[cfg(feature = "pages")]
    pub(crate) fn rows_of<'p, 'c>(
        &'p self,
        category: &'c Category,
    ) -> impl Iterator<Item = &'p CookieSpec> + use<'p, 'c> {
        self.specs().iter().filter(move |row| row.category() == Some(category))
    }

    /// Where decisions on consent go.
    #[cfg(feature = "pages")]
    pub(crate) fn decision_path(&self) -> String {
        format!("{}/consent", self.document().consent.path)
    }

    /// Whether it only says what it would do.
    pub(crate) fn only_reports(&self) -> bool {
        self.0.document.mode == Mode::ReportOnly
    }

    pub(crate) fn wording(&self) -> &Wording {
        &self.0.wording
    }

    /// Where receipts are kept, if they are.
    pub(crate) fn receipts(&self) -> Option<&Receipts> {
        self.0.receipts.as_ref()
    }

    pub(crate) fn row(&self, index: usize) -> &CookieSpec {
        &self.specs()[index]
    }

    pub(crate) fn subkeys(&self) -> &Subkeys {
        &self.0.subkeys
    }

    pub(crate) fn spoken(&self) -> &Languages {
        &self.0.languages
    }

    pub(crate) fn hooks(&self) -> &Hooks {
        &self.0.hooks
    }

    /// What it says of where requests come from.
    pub(crate) fn referrer(&self) -> &ReferrerRules {
        &self.0.referrer
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Unix seconds, by the policy's clock.
    pub(crate) fn now(&self) -> u32 {
        self.0.clock.now()
    }

    /// Unix milliseconds, by the policy's clock.
    pub(crate) fn now_millis(&self) -> u64 {
        self.0.clock.now_millis()
    }

    /// The scope of a cookie whose row, if there is one, says nothing.
    pub(crate) fn default_scope(&self) -> Scope {
        let document = &self.0.document;
        let mut scope = Scope { domain: document.domain.clone(), ..Scope::default() };
        scope.same_site = Some(document.same_site);
        scope.secure = !document.danger_allow_http;
        scope
    }

    /// The absolute limit in seconds.
    pub(crate) fn absolute_limit(&self) -> u32 {
        u32::try_from(self.0.document.absolute_limit).unwrap_or(u32::MAX)
    }

    /// The idle limit in seconds.
    pub(crate) fn idle_limit(&self) -> u32 {
        u32::try_from(self.0.document.idle_limit).unwrap_or(u32::MAX)
    }

    /// The store of the sessions, where the table has a row for them.
    pub(crate) fn sessions(&self) -> Option<&Keeper<Sessions>> {
        self.0.sessions.as_ref()
    }

    /// The store of remembered logins, where the table has rows for them and for sessions.
    pub(crate) fn series(&self) -> Option<&Keeper<Series>> {
        self.0.series.as_ref()
    }

    /// The row of this role, of which there is one at most, unless it is `Plain`.
    pub(crate) fn row_of(&self, role: Role) -> Option<&CookieSpec> {
        Some(self.row(self.0.roles[role as usize]?))
    }

    /// Its number.
    pub(crate) fn index_of(&self, role: Role) -> Option<usize> {
        self.0.roles[role as usize]
    }

    /// For how many seconds a signed or sealed value of this row counts: its lifetime, or the absolute limit where
    /// the row ends with the browser session.
    pub(crate) fn validity(&self, row: &CookieSpec) -> u32 {
        row.lifetime.max_age().unwrap_or_else(|| self.absolute_limit())
    }
}

impl fmt::Debug for CookiePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookiePolicy").field("id", &self.id()).field("rows", &self.specs().len()).finish()
    }
}
