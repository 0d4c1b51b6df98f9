//! What a balancer chooses from: back ends by their labels.

use std::fmt;
use std::sync::Arc;

use super::StickyError;
use crate::value::are_cookie_octets;

/// A back end as the visitor's cookie names it, and whether it can be used now. Cheap to clone.
///
/// The label is all that a browser learns of the back end, so let it say nothing: no address, no host's name.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    label: Arc<str>,
    availability: Availability,
}

impl Target {
    /// A live back end of this label.
    ///
    /// # Errors
    /// [`StickyError::IllegalLabel`] if the label is no 1 to 64 characters that a cookie's value may have, `|` apart,
    /// behind which dates are.
    pub fn new(label: impl Into<String>) -> Result<Self, StickyError> {
        let label = label.into();
        let legal = (1..=LONGEST).contains(&label.len()) && are_cookie_octets(label.as_bytes());
        if !legal || label.contains('|') {
            return Err(StickyError::IllegalLabel { label });
        }
        Ok(Self { label: label.into(), availability: Availability::Live })
    }

    /// The same back end in this state.
    #[must_use]
    pub fn in_state(mut self, availability: Availability) -> Self {
        self.availability = availability;
        self
    }

    /// The label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether it can be used.
    #[must_use]
    pub fn availability(&self) -> Availability {
        self.availability
    }
}

/// The label is one that was configured, not one that came.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("label", &self.label)
            .field("availability", &self.availability)
            .finish()
    }
}

/// Whether a back end can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Availability {
    /// It takes visitors.
    #[default]
    Live,
    /// It serves those whose cookie names it, and nobody else: it is about to go.
    Draining,
    /// It serves nobody.
    Dead,
}

/// The longest label, in bytes.
const LONGEST: usize = 64;
