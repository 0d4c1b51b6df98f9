//! What is legal and unwise.

use std::fmt;

use super::document::DEFAULT_ID;
use super::{Basis, CookiePolicy, CookieSpec, Role};
use crate::value::locale::Locale;

/// A warning about a policy that builds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`name` is the cookie's name")]
pub enum Lint {
    /// A visitor id that outlives the browser session is called essential; supervisory authorities do not see it so.
    EssentialVisitorId { name: String },
    /// A persistent login is called essential; it is exempt from consent only where the visitor asked for it.
    EssentialLogin { name: String },
    /// The name has no `__Host-` prefix, so another host of the domain, or plain HTTP, can plant the cookie.
    NoHostPrefix { name: String },
    /// `Domain` sends the cookie to every host below it, each of which can read and set it.
    DomainSet { name: String },
    /// The row has no purpose to print.
    NoPurpose { name: String },
    /// The row has a text that is in other languages and not in this one, which the policy lists and the table is written in: the
    /// page about cookies would change languages midway. A language that no row has any text in is not asked for, so a policy
    /// may speak more languages than its table. The justification in the row's basis counts for one language, the first on the
    /// policy's list that has no other.
    Untranslated {
        name: String,
        /// The language, as the policy lists it.
        language: String,
        /// The method that gives the text: `purpose`, `kind` or `justification`.
        text: &'static str,
    },
    /// The policy has the preset's id: two applications under one key would accept each other's cookies.
    DefaultId,
}

impl CookiePolicy {
    /// What is legal and unwise about this policy, row by row.
    #[must_use]
    pub fn lint(&self) -> Vec<Lint> {
        let rows = self.specs();
        let written = |locale: &&Locale| rows.iter().any(|row| row.has_text_in(locale.as_str()));
        let languages: Vec<&str> = self.languages().iter().filter(written).map(Locale::as_str).collect();
        let mut lints: Vec<Lint> = rows.iter().flat_map(|row| of_row(row, &languages)).collect();
        if self.id() == DEFAULT_ID {
            lints.push(Lint::DefaultId);
        }
        lints
    }
}

fn of_row(row: &CookieSpec, languages: &[&str]) -> Vec<Lint> {
    let name = || row.name.to_string();
    let essential = matches!(row.basis, Basis::Essential { .. });
    let persistent = row.lifetime.max_age().is_some();
    [
        (essential && persistent && row.role == Role::Visitor)
            .then(|| Lint::EssentialVisitorId { name: name() }),
        (essential && persistent && row.role == Role::AutoLogin)
            .then(|| Lint::EssentialLogin { name: name() }),
        // The names of the TS cookies are computed, and what they say is nothing without the cookie that it is about.
        (!row.name.is_host_only() && row.role != Role::Transaction)
            .then(|| Lint::NoHostPrefix { name: name() }),
        row.scope.domain.is_some().then(|| Lint::DomainSet { name: name() }),
        row.purpose.is_empty().then(|| Lint::NoPurpose { name: name() }),
    ]
    .into_iter()
    .flatten()
    .chain(untranslated(row, languages))
    .collect()
}

/// What the row says in other languages and not in these.
fn untranslated(row: &CookieSpec, languages: &[&str]) -> Vec<Lint> {
    // The text that stands in the basis is in some language, and does not say in which.
    let justification = row.basis.justification().map(|_| ("justification", &row.justification, 1));
    let texts = [("kind", &row.kind, 0), ("purpose", &row.purpose, 0)];
    let mut lints = Vec::new();
    for (text, given, elsewhere) in texts.into_iter().chain(justification) {
        // What is said in no language reads the same in each.
        if given.is_empty() && elsewhere == 0 {
            continue;
        }
        let missing = languages.iter().filter(|language| given.exactly(language).is_none()).skip(elsewhere);
        lints.extend(missing.map(|&language| Lint::Untranslated {
            name: row.name.to_string(),
            language: language.to_owned(),
            text,
        }));
    }
    lints
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EssentialVisitorId { name } => {
                write!(
                    f,
                    "cookie {name:?} is a persistent visitor id called essential: ask for consent, or keep it for the session"
                )
            }
            Self::EssentialLogin { name } => {
                write!(f, "cookie {name:?} is a persistent login called essential: its basis is `Requested`")
            }
            Self::NoHostPrefix { name } => write!(
                f,
                "cookie {name:?} has no `__Host-` prefix: another host of the domain can plant a cookie of that name"
            ),
            Self::DomainSet { name } => {
                write!(f, "cookie {name:?} has a `Domain`: every host below it can read and set the cookie")
            }
            Self::NoPurpose { name } => {
                write!(f, "cookie {name:?} has no purpose to print: say `.purpose(\"en\", …)`")
            }
            Self::Untranslated { name, language, text } => write!(
                f,
                "cookie {name:?} lacks a text that it has in another language: say `.{text}({language:?}, …)`"
            ),
            Self::DefaultId => write!(
                f,
                "the policy has the default id {DEFAULT_ID:?}: give each deployment and tenant an id of its own"
            ),
        }
    }
}
