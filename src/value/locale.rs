//! `i18next`: the language in which the visitor reads the site.
//!
//! - A cookie counts if it has the shape that i18next itself accepts and names a language of the policy's list; case
//!   and `_` for `-` do not matter, the list's spelling is what comes out.
//! - Without one, `Accept-Language` decides by RFC 4647 lookup: ranges by weight, each shortened from its end until a
//!   language of the list fits. Else the list's first language.
//! - Only the visitor's choice sets the cookie; detection sets nothing.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use icu_locale_core::LanguageIdentifier;

/// The language of a request: one of the policy's list, in canonical case (`de`, `pt-BR`).
///
/// With axum it is an extractor; elsewhere [`Cookies::locale`](crate::Cookies::locale) gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale(Arc<str>);

impl Locale {
    /// The language tag (BCP 47).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The languages that the application speaks, the fallback first.
#[derive(Clone, Debug)]
pub(crate) struct Languages(Vec<Locale>);

impl Languages {
    /// The languages of these tags, or the first that is no tag.
    pub(crate) fn new(tags: &[String]) -> Result<Self, String> {
        let canonical = |tag: &String| {
            let parsed = LanguageIdentifier::try_from_str(tag).map_err(|_| tag.clone())?;
            Ok::<_, String>(Locale(parsed.to_string().into()))
        };
        let mut languages: Vec<Locale> = Vec::with_capacity(tags.len());
        for locale in tags.iter().map(canonical) {
            let locale = locale?;
            if !languages.contains(&locale) {
                languages.push(locale);
            }
        }
        Ok(Self(languages))
    }

    pub(crate) fn as_slice(&self) -> &[Locale] {
        &self.0
    }

    /// The language of the list that a cookie's value names.
    pub(crate) fn of_cookie(&self, value: &[u8]) -> Option<&Locale> {
        let legal = |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'.' | b'-');
        if !(1..=128).contains(&value.len())
            || !value.iter().all(legal)
            || value.windows(2).any(|two| two == b"..")
        {
            return None;
        }
        let same = |&one: &u8, other: u8| one.eq_ignore_ascii_case(&other) || (one == b'_' && other == b'-');
        let names = |tag: &str| {
            tag.len() == value.len() && value.iter().zip(tag.bytes()).all(|(one, other)| same(one, other))
        };
        self.0.iter().find(|locale| names(locale.as_str()))
    }

    /// The language that suits the visitor best by `Accept-Language`, else the first one.
    pub(crate) fn negotiate(&self, headers: &HeaderMap) -> Option<&Locale> {
        let lines = headers.get_all(ACCEPT_LANGUAGE).into_iter().filter_map(|line| line.to_str().ok());
        let mut ranges: Vec<(&str, u16)> =
            lines.flat_map(|line| line.split(',')).take(MOST_RANGES).filter_map(range_and_weight).collect();
        ranges.sort_by_key(|&(_, weight)| std::cmp::Reverse(weight));
        ranges.iter().find_map(|(range, _)| self.look_up(range)).or_else(|| self.0.first())
    }

    /// Lookup (RFC 4647 section 3.4): the range, shortened from its end, a single-letter subtag going with what
    /// stood behind it. The range `*` names no language and is passed over.
    fn look_up(&self, range: &str) -> Option<&Locale> {
        let mut range = range;
        loop {
            if let Some(found) = self.0.iter().find(|locale| locale.as_str().eq_ignore_ascii_case(range)) {
                return Some(found);
            }
            range = range.rsplit_once('-')?.0;
            if let Some((shorter, last)) = range.rsplit_once('-')
                && last.len() == 1
            {
                range = shorter;
            }
        }
    }
}

/// A language range and its weight in thousandths (RFC 9110 sections 12.4.2 and 12.5.4); `None` if it is not wanted.
fn range_and_weight(item: &str) -> Option<(&str, u16)> {
    let mut parts = item.split(';').map(|part| part.trim_matches([' ', '\t']));
    let range = parts.next().filter(|range| !range.is_empty())?;
    let weight = match parts.next() {
        None => 1000,
        Some(parameter) => {
            let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
            thousandths(value)?
        }
    };
    (weight > 0).then_some((range, weight))
}

/// `qvalue`: 0 or 1 and at most three decimals.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if !matches!(whole, "0" | "1")
        || decimals.len() > 3
        || !decimals.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let decimals =
        decimals.bytes().chain([b'0'; 3]).take(3).fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match whole {
        "1" => (decimals == 0).then_some(1000),
        _ => Some(decimals),
    }
}

/// Ranges beyond these are not looked at; browsers send a handful.
const MOST_RANGES: usize = 64;

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::ACCEPT_LANGUAGE};

    use super::Languages;

    fn languages(tags: &[&str]) -> Languages {
        Languages::new(&tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_cookie_names_a_language_of_the_list_in_any_case() {
        let languages = languages(&["en", "de", "pt-BR"]);
        for (value, expected) in [
            ("de", Some("de")),
            ("DE", Some("de")),
            ("pt-br", Some("pt-BR")),
            ("pt_BR", Some("pt-BR")),
            ("pt", None),
            ("de-AT", None),
            ("fr", None),
            ("", None),
            ("d..e", None),
            ("../../etc", None),
            ("de%20", None),
            ("\"de\"", None),
            ("__proto__", None),
        ] {
            assert_eq!(
                languages.of_cookie(value.as_bytes()).map(super::Locale::as_str),
                expected,
                "{value:?}"
            );
        }
        assert_eq!(languages.of_cookie(&[b'a'; 129]), None);
    }

    #[test]
    fn accept_language_is_looked_up_by_weight() {
        let languages = languages(&["en", "de", "zh-Hant", "fr"]);
        for (header, expected) in [
            ("de", "de"),
            ("DE-ch-1996", "de"),
            ("fr;q=0.9, de-CH;q=0.8, en;q=0.1", "fr"),
            ("it, de-CH;q=0.8, en;q=0.1", "de"),
            ("en;q=0.1, de;q=0.9", "de"),
            ("de;q=0, fr;q=0.001", "fr"),
            ("zh-Hant-TW", "zh-Hant"),
            ("zh-Hant-x-a", "zh-Hant"),
            ("zh", "en"),
            ("*", "en"),
            ("*;q=0.5, de", "de"),
            ("de;q=1.5, fr", "fr"),
            ("de;q=abc", "en"),
            ("", "en"),
            (";;;,,,", "en"),
            ("-", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(languages.negotiate(&headers).unwrap().as_str(), expected, "{header:?}");
        }
        assert_eq!(languages.negotiate(&HeaderMap::new()).unwrap().as_str(), "en");
    }

    #[test]
    fn several_lines_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static("en;q=0.2"));
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_bytes(b"fr\xff").unwrap());
        assert_eq!(languages(&["en", "de", "fr"]).negotiate(&headers).unwrap().as_str(), "de");
    }

    #[test]
    fn tags_are_made_canonical() {
        let tags = languages(&["DE", "pt-br", "zh-hANT", "de"]);
        assert_eq!(
            tags.as_slice().iter().map(super::Locale::as_str).collect::<Vec<_>>(),
            ["de", "pt-BR", "zh-Hant"]
        );
        assert!(Languages::new(&["not a tag".to_owned()]).is_err());
    }
}
