//! A web origin (RFC 6454): scheme, host and port, and nothing else.
//!
//! - One strict parser reads what a policy says and what a request says, so that equal means equal.
//! - [`http::Uri`] is no judge of that: it lets userinfo, punctuation, empty labels and any scheme through.
//! - Case is folded, and a scheme's own port is no port. Everything else is compared as it stands.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The origin of a page that browsers show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebOrigin<'s> {
    scheme: Scheme,
    host: Host<'s>,
    port: u16,
}

impl<'s> WebOrigin<'s> {
    /// `https://host` or `https://host:port`, and nothing after it. The error is what an origin has to be.
    pub(crate) fn parse(text: &'s [u8]) -> Result<Self, &'static str> {
        if text == b"null" {
            return Err("and `null` is the one of every sandboxed or local page, whoever wrote it");
        }
        match Self::split(text)? {
            (origin, b"") => Ok(origin),
            _ => Err("without a path (not even `/`), a query or a fragment"),
        }
    }

    /// The origin at the start of a URL, and what comes after it.
    pub(crate) fn split(url: &'s [u8]) -> Result<(Self, &'s [u8]), &'static str> {
        let (scheme, rest) = Scheme::split(url).ok_or("with one of these two schemes")?;
        let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let Authority { host, port } = Authority::parse(authority)?;
        Ok((Self { scheme, host, port: port.unwrap_or(scheme.port()) }, rest))
    }

    /// Whether everybody on the way can read and change what comes from there.
    pub(crate) fn is_exposed(&self) -> bool {
        self.scheme == Scheme::Http && !self.host.is_loopback()
    }

    /// Whether it is that of this authority, over https, or also over http where that is allowed or stays on the machine.
    pub(crate) fn is_at(&self, authority: &Authority<'_>, allow_http: bool) -> bool {
        self.host == authority.host
            && self.port == authority.port.unwrap_or(self.scheme.port())
            && (allow_http || !self.is_exposed())
    }

    pub(super) fn into_owned(self) -> WebOrigin<'static> {
        let host = match self.host {
            Host::Name(name) => Host::Name(Cow::Owned(name.into_owned())),
            Host::V6(address) => Host::V6(address),
        };
        WebOrigin { scheme: self.scheme, host, port: self.port }
    }
}

/// A host and perhaps a port: an origin that has not said its scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority<'s> {
    host: Host<'s>,
    port: Option<u16>,
}

impl<'s> Authority<'s> {
    /// Without userinfo. The error is what it has to be.
    pub(crate) fn parse(text: &'s [u8]) -> Result<Self, &'static str> {
        if text.contains(&b'@') {
            return Err("without a user or a password");
        }
        // What is not ASCII cannot be a host on the wire: browsers send the punycode form.
        let text = str::from_utf8(text).ok().filter(|text| text.is_ascii());
        let text = text.ok_or("with the host in ASCII, as browsers send it (`xn--bcher-kva.example`)")?;
        let bracketed = text.strip_prefix('[').and_then(|text| text.split_once(']'));
        let (host, port) = match bracketed {
            Some((address, port)) => {
                let address = address.parse().map_err(|_| "with a legal IPv6 address in the brackets")?;
                (Host::V6(address), port)
            }
            None => {
                let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
                (Host::name(name).ok_or("with a legal host name, without a trailing dot")?, port)
            }
        };
        let port = if port.is_empty() { None } else { Some(parse_port(port).ok_or("with a legal port")?) };
        Ok(Self { host, port })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Https,
    Http,
}

impl Scheme {
    fn split(url: &[u8]) -> Option<(Self, &[u8])> {
        [(&b"https://"[..], Self::Https), (b"http://", Self::Http)].into_iter().find_map(
            |(prefix, scheme)| {
                let (start, rest) = url.split_at_checked(prefix.len())?;
                start.eq_ignore_ascii_case(prefix).then_some((scheme, rest))
            },
        )
    }

    fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// A name in lower case (an IPv4 address among them), or an IPv6 address, which has many spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host<'s> {
    Name(Cow<'s, str>),
    V6(Ipv6Addr),
}

impl<'s> Host<'s> {
    /// Labels of letters, digits, hyphens and underscores: browsers open hosts with an underscore, too.
    fn name(name: &'s str) -> Option<Self> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(legal);
        if name.len() > 253 || !name.split('.').all(label) {
            return None;
        }
        Some(Self::Name(match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(name.to_ascii_lowercase()),
            false => Cow::Borrowed(name),
        }))
    }

    /// Whether a request to it cannot leave the machine (W3C Secure Contexts section 3.1).
    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => {
                name == "localhost"
                    || name.ends_with(".localhost")
                    || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
            }
            Self::V6(address) => address.is_loopback(),
        }
    }
}

/// `:` and a port as browsers write it: no sign, no leading zero.
fn parse_port(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(':')?;
    let legal = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if legal { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_origin_are_equal() {
        for (one, other) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com", "HTTPS://Example.COM"),
            ("https://example.com", "https://example.com:443"),
            ("http://example.com", "http://example.com:80"),
            ("https://my_app.internal:8443", "https://MY_APP.internal:8443"),
            ("https://xn--bcher-kva.example", "https://XN--BCHER-KVA.example"),
            ("http://[::1]:3000", "http://[0:0:0:0:0:0:0:1]:3000"),
            ("https://[2001:DB8::A]", "https://[2001:db8::a]:443"),
        ] {
            assert_eq!(
                WebOrigin::parse(one.as_bytes()).unwrap(),
                WebOrigin::parse(other.as_bytes()).unwrap(),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn different_origins_are_not() {
        let all = [
            "https://example.com",
            "http://example.com",
            "https://example.com:80",
            "http://example.com:443",
            "https://example.com:8443",
            "https://www.example.com",
            "https://example.co",
            "https://example.com.evil.test",
            "https://evilexample.com",
            "https://127.0.0.1",
            "https://127.1",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
        ];
        for (at, one) in all.iter().enumerate() {
            for (beside, other) in all.iter().enumerate() {
                let equal = WebOrigin::parse(one.as_bytes()) == WebOrigin::parse(other.as_bytes());
                assert_eq!(equal, at == beside, "{one} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_origin_is_told_why() {
        for (text, why) in [
            ("", "schemes"),
            ("null", "`null`"),
            ("example.com", "schemes"),
            ("//example.com", "schemes"),
            ("https:/example.com", "schemes"),
            ("https:example.com", "schemes"),
            (" https://example.com", "schemes"),
            ("ftp://example.com", "schemes"),
            ("wss://example.com", "schemes"),
            ("javascript:https://example.com", "schemes"),
            ("https://example.com/", "path"),
            ("https://example.com/x", "path"),
            ("https://example.com?x", "path"),
            ("https://example.com#x", "path"),
            ("https://user@example.com", "user"),
            ("https://user:password@example.com", "user"),
            ("https://@example.com", "user"),
            ("https://example.com@evil.test", "user"),
            ("https://b\u{fc}cher.example", "ASCII"),
            ("https://ex\u{430}mple.com", "ASCII"),
            ("https://", "host name"),
            ("https://:443", "host name"),
            ("https://example.com.", "host name"),
            ("https://.example.com", "host name"),
            ("https://example..com", "host name"),
            ("https://*.example.com", "host name"),
            ("https://example.com https://evil.test", "host name"),
            ("https://example.com,https://evil.test", "host name"),
            ("https://example.com\\@evil.test", "user"),
            ("https://example.com\\evil", "host name"),
            ("https://%65xample.com", "host name"),
            ("https://exam\tple.com", "host name"),
            ("https://example.com\0", "host name"),
            ("https://example.com:", "port"),
            ("https://example.com:0", "port"),
            ("https://example.com:0443", "port"),
            ("https://example.com:+443", "port"),
            ("https://example.com:65536", "port"),
            ("https://example.com:443:443", "port"),
            ("https://example.com:x", "port"),
            ("https://[::1", "host name"),
            ("https://[::1]x", "port"),
            ("https://[::1%25lo]", "IPv6"),
            ("https://[127.0.0.1]", "IPv6"),
            ("https://[]", "IPv6"),
            ("https://::1", "host name"),
        ] {
            let refused = WebOrigin::parse(text.as_bytes()).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
        let long = format!("https://{}", ["a"; 128].join("."));
        assert!(WebOrigin::parse(long.as_bytes()).is_err());
        assert!(WebOrigin::parse(format!("https://{}", "a".repeat(64)).as_bytes()).is_err());
        assert!(WebOrigin::parse(b"https://example.com\xff").is_err());
    }

    #[test]
    fn an_url_ends_its_origin_at_the_first_slash_question_mark_or_hash() {
        for (url, rest) in [
            ("https://example.com", ""),
            ("https://example.com/", "/"),
            ("https://example.com/a?b#c", "/a?b#c"),
            ("https://example.com?https://evil.test/", "?https://evil.test/"),
            ("https://example.com#@evil.test", "#@evil.test"),
            ("https://example.com/@evil.test", "/@evil.test"),
        ] {
            let expected = (WebOrigin::parse(b"https://example.com").unwrap(), rest.as_bytes());
            assert_eq!(WebOrigin::split(url.as_bytes()).unwrap(), expected, "{url}");
        }
    }

    #[test]
    fn http_counts_on_this_machine_or_where_it_is_allowed() {
        for (origin, authority, plainly, with_http) in [
            ("https://example.com", "example.com", true, true),
            ("https://example.com", "Example.com:443", true, true),
            ("http://example.com", "example.com", false, true),
            ("http://example.com:8080", "example.com:8080", false, true),
            ("https://example.com", "example.com:80", false, false),
            ("https://example.com:8443", "example.com", false, false),
            ("http://localhost:3000", "localhost:3000", true, true),
            ("https://localhost:3000", "localhost:3000", true, true),
            ("http://localhost", "localhost:3000", false, false),
            ("http://shop.localhost", "shop.localhost", true, true),
            ("http://127.0.0.1", "127.0.0.1:80", true, true),
            ("http://127.8.9.10", "127.8.9.10", true, true),
            ("http://[::1]:3000", "[::1]:3000", true, true),
            ("http://notlocalhost", "notlocalhost", false, true),
            ("http://localhost.evil.test", "localhost.evil.test", false, true),
            ("http://127.0.0.1.evil.test", "127.0.0.1.evil.test", false, true),
            ("http://128.0.0.1", "128.0.0.1", false, true),
            ("http://127.1", "127.1", false, true),
            ("http://0127.0.0.1", "0127.0.0.1", false, true),
            ("http://[::2]", "[::2]", false, true),
            ("http://localhost:3000", "127.0.0.1:3000", false, false),
        ] {
            let at = Authority::parse(authority.as_bytes()).unwrap();
            let origin = WebOrigin::parse(origin.as_bytes()).unwrap();
            assert_eq!(
                (origin.is_at(&at, false), origin.is_at(&at, true)),
                (plainly, with_http),
                "{origin:?}"
            );
        }
    }
}
