//! `XRM*`: whatever the load balancer wrote, as long as it is a legal value of at most 256 bytes.

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() <= 256 && super::are_cookie_octets(value)
}
