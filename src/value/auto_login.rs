//! `root.autoUserLoginId`: `series~validator`, 16 bytes each in base64url.

use super::is_base64url;

pub(super) fn has_shape(value: &[u8]) -> bool {
    match value.iter().position(|&byte| byte == b'~') {
        Some(at) => is_base64url(&value[..at], 22) && is_base64url(&value[at + 1..], 22),
        None => false,
    }
}
