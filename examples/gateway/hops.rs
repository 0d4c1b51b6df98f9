//! Headers that are for one connection, and those in which proxies talk of each other.

use std::net::IpAddr;

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    SET_COOKIE, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue, Version};

/// Removes what is for one connection only (RFC 9110 section 7.6.1): the fields that `Connection` names, and those that are
/// such whether it names them or not.
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
    for name in named.iter().chain(&ONE_HOP) {
        headers.remove(name);
    }
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

const ONE_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];
const END_TO_END: [HeaderName; 5] = [CACHE_CONTROL, CONTENT_LENGTH, COOKIE, HOST, SET_COOKIE];
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
