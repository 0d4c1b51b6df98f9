//! The cookies of a browser: the storage model of RFC 6265bis section 5.7 and the `Cookie` header of section 5.8.3.

use super::address::Address;
use super::line::Line;
use crate::policy::SameSite;

/// The cookies of a browser.
#[derive(Default)]
pub(in crate::testing) struct Jar {
    cookies: Vec<Kept>,
    /// How many were made so far: the order in which they were.
    made: u64,
}

/// A cookie that a browser would keep.
pub(in crate::testing) struct Kept {
    pub(super) line: Line,
    domain: String,
    host_only: bool,
    path: Vec<u8>,
    made: u64,
}

/// How a request comes about, as far as `SameSite` is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coming {
    /// From the site itself, or by the visitor's own hand.
    SameSite,
    /// By a link on another site.
    Link,
    /// In another way that begins at another site.
    CrossSite,
}

impl Jar {
    /// Stores the cookie of a response's line, or lets it replace or delete one. Whether a browser heeds the line.
    pub(super) fn take(&mut self, line: &[u8], from: &Address, now: u32) -> bool {
        let Some(kept) = Kept::new(line, from, now) else { return false };
        let is_hidden = |other: &Kept| other.line.secure && other.shadows(&kept);
        if !kept.line.secure && !from.is_trustworthy() && self.cookies.iter().any(is_hidden) {
            return false;
        }
        self.keep(kept);
        self.expire(now);
        true
    }

    fn keep(&mut self, mut kept: Kept) {
        self.made += 1;
        kept.made = self.made;
        match self.cookies.iter_mut().find(|other| other.is(&kept)) {
            // The new cookie takes the place of the old one, its age included.
            Some(other) => {
                kept.made = other.made;
                *other = kept;
            }
            None => self.cookies.push(kept),
        }
    }

    /// The `Cookie` header of a request; `None` where there is nothing to send.
    pub(super) fn header(&self, to: &Address, coming: Coming, now: u32) -> Option<Vec<u8>> {
        let due = |cookie: &&Kept| cookie.goes_to(to) && cookie.comes_along(coming);
        let pairs: Vec<_> = self.in_order(now).into_iter().filter(due).map(Kept::pair).collect();
        (!pairs.is_empty()).then(|| pairs.join(&b"; "[..]))
    }

    /// Those that are not over: longer paths first, then by age.
    pub(super) fn in_order(&self, now: u32) -> Vec<&Kept> {
        let mut kept: Vec<_> = self.cookies.iter().filter(|cookie| !cookie.line.is_over(now)).collect();
        kept.sort_by_key(|cookie| (std::cmp::Reverse(cookie.path.len()), cookie.made));
        kept
    }

    /// Ends the browser session.
    pub(super) fn close(&mut self) {
        self.cookies.retain(|cookie| cookie.line.expires.is_some());
    }

    /// Removes every cookie of this name.
    pub(super) fn forget(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.line.name != name.as_bytes());
    }

    /// A text without the values in it: session ids have been put into addresses before.
    pub(in crate::testing) fn hidden(&self, text: &str) -> String {
        hidden(text, self.cookies.iter().map(|cookie| &cookie.line.value))
    }

    fn expire(&mut self, now: u32) {
        self.cookies.retain(|cookie| !cookie.line.is_over(now));
    }
}

impl Kept {
    /// What a browser makes of a line that comes from there; `None` where it ignores it.
    pub(in crate::testing) fn new(line: &[u8], from: &Address, now: u32) -> Option<Self> {
        let mut line = Line::read(line, now)?;
        // A later end is cut (section 5.5).
        line.expires = line.expires.map(|end| end.min(i64::from(now) + LONGEST));
        let host = from.host();
        let domain = match line.domain.as_deref() {
            None => None,
            // As for a public suffix that is the host itself (step 9).
            Some(domain) if domain == host && !domain.contains('.') => None,
            Some(domain) if domain.contains('.') && is_within(host, domain) => Some(domain.to_owned()),
            Some(_) => return None,
        };
        let path = line.path.clone().unwrap_or_else(|| default_path(from.path()));
        let host_only = domain.is_none();
        let kept = Self { line, domain: domain.unwrap_or_else(|| host.to_owned()), host_only, path, made: 0 };
        kept.is_allowed(from).then_some(kept)
    }

    /// What `Secure` and the prefixes of names ask for.
    fn is_allowed(&self, from: &Address) -> bool {
        let Line { name, value, secure, http_only, partitioned, same_site, .. } = &self.line;
        let (secure, http_only) = (*secure, *http_only);
        if secure && !from.is_trustworthy() {
            return false;
        }
        if !secure && (*same_site == Some(SameSite::None) || *partitioned) {
            return false;
        }
        if name.is_empty() {
            // Servers that read cookies without `=` in their own way would take it for one with the prefix.
            return !["__Secure-", "__Host-", "__Http-"].iter().any(|prefix| starts(value, prefix));
        }
        let of_host = secure && self.host_only && self.line.path.as_deref() == Some(b"/");
        match () {
            () if starts(name, "__Host-Http-") => of_host && http_only,
            () if starts(name, "__Host-") => of_host,
            () if starts(name, "__Http-") => secure && http_only,
            () if starts(name, "__Secure-") => secure,
            () => true,
        }
    }

    /// Whether both are one cookie, of which a browser keeps the later.
    fn is(&self, other: &Self) -> bool {
        let identity = |kept: &Self| (kept.host_only, kept.line.partitioned);
        self.line.name == other.line.name
            && self.domain == other.domain
            && self.path == other.path
            && identity(self) == identity(other)
    }

    /// Whether a cookie that comes over plain HTTP would pass for this one (section 5.7 step 12).
    fn shadows(&self, other: &Self) -> bool {
        self.line.name == other.line.name
            && (is_within(&self.domain, &other.domain) || is_within(&other.domain, &self.domain))
            && is_below(&other.path, &self.path)
    }

    pub(super) fn goes_to(&self, to: &Address) -> bool {
        let host = if self.host_only { self.domain == to.host() } else { is_within(to.host(), &self.domain) };
        host && is_below(to.path().as_bytes(), &self.path) && (!self.line.secure || to.is_trustworthy())
    }

    fn comes_along(&self, coming: Coming) -> bool {
        match self.line.same_site.unwrap_or_default() {
            SameSite::None => true,
            SameSite::Lax => coming != Coming::CrossSite,
            SameSite::Strict => coming == Coming::SameSite,
        }
    }

    fn pair(&self) -> Vec<u8> {
        let Line { name, value, .. } = &self.line;
        if name.is_empty() { value.clone() } else { [&name[..], &value[..]].join(&b'=') }
    }

    /// Its `Path`, that of the page that set it where it says none.
    pub(in crate::testing) fn path(&self) -> &[u8] {
        &self.path
    }
}

/// A text without these values, those apart that may occur in it by chance.
pub(in crate::testing) fn hidden(text: &str, values: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let values = values.into_iter().filter(|value| value.as_ref().len() >= TELLING);
    let mut values: Vec<_> =
        values.map(|value| String::from_utf8_lossy(value.as_ref()).into_owned()).collect();
    // One may be a part of another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.iter().fold(text.to_owned(), |text, value| text.replace(value, "…"))
}

/// `domain-match` (section 5.1.3).
fn is_within(host: &str, domain: &str) -> bool {
    let below = || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    host == domain || (below() && !is_ip(host))
}

fn is_ip(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// `path-match` (section 5.1.4).
fn is_below(path: &[u8], of: &[u8]) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || of.ends_with(b"/") || rest.starts_with(b"/"))
}

/// `default-path` (section 5.1.4): up to the last `/`, without it.
fn default_path(path: &str) -> Vec<u8> {
    match path.rfind('/') {
        Some(at) if at > 0 => path[..at].into(),
        _ => b"/".to_vec(),
    }
}

/// Without regard to case, as browsers look (section 5.7).
fn starts(text: &[u8], prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// 400 days in seconds.
const LONGEST: i64 = 400 * 86_400;
/// Bytes of a value that does not occur somewhere by chance.
const TELLING: usize = 4;
