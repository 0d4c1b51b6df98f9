//! `DWRSESSIONID`: 28 random characters and 7 digits of the time in DWR's alphabet, perhaps a hyphen and a counter.
//!
//! - The random part is 21 bytes in base64 with `!` for `+` and `~` for `/`, which are no delimiters of cookies, paths and
//!   the script session id.
//! - The time is in Unix milliseconds, by 6 bits, the lowest first.
//! - DWR appends `-2` to the second id of one millisecond. Ids that are made here have no counter, since 168 random bits
//!   need none; DWR's own are accepted with theirs.

use base64_simd::STANDARD_NO_PAD;

use super::{DWR, all_are};
use crate::key::{self, KeyError};

pub(crate) fn has_shape(value: &[u8]) -> bool {
    let Some((id, counter)) = value.split_at_checked(RANDOM + TIME) else { return false };
    all_are(DWR, id)
        && match counter {
            [] => true,
            [b'-', digits @ ..] => (1..=8).contains(&digits.len()) && all_are(DWR, digits),
            _ => false,
        }
}

/// A new id, at this time in Unix milliseconds.
///
/// # Errors
/// [`KeyError::NoEntropy`] if the system has no random bytes to give.
pub(crate) fn new_id(millis: u64) -> Result<String, KeyError> {
    Ok(id_of(&key::random()?, millis))
}

fn id_of(random: &[u8; 21], millis: u64) -> String {
    let mut id: String = STANDARD_NO_PAD.encode_to_string(random);
    id = id.replace('+', "!").replace('/', "~");
    // Always as many digits, since the shape has them: enough for all times that the wire can say, and until 2109.
    id.extend((0..TIME).map(|at| char::from(DIGITS[usize::try_from(millis >> (6 * at) & 63).unwrap_or(0)])));
    id
}

/// Characters of 21 random bytes.
const RANDOM: usize = 28;
/// Digits of the time.
const TIME: usize = 7;
/// `1` is the digit 0 and `0` the digit 9, as DWR has it.
const DIGITS: &[u8; 64] = b"1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!~";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{has_shape, id_of, new_id};

    /// The times are documented or worked out by hand, the base64 is CPython's.
    #[test]
    fn known_answers() {
        let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (millis, time) in [
            (1_795_455_792_000, "1ejw09q"),
            (0, "1111111"),
            (63, "~111111"),
            (64, "1211111"),
            ((1 << 42) - 1, "~~~~~~~"),
            // 9, 10, 35, 36, 61, 62 and 1, the lowest first.
            (9 | 10 << 6 | 35 << 12 | 36 << 18 | 61 << 24 | 62 << 30 | 1 << 36, "0azAZ!2"),
        ] {
            assert_eq!(id_of(&[0; 21], millis), format!("{zeros}{time}"), "{millis}");
        }
        for (random, text) in [
            ([0xff; 21], "~~~~~~~~~~~~~~~~~~~~~~~~~~~~"),
            ([0xfb; 21], "!~v7!~v7!~v7!~v7!~v7!~v7!~v7"),
            (std::array::from_fn(|at| u8::try_from(at * 12).unwrap()), "AAwYJDA8SFRgbHiEkJyotMDM2OTw"),
        ] {
            assert_eq!(id_of(&random, 1_795_455_792_000), format!("{text}1ejw09q"));
        }
    }

    #[test]
    fn what_is_made_has_the_shape() {
        let ids: HashSet<String> = (0..1000).map(|_| new_id(1_795_455_792_000).unwrap()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 35 && has_shape(id.as_bytes()) && id.ends_with("1ejw09q")));
        assert!(has_shape(new_id(u64::MAX).unwrap().as_bytes()) && has_shape(new_id(0).unwrap().as_bytes()));
    }

    #[test]
    fn other_shapes_are_none() {
        let id = "KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cXyz".get(..35).unwrap();
        for (value, expected) in [
            (id.to_owned(), true),
            (format!("{id}-2"), true),
            (format!("{id}-~~~~~~~~"), true),
            (format!("{id}-"), false),
            (format!("{id}-123456789"), false),
            (format!("{id}2"), false),
            (format!("{id}--"), false),
            (id[1..].to_owned(), false),
            (id.replace('!', "+"), false),
            (id.replace('~', "/"), false),
            (id.replace('!', "%21"), false),
            (format!("\"{id}\""), false),
            (String::new(), false),
        ] {
            assert_eq!(has_shape(value.as_bytes()), expected, "{value:?}");
        }
    }
}
