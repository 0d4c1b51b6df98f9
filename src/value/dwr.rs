//! `DWRSESSIONID`: 28 random characters and 7 digits of the time in DWR's alphabet, perhaps a hyphen and a counter.

pub(super) fn has_shape(value: &[u8]) -> bool {
    let letters =
        |part: &[u8]| part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'~'));
    let Some((id, counter)) = value.split_at_checked(35) else { return false };
    letters(id)
        && match counter {
            [] => true,
            [b'-', digits @ ..] => (1..=8).contains(&digits.len()) && letters(digits),
            _ => false,
        }
}
