//! `X-Appia-UUID`: a UUID of version 4 in its canonical lower-case form (RFC 9562).

use super::{LOWER_HEX, all_are};

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() == 36
        && GROUPS.iter().all(|&(start, end)| all_are(LOWER_HEX, &value[start..end]))
        && GROUPS[1..].iter().all(|&(start, _)| value[start - 1] == b'-')
        && value[14] == b'4'
        && matches!(value[19], b'8' | b'9' | b'a' | b'b')
}

/// Where the groups of digits start and end, with one hyphen between.
const GROUPS: [(usize, usize); 5] = [(0, 8), (9, 13), (14, 18), (19, 23), (24, 36)];
