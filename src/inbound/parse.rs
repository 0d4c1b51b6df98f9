//! The `Cookie` header as pairs of the header's own bytes, in one pass.
//!
//! - `;` always splits, `,` never. SP and HTAB, and nothing else, are trimmed around a name and around a value.
//! - Names are case-sensitive and never decoded; values are verbatim, with quotes and percent signs.
//! - A pair without `=` or without a name is marked by itself, and so is a value with a byte above 0x7F.
//! - Several fields are one list (RFC 9113 section 8.2.3). At most 256 pairs and 64 KiB are looked at.

use http::HeaderMap;
use http::header::COOKIE;

use memchr::{memchr, memchr_iter, memrchr};
use smallvec::SmallVec;

use crate::policy::{NonAscii, trim};
use crate::report::RefusalReason;

/// Pairs beyond these are not looked at.
const MOST_PAIRS: usize = 256;
/// As many pairs need no room of their own.
const USUAL_PAIRS: usize = 16;
/// Bytes beyond these, over all fields, are not looked at.
const MOST_BYTES: usize = 64 * 1024;

/// A name and a value, as they came: places in the header's own bytes.
#[derive(Clone, Copy)]
pub(super) struct Pair<'h> {
    /// From the name's first byte to the value's last one.
    pub(super) text: &'h [u8],
    /// Where the name ends.
    pub(super) name_end: u32,
    /// Where the value starts.
    pub(super) value_start: u32,
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
        let keeps_any_byte = non_ascii == NonAscii::Keep || is_ascii(looked_at);
        for text in texts(looked_at) {
            if left.pairs == 0 {
                return false;
            }
            left.pairs -= 1;
            self.pairs.push(Pair::of(text, keeps_any_byte));
        }
        whole
    }
}

struct Allowance {
    pairs: usize,
    bytes: usize,
}

/// What stands between the semicolons of one field, trimmed. Blank pieces are passed over, as RFC 6265bis section 5.8.3
/// never makes them.
fn texts(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    // `;` always splits, so its places can be found in one sweep.
    let (mut from, mut ends) = (0, memchr_iter(b';', field));
    let mut pieces = move || {
        let rest = field.get(from..)?;
        let end = ends.next().unwrap_or(field.len());
        let piece = &rest[..end - from];
        from = end + 1;
        Some(trim(piece))
    };
    std::iter::from_fn(move || {
        loop {
            match pieces()? {
                [] => {}
                text => return Some(text),
            }
        }
    })
}

/// The pairs of one field of a header that was admitted: name and value.
pub(super) fn pairs(field: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    texts(field).map(|text| Pair::of(text, true)).map(|pair| (pair.name(), pair.value()))
}

impl<'h> Pair<'h> {
    #[inline]
    fn of(text: &'h [u8], any_byte: bool) -> Self {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let equals = memchr(b'=', text).filter(|&at| at > 0);
        let Some(at) = equals else {
            let flaw = Some(RefusalReason::Malformed);
            return Self { text: b"", name_end: 0, value_start: 0, flaw };
        };
        let (name, value) = (trim(&text[..at]), trim(&text[at + 1..]));
        let flaw = if any_byte || value.is_ascii() { None } else { Some(RefusalReason::NonAscii) };
        Self { text, name_end: place(name.len()), value_start: place(text.len() - value.len()), flaw }
    }

    /// Empty where there is none, and perhaps no token: that is asked of the names that no row has.
    pub(super) fn name(&self) -> &'h [u8] {
        &self.text[..self.name_end as usize]
    }

    pub(super) fn value(&self) -> &'h [u8] {
        &self.text[self.value_start as usize..]
    }
}

/// Whether no byte is above 0x7F. The standard library's goes byte by byte through as many as 63 at the end.
fn is_ascii(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let all = chunks.iter().fold(0, |all, chunk| all | u128::from_ne_bytes(*chunk));
    let rest = rest.iter().fold(0, |all, byte| all | byte);
    (all & u128::from_ne_bytes([0x80; 16])) == 0 && rest < 0x80
}
