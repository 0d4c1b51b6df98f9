//! `JSESSIONID`: 16 bytes in upper-case hexadecimal.

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() == 32 && value.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}
