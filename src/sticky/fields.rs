//! The cookie in header fields: read, taken out, set. Pairs are split and trimmed by the rules of the request half.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::policy::trim;

/// The values of the cookie in a request, in the order in which they came.
pub(super) fn values<'h>(name: &str, headers: &'h HeaderMap) -> impl Iterator<Item = &'h [u8]> {
    headers.get_all(COOKIE).into_iter().flat_map(pieces).filter_map(|piece| value(name, piece))
}

/// Removes the cookie from a request. Fields go that were nothing else; where there is none not a byte changes.
pub(super) fn take_out(name: &str, headers: &mut HeaderMap) {
    if values(name, headers).next().is_none() {
        return;
    }
    let fields: Vec<HeaderValue> =
        headers.get_all(COOKIE).iter().filter_map(|field| without(name, field)).collect();
    headers.remove(COOKIE);
    for field in fields {
        let _ = headers.try_append(COOKIE, field);
    }
}

/// Removes the lines of a response that set the cookie.
pub(super) fn drop_set(name: &str, headers: &mut HeaderMap) {
    let sets_it = |line: &HeaderValue| {
        let pair = line.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        trim(pair.split(|byte| *byte == b'=').next().unwrap_or_default()) == name.as_bytes()
    };
    if !headers.get_all(SET_COOKIE).iter().any(sets_it) {
        return;
    }
    let others: Vec<HeaderValue> =
        headers.get_all(SET_COOKIE).iter().filter(|line| !sets_it(line)).cloned().collect();
    headers.remove(SET_COOKIE);
    for line in others {
        set(headers, &line);
    }
}

/// Adds a `Set-Cookie` line, where there is room.
pub(super) fn set(headers: &mut HeaderMap, line: &HeaderValue) {
    let _ = headers.try_append(SET_COOKIE, line.clone());
}

/// The field without the cookie; `None` where nothing is left.
fn without(name: &str, field: &HeaderValue) -> Option<HeaderValue> {
    let kept: Vec<&[u8]> =
        pieces(field).filter(|piece| value(name, piece).is_none() && !piece.is_empty()).collect();
    if kept.is_empty() {
        return None;
    }
    let mut line = HeaderValue::from_bytes(&kept.join(&b"; "[..])).ok()?;
    line.set_sensitive(field.is_sensitive());
    Some(line)
}

/// What stands between the semicolons, trimmed.
fn pieces(field: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    field.as_bytes().split(|byte| *byte == b';').map(trim)
}

/// The value, if it is this cookie.
fn value<'h>(name: &str, piece: &'h [u8]) -> Option<&'h [u8]> {
    let at = piece.iter().position(|byte| *byte == b'=')?;
    (trim(&piece[..at]) == name.as_bytes()).then(|| trim(&piece[at + 1..]))
}
