//! Why a policy does not build. Each sentence quotes the configuration that it is about.

mod sentence;

use std::error::Error;
use std::fmt;

use super::{Action, Integrity, Issuer, Lifetime, Role};

/// Why a policy does not build.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the sentences above them name")]
pub enum BuildError {
    /// The policy's id is no 1 to 64 letters, digits, `.`, `_` or `-`.
    IllegalId { id: String },
    /// A cookie's name is no token (RFC 9110 section 5.6.2).
    IllegalName { name: String },
    /// A cookie's name is longer than the 255 bytes that its length byte can say.
    LongName { name: String, bytes: usize },
    /// Two rows have one name.
    DuplicateName { name: String },
    /// A name, or a pattern, lies within another row's pattern.
    OverlappingNames { one: String, other: String },
    /// A name percent-decodes to another row's or to a TS cookie's: parsers that decode names would mix them up.
    AliasName { name: String },
    /// A pattern whose tail allows no character.
    EmptyTail { name: String },
    /// A category's name that is no 1 to 64 of `a` to `z`, `0` to `9`, `_` and `-`, or is one of the crate's own or of a field of the form.
    IllegalCategory { name: String, category: String },
    /// A protected cookie that another than the server sets, who could not sign it.
    ForeignIssuer { name: String, integrity: Integrity, issuer: Issuer },
    /// A row has the name of one of this policy's TS cookies.
    TransactionName { name: String },
    /// The name's prefix promises what the row does not keep (RFC 6265bis section 4.1.3).
    BrokenPrefix { name: String, prefix: &'static str, needs: &'static str },
    /// Browsers drop a cookie with `SameSite=None` and without `Secure`.
    SameSiteNoneWithoutSecure { name: String },
    /// Longer than the 400 days at which browsers cut.
    LongLifetime { name: String, lifetime: Lifetime },
    /// A lifetime of no second.
    NoLifetime { name: String },
    /// A `Path` that is not `/…` in printable ASCII without `;`, of at most 1024 bytes.
    IllegalPath { name: String, path: String },
    /// A `Domain` that is no host name in ASCII, of at most 253 bytes, without a leading dot.
    IllegalDomain { name: String, domain: String },
    /// An essential cookie without a justification.
    NoJustification { name: String },
    /// A guarded cookie that outlives the browser session, and so its companion.
    GuardedLifetime { name: String, lifetime: Lifetime },
    /// A guarded cookie whose `Path`, `Domain`, `SameSite` or `Secure` is not that of the TS cookies.
    GuardedScope { name: String, attribute: &'static str, row: String, transaction: String },
    /// An action for a row that has nothing to verify, `Report` for one that is more than a guarded cookie of the
    /// application's own, or `Reject` for a node's label.
    UselessAction { name: String, integrity: Integrity, role: Role, action: Action },
    /// Two guarded names whose companions have one name.
    SameCompanion { one: String, other: String, companion: String },
    /// Two rows for one of the crate's own values.
    DuplicateRole { role: Role, one: String, other: String },
    /// One of the crate's own values under another protection than its own.
    RoleIntegrity { name: String, role: Role, integrity: Integrity, needs: Integrity },
    /// One of the crate's own values under a pattern, or the TS cookies under another than `TS*`.
    RolePattern { name: String, role: Role },
    /// A row for the node's label, and no [`node`](super::CookiePolicyBuilder::node).
    NoNode { name: String },
    /// A node's name that is empty, or longer than 255 bytes.
    IllegalNode { node: String },
    /// A list of more than 1000 nodes.
    ManyNodes { nodes: usize },
    /// A node that is listed twice.
    DuplicateNode { node: String },
    /// The own [`node`](super::CookiePolicyBuilder::node) is not on the list of [`nodes`](super::CookiePolicyBuilder::nodes).
    UnlistedNode { node: String, listed: Vec<String> },
    /// The own node is on the list, as one that is gone.
    DeadNode { node: String },
    /// Two nodes have one label, under the same key or under two.
    SameLabel { one: String, other: String },
    /// A row for the language, and no list of languages.
    NoLanguages { name: String },
    /// A language that is no language tag (BCP 47).
    IllegalLanguage { tag: String },
    /// An absolute limit of no second, or of more than 400 days.
    AbsoluteLimit { seconds: u64 },
    /// An idle limit of no second, or of more than 400 days.
    IdleLimit { seconds: u64 },
    /// A session store, and no row for a session.
    StoreWithoutSession,
    /// There is a store for remembered logins, and the table has no row for them, or none for sessions.
    RememberStoreWithoutRow,
    /// A hook for stolen logins, and the table has no row for remembered ones, or none for sessions.
    TheftWithoutRow,
    /// A [`context_path`](super::CookiePolicyBuilder::context_path), and the table has no row for the id of the page's scripts.
    ContextPathWithoutRow { path: String },
    /// A list of [`nodes`](super::CookiePolicyBuilder::nodes), and the table has no row for a node's label.
    NodesWithoutRow { listed: Vec<String> },
    /// A deadline of no time for the session store.
    NoStoreDeadline,
    /// An origin that is not `https://host` or `https://host:port` (or either with `http`), in ASCII.
    IllegalOrigin { origin: String, needs: &'static str },
    /// An [`origin`](super::CookiePolicyBuilder::origin) over plain HTTP that is not on this machine.
    HttpOrigin { origin: String },
    /// A path of a flow that no request or page could have.
    IllegalFlowPath { flow: String, path: String, needs: &'static str },
    /// A flow that has no page to enter it from.
    NoFlowPages { flow: String },
    /// A third party without a name.
    NamelessThirdParty { name: String },
    /// More categories than a decision on them has room for in its cookie.
    ManyCategories { categories: usize },
    /// An earlier hash of a category that no row has.
    CompatibleWithoutRow { category: String },
    /// An earlier hash that is no 8 characters of base64url.
    IllegalHash { category: String, hash: String },
    /// A text for which there is no key.
    UnknownText { language: String, key: String },
    /// A [`consent_path`](super::CookiePolicyBuilder::consent_path) that is no `/…` in letters, digits and `/._~-`, or ends with `/`.
    IllegalConsentPath { path: String },
    /// A [`privacy_notice`](super::CookiePolicyBuilder::privacy_notice) that is neither a path of this site nor an address over HTTPS.
    IllegalPrivacyNotice { address: String },
    /// The row of the consent cookie does not live for 180 days, or needs a consent itself.
    ConsentRow { name: String, needs: &'static str },
    /// Receipts are to be kept, and the table has no row that needs a consent.
    ReceiptsWithoutRow,
    /// A retention, and no receipts that would be kept.
    RetentionWithoutReceipts,
    /// A cookie that a visitor could not do without, and that needs a consent.
    RoleBasis { name: String, role: Role },
    /// Receipts that are kept for no time at all.
    NoRetention,
}

/// The sentence, since that is what a `main` that returns this error prints.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for BuildError {}
