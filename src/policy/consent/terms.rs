//! What a policy says of consent besides its rows.

use serde::{Deserialize, Serialize};

use crate::consent::Controller;
use crate::policy::Category;

/// What a policy says of consent besides its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConsentTerms {
    /// Where the pages about cookies lie.
    pub(crate) path: String,
    /// Who asks.
    #[serde(with = "crate::consent::terms", skip_serializing_if = "Option::is_none")]
    pub(crate) controller: Option<Controller>,
    /// Where the privacy notice lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) privacy_notice: Option<String>,
    /// Earlier hashes that cover what is shown today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) compatible: Vec<Compatible>,
}

/// An earlier hash of a category that still counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compatible {
    pub(crate) category: Category,
    pub(crate) hash: String,
}

impl Default for ConsentTerms {
    fn default() -> Self {
        Self { path: "/cookies".to_owned(), controller: None, privacy_notice: None, compatible: Vec::new() }
    }
}
