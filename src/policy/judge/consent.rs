//! What makes it impossible to ask for consent.

use crate::policy::document::Document;
use crate::policy::{Basis, BuildError, Role, VALIDITY};

/// What is wrong with how visitors are asked.
pub(in crate::policy) fn consent(policy: &Document) -> Result<(), BuildError> {
    let terms = &policy.consent;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'~' | b'-');
    let path = &terms.path;
    let is_legal = path.len() <= 255 && path.starts_with('/') && path.bytes().all(legal);
    // Two slashes at the start would be another host, and dots are resolved by browsers before they ask.
    let segments = || path.split('/').skip(1);
    let resolved = segments().any(|segment| matches!(segment, "" | "." | ".."));
    if !is_legal || resolved || segments().next() == Some(".well-known") {
        return Err(BuildError::IllegalConsentPath { path: path.clone() });
    }
    if let Some(address) = terms.privacy_notice.as_ref().filter(|address| !is_link(address)) {
        return Err(BuildError::IllegalPrivacyNotice { address: address.clone() });
    }
    let is_tag = |tag: &str| {
        (1..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if let Some(tag) = policy.texts.keys().find(|tag| !is_tag(tag)) {
        return Err(BuildError::IllegalLanguage { tag: tag.clone() });
    }
    let Some(row) = policy.cookies.iter().find(|row| row.role == Role::Consent) else { return Ok(()) };
    let needs = match row.basis {
        Basis::Consent(_) => "would need a consent itself: say `Basis::essential(..)`",
        _ if row.lifetime != VALIDITY => "lives for 180 days: say `.lifetime(Lifetime::days(180))`",
        _ => return Ok(()),
    };
    Err(BuildError::ConsentRow { name: row.name.to_string(), needs })
}

/// Whether it is a path of this site, or an address over HTTPS.
fn is_link(address: &str) -> bool {
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic());
    let own = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
    printable && (own || address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()))
}
