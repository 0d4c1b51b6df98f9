//! `XRM*`: which back end a load balancer sends a session to. The policy takes the cookie as the balancer wrote it,
//! as long as it is a legal value of at most 256 bytes. The balancer's own side is `sticky.rs`.

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() <= 256 && super::are_cookie_octets(value)
}

#[cfg(test)]
mod tests {
    use super::has_shape;

    #[test]
    fn shape_is_any_legal_value() {
        for (value, legal) in
            [("n1", true), ("n1|awR7M|awR7M", true), ("", true), ("\"n1\"", false), ("a b", false)]
        {
            assert_eq!(has_shape(value.as_bytes()), legal, "{value}");
        }
        assert!(has_shape(&[b'n'; 256]));
        assert!(!has_shape(&[b'n'; 257]));
    }
}
