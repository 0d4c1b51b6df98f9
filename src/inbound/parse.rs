//! The `Cookie` header as pairs of the header's own bytes, in one pass.
//!
//! - `;` always splits, `,` never. SP and HTAB, and nothing else, are trimmed around a name and around a value.
//! - Names are RFC 9110 tokens, case-sensitive, never decoded; values are verbatim, with quotes and percent signs.
//! - A pair without `=`, with no name or an illegal one is marked by itself, and so is a value with a byte above 0x7F.
//! - Several fields are one list (RFC 9113 section 8.2.3). At most 256 pairs and 64 KiB are looked at.

use http::HeaderMap;
use http::header::COOKIE;
use memchr::{memchr, memrchr};

use crate::policy::{NonAscii, is_token, trim};
use crate::report::RefusalReason;

/// Pairs beyond these are not looked at.
const MOST_PAIRS: usize = 256;
/// Bytes beyond these, over all fields, are not looked at.
const MOST_BYTES: usize = 64 * 1024;

/// A name and a value, as they came.
#[derive(Clone, Copy)]
pub(super) struct Pair<'h> {
    /// Empty where it is no name: then it may be a piece of somebody's value, and is not kept.
    pub(super) name: &'h [u8],
    pub(super) value: &'h [u8],
    /// What is wrong with it as such.
    pub(super) flaw: Option<RefusalReason>,
}

/// The pairs of a request, in order.
pub(super) struct RawCookies<'h> {
    pub(super) pairs: Vec<Pair<'h>>,
    /// Whether there were more than are looked at.
    pub(super) oversized: bool,
}

impl<'h> RawCookies<'h> {
    /// `None` without a `Cookie` header.
    pub(super) fn parse(headers: &'h HeaderMap, non_ascii: NonAscii) -> Option<Self> {
        let mut fields = headers.get_all(COOKIE).into_iter().map(http::HeaderValue::as_bytes).peekable();
        let guess = fields.peek()?.len() / 32 + 1;
        let mut raw = Self { pairs: Vec::with_capacity(guess.min(MOST_PAIRS)), oversized: false };
        let mut left = Allowance { pairs: MOST_PAIRS, bytes: MOST_BYTES };
        for field in fields {
            if !raw.take(field, &mut left, non_ascii) {
                raw.oversized = true;
                break;
            }
        }
        Some(raw)
    }

    /// Takes the pairs of one field. False if the allowance did not suffice for all of them.
    fn take(&mut self, field: &'h [u8], left: &mut Allowance, non_ascii: NonAscii) -> bool {
        let (looked_at, whole) = match field.get(..left.bytes) {
            Some(start) if start.len() < field.len() => (&start[..memrchr(b';', start).unwrap_or(0)], false),
            _ => (field, true),
        };
        left.bytes = left.bytes.saturating_sub(field.len());
        let keeps_any_byte = non_ascii == NonAscii::Keep || looked_at.is_ascii();
        for (name, value) in pairs(looked_at) {
            if left.pairs == 0 {
                return false;
            }
            left.pairs -= 1;
            self.pairs.push(match value.filter(|_| is_token(name)) {
                None => Pair { name: b"", value: b"", flaw: Some(RefusalReason::Malformed) },
                Some(value) if keeps_any_byte || value.is_ascii() => Pair { name, value, flaw: None },
                Some(value) => Pair { name, value, flaw: Some(RefusalReason::NonAscii) },
            });
        }
        whole
    }
}

struct Allowance {
    pairs: usize,
    bytes: usize,
}

/// The pairs of one field: name and value, trimmed. One without `=` is all name and has no value; blank ones are
/// passed over, as RFC 6265bis section 5.8.3 never makes them.
pub(super) fn pairs(field: &[u8]) -> Pairs<'_> {
    Pairs { rest: Some(field) }
}

/// See [`pairs`].
pub(super) struct Pairs<'h> {
    /// What was not looked at, until the last pair was given.
    rest: Option<&'h [u8]>,
}

impl<'h> Iterator for Pairs<'h> {
    type Item = (&'h [u8], Option<&'h [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest?;
            // Names are short, so a plain loop finds their end soonest; values may be long.
            let (name, value) = match rest.iter().position(|&byte| matches!(byte, b'=' | b';')) {
                Some(at) if rest[at] == b'=' => {
                    let value = &rest[at + 1..];
                    let end = memchr(b';', value);
                    self.rest = end.map(|end| &value[end + 1..]);
                    (&rest[..at], Some(trim(&value[..end.unwrap_or(value.len())])))
                }
                end => {
                    self.rest = end.map(|end| &rest[end + 1..]);
                    (&rest[..end.unwrap_or(rest.len())], None)
                }
            };
            match (trim(name), value) {
                ([], None) => {}
                pair => return Some(pair),
            }
        }
    }
}
