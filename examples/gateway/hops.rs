//! Headers that are for one connection, those in which proxies talk of each other, and those that would walk past the
//! policy.

use std::net::IpAddr;

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, MAX_FORWARDS, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue, Version};

/// Removes what is for one connection only (RFC 9110 section 7.6.1): the fields that `Connection` names, and those
/// that are such whether it names them or not. And what speaks of cookies or trailers that nobody here looks at.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        // A client must not take these from a back end, nor a back end from the gateway, by naming them.
        .filter(|name| !END_TO_END.contains(name))
        .collect();
    for name in named.iter().chain(&ONE_HOP).chain(&UNREAD) {
        headers.remove(name);
    }
}

/// Whether a body comes as it is, or in chunks and nothing besides. Chunks are all that this gateway takes apart and
/// makes anew; a body that is compressed as well would go on without a word of it (RFC 9112 section 6.1).
pub(crate) fn is_uncoded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

/// Whether a request may take one more step, which is counted (RFC 9110 section 7.6.2). What is no number counts
/// nothing.
pub(crate) fn count_down(headers: &mut HeaderMap) -> bool {
    let line = headers.get(MAX_FORWARDS).and_then(|line| line.to_str().ok());
    let Some(left) = line.and_then(|line| line.trim_ascii().parse::<u32>().ok()) else { return true };
    if let Some(rest) = left.checked_sub(1) {
        headers.insert(MAX_FORWARDS, HeaderValue::from(rest));
    }
    left > 0
}

/// Says to a back end who asks. What the client said of that is not passed on: anybody can write it.
pub(crate) fn introduce(headers: &mut HeaderMap, version: Version, client: IpAddr) {
    let told = |name: &HeaderName| {
        // Gateway interfaces such as CGI write hyphens as underscores, so that the two are one there.
        let name = name.as_str().replace('_', "-");
        matches!(name.as_str(), "forwarded" | "x-real-ip") || name.starts_with("x-forwarded-")
    };
    let told: Vec<HeaderName> = headers.keys().filter(|name| told(name)).cloned().collect();
    for name in told {
        headers.remove(name);
    }
    if let Ok(client) = HeaderValue::try_from(client.to_canonical().to_string()) {
        let _ = headers.try_insert(X_FORWARDED_FOR, client);
    }
    if let Some(host) = headers.get(HOST).cloned() {
        let _ = headers.try_insert(X_FORWARDED_HOST, host);
    }
    let _ = headers.try_append(VIA, via(version));
}

/// Who passed a message on that came in this version (RFC 9110 section 7.6.3).
pub(crate) fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 gateway",
        Version::HTTP_2 => "2.0 gateway",
        _ => "1.1 gateway",
    })
}

const ONE_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];
/// RFC 2965's, which some old container may read still, and the announcement of trailers, which do not pass.
const UNREAD: [HeaderName; 3] =
    [HeaderName::from_static("cookie2"), HeaderName::from_static("set-cookie2"), TRAILER];
const END_TO_END: [HeaderName; 5] = [CACHE_CONTROL, CONTENT_LENGTH, COOKIE, HOST, SET_COOKIE];
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
