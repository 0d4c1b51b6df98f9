//! Why a cookie may be stored.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a cookie may be stored on the visitor's device.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Needs no consent; the justification is printed, and `build()` insists on one.
    Essential {
        /// Why the service that the visitor asked for cannot do without it.
        justification: String,
    },
    /// Stored only in answer to the visitor's own action. The typed API is that action, a raw `Set-Cookie` is not.
    Requested,
    /// Stored and read only while the visitor consents to the category.
    Consent(Category),
}

impl Basis {
    /// An essential cookie, with the reason that is printed.
    #[must_use]
    pub fn essential(justification: impl Into<String>) -> Self {
        Self::Essential { justification: justification.into() }
    }

    /// The justification of an essential cookie.
    #[must_use]
    pub fn justification(&self) -> Option<&str> {
        match self {
            Self::Essential { justification } => Some(justification),
            Self::Requested | Self::Consent(_) => None,
        }
    }
}

/// What a visitor consents to, or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Category {
    /// Remembers choices that the service works without.
    Preferences,
    /// Counts and measures.
    Statistics,
    /// Advertises.
    Marketing,
    /// A category of the application's own, by its name in lower case.
    Other(String),
}

impl Category {
    /// The name in lower case, as forms and JSON have it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Preferences => "preferences",
            Self::Statistics => "statistics",
            Self::Marketing => "marketing",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<String> for Category {
    fn from(name: String) -> Self {
        match name.as_str() {
            "preferences" => Self::Preferences,
            "statistics" => Self::Statistics,
            "marketing" => Self::Marketing,
            _ => Self::Other(name),
        }
    }
}

impl From<Category> for String {
    fn from(category: Category) -> Self {
        category.name().to_owned()
    }
}
