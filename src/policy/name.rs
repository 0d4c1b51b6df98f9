//! Names of cookies: one name, or a pattern that ends in `*`.
//!
//! - A name is an RFC 9110 token of at most 255 bytes, case-sensitive, never decoded.
//! - A pattern is a prefix and a [`Tail`]: what may follow it. `XRM*` with the tail `[A-Z0-9]{1,16}` covers `XRMINT`.
//! - A name that starts like a pattern and does not fit its tail is no cookie of that row, and no other's either.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::name::is_transactional;

/// The longest name, in bytes: its length is one byte under the MAC.
pub(crate) const LONGEST: usize = 255;

/// One name, or all names of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NamePattern {
    /// Exactly this name.
    Exact(String),
    /// This prefix, followed by what the tail allows.
    Prefix(String, Tail),
}

impl NamePattern {
    /// Exactly this name, even if it ends in `*`.
    #[must_use]
    pub fn exact(name: impl Into<String>) -> Self {
        Self::Exact(name.into())
    }

    /// Whether this name is one of those the pattern stands for.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Prefix(prefix, tail) => {
                name.len() <= LONGEST
                    && name.strip_prefix(prefix.as_str()).is_some_and(|rest| tail.allows(rest.as_bytes()))
            }
        }
    }

    /// The exact name, or the prefix.
    pub(crate) fn literal(&self) -> &str {
        match self {
            Self::Exact(literal) | Self::Prefix(literal, _) => literal,
        }
    }

    /// Whether the name starts with `__Host-`, in any case, so that browsers take it from this host alone.
    pub(crate) fn is_host_only(&self) -> bool {
        self.literal().get(..7).is_some_and(|start| start.eq_ignore_ascii_case("__Host-"))
    }

    /// Whether it may stand for a name of the shape of a TS cookie's.
    pub(crate) fn may_be_transactional(&self) -> bool {
        let hex = |rest: &str| rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match self {
            Self::Exact(name) => is_transactional(name.as_bytes()),
            Self::Prefix(prefix, _) => prefix == "T" || prefix.strip_prefix("TS").is_some_and(hex),
        }
    }

    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// Whether some name may start like both, so that one of the two rows would judge the other's cookies.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(one), Self::Exact(two)) => one == two,
            (Self::Exact(name), Self::Prefix(prefix, _)) | (Self::Prefix(prefix, _), Self::Exact(name)) => {
                name.starts_with(prefix.as_str())
            }
            (Self::Prefix(one, _), Self::Prefix(two, _)) => {
                one.starts_with(two.as_str()) || two.starts_with(one.as_str())
            }
        }
    }
}

/// A trailing `*` makes a pattern that takes any token behind its prefix; everything else is one name.
impl From<&str> for NamePattern {
    fn from(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(prefix) if !prefix.is_empty() => Self::Prefix(prefix.to_owned(), Tail::default()),
            _ => Self::Exact(text.to_owned()),
        }
    }
}

/// As the table prints it: `XRM*`.
impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Prefix(prefix, _) => write!(f, "{prefix}*"),
        }
    }
}

/// What may follow the prefix of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tail {
    characters: Characters,
    longest: u8,
}

impl Tail {
    /// One to `longest` of these characters.
    #[must_use]
    pub const fn new(characters: Characters, longest: u8) -> Self {
        Self { characters, longest }
    }

    pub(super) fn is_empty(self) -> bool {
        self.longest == 0
    }

    pub(super) fn allows(self, rest: &[u8]) -> bool {
        (1..=usize::from(self.longest)).contains(&rest.len())
            && rest.iter().all(|&byte| self.characters.has(byte))
    }
}

/// Any token of at most 128 bytes.
impl Default for Tail {
    fn default() -> Self {
        Self::new(Characters::Token, 128)
    }
}

/// The characters of a [`Tail`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Characters {
    /// What a name may have (RFC 9110 section 5.6.2).
    Token,
    /// `A` to `Z` and `0` to `9`.
    UpperAlphanumeric,
    /// `0` to `9` and `a` to `f`.
    LowerHex,
}

impl Characters {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Token => is_token_byte(byte),
            Self::UpperAlphanumeric => matches!(byte, b'A'..=b'Z' | b'0'..=b'9'),
            Self::LowerHex => matches!(byte, b'a'..=b'f' | b'0'..=b'9'),
        }
    }
}

/// Whether these bytes are a token (RFC 9110 section 5.6.2).
pub(crate) fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| is_token_byte(byte))
}

/// Without SP and HTAB at either end: what is trimmed around a name and around a value, and nothing else.
#[inline]
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Whether a token may have this byte.
#[inline]
fn is_token_byte(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = true;
        byte += 1;
    }
    let delimiters = br#""(),/:;<=>?@[\]{}"#;
    let mut at = 0;
    while at < delimiters.len() {
        table[delimiters[at] as usize] = false;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn tokens_are_those_of_rfc_9110() {
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(is_token(&[byte]), expected, "{byte:#04x}");
        }
        assert!(!is_token(b""));
    }
}
