//! The consent cookie's value: what a visitor decided, as the cookie says it under its signature.
//!
//! ```text
//! value   = "1~" hour "~" language "~" receipt *( "~" answer )
//! hour    = 1*DIGIT                  ; hours since 1970 at which the decision was made
//! receipt = [ 22 base64url ]         ; empty where nothing was granted
//! answer  = ( "+" / "-" ) category "." 8 base64url  ; granted or not, and the hash of what was shown
//! ```
//!
//! A refusal has no receipt's number, and its time is a whole hour: within an hour, two visitors who were shown the same hold the
//! same bytes. The hour is the signature's issue time as well, so that nothing else about the time is told.

use smallvec::SmallVec;

use super::is_base64url;
use crate::policy::{Asking, Categories, Hash};

/// What the request's consent cookie and its signal come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What the decision grants, of what is shown today; without what the signal switches off.
    pub(crate) granted: Categories,
    /// What the decision covers, whether it was granted or not.
    pub(crate) answered: Categories,
    /// The hour of the decision, in Unix seconds; `None` where there is none.
    pub(crate) decided: Option<u32>,
    /// Whether the browser sends Global Privacy Control.
    pub(crate) signal: bool,
}

/// A decision as the cookie says it.
pub(crate) struct Choice<'v> {
    /// Unix seconds, a whole hour.
    pub(crate) decided: u32,
    pub(crate) language: &'v [u8],
    /// The number of the receipt, where there is one.
    pub(crate) receipt: Option<&'v str>,
    answers: Option<&'v [u8]>,
}

/// What is said of one category.
struct Answer<'v> {
    granted: bool,
    category: &'v [u8],
    hash: Hash,
}

impl<'v> Choice<'v> {
    /// `None` for what this version does not write.
    pub(crate) fn parse(value: &'v [u8]) -> Option<Self> {
        let mut parts = value.splitn(5, |&byte| byte == SEPARATOR);
        let (version, hour) = (parts.next()?, parts.next()?);
        let (language, receipt) = (parts.next()?, parts.next()?);
        let hour: u32 = canonical(hour)?;
        let is_number = receipt.is_empty() || is_base64url(receipt, RECEIPT);
        if version != VERSION.as_bytes() || language.is_empty() || !is_number {
            return None;
        }
        let (decided, answers) = (hour.checked_mul(HOUR)?, parts.next());
        let receipt = std::str::from_utf8(receipt).ok().filter(|number| !number.is_empty());
        let choice = Self { decided, language, receipt, answers };
        let mut seen: SmallVec<[&[u8]; 4]> = SmallVec::new();
        for answer in choice.answers() {
            let category = answer?.category;
            if category.is_empty() || seen.contains(&category) {
                return None;
            }
            seen.push(category);
        }
        Some(choice)
    }

    fn answers(&self) -> impl Iterator<Item = Option<Answer<'v>>> + use<'v> {
        let answers = self.answers.into_iter().flat_map(|all| all.split(|&byte| byte == SEPARATOR));
        answers.map(|answer| {
            let (&sign, rest) = answer.split_first()?;
            let (named, hash) = rest.split_last_chunk()?;
            let granted = match sign {
                b'+' => true,
                b'-' => false,
                _ => return None,
            };
            Some(Answer { granted, category: named.strip_suffix(b".")?, hash: *hash })
        })
    }

    /// What of it covers what is shown today.
    pub(crate) fn standing(&self, asking: &Asking) -> Standing {
        let mut standing = Standing { decided: Some(self.decided), ..Standing::default() };
        for answer in self.answers().flatten() {
            let Some(category) = asking.number(answer.category) else { continue };
            if !asking.is_covered(category, self.language, answer.hash) {
                continue;
            }
            standing.answered.insert(category);
            if answer.granted {
                standing.granted.insert(category);
            }
        }
        standing
    }

    /// The categories that it granted, whatever was shown then.
    pub(crate) fn granted(&self, asking: &Asking) -> Categories {
        let mut granted = Categories::default();
        for answer in self.answers().flatten().filter(|answer| answer.granted) {
            asking.number(answer.category).into_iter().for_each(|category| granted.insert(category));
        }
        granted
    }
}

impl Standing {
    /// The same under the signal.
    pub(crate) fn under_signal(self, asking: &Asking) -> Self {
        Self { granted: self.granted.without(asking.sold()), signal: true, ..self }
    }

    /// What there is to ask still. What the signal switches off needs no answer.
    pub(crate) fn open(self, asking: &Asking) -> Categories {
        let open = asking.all().without(self.answered);
        if self.signal { open.without(asking.sold()) } else { open }
    }
}

/// The value of the cookie: what was decided, on what is shown in this language.
pub(crate) fn write(asking: &Asking, language: (usize, &str), decision: Standing, receipt: &str) -> String {
    let (number, tag) = language;
    let mut value = format!("{VERSION}~{}~{tag}~{receipt}", decision.decided.unwrap_or_default() / HOUR);
    for (category, named) in asking.those(decision.answered) {
        value.push_str(if decision.granted.contains(category) { "~+" } else { "~-" });
        value.push_str(named.name());
        value.push('.');
        value.extend(asking.hash(category, number).iter().copied().map(char::from));
    }
    value
}

/// Digits as they are written here: without a sign, and without zeros in front.
fn canonical(digits: &[u8]) -> Option<u32> {
    let is_plain = digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || !digits.starts_with(b"0"));
    std::str::from_utf8(digits).ok().filter(|_| is_plain)?.parse().ok()
}

/// The whole hour that a time lies in.
pub(crate) fn hour_of(now: u32) -> u32 {
    now - now % HOUR
}

const VERSION: &str = "1";
const SEPARATOR: u8 = b'~';
const HOUR: u32 = 3600;
/// Characters of a receipt's number.
const RECEIPT: usize = 22;
