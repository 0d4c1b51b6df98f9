//! What caches may do with a response: they must not hand one visitor's cookie to another (RFC 9111 section 7.3).

use http::header::{CACHE_CONTROL, EXPIRES, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Outgoing;

// A map of headers has room for some 24 000 names, and full ones panic where they are not asked first. A response that
// full names nothing more in `Vary`, and sets no cookie.

/// What an answer depended on.
#[derive(Clone, Copy, Default)]
pub(super) struct Vary {
    pub(super) cookies: bool,
    pub(super) consent: bool,
    pub(super) language: bool,
    pub(super) referrer: bool,
}

impl Vary {
    pub(super) fn of(outgoing: &Outgoing) -> Self {
        let Outgoing { read_cookies, read_consent, read_language, asked_referrer, .. } = *outgoing;
        // Language and consent are cookies before they are anything else.
        let cookies = read_cookies || read_language || read_consent;
        Self { cookies, consent: read_consent, language: read_language, referrer: asked_referrer }
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        let names = [
            (self.language, "Accept-Language"),
            (self.cookies, "Cookie"),
            (self.referrer, "Referer"),
            (self.consent, "Sec-GPC"),
        ];
        names.into_iter().filter(|(depends, _)| *depends).map(|(_, name)| name)
    }

    /// The names as one line; the most frequent need no allocation.
    fn line(self) -> Option<HeaderValue> {
        match self {
            Self { cookies: false, referrer: false, .. } => None,
            Self { cookies: true, consent: false, language: false, referrer: false } => {
                Some(HeaderValue::from_static("Cookie"))
            }
            Self { cookies: true, consent: false, language: true, referrer: false } => {
                Some(HeaderValue::from_static("Accept-Language, Cookie"))
            }
            _ => HeaderValue::from_str(&self.names().collect::<Vec<_>>().join(", ")).ok(),
        }
    }
}

/// Names in `Vary` what the handler's answer depended on. A `*` and names that are there already stay as they are.
pub(super) fn vary(headers: &mut HeaderMap, on: &Vary) {
    let Some(ours) = on.line() else { return };
    if !headers.contains_key(VARY) {
        let _ = headers.try_insert(VARY, ours);
        return;
    }
    let lines: Vec<HeaderValue> = headers.get_all(VARY).iter().cloned().collect();
    let Some(texts) = texts(&lines) else {
        // What is not even text stays as it is, and ours beside it.
        let _ = headers.try_append(VARY, ours);
        return;
    };
    let mut names: Vec<&str> = texts.iter().flat_map(|line| elements(line)).collect();
    let known = names.len();
    for name in on.names() {
        if !names.iter().any(|known| *known == "*" || known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    if names.len() > known
        && let Ok(line) = HeaderValue::from_str(&names.join(", "))
    {
        headers.remove(VARY);
        let _ = headers.try_insert(VARY, line);
    }
}

/// Makes a response that sets a cookie nobody's but the visitor's: `no-store` where nothing was said, else `private`.
/// False where the response has no room to say so.
pub(crate) fn keep_private(headers: &mut HeaderMap) -> bool {
    for name in targeted(headers) {
        headers.remove(name);
    }
    let lines: Vec<HeaderValue> = headers.get_all(CACHE_CONTROL).iter().cloned().collect();
    if lines.is_empty() {
        return headers.try_insert(CACHE_CONTROL, NO_STORE).is_ok();
    }
    headers.remove(CACHE_CONTROL);
    // What is not even text, or leaves a quote open, no two caches read alike.
    let texts = texts(&lines).filter(|texts| !texts.iter().any(|line| leaves_a_quote_open(line)));
    let Some(texts) = texts else { return headers.try_insert(CACHE_CONTROL, NO_STORE).is_ok() };
    let said: Vec<&str> = texts.iter().flat_map(|line| elements(line)).collect();
    let mut kept: Vec<&str> = said
        .iter()
        .copied()
        .filter(|directive| !is(directive, "public") && !is(directive, "s-maxage"))
        .collect();
    // `private="set-cookie"` is about that field alone, and few caches know it: it does not count as `private`.
    let holds = kept
        .iter()
        .any(|directive| ["private", "no-store"].iter().any(|name| directive.eq_ignore_ascii_case(name)));
    if !holds {
        kept.push("private");
    }
    let line = if kept == said && lines.len() == 1 {
        Some(lines[0].clone())
    } else {
        HeaderValue::from_str(&kept.join(", ")).ok()
    };
    headers.try_insert(CACHE_CONTROL, line.unwrap_or(NO_STORE)).is_ok()
}

/// Whether a shared cache was told that it may store the response.
pub(super) fn is_public(headers: &HeaderMap) -> bool {
    if !targeted(headers).is_empty() {
        return true;
    }
    let lines: Vec<&str> =
        headers.get_all(CACHE_CONTROL).into_iter().filter_map(|line| line.to_str().ok()).collect();
    let directives = || lines.iter().flat_map(|line| elements(line));
    let says = |name: &str| directives().any(|directive| is(directive, name));
    // Not `private="…"`, which is about the fields that it names.
    let private = directives().any(|directive| directive.eq_ignore_ascii_case("private"));
    if says("no-store") || private {
        return false;
    }
    says("public") || says("s-maxage") || says("max-age") || headers.contains_key(EXPIRES)
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// All lines as text, or `None`.
fn texts(lines: &[HeaderValue]) -> Option<Vec<&str>> {
    lines.iter().map(|line| line.to_str().ok()).collect()
}

/// The elements of a list, commas within quotes apart (RFC 9110 section 5.6.1).
fn elements(line: &str) -> impl Iterator<Item = &str> {
    let mut quotes = Quotes::default();
    line.split(move |character| !quotes.encloses(character) && character == ',')
        .map(|element| element.trim_matches([' ', '\t']))
        .filter(|element| !element.is_empty())
}

fn leaves_a_quote_open(line: &str) -> bool {
    let mut quotes = Quotes::default();
    line.chars().fold(false, |_, character| quotes.encloses(character) && quotes.open)
}

/// Where in a line a `quoted-string` is under way (RFC 9110 section 5.6.4).
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    /// Whether the next character is one of a quoted string.
    fn encloses(&mut self, character: char) -> bool {
        let within = self.open;
        match character {
            _ if self.escaped => self.escaped = false,
            '\\' if self.open => self.escaped = true,
            '"' => self.open = !self.open,
            _ => {}
        }
        within || self.open
    }
}

/// Whether a directive has this name, whatever its argument.
fn is(directive: &str, name: &str) -> bool {
    directive.split('=').next().unwrap_or_default().trim_end().eq_ignore_ascii_case(name)
}

/// The fields that speak to some caches over the head of `Cache-Control`: `CDN-Cache-Control` and those of single
/// operators (RFC 9213), `Surrogate-Control` (Edge Architecture Specification), nginx's own.
fn targeted(headers: &HeaderMap) -> Vec<HeaderName> {
    let overrides = |name: &&HeaderName| {
        let name = name.as_str();
        name.ends_with("cdn-cache-control") || matches!(name, "surrogate-control" | "x-accel-expires")
    };
    headers.keys().filter(overrides).cloned().collect()
}

#[cfg(test)]
mod tests {
    use http::header::{CACHE_CONTROL, VARY};
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Vary, is_public, keep_private, vary};

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, line)| (HeaderName::from_static(name), HeaderValue::from_static(line)))
            .collect()
    }

    fn read(cookies: bool, language: bool) -> Vary {
        Vary { cookies, language, ..Vary::default() }
    }

    #[test]
    fn a_cookie_is_for_one_visitor() {
        for (before, after) in [
            ("no-store", "no-store"),
            ("private", "private"),
            ("Private, max-age=60", "Private, max-age=60"),
            ("public, max-age=60", "max-age=60, private"),
            ("max-age=60", "max-age=60, private"),
            ("s-maxage=60, max-age=5", "max-age=5, private"),
            ("PUBLIC", "private"),
            ("private=\"set-cookie, x\", public", "private=\"set-cookie, x\", private"),
            ("no-cache=\"set-cookie\"", "no-cache=\"set-cookie\", private"),
            ("no-cache", "no-cache, private"),
            ("public, no-store", "no-store"),
            ("", "private"),
            ("x=\", public, s-maxage=9", "no-store"),
        ] {
            let mut map = headers(&[("cache-control", before)]);
            assert!(keep_private(&mut map));
            assert_eq!(map[CACHE_CONTROL], after, "{before}");
        }
        let mut map = headers(&[("cdn-cache-control", "max-age=60"), ("surrogate-control", "max-age=60")]);
        assert!(keep_private(&mut map));
        assert_eq!(map, headers(&[("cache-control", "no-store")]));
    }

    #[test]
    fn several_lines_become_one() {
        let mut map = headers(&[("cache-control", "public")]);
        map.append(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
        assert!(keep_private(&mut map));
        assert_eq!(map.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), ["max-age=60, private"]);
    }

    #[test]
    fn vary_is_merged() {
        for (before, after) in [
            ("Origin", "Origin, Accept-Language, Cookie"),
            ("cookie", "cookie, Accept-Language"),
            ("*", "*"),
            ("accept-language,COOKIE", "accept-language,COOKIE"),
        ] {
            let mut map = headers(&[("vary", before)]);
            vary(&mut map, &read(true, true));
            assert_eq!(map[VARY], after);
        }
        let mut map = HeaderMap::new();
        map.insert(VARY, HeaderValue::from_bytes(b"Origin, \xff").unwrap());
        vary(&mut map, &read(true, false));
        assert_eq!(map.get_all(VARY).iter().count(), 2, "what was there stays");
        let mut map = HeaderMap::new();
        vary(&mut map, &read(true, false));
        assert_eq!(map[VARY], "Cookie");
        vary(&mut map, &read(false, false));
        assert_eq!(map[VARY], "Cookie");
    }

    #[test]
    fn what_a_shared_cache_may_store_is_public() {
        for (lines, public) in [
            (&[][..], false),
            (&[("cache-control", "max-age=60")], true),
            (&[("cache-control", "private, max-age=60")], false),
            (&[("cache-control", "no-store")], false),
            (&[("cache-control", "public")], true),
            (&[("expires", "Wed, 21 Oct 2026 07:28:00 GMT")], true),
            (&[("cdn-cache-control", "max-age=60")], true),
        ] {
            assert_eq!(is_public(&headers(lines)), public, "{lines:?}");
        }
    }
}
