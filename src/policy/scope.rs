//! Where a cookie goes and who may read it.

use serde::{Deserialize, Serialize};

/// The `SameSite` attribute (RFC 6265bis section 5.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameSite {
    /// Only with requests from the same site.
    Strict,
    /// Also when the visitor follows a link from elsewhere.
    #[default]
    Lax,
    /// With every request. Browsers insist on `Secure`.
    None,
}

impl SameSite {
    /// As the attribute is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// Where a cookie goes and who may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    /// `None` until `build()` fills in the policy's.
    pub(crate) same_site: Option<SameSite>,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { path: "/".to_owned(), domain: None, same_site: None, secure: true, http_only: true }
    }
}
