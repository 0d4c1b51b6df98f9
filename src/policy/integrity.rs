//! What a client may do to a value.

use serde::{Deserialize, Serialize};

/// What a client may do to a cookie's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// May change it; its shape is checked.
    #[default]
    Open,
    /// Stays readable; a companion cookie carries its MAC, and the TS main says in which transaction. Session lifetime only.
    Guarded,
    /// Carries its own MAC, over name, issue time, expiry time and value. Survives a restart of the browser.
    Signed,
    /// Encrypted and authenticated, with the same times inside.
    Sealed,
}
