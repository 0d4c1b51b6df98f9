//! `bsloc`: the opaque label of a node, 8 bytes in base64url.

pub(super) fn has_shape(value: &[u8]) -> bool {
    super::is_base64url(value, 11)
}
