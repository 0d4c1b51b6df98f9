//! Everything that wants to set a cookie: each `Set-Cookie` line, whoever wrote it, and the handle's orders.
//!
//! A line is read as browsers read it (RFC 6265bis section 5.6): the last attribute of a name counts, attributes that
//! do not parse are passed over, and so are those that are not known.

use std::collections::HashSet;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::trial::{self, Trial};
use super::{Others, Outgoing, date};
use crate::policy::{CookiePolicy, CookieSpec, SameSite, is_token, trim};
use crate::report::{Suppression, SuppressionReason};

/// A cookie that somebody wants to set.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) origin: Origin,
    pub(crate) wish: Wish,
    pub(super) own: Attributes,
}

/// Who wants to set it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A raw `Set-Cookie` line.
    Header,
    /// The handler, through its handle.
    Handle,
    /// The crate itself, for a cookie that it manages.
    Managed,
    /// The same, for a period that does not begin now: what was decided in an hour counts from its start.
    Dated(crate::wire::Period),
    /// The same, where another value has had this period before.
    Succeeding(crate::wire::Period),
    /// The policy: the value came under a previous key, with this period.
    Reissue(crate::wire::Period),
}

/// How long it is wanted to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Nothing was said: until the browser session ends.
    Session,
    /// As long as its row allows.
    Declared,
    /// For so many seconds, at least one.
    Seconds(u64),
    /// It is to be deleted.
    Delete,
}

/// The scope attributes of a line.
#[derive(Clone, Default)]
pub(super) struct Attributes {
    pub(super) path: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<SameSite>,
    pub(super) partitioned: bool,
    /// Whether one of them is longer than browsers take; they pass it over.
    pub(super) oversized: bool,
    /// Whether one of them is no text.
    pub(super) illegal: bool,
}

impl Draft {
    /// An order of the handle or of the policy itself.
    pub(crate) fn order(name: &str, value: String, origin: Origin, wish: Wish) -> Self {
        Self { name: name.to_owned(), value, origin, wish, own: Attributes::default() }
    }
}

/// What wants to leave: drafts for this policy to judge, and lines that are not its own to judge.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) drafts: Vec<Draft>,
    pub(super) passing: Vec<Passing>,
    /// Rows for what is in no table, where the policy is on trial.
    pub(super) sightings: Vec<CookieSpec>,
}

/// A line that another policy's layer judges.
pub(super) struct Passing {
    pub(super) line: HeaderValue,
    /// Whether it did so already.
    pub(super) passed: bool,
}

impl Collected {
    /// Takes the `Set-Cookie` lines out of the headers. They come first, then the handle's orders, then reissues of
    /// what no one else has an opinion on.
    pub(super) fn new(
        policy: &CookiePolicy,
        outgoing: Outgoing,
        others: &Others<'_>,
        headers: &mut HeaderMap,
        now: u32,
        suppressions: &mut Vec<Suppression>,
    ) -> Self {
        let granted = outgoing.granted;
        let mut collected = Self::default();
        let mut passed: HashSet<&HeaderValue> = others.passed.iter().collect();
        for line in headers.get_all(SET_COOKIE) {
            // Once only: a copy of a line is not what that layer let out.
            if passed.remove(line) {
                collected.passing.push(Passing { line: line.clone(), passed: true });
                continue;
            }
            match read(line.as_bytes(), now) {
                Ok(draft) if !policy.declares(&draft.name) && (others.declare)(&draft.name) => {
                    collected.passing.push(Passing { line: line.clone(), passed: false });
                }
                Ok(draft) => match trial::judge(policy, granted, &draft, now) {
                    Some(Trial { objections, sighting }) => {
                        // What there is nothing to say against the table vouches for; a layer further out judges the rest.
                        let passed = objections.is_empty();
                        suppressions.extend(objections);
                        collected.sightings.extend(sighting);
                        collected.passing.push(Passing { line: line.clone(), passed });
                    }
                    None => collected.drafts.push(draft),
                },
                Err(suppression) if policy.only_reports() => {
                    suppressions.push(suppression.reported());
                    collected.passing.push(Passing { line: line.clone(), passed: false });
                }
                Err(suppression) => suppressions.push(suppression),
            }
        }
        headers.remove(SET_COOKIE);
        collected.drafts.extend(outgoing.orders);
        if !outgoing.reissues.is_empty() {
            let disputed: HashSet<String> = collected.drafts.iter().map(|draft| draft.name.clone()).collect();
            let undisputed = |reissue: &Draft| !disputed.contains(&reissue.name);
            collected.drafts.extend(outgoing.reissues.into_iter().filter(undisputed));
        }
        collected
    }
}

/// Reads one line. Names and values that are no text at all are none that could leave.
fn read(line: &[u8], now: u32) -> Result<Draft, Suppression> {
    let mut parts = line.split(|&byte| byte == b';');
    let pair = parts.next().unwrap_or_default();
    let Some(equals) = pair.iter().position(|&byte| byte == b'=') else {
        return Err(Suppression::new(b"", SuppressionReason::Malformed));
    };
    let (name, value) = (trim(&pair[..equals]), trim(&pair[equals + 1..]));
    let malformed = || Suppression::new(name, SuppressionReason::Malformed);
    if !is_token(name) {
        // What is no name may be a piece of a value: it is not kept.
        return Err(Suppression::new(b"", SuppressionReason::Malformed));
    }
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| malformed());
    let mut own = Attributes::default();
    let (mut max_age, mut expires) = (None, None);
    for part in parts {
        let (attribute, value) = match part.iter().position(|&byte| byte == b'=') {
            Some(equals) => (trim(&part[..equals]), trim(&part[equals + 1..])),
            None => (trim(part), &b""[..]),
        };
        let attribute = attribute.to_ascii_lowercase();
        if !KNOWN.contains(&attribute.as_slice()) {
            continue;
        }
        own.oversized |= value.len() > LONGEST_ATTRIBUTE;
        let text = std::str::from_utf8(value);
        own.illegal |= text.is_err();
        let Some(text) = text.ok().filter(|text| text.len() <= LONGEST_ATTRIBUTE) else { continue };
        match attribute.as_slice() {
            b"max-age" => max_age = seconds(text).or(max_age),
            b"expires" => expires = date::unix_seconds(value).or(expires),
            b"path" => own.path = Some(text.to_owned()).filter(|path| path.starts_with('/')),
            b"domain" => {
                let host = text.strip_prefix('.').unwrap_or(text);
                own.domain = Some(host.to_owned()).filter(|host| !host.is_empty());
            }
            b"secure" => own.secure = true,
            b"httponly" => own.http_only = true,
            b"partitioned" => own.partitioned = true,
            b"samesite" => own.same_site = same_site(text),
            _ => {}
        }
    }
    let wish = match (max_age, expires) {
        (Some(seconds), _) if seconds <= 0 => Wish::Delete,
        (Some(seconds), _) => Wish::Seconds(seconds.unsigned_abs()),
        (None, Some(at)) if at <= i64::from(now) => Wish::Delete,
        (None, Some(at)) => Wish::Seconds((at - i64::from(now)).unsigned_abs()),
        (None, None) => Wish::Session,
    };
    // What is deleted has no value, so none can be wrong.
    let value = if wish == Wish::Delete { String::new() } else { text(value)? };
    Ok(Draft { name: text(name)?, value, origin: Origin::Header, wish, own })
}

/// `Max-Age` (RFC 6265bis section 5.6.2): digits, perhaps behind a minus. What is too great is the greatest.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse().unwrap_or(i64::MAX);
    Some(if digits.len() < text.len() { -seconds } else { seconds })
}

/// An unknown `SameSite` is as good as none (RFC 6265bis section 5.6.7).
fn same_site(text: &str) -> Option<SameSite> {
    [SameSite::Strict, SameSite::Lax, SameSite::None]
        .into_iter()
        .find(|known| text.eq_ignore_ascii_case(known.as_str()))
}

/// The attributes that browsers know.
const KNOWN: [&[u8]; 8] =
    [b"max-age", b"expires", b"path", b"domain", b"secure", b"httponly", b"partitioned", b"samesite"];
/// Browsers take no longer attribute (RFC 6265bis section 5.6).
const LONGEST_ATTRIBUTE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::{Wish, read, seconds};

    const NOW: u32 = 1_795_455_792;

    #[test]
    fn max_age_is_digits_perhaps_behind_a_minus() {
        for (value, expected) in [
            ("0", Some(0)),
            ("60", Some(60)),
            ("-1", Some(-1)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(-i64::MAX)),
            ("", None),
            ("-", None),
            ("+1", None),
            ("1.5", None),
            ("0x10", None),
            ("1 ", None),
            ("\u{663}", None),
        ] {
            assert_eq!(seconds(value), expected, "{value:?}");
        }
    }

    #[test]
    fn the_last_valid_attribute_decides_what_is_wished() {
        for (attributes, wish) in [
            ("", Wish::Session),
            ("; Max-Age=60", Wish::Seconds(60)),
            ("; max-age=60; MAX-AGE=0", Wish::Delete),
            ("; Max-Age=0; Max-Age=60", Wish::Seconds(60)),
            ("; Max-Age=0; Max-Age=sixty", Wish::Delete),
            ("; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Wish::Seconds(60)),
            ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", Wish::Seconds(60)),
            ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Wish::Delete),
            ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=never", Wish::Delete),
            ("; Max-Age=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Wish::Delete),
            ("; Expires=rubbish", Wish::Session),
        ] {
            let draft = read(format!("a=b{attributes}").as_bytes(), NOW).map_err(|_| ()).unwrap();
            assert_eq!(draft.wish, wish, "{attributes}");
        }
    }
}
