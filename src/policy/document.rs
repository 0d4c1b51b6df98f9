//! A policy as data: what the builder collects, `build()` judges and documents say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::ConsentTerms;
use super::flow::Flow;
use super::row::is_default;
use super::{Action, CookieSpec, SameSite};
use crate::value::node::Node;
use crate::wording::Given;

/// A policy as data: what the builder collects, `build()` judges and documents say.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Document {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
    /// Empty where there is the own node alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) nodes: Vec<Node>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    pub(crate) same_site: SameSite,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) danger_allow_http: bool,
    pub(crate) undeclared: Undeclared,
    pub(crate) undeclared_requests: UndeclaredRequests,
    pub(crate) non_ascii: NonAscii,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) legacy_parsers: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) action: Action,
    /// Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) adopt_unsigned_until: Option<u64>,
    pub(crate) languages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) allowed_origins: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) require_referrer: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) mode: Mode,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) consent: ConsentTerms,
    /// By language, and then by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) texts: BTreeMap<String, Given>,
    /// Seconds.
    pub(crate) absolute_limit: u64,
    /// Seconds.
    pub(crate) idle_limit: u64,
    #[serde(rename = "flow", skip_serializing_if = "Vec::is_empty")]
    pub(crate) flows: Vec<Flow>,
    #[serde(rename = "cookie")]
    pub(crate) cookies: Vec<CookieSpec>,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            id: DEFAULT_ID.to_owned(),
            node: None,
            context_path: None,
            nodes: Vec::new(),
            domain: None,
            same_site: SameSite::default(),
            danger_allow_http: false,
            undeclared: Undeclared::default(),
            undeclared_requests: UndeclaredRequests::default(),
            non_ascii: NonAscii::default(),
            legacy_parsers: false,
            action: Action::default(),
            adopt_unsigned_until: None,
            languages: Vec::new(),
            origin: None,
            allowed_origins: Vec::new(),
            require_referrer: false,
            mode: Mode::default(),
            consent: ConsentTerms::default(),
            texts: BTreeMap::new(),
            absolute_limit: 12 * 60 * 60,
            idle_limit: 30 * 60,
            flows: Vec::new(),
            cookies: Vec::new(),
        }
    }
}

/// Whether the policy acts, or only says what it would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// What the table does not allow does not leave, and what needs a consent that is not there is not read.
    #[default]
    Enforce,
    /// It leaves and is read all the same, and is reported: for a site that is to come under a policy. There is no banner, whose words would not be true. What secures cookies (names
    /// that the crate manages, TS cookies, signatures, the referrer check) is kept in this mode as well.
    ReportOnly,
}

/// What happens to a `Set-Cookie` that is not in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Undeclared {
    /// It does not leave, and is reported.
    #[default]
    Drop,
    /// It leaves, and is reported.
    Keep,
}

/// What happens to a request's cookie that is not in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UndeclaredRequests {
    /// The handler sees it.
    #[default]
    Keep,
    /// It is refused.
    Strip,
}

/// What happens to a request's cookie whose value holds a byte above 0x7F.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NonAscii {
    /// It is refused: common parsers give up on the whole header over such a byte.
    #[default]
    Refuse,
    /// The handler sees it.
    Keep,
}

/// The id of a policy that is given none.
pub(crate) const DEFAULT_ID: &str = "broadcloud";
