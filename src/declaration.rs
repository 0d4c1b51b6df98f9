//! The page that tells visitors about cookies, from the same value that the wire keeps.
//!
//! - Rows are grouped by the type that the table prints, in the table's order, with its columns: category, function,
//!   permanent or session, name, duration.
//! - HTML has the justification besides; JSON also integrity, issuer and attributes.
//! - What the visitor asked for is printed as essential, as the documented table does; its basis tells the two apart.
//!
//! ```
//! use tower_cookie_policy::{CookiePolicy, KeyRing};
//!
//! let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
//! let page = policy.declaration("de").to_markdown();
//! assert!(page.contains("| Notwendig | Kennzeichnet die Sitzung"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "pages")]
mod html;
mod json;
mod markdown;

use std::sync::Arc;

use serde::Serialize;

use crate::policy::{Basis, CookiePolicy, CookieSpec, Integrity, Issuer, Lifetime, Role, SameSite};
use crate::wording::Words;

/// The table of a policy in one language, ready to be printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Declaration {
    /// The policy's id.
    pub policy: String,
    /// The language of the texts.
    pub language: String,
    /// The rows, grouped by type.
    #[serde(skip)]
    pub groups: Vec<Group>,
    #[serde(skip)]
    words: Arc<Words>,
}

/// The rows of one type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// The type, as the table prints it.
    pub kind: String,
    /// Its rows.
    pub entries: Vec<Entry>,
}

/// One row, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The type, as the table prints it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name, or the pattern (`XRM*`).
    pub name: String,
    /// The names that follow from the policy, where the pattern stands for such: the TS cookies'.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// `essential`, or the name of the category that the visitor consents to.
    pub category: String,
    /// `essential`, `requested` or `consent`.
    pub basis: &'static str,
    /// What the cookie is for.
    pub function: String,
    /// Why it needs no consent, where it is essential.
    pub justification: Option<String>,
    /// Whether it outlives the browser session.
    pub persistent: bool,
    /// How long it lives, in words.
    pub duration: String,
    /// How many seconds it lives; `None` if it ends with the browser session.
    pub max_age: Option<u32>,
    /// What a client may do to its value.
    pub integrity: Integrity,
    /// Who sets it.
    pub issuer: Issuer,
    /// Who else receives what it tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<String>,
    /// Where it goes.
    pub attributes: Attributes,
}

/// Where a cookie goes, as its `Set-Cookie` line says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Attributes {
    /// `Path`.
    pub path: String,
    /// `Domain`; `None` for a cookie of this host alone.
    pub domain: Option<String>,
    /// `SameSite`, as it is written.
    pub same_site: &'static str,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
}

impl CookiePolicy {
    /// What visitors are told about this policy's cookies, in German for `de` and its variants, in a language that the policy has
    /// [texts](crate::CookiePolicyBuilder::text) in, else in English: a page is in one language.
    #[must_use]
    pub fn declaration(&self, language: &str) -> Declaration {
        let words = self.wording().of(language);
        let mut groups: Vec<Group> = Vec::new();
        for row in self.specs() {
            let entry = entry(self, row, words);
            match groups.iter_mut().find(|group| group.kind == entry.kind) {
                Some(group) => group.entries.push(entry),
                None => groups.push(Group { kind: entry.kind.clone(), entries: vec![entry] }),
            }
        }
        Declaration {
            policy: self.id().to_owned(),
            language: words.language.clone(),
            groups,
            words: Arc::clone(words),
        }
    }
}

impl Declaration {
    /// All rows, group by group.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.groups.iter().flat_map(|group| &group.entries)
    }

    /// Who else receives what a cookie tells, in a sentence.
    fn shared(&self, entry: &Entry) -> String {
        self.words.shared_with.replace("{parties}", &entry.shared_with.join(", "))
    }
}

fn entry(policy: &CookiePolicy, row: &CookieSpec, words: &Words) -> Entry {
    let language = words.language.as_str();
    let (category, basis) = match row.basis() {
        Basis::Essential { .. } => ("essential".to_owned(), "essential"),
        Basis::Requested => ("essential".to_owned(), "requested"),
        Basis::Consent(category) => (category.name().to_owned(), "consent"),
    };
    let names = match row.declared_role() {
        Role::Transaction => policy.transaction_names().into_iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let scope = &row.scope;
    let kind = row.kind.in_language(language);
    Entry {
        kind: if kind.is_empty() { &words.other_kind } else { kind }.to_owned(),
        name: row.name().to_string(),
        names,
        category,
        basis,
        function: row.purpose.in_language(language).to_owned(),
        justification: row
            .basis()
            .justification()
            .map(|given| row.justification.exactly(language).unwrap_or(given).to_owned()),
        persistent: row.declared_lifetime() != Lifetime::Session,
        duration: words.duration(row.declared_lifetime()),
        max_age: row.declared_lifetime().max_age(),
        integrity: row.declared_integrity(),
        issuer: row.declared_issuer(),
        shared_with: row.shared_with.clone(),
        attributes: Attributes {
            path: scope.path.clone(),
            domain: scope.domain.clone(),
            same_site: scope.same_site.unwrap_or(SameSite::Lax).as_str(),
            secure: scope.secure,
            http_only: scope.http_only,
        },
    }
}
