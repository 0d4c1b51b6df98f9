//! Where a request goes: `http` or `https`, a host, and what is asked for there.

use std::net::Ipv4Addr;

use http::uri::Authority;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// An absolute address without its fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::testing) struct Address {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    /// Path and query.
    target: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

impl Address {
    /// Reads `https://shop.example/path?query`. `None` where it is no address of a web server.
    pub(in crate::testing) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (scheme, usual) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            _ => return None,
        };
        let (authority, target) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let authority: Authority = authority.parse().ok()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().filter(|port| *port != usual);
        let root = Self { scheme, host, port, target: "/".to_owned() };
        (!root.host.is_empty()).then(|| root.to_target(target))
    }

    /// The root of `https://localhost`.
    pub(super) fn localhost() -> Self {
        let (host, target) = ("localhost".to_owned(), "/".to_owned());
        Self { scheme: Scheme::Https, host, port: None, target }
    }

    /// What a reference on the page at this address leads to (RFC 3986 section 5.2, and as browsers read it). `None` for what
    /// no web server answers, such as `mailto:`.
    pub(in crate::testing) fn resolve(&self, reference: &str) -> Option<Self> {
        let trimmed = reference.trim_matches(|c: char| c <= ' ');
        let mut reference: String = trimmed.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
        if let Some(at) = reference.find('#') {
            reference.truncate(at);
        }
        // Browsers take a backslash in front of the query for a slash.
        let query = reference.find('?').unwrap_or(reference.len());
        let (path, query) = reference.split_at(query);
        let reference = path.replace('\\', "/") + query;
        if reference.starts_with("//") {
            return Self::parse(&format!("{}:{reference}", self.scheme.as_str()));
        }
        match scheme_of(&reference) {
            Some(_) => Self::parse(&reference),
            None if reference.is_empty() => Some(self.clone()),
            None if reference.starts_with('/') => Some(self.to_target(&reference)),
            None if reference.starts_with('?') => {
                Some(self.to_target(&(self.path().to_owned() + &reference)))
            }
            None => {
                let folder = self.path().rfind('/').map_or("/", |at| &self.path()[..=at]);
                Some(self.to_target(&(folder.to_owned() + &reference)))
            }
        }
    }

    /// Another path and query at the same host.
    fn to_target(&self, target: &str) -> Self {
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let path = without_dots(path);
        let target = utf8_percent_encode(&(path + query), ESCAPED).to_string();
        Self { target, host: self.host.clone(), ..*self }
    }

    /// Path and query, as a request line has them.
    pub(in crate::testing) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// In lower case.
    pub(in crate::testing) fn host(&self) -> &str {
        &self.host
    }

    /// As the `Host` header has it.
    pub(super) fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// As the `Origin` header has it.
    pub(in crate::testing) fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.authority())
    }

    /// Whether `Secure` cookies go there: by TLS, or to this machine itself, which browsers trust all the same.
    pub(super) fn is_trustworthy(&self) -> bool {
        let host = self.host.as_str();
        self.scheme == Scheme::Https
            || host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl Scheme {
    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The scheme in front, if there is one.
fn scheme_of(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(legal)).then_some(scheme)
}

/// `remove_dot_segments` (RFC 3986 section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                // What they leave is a folder.
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// What browsers escape in a path or a query, and what no request line may have.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|');
