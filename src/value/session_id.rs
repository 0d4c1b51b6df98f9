//! `JSESSIONID`: 16 bytes in upper-case hexadecimal.

use super::{UPPER_HEX, all_are};

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() == 32 && all_are(UPPER_HEX, value)
}
