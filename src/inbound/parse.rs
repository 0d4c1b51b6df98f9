//! The `Cookie` header as pairs of the header's own bytes, in one pass.
//!
//! - `;` always splits, `,` never. SP and HTAB, and nothing else, are trimmed around a name and around a value.
//! - Names are RFC 9110 tokens, case-sensitive, never decoded; values are verbatim, with quotes and percent signs.
//! - A pair without `=`, with no name or an illegal one is marked by itself, and so is a value with a byte above 0x7F.
//! - Several fields are one list (RFC 9113 section 8.2.3). At most 256 pairs and 64 KiB are looked at.

use http::HeaderMap;
use http::header::COOKIE;

use memchr::{Memchr, memchr_iter, memrchr};
use smallvec::SmallVec;

use crate::policy::{NonAscii, is_token, is_token_byte, trim, trim_start};
use crate::report::RefusalReason;

/// Pairs beyond these are not looked at.
const MOST_PAIRS: usize = 256;
/// As many pairs need no room of their own.
const USUAL_PAIRS: usize = 16;
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
    pub(super) pairs: SmallVec<[Pair<'h>; USUAL_PAIRS]>,
    /// Whether there were more than are looked at.
    pub(super) oversized: bool,
}

impl<'h> RawCookies<'h> {
    /// `None` without a `Cookie` header.
    pub(super) fn parse(headers: &'h HeaderMap, non_ascii: NonAscii) -> Option<Self> {
        let mut fields = headers.get_all(COOKIE).into_iter().map(http::HeaderValue::as_bytes).peekable();
        fields.peek()?;
        let mut raw = Self { pairs: SmallVec::new(), oversized: false };
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
        for Piece { name, value, is_named } in pairs(looked_at) {
            if left.pairs == 0 {
                return false;
            }
            left.pairs -= 1;
            self.pairs.push(match value.filter(|_| is_named) {
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
    Pairs { field, from: 0, ends: memchr_iter(b';', field) }
}

/// See [`pairs`].
pub(super) struct Pairs<'h> {
    field: &'h [u8],
    /// Where the next pair starts; behind the end once there is none.
    from: usize,
    /// `;` always splits, so its places can be found in one sweep.
    ends: Memchr<'h>,
}

/// What stands between two semicolons.
pub(super) struct Piece<'h> {
    pub(super) name: &'h [u8],
    pub(super) value: Option<&'h [u8]>,
    /// Whether the name is a token.
    pub(super) is_named: bool,
}

impl<'h> Iterator for Pairs<'h> {
    type Item = Piece<'h>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.from <= self.field.len() {
            let end = self.ends.next().unwrap_or(self.field.len());
            let piece = Piece::of(&self.field[self.from..end]);
            self.from = end + 1;
            if !(piece.name.is_empty() && piece.value.is_none()) {
                return Some(piece);
            }
        }
        None
    }
}

impl<'h> Piece<'h> {
    #[inline]
    fn of(text: &'h [u8]) -> Self {
        let text = trim_start(text);
        let end = text.iter().position(|&byte| !is_token_byte(byte)).unwrap_or(text.len());
        match text[end..].split_first() {
            Some((b'=', value)) if end > 0 => {
                Self { name: &text[..end], value: Some(trim(value)), is_named: true }
            }
            _ => Self::odd(text),
        }
    }

    /// A piece that does not begin with a token and `=`.
    fn odd(text: &'h [u8]) -> Self {
        let (name, value) = match text.iter().position(|&byte| byte == b'=') {
            Some(at) => (trim(&text[..at]), Some(trim(&text[at + 1..]))),
            None => (trim(text), None),
        };
        Self { name, value, is_named: is_token(name) }
    }
}
