//! Why there is no such stickiness.

use std::error::Error;
use std::fmt;

/// Why there is no [`Sticky`](super::Sticky) or [`Target`](super::Target) like this. The sentence quotes what was
/// configured.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the sentences above them name")]
pub enum StickyError {
    /// The cookie's name is not `XRM` and 1 to 16 upper-case letters and digits.
    IllegalName { name: String },
    /// A back end's label is no 1 to 64 characters of a cookie's value, or has a `|`.
    IllegalLabel { label: String },
}

impl fmt::Display for StickyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalName { name } => write!(
                f,
                "stickiness cookie {name:?}: its name is `XRM` and 1 to 16 upper-case letters and digits, such as `XRMINT`"
            ),
            Self::IllegalLabel { label } => write!(
                f,
                "back end {label:?}: a label is 1 to 64 printable characters of ASCII without space, `\"`, `,`, `;`, `\\` and `|`"
            ),
        }
    }
}

/// The sentence, since that is what a `main` that returns this error prints.
impl fmt::Debug for StickyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for StickyError {}
