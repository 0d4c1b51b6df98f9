//! What consent was asked for.

use serde::{Deserialize, Serialize};

use crate::policy::Category;

/// A category as it was shown to the visitor, and what they decided.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purpose {
    pub(crate) category: Category,
    /// As the visitor read it.
    pub(crate) title: String,
    /// What it was said to be about, in general; the cookies have their own purposes.
    pub(crate) about: String,
    pub(crate) state: PurposeState,
    /// The short hash of what was shown for it.
    pub(crate) hash: String,
    pub(crate) cookies: Vec<PurposeCookie>,
    pub(crate) third_parties: Vec<String>,
    /// Where consent is withdrawn.
    pub(crate) withdrawal: String,
}

impl Purpose {
    /// The category.
    #[must_use]
    pub fn category(&self) -> &Category {
        &self.category
    }

    /// Its title, in the language that it was shown in.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it was said to be about in general, in that language. The cookies have their own purposes.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// What the visitor decided.
    #[must_use]
    pub fn state(&self) -> PurposeState {
        self.state
    }

    /// The short hash of what was shown for it.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The cookies that were shown.
    #[must_use]
    pub fn cookies(&self) -> &[PurposeCookie] {
        &self.cookies
    }

    /// Who else gets to see what is collected.
    #[must_use]
    pub fn third_parties(&self) -> &[String] {
        &self.third_parties
    }

    /// Where consent is withdrawn.
    #[must_use]
    pub fn withdrawal(&self) -> &str {
        &self.withdrawal
    }
}

/// A cookie as it was shown to the visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PurposeCookie {
    #[serde(rename = "pii_type")]
    pub(crate) name: String,
    pub(crate) purpose: String,
    /// Seconds, or `None` for one that ends with the browser session.
    #[serde(rename = "retention_period")]
    pub(crate) lifetime: Option<u32>,
}

impl PurposeCookie {
    /// Its name, or the pattern of its names.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, in the language that it was shown in.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// How many seconds it lives; `None` for one that ends with the browser session.
    #[must_use]
    pub fn lifetime(&self) -> Option<u32> {
        self.lifetime
    }
}

/// What a visitor decided about a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PurposeState {
    /// It may be.
    Granted,
    /// It may not be.
    Refused,
    /// It may not be any more.
    Withdrawn,
}
