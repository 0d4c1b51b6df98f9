//! What a typed cookie value is: the shapes that the table accepts, one file each.
//!
//! A shape is asked after a signature was verified and stripped, and before a handler sees the value. What does not
//! have it is refused as malformed.

pub(crate) mod locale;

mod appia;
mod auto_login;
mod dwr;
mod node;
mod session_id;
mod sticky;
mod visitor;

use crate::policy::Role;
use locale::Languages;

/// Whether `value` has the shape of the role's values.
pub(crate) fn has_shape(role: Role, value: &[u8], languages: &Languages) -> bool {
    match role {
        Role::Plain | Role::UserId | Role::Consent | Role::Transaction => true,
        Role::Session => session_id::has_shape(value),
        Role::ScriptSession => dwr::has_shape(value),
        Role::Correlation => appia::has_shape(value),
        Role::AutoLogin => auto_login::has_shape(value),
        Role::Visitor => visitor::has_shape(value),
        Role::Node => node::has_shape(value),
        Role::Language => languages.of_cookie(value).is_some(),
        Role::Stickiness => sticky::has_shape(value),
    }
}

/// Whether `value` is this many characters of base64url.
fn is_base64url(value: &[u8], characters: usize) -> bool {
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    value.len() == characters && value.iter().all(legal)
}

/// Whether a byte may stand in a cookie's value (`cookie-octet`, RFC 6265bis section 4.1.1).
pub(crate) fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}
