//! What a balancer chooses from: back ends by their labels.

use std::fmt;
use std::sync::Arc;

use super::StickyError;
use crate::value::are_cookie_octets;
use crate::value::node::NodeState;

/// A back end as the visitor's cookie names it, and its state. Cheap to clone.
///
/// - A live one takes everybody.
/// - A draining one serves those whose cookie names it, and nobody else: it is about to go.
/// - A dead one serves nobody.
///
/// The label is all that a browser learns of the back end, so let it say nothing: no address, no host's name. Its
/// state changes as the proxy learns of it; a target is made anew for that.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    label: Arc<str>,
    state: NodeState,
}

impl Target {
    /// A live back end of this label.
    ///
    /// # Errors
    /// [`StickyError::IllegalLabel`] if the label is no 1 to 64 characters that a cookie's value may have, `|` apart,
    /// behind which dates are.
    pub fn new(label: impl Into<String>) -> Result<Self, StickyError> {
        Self::of(label.into(), NodeState::Live)
    }

    /// A back end that keeps the visitors it has.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn draining(label: impl Into<String>) -> Result<Self, StickyError> {
        Self::of(label.into(), NodeState::Draining)
    }

    /// A back end that cannot be reached.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn dead(label: impl Into<String>) -> Result<Self, StickyError> {
        Self::of(label.into(), NodeState::Dead)
    }

    /// Its label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What visitors find there.
    #[must_use]
    pub fn state(&self) -> NodeState {
        self.state
    }

    fn of(label: String, state: NodeState) -> Result<Self, StickyError> {
        let legal = (1..=LONGEST).contains(&label.len()) && are_cookie_octets(label.as_bytes());
        if !legal || label.contains('|') {
            return Err(StickyError::IllegalLabel { label });
        }
        Ok(Self { label: label.into(), state })
    }
}

/// The label is one that was configured, not one that came.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("label", &self.label).field("state", &self.state).finish()
    }
}

/// The longest label, in bytes.
const LONGEST: usize = 64;
