//! Keys: 32 secret bytes each, the first of a ring signs, all of them verify.
//!
//! - A key that is too short or too long is refused; nothing stretches a password into one.
//! - Bytes are wiped when dropped. No key has `Display`, and `Debug` prints none of it.
//! - Rolling: accept the new key everywhere, then sign with it, then retire the old one once
//!   the longest signed lifetime is over, or everything was issued anew.

use std::error::Error;
use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::mac::{self, MacKey};
use crate::seal::SealKey;

/// One secret key of 32 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; Key::BYTES]);

impl Key {
    /// Bytes in a key.
    pub const BYTES: usize = 32;

    /// A new key from the system's random source.
    ///
    /// # Errors
    /// [`KeyError::NoEntropy`] if the system has no random bytes to give.
    pub fn generate() -> Result<Self, KeyError> {
        random().map(Self)
    }

    /// The key that these bytes are.
    ///
    /// # Errors
    /// [`KeyError::Length`] unless there are exactly 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Length { bytes: bytes.len() })?;
        Ok(Self(bytes))
    }

    /// The key that 64 hexadecimal digits, in either case, spell.
    ///
    /// # Errors
    /// [`KeyError::Hex`] at anything but a digit, [`KeyError::Digits`] unless there are exactly 64.
    pub fn from_hex(digits: &str) -> Result<Self, KeyError> {
        let digits = digits.as_bytes();
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        if let Some(at) = digits.iter().position(|digit| !digit.is_ascii_hexdigit()) {
            return Err(KeyError::Hex { at });
        }
        if digits.len() != 2 * Self::BYTES {
            return Err(KeyError::Digits { digits: digits.len() });
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
        }
        Ok(Self(*bytes))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(secret)")
    }
}

/// The keys of a policy: the first signs, all verify.
///
/// ```
/// use tower_cookie_policy::{Key, KeyRing};
///
/// let ring = KeyRing::new(Key::generate()?).accepting(Key::generate()?)?;
/// assert_eq!(format!("{ring:?}"), "KeyRing(2 keys)");
/// # Ok::<(), tower_cookie_policy::KeyError>(())
/// ```
#[expect(clippy::vec_box, reason = "a ring that grows moves no key, and so leaves no copy of one behind")]
#[derive(Clone)]
pub struct KeyRing(Vec<Box<Key>>);

impl KeyRing {
    /// A ring of one key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self(vec![Box::new(key)])
    }

    /// The same ring, which also accepts what an earlier (or a coming) key has signed.
    ///
    /// # Errors
    /// [`KeyError::SameKeyId`] if the ring has a key with the same key id, which one pair in 256 has.
    pub fn accepting(mut self, other: Key) -> Result<Self, KeyError> {
        let id = mac::key_id(&other.0);
        if self.0.iter().any(|key| mac::key_id(&key.0) == id) {
            return Err(KeyError::SameKeyId { position: self.0.len() });
        }
        self.0.push(Box::new(other));
        Ok(self)
    }

    /// A ring of one new key, for tests and first steps: what it signs is worthless after a restart.
    ///
    /// # Errors
    /// [`KeyError::NoEntropy`] if the system has no random bytes to give.
    pub fn generate() -> Result<Self, KeyError> {
        Key::generate().map(Self::new)
    }

    /// A ring of one key from its 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Length`] unless there are exactly 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Key::from_bytes(bytes).map(Self::new)
    }

    /// A ring from keys in hexadecimal, separated by commas; white space around a key is ignored.
    ///
    /// # Errors
    /// [`KeyError::Empty`] without a key, [`KeyError::InRing`] naming the position of a bad one, and
    /// [`KeyError::SameKeyId`].
    pub fn from_hex(keys: &str) -> Result<Self, KeyError> {
        if keys.trim().is_empty() {
            return Err(KeyError::Empty);
        }
        let mut ring: Option<Self> = None;
        for (position, digits) in keys.split(',').enumerate() {
            let key = Key::from_hex(digits.trim())
                .map_err(|reason| KeyError::InRing { position, reason: Box::new(reason) })?;
            ring = Some(match ring {
                None => Self::new(key),
                Some(ring) => ring.accepting(key)?,
            });
        }
        ring.ok_or(KeyError::Empty)
    }

    /// A ring from an environment variable that holds what [`from_hex`](Self::from_hex) reads.
    ///
    /// # Errors
    /// [`KeyError::Unset`] if there is no such variable, [`KeyError::InVariable`] with what
    /// [`from_hex`](Self::from_hex) says of its keys.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        let unset = |_| KeyError::Unset { variable: variable.to_owned() };
        let keys = Zeroizing::new(std::env::var(variable).map_err(unset)?);
        let variable = || variable.to_owned();
        Self::from_hex(&keys)
            .map_err(|reason| KeyError::InVariable { variable: variable(), reason: Box::new(reason) })
    }

    /// The keys of the nodes' labels under the policy of this id, in the ring's order.
    pub(crate) fn node_keys(&self, policy: &str) -> Vec<MacKey> {
        let derive = |key: &Key| MacKey::new(mac::subkey(&key.0, "node", policy).as_slice());
        self.0.iter().map(Box::as_ref).map(derive).collect()
    }

    /// The keys of every purpose under the policy of this id, in the ring's order.
    pub(crate) fn subkeys(&self, policy: &str) -> Subkeys {
        let derive = |key: &Key| Subkey {
            id: mac::key_id(&key.0),
            main: MacKey::new(mac::subkey(&key.0, "ts-main", policy).as_slice()),
            guard: MacKey::new(mac::subkey(&key.0, "ts-guard", policy).as_slice()),
            signed: MacKey::new(mac::subkey(&key.0, "signed", policy).as_slice()),
            sealed: SealKey::new(&mac::subkey(&key.0, "sealed", policy)),
        };
        let mut derived = self.0.iter().map(Box::as_ref).map(derive);
        // A ring is never empty: every way to make one starts with a key.
        let first = derived.next().unwrap_or_else(|| unreachable!("a ring starts with a key"));
        Subkeys { first, previous: derived.collect() }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys)", self.0.len())
    }
}

/// What a policy derives from its ring, once.
pub(crate) struct Subkeys {
    first: Subkey,
    previous: Vec<Subkey>,
}

/// What a policy derives from one key.
pub(crate) struct Subkey {
    pub(crate) id: u8,
    /// For the main of a transaction.
    pub(crate) main: MacKey,
    /// For the companions of guarded cookies.
    pub(crate) guard: MacKey,
    pub(crate) signed: MacKey,
    pub(crate) sealed: SealKey,
}

impl Subkeys {
    /// The key that signs.
    pub(crate) fn first(&self) -> &Subkey {
        &self.first
    }

    /// The key with this id, if the ring still has it.
    pub(crate) fn by_id(&self, id: u8) -> Option<&Subkey> {
        if self.first.id == id { Some(&self.first) } else { self.previous.iter().find(|key| key.id == id) }
    }
}

/// Why there is no key. Names places and lengths, never a digit of a key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The system's random source gave nothing.
    NoEntropy,
    /// A key is 32 bytes; this one has another length.
    Length {
        /// How many bytes there were.
        bytes: usize,
    },
    /// A key is 64 hexadecimal digits; this one has another number of them.
    Digits {
        /// How many digits there were.
        digits: usize,
    },
    /// A character that is no hexadecimal digit.
    Hex {
        /// The position of that character, from 0.
        at: usize,
    },
    /// A list of keys without a key.
    Empty,
    /// A bad key in a list.
    InRing {
        /// The position of that key in the list, from 0.
        position: usize,
        /// What is wrong with it.
        reason: Box<KeyError>,
    },
    /// Two keys of one ring have the same key id (often they are the same key). Generate another one.
    SameKeyId {
        /// The position of the later one in the ring, from 0.
        position: usize,
    },
    /// Bad keys in an environment variable.
    InVariable {
        /// Its name.
        variable: String,
        /// What is wrong with them.
        reason: Box<KeyError>,
    },
    /// No such environment variable, or one that is not Unicode.
    Unset {
        /// The name that was asked for.
        variable: String,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntropy => f.write_str("the system has no random bytes for a key"),
            Self::Length { bytes } => {
                write!(f, "a key is 32 bytes, this one has {bytes}")
            }
            Self::Digits { digits } => write!(f, "a key is 64 hexadecimal digits, this one has {digits}"),
            Self::Hex { at } => write!(f, "character {at} of the key is no hexadecimal digit"),
            Self::Empty => f.write_str("there is no key in the list"),
            Self::InRing { position, reason } => write!(f, "key {position} of the list: {reason}"),
            Self::SameKeyId { position } => {
                write!(f, "key {position} of the ring has the key id of an earlier one: generate another key")
            }
            Self::InVariable { variable, reason } => {
                write!(f, "the environment variable `{variable}`: {reason}")
            }
            Self::Unset { variable } => write!(
                f,
                "the environment variable `{variable}` is not set; it holds keys of 64 hexadecimal digits, \
                 separated by commas (`openssl rand -hex 32` makes one)"
            ),
        }
    }
}

/// The sentence, since that is what a `main` that returns this error prints.
impl fmt::Debug for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for KeyError {}

/// As many random bytes from the system's source.
///
/// # Errors
/// [`KeyError::NoEntropy`] if it has none to give.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::NoEntropy)?;
    Ok(bytes)
}

/// The value of a digit that is known to be one.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

#[cfg(test)]
mod tests {
    use zeroize::{Zeroize, ZeroizeOnDrop};

    use super::{Key, KeyRing};

    #[test]
    fn keys_are_wiped() {
        fn is_wiped<T: ZeroizeOnDrop>() {}
        is_wiped::<Key>();
        let mut key = Key::from_bytes(&[7; Key::BYTES]).unwrap();
        key.zeroize();
        assert_eq!(key.0, [0; Key::BYTES]);
    }

    #[test]
    fn the_first_key_signs_and_all_are_found() {
        let key = |byte| Key::from_bytes(&[byte; Key::BYTES]).unwrap();
        let subkeys = KeyRing::new(key(1)).accepting(key(2)).unwrap().subkeys("broadcloud");
        let previous = KeyRing::new(key(2)).subkeys("broadcloud");
        assert_ne!(subkeys.first().id, previous.first().id);
        assert!(subkeys.by_id(subkeys.first().id).is_some() && subkeys.by_id(previous.first().id).is_some());
        let unknown = (0..=u8::MAX).filter(|&id| subkeys.by_id(id).is_none()).count();
        assert_eq!(unknown, 254);
    }
}
