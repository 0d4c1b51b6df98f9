//! The sentences.

use std::fmt;

use super::BuildError;
use crate::policy::{Action, Integrity, Lifetime, Role, name, nodes};
use crate::wording::Words;

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalId { id } => {
                write!(f, "policy id {id:?}: an id is 1 to 64 letters, digits, dots, hyphens and underscores")
            }
            Self::IllegalName { name } => {
                write!(f, "cookie name {name:?} is no token (RFC 9110 section 5.6.2)")
            }
            Self::LongName { name, bytes } => {
                write!(
                    f,
                    "cookie name {name:?} has {bytes} bytes, a name has at most {}",
                    name::LONGEST
                )
            }
            Self::DuplicateName { name } => write!(f, "cookie {name:?} is declared twice"),
            Self::OverlappingNames { one, other } => {
                write!(
                    f,
                    "cookies {one:?} and {other:?} overlap: a name that starts like both would be judged by two rows"
                )
            }
            Self::AliasName { name } => {
                write!(
                    f,
                    "cookie {name:?} percent-decodes to the name of another cookie of this policy, or is a pattern that could"
                )
            }
            Self::EmptyTail { name } => {
                write!(f, "cookie {name:?} is a pattern that no name fits: its tail has length 0")
            }
            Self::IllegalCategory { name, category } => write!(
                f,
                "cookie {name:?} has the category {category:?}: a category of your own is 1 to 64 of a-z, 0-9, `_` and `-`, \
                 none of the crate's (`Category::from` knows those), and none of essential, decision, revision, return_to, source, shown and lng"
            ),
            Self::ForeignIssuer { name, integrity, issuer } => write!(
                f,
                "cookie {name:?} is {integrity:?} and set by {issuer:?}, who could not sign it: only the server's can be"
            ),
            Self::TransactionName { name } => {
                write!(
                    f,
                    "cookie {name:?} has the name of a TS cookie of this policy, rename it or change the policy's id"
                )
            }
            Self::BrokenPrefix { name, prefix, needs } => write!(
                f,
                "cookie {name:?}: the prefix `{prefix}` needs {needs} (RFC 6265bis section 4.1.3, any case)"
            ),
            Self::SameSiteNoneWithoutSecure { name } => {
                write!(f, "cookie {name:?} has SameSite=None without Secure, browsers drop it")
            }
            Self::LongLifetime { name, lifetime } => {
                write!(f, "cookie {name:?} would live for {lifetime}, browsers cut at {}", Lifetime::LONGEST)
            }
            Self::NoLifetime { name } => {
                write!(f, "cookie {name:?} would live for 0 seconds, that is a deletion")
            }
            Self::IllegalPath { name, path } => write!(
                f,
                "cookie {name:?} has the path {path:?}: a path starts with `/` and is at most 1024 printable ASCII \
                 characters without `;`"
            ),
            Self::IllegalDomain { name, domain } => write!(
                f,
                "cookie {name:?} has the domain {domain:?}: a domain is a host name in ASCII without a leading dot or a port"
            ),
            Self::NoJustification { name } => {
                write!(f, "cookie {name:?} is essential without a justification")
            }
            Self::GuardedLifetime { name, lifetime } => write!(
                f,
                "cookie {name:?} is guarded and lives for {lifetime}: a guarded cookie ends with the browser session, \
                 as its companion does; make it signed"
            ),
            Self::GuardedScope { name, attribute, row, transaction } => write!(
                f,
                "cookie {name:?} is guarded and has {attribute} {row:?}, the TS cookies have {transaction:?}"
            ),
            Self::UselessAction { name, integrity: Integrity::Open, action, .. } => write!(
                f,
                "cookie {name:?} is open and has the action {action:?}: nothing of it is verified, so nothing can fail"
            ),
            Self::UselessAction { name, role: Role::Node, action: Action::Reject, .. } => write!(
                f,
                "cookie {name:?} holds a node's label and has the action Reject: one that does not hold is issued anew, and \
                 never rejects a request"
            ),
            Self::UselessAction { name, integrity, role, action } => write!(
                f,
                "cookie {name:?} is {integrity:?} with the role {role:?} and has the action {action:?}: that is for guarded \
                 cookies of the application's own, all others are stripped or rejected"
            ),
            Self::SameCompanion { one, other, companion } => write!(
                f,
                "the guarded cookies {one:?} and {other:?} have one companion name, {companion:?}: rename one of them"
            ),
            Self::DuplicateRole { role, one, other } => {
                write!(f, "cookies {one:?} and {other:?} both have the role {role:?}: take one out with `.without({one:?})`")
            }
            Self::RoleIntegrity { name, role, integrity, needs } => {
                write!(
                    f,
                    "cookie {name:?} has the role {role:?}, which is {needs:?}, and is declared {integrity:?}: say `.integrity(Integrity::{needs:?})`"
                )
            }
            Self::RolePattern { name, role } => {
                write!(
                    f,
                    "cookie {name:?} has the role {role:?}, which takes one name, not a pattern (and `Transaction` the pattern `TS*` alone)"
                )
            }
            Self::NoNode { name } => {
                write!(f, "cookie {name:?} names the node, and the policy has none: say `.node(\"web-1\")`")
            }
            Self::IllegalNode { node } => write!(f, "node {node:?}: a node's name has 1 to 255 bytes"),
            Self::ManyNodes { nodes } => {
                write!(f, "a list of {nodes} nodes: at most {} are listed", nodes::MOST)
            }
            Self::DuplicateNode { node } => write!(f, "node {node:?} is listed twice"),
            Self::UnlistedNode { node, listed } => {
                write!(f, "this is node {node:?}, and the list of nodes, {listed:?}, does not have it")
            }
            Self::DeadNode { node } => {
                write!(f, "this is node {node:?}, and the list of nodes has it as dead: say `Node::draining({node:?})`")
            }
            Self::SameLabel { one, other } => {
                write!(f, "nodes {one:?} and {other:?} have one label under these keys: rename one of them")
            }
            Self::NoLanguages { name } => {
                write!(
                    f,
                    "cookie {name:?} holds a language, and the policy has none: say `.languages([\"en\"])`"
                )
            }
            Self::IllegalLanguage { tag } => write!(f, "{tag:?} is no language tag (BCP 47)"),
            Self::AbsoluteLimit { seconds } => {
                write!(f, "an absolute limit of {seconds} seconds: it is 1 second to {}", Lifetime::LONGEST)
            }
            Self::StoreWithoutSession => f.write_str(
                "there is a session store, and the table has no row for the session: declare a guarded one with \
                 `.role(Role::Session)`",
            ),
            Self::RememberStoreWithoutRow => f.write_str(
                "there is a store for remembered logins, and the table lacks a row with `.role(Role::AutoLogin)`, or one with \
                 `.role(Role::Session)`",
            ),
            Self::TheftWithoutRow => f.write_str(
                "there is an `.on_theft(..)`, and no login is remembered: the table lacks a row with `.role(Role::AutoLogin)`, \
                 or one with `.role(Role::Session)`",
            ),
            Self::ContextPathWithoutRow { path } => write!(
                f,
                "there is the context path {path:?}, and the table has no row whose path it would be: declare one with \
                 `.role(Role::ScriptSession)`"
            ),
            Self::NodesWithoutRow { listed } => write!(
                f,
                "there is a list of nodes, {listed:?}, and the table has no row for a node's label: declare a guarded one with \
                 `.role(Role::Node)`"
            ),
            Self::NoStoreDeadline => {
                f.write_str("the session store's deadline is no time at all: say `.store_deadline(..)`")
            }
            Self::IllegalOrigin { origin, needs } => {
                write!(f, "origin {origin:?}: an origin is `https://host` or `http://host`, perhaps with `:port`, {needs}")
            }
            Self::HttpOrigin { origin } => write!(
                f,
                "origin {origin:?} is plain HTTP beyond the loopback host: say https, or `.danger_allow_http()`"
            ),
            Self::IllegalFlowPath { flow, path, needs } => {
                write!(f, "flow {flow:?} has the path {path:?}: a path of a flow {needs}")
            }
            Self::NoFlowPages { flow } => write!(
                f,
                "flow {flow:?} has no pages, so nobody could enter it: say `.flow({flow:?}, [\"/account\"])`"
            ),
            Self::NamelessThirdParty { name } => {
                write!(f, "cookie {name:?} is shared with a third party that has no name")
            }
            Self::ManyCategories { categories } => {
                write!(f, "the table asks for consent to {categories} categories: a decision has room for 24")
            }
            Self::CompatibleWithoutRow { category } => {
                write!(f, "there is an earlier hash for the category {category:?}, and no row of the table needs a consent to it")
            }
            Self::IllegalHash { category, hash } => write!(
                f,
                "the earlier hash {hash:?} for the category {category:?}: a hash is the 8 characters that \
                 `policy.consent_hash(..)` printed"
            ),
            Self::UnknownText { language, key } => write!(
                f,
                "there is no text with the key {key:?} to say in {language:?}: the keys are `category.NAME` and \
                 `category.NAME.text` for a category of the table, {}",
                Words::keys().collect::<Vec<_>>().join(", ")
            ),
            Self::IllegalConsentPath { path } => write!(
                f,
                "the pages about cookies cannot lie at {path:?}: a path is `/` and letters, digits and `/._~-`, without a `/` \
                 at its end"
            ),
            Self::IllegalPrivacyNotice { address } => write!(
                f,
                "the privacy notice cannot lie at {address:?}: say a path of this site (`/privacy`) or an address with `https://`"
            ),
            Self::ConsentRow { name, needs } => {
                write!(f, "cookie {name:?} remembers the decision on consent, and {needs}")
            }
            Self::ReceiptsWithoutRow => f.write_str(
                "receipts of consent are to be kept, and no row of the table needs a consent: declare one with `Basis::Consent(..)`",
            ),
            Self::RetentionWithoutReceipts => {
                f.write_str("there is a retention, and no receipts to be kept: say `.receipts(..)`")
            }
            Self::RoleBasis { name, role } => write!(
                f,
                "cookie {name:?} has the role {role:?} and needs a consent: without it what the cookie is for could not work, so \
                 its basis is another"
            ),
            Self::NoRetention => {
                f.write_str("receipts of consent are to be kept for no time at all: say `.receipt_retention(..)`")
            }
            Self::IdleLimit { seconds } => {
                write!(f, "an idle limit of {seconds} seconds: it is 1 second to {}", Lifetime::LONGEST)
            }
        }
    }
}
