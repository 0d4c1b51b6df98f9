//! What happened to a visitor's consent, and how.

use serde::{Deserialize, Serialize};

/// What became of a visitor's consent by a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// Something was granted by somebody who had granted nothing.
    Given,
    /// Nothing was granted, by somebody who had granted nothing.
    Refused,
    /// Something else is granted than before.
    Changed,
    /// The same is granted as before, once more.
    Confirmed,
    /// All that had been granted was taken back.
    Withdrawn,
}

/// How a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// By a button of the banner.
    Banner,
    /// By the form on the settings page.
    Settings,
    /// By the application, in the visitor's name.
    Api,
}
