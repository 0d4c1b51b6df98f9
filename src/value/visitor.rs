//! `OFBiz.Visitor`: 16 bytes in base64url. A decimal id of old is none.

pub(super) fn has_shape(value: &[u8]) -> bool {
    super::is_base64url(value, 22)
}
