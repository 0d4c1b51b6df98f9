//! `DWRSESSIONID`: 28 random characters and 7 digits of the time in DWR's alphabet, perhaps a hyphen and a counter.

use super::{DWR, all_are};

pub(super) fn has_shape(value: &[u8]) -> bool {
    let Some((id, counter)) = value.split_at_checked(35) else { return false };
    all_are(DWR, id)
        && match counter {
            [] => true,
            [b'-', digits @ ..] => (1..=8).contains(&digits.len()) && all_are(DWR, digits),
            _ => false,
        }
}
