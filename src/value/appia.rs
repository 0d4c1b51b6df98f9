//! `X-Appia-UUID`: a UUID of version 4 in its canonical lower-case form (RFC 9562), and `X-Appia-ExtAuth`: a user id,
//! percent-encoded so that it is a legal value.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{LOWER_HEX, all_are};
use crate::key::{self, KeyError};

/// A new UUID.
pub(crate) fn random_uuid() -> Result<String, KeyError> {
    let uuid = uuid::Builder::from_random_bytes(key::random()?).into_uuid();
    Ok(uuid.hyphenated().to_string())
}

/// A user id as the sealed cookie holds it: all but unreserved characters (RFC 3986 section 2.3) percent-encoded.
pub(crate) fn encoded(user: &str) -> String {
    utf8_percent_encode(user, RESERVED).to_string()
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() == 36
        && GROUPS.iter().all(|&(start, end)| all_are(LOWER_HEX, &value[start..end]))
        && GROUPS[1..].iter().all(|&(start, _)| value[start - 1] == b'-')
        && value[14] == b'4'
        && matches!(value[19], b'8' | b'9' | b'a' | b'b')
}

/// Where the groups of digits start and end, with one hyphen between.
const GROUPS: [(usize, usize); 5] = [(0, 8), (9, 13), (14, 18), (19, 23), (24, 36)];

#[cfg(test)]
mod tests {
    use super::{encoded, has_shape, random_uuid};

    #[test]
    fn a_new_uuid_has_the_shape_of_one() {
        let uuids: Vec<String> = (0..100).map(|_| random_uuid().unwrap()).collect();
        assert!(uuids.iter().all(|uuid| has_shape(uuid.as_bytes())));
        assert!(uuids.iter().enumerate().all(|(at, uuid)| !uuids[..at].contains(uuid)));
    }

    #[test]
    fn a_user_id_is_a_legal_value() {
        for (user, value) in [
            ("alice", "alice"),
            ("a.b-c_d~e", "a.b-c_d~e"),
            ("Zo\u{eb}; x=\"1\",\\", "Zo%C3%AB%3B%20x%3D%221%22%2C%5C"),
            ("100%", "100%25"),
        ] {
            assert_eq!(encoded(user), value);
        }
    }
}
