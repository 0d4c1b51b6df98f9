//! A `Set-Cookie` line, read by the steps of RFC 6265bis section 5.6.
//!
//! It is a reading of its own, apart from the one that the response half has, so that each can find the other's mistakes;
//! only the dates are read by the same code. Browsers take bytes, nameless cookies and attributes that are too long to
//! count, which is more than the `cookie` crate's parser of texts is for.

use crate::outbound::unix_seconds;
use crate::policy::SameSite;

/// What a line says. An attribute that does not count is not there.
#[derive(Clone)]
pub(in crate::testing) struct Line {
    /// Empty for a cookie without a name.
    pub(in crate::testing) name: Vec<u8>,
    pub(in crate::testing) value: Vec<u8>,
    /// Unix seconds; `None` for a cookie that ends with the browser session.
    pub(in crate::testing) expires: Option<i64>,
    /// In lower case, without a leading dot.
    pub(in crate::testing) domain: Option<String>,
    pub(in crate::testing) path: Option<Vec<u8>>,
    pub(in crate::testing) same_site: Option<SameSite>,
    pub(in crate::testing) secure: bool,
    pub(in crate::testing) http_only: bool,
    pub(in crate::testing) partitioned: bool,
}

impl Line {
    /// `None` where browsers ignore the whole line, whoever sends it.
    pub(in crate::testing) fn read(line: &[u8], now: u32) -> Option<Self> {
        // All controls but HTAB.
        if line.iter().any(|byte| matches!(byte, 0..=0x08 | 0x0a..=0x1f | 0x7f)) {
            return None;
        }
        let mut parts = line.split(|&byte| byte == b';');
        // Without `=` all of it is the value of a cookie without a name.
        let (name, value) = match halves(parts.next()?) {
            (value, None) => (&b""[..], value),
            (name, Some(value)) => (name, value),
        };
        if name.len() + value.len() > LONGEST || (name.is_empty() && value.is_empty()) {
            return None;
        }
        let (name, value) = (name.to_vec(), value.to_vec());
        let mut read = Self {
            name,
            value,
            expires: None,
            domain: None,
            path: None,
            same_site: None,
            secure: false,
            http_only: false,
            partitioned: false,
        };
        let mut max_age = None;
        for part in parts {
            let (attribute, value) = halves(part);
            let value = value.unwrap_or_default();
            if value.len() <= LONGEST_ATTRIBUTE {
                read.attribute(&attribute.to_ascii_lowercase(), value, &mut max_age);
            }
        }
        if let Some(seconds) = max_age {
            // At once where it is not positive: as if it were over since 1970.
            read.expires = Some(if seconds <= 0 { 0 } else { i64::from(now).saturating_add(seconds) });
        }
        Some(read)
    }

    /// The last one of a name counts, among those that count at all.
    fn attribute(&mut self, attribute: &[u8], value: &[u8], max_age: &mut Option<i64>) {
        match attribute {
            b"expires" => self.expires = unix_seconds(value).or(self.expires),
            b"max-age" => *max_age = seconds(value).or(*max_age),
            b"domain" => {
                let domain = value.strip_prefix(b".").unwrap_or(value);
                let domain = String::from_utf8_lossy(domain).to_ascii_lowercase();
                self.domain = Some(domain).filter(|domain| !domain.is_empty());
            }
            b"path" => self.path = value.starts_with(b"/").then(|| value.to_vec()),
            b"samesite" => self.same_site = same_site(value),
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"partitioned" => self.partitioned = true,
            _ => {}
        }
    }

    /// Whether it only takes a cookie away.
    pub(in crate::testing) fn is_over(&self, now: u32) -> bool {
        self.expires.is_some_and(|end| end <= i64::from(now))
    }
}

/// What is before the first `=`, and behind it.
fn halves(part: &[u8]) -> (&[u8], Option<&[u8]>) {
    match part.iter().position(|&byte| byte == b'=') {
        Some(at) => (trim(&part[..at]), Some(trim(&part[at + 1..]))),
        None => (trim(part), None),
    }
}

/// Without the blanks and tabs at both ends.
fn trim(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(start) = bytes.iter().position(|byte| !is_blank(byte)) else { return b"" };
    let end = bytes.iter().rposition(|byte| !is_blank(byte)).unwrap_or(start);
    &bytes[start..=end]
}

/// Digits, perhaps behind a minus (section 5.6.2); too great a number is the greatest.
fn seconds(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |sum: i64, digit: &u8| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    let number = digits.iter().fold(0, digit);
    Some(if digits.len() < value.len() { -number } else { number })
}

/// An unknown one is as good as none, and takes an earlier one back (section 5.6.7).
fn same_site(value: &[u8]) -> Option<SameSite> {
    let known = [SameSite::Strict, SameSite::Lax, SameSite::None];
    known.into_iter().find(|known| value.eq_ignore_ascii_case(known.as_str().as_bytes()))
}

/// Bytes of name and value together.
const LONGEST: usize = 4096;
/// Bytes of an attribute's value; a longer one does not count.
const LONGEST_ATTRIBUTE: usize = 1024;
