//! What a typed cookie value is: the shapes that the table accepts, one file each.
//!
//! A shape is asked after a signature was verified and stripped, and before a handler sees the value. What does not
//! have it is refused as malformed.

pub(crate) mod appia;
#[cfg_attr(not(feature = "pages"), expect(dead_code, reason = "decisions are made on the pages"))]
pub(crate) mod consent;
pub(crate) mod dwr;
pub(crate) mod locale;
pub(crate) mod node;
pub(crate) mod visitor;

mod auto_login;
mod session_id;
mod sticky;

use crate::policy::Role;
use locale::Languages;

/// Whether `value` has the shape of the role's values.
pub(crate) fn has_shape(role: Role, value: &[u8], languages: &Languages) -> bool {
    match role {
        Role::Plain | Role::UserId | Role::Transaction => true,
        Role::Consent => consent::Choice::parse(value).is_some(),
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

/// Whether every byte of `value` is of the class. All are looked at, which is faster than to stop at the first that is not.
#[inline]
fn all_are(class: u8, value: &[u8]) -> bool {
    value.iter().fold(class, |left, &byte| left & CLASSES[usize::from(byte)]) != 0
}

/// Whether `value` is this many characters of base64url.
pub(crate) fn is_base64url(value: &[u8], characters: usize) -> bool {
    value.len() == characters && all_are(BASE64URL, value)
}

/// Whether all bytes may stand in a cookie's value (`cookie-octet`, RFC 6265bis section 4.1.1).
pub(crate) fn are_cookie_octets(value: &[u8]) -> bool {
    all_are(COOKIE_OCTET, value)
}

const COOKIE_OCTET: u8 = 1;
const BASE64URL: u8 = 2;
const UPPER_HEX: u8 = 4;
const LOWER_HEX: u8 = 8;
/// Letters, digits, `!` and `~`.
const DWR: u8 = 16;

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at: u8 = 0;
    loop {
        let mut of = 0;
        if matches!(at, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e) {
            of |= COOKIE_OCTET;
        }
        if at.is_ascii_alphanumeric() || matches!(at, b'-' | b'_') {
            of |= BASE64URL;
        }
        if matches!(at, b'0'..=b'9' | b'A'..=b'F') {
            of |= UPPER_HEX;
        }
        if matches!(at, b'0'..=b'9' | b'a'..=b'f') {
            of |= LOWER_HEX;
        }
        if at.is_ascii_alphanumeric() || matches!(at, b'!' | b'~') {
            of |= DWR;
        }
        classes[at as usize] = of;
        if at == u8::MAX {
            break;
        }
        at += 1;
    }
    classes
};
