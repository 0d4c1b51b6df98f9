//! The `Cookie` header as code reads it that knows nothing of the policy.
//!
//! What the policy did not admit is not in there any more, so nothing is checked here.

use http::HeaderMap;
use http::header::COOKIE;

/// The pairs of all `Cookie` headers, in order. What has no `=` is a value without a name.
pub(crate) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let fields = headers.get_all(COOKIE).iter();
    let pairs = fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b';'));
    pairs.map(trimmed).filter(|pair| !pair.is_empty()).map(|pair| {
        match pair.iter().position(|&byte| byte == b'=') {
            Some(at) => (trimmed(&pair[..at]), trimmed(&pair[at + 1..])),
            None => (&[][..], pair),
        }
    })
}

/// The first value of this name.
pub(crate) fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    pairs(headers).find(|(present, _)| *present == name.as_bytes()).map(|(_, value)| value)
}

/// Without spaces and tabs around.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
