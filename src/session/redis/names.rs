//! What keys are called: the prefix in braces, a letter for what is there, and 32 bytes.

use std::fmt;
use std::sync::Arc;

use super::error::RedisStoreError;
use crate::mac;

/// What every key of a store begins with. Its braces make it one hash slot of a cluster.
#[derive(Clone)]
pub(super) struct Prefix(Arc<str>);

/// What is under a key.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A session, or the mark of one.
    Session,
    /// The ids of an owner's sessions, by deadline and by when they were seen.
    Sessions,
    /// An owner's epoch.
    Epoch,
    /// A remembered login.
    Login,
    /// The ids of an owner's logins, by their ends.
    Logins,
    /// The ids of all logins, by their ends. There is one of it, without an id.
    Ends,
}

impl Prefix {
    pub(super) fn new(prefix: &str) -> Result<Self, RedisStoreError> {
        let is_legal = !prefix.is_empty()
            && prefix.len() <= LONGEST
            && prefix.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'{' && byte != b'}');
        match is_legal {
            true => Ok(Self(format!("{{{prefix}}}").into())),
            false => Err(RedisStoreError::prefix(prefix)),
        }
    }

    /// With its braces.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Writes the key of what has this id: a session's or a login's own, or its owner's.
    pub(super) fn write_key(&self, key: &mut Vec<u8>, kind: Kind, id: &[u8]) {
        key.extend_from_slice(self.as_bytes());
        key.push(kind.letter());
        key.extend_from_slice(id);
    }

    /// How many bytes a key has at most.
    pub(super) fn longest_key(&self) -> usize {
        self.0.len() + 1 + 32
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("{cookie-policy:}".into())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Kind {
    fn letter(self) -> u8 {
        match self {
            Self::Session => b's',
            Self::Sessions => b'o',
            Self::Epoch => b'e',
            Self::Login => b'r',
            Self::Logins => b'l',
            Self::Ends => b'z',
        }
    }
}

/// Owners go by the SHA-256 of their names, so that no list of keys and no slow log is one of users.
pub(super) fn owner_id(owner: &str) -> [u8; 32] {
    mac::sha256(&[owner.as_bytes()])
}

/// Bytes of the longest prefix.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::{Kind, Prefix};

    #[test]
    fn a_prefix_is_one_hash_tag() {
        let (prefix, mut key) = (Prefix::new("shop:").unwrap(), Vec::new());
        prefix.write_key(&mut key, Kind::Session, b"}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{");
        assert_eq!(key.len(), prefix.longest_key());
        assert_eq!(key, b"{shop:}s}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{");
        for illegal in ["", "a{b", "a}", "{}", "a b", "a\n", "é", &"p".repeat(65)] {
            let error = Prefix::new(illegal).unwrap_err().to_string();
            assert!(error.contains(&format!("{illegal:?}")), "{error}");
        }
        assert!(Prefix::new(&"p".repeat(64)).is_ok());
    }
}
