//! What visitors are shown of each category, as hashes.
//!
//! - A category's hash is of what is shown of it in one language: who asks, title and description where they are the policy's own,
//!   names, purposes, lifetimes, who sets the cookie, and third parties.
//! - The revision is the hash of all of them.

use base64_simd::URL_SAFE_NO_PAD;

use crate::consent::Controller;
use crate::mac::{LABEL, sha256};
use crate::policy::document::Document;
use crate::policy::{Category, CookieSpec, Issuer};
use crate::wording::Words;

/// A short hash as it is written: 8 characters of base64url.
pub(crate) type Hash = [u8; HASH];

/// Characters of a hash.
pub(crate) const HASH: usize = 8;

/// What is shown in one language.
pub(super) struct Shown {
    pub(super) language: String,
    /// By category.
    pub(super) hashes: Vec<Hash>,
    #[cfg_attr(not(feature = "pages"), expect(dead_code, reason = "decisions are made on the pages"))]
    pub(super) revision: Hash,
}

impl Shown {
    pub(super) fn of(document: &Document, categories: &[Category], words: &Words) -> Self {
        let language = words.language.as_str();
        let hashes: Vec<Hash> =
            categories.iter().map(|category| of_category(document, category, words)).collect();
        let mut parts: Vec<&[u8]> = vec![LABEL, b"revision\0", language.as_bytes(), b"\0"];
        for (category, hash) in categories.iter().zip(&hashes) {
            parts.extend([hash.as_slice(), category.name().as_bytes(), b"\0"]);
        }
        let revision = short(&parts);
        Self { language: language.to_owned(), hashes, revision }
    }
}

/// The hash of what is shown of a category, whatever the order of its rows. Each part is length-prefixed, so no two tables share
/// one.
fn of_category(document: &Document, category: &Category, words: &Words) -> Hash {
    let rows = document.cookies.iter().filter(|row| row.category() == Some(category));
    let mut shown: Vec<Vec<u8>> = rows.map(|row| of_row(row, &words.language)).collect();
    shown.sort();
    let controller = document.consent.controller.as_ref().map_or("", Controller::name);
    // The crate's own words are not among it, or whoever gets a new version of it would ask everybody again.
    let (title, about) = words.given(category);
    let head = joined([document.id.as_str(), category.name(), controller, title, about]);
    let mut parts: Vec<&[u8]> = vec![LABEL, b"category\0", &head];
    parts.extend(shown.iter().map(Vec::as_slice));
    short(&parts)
}

fn of_row(row: &CookieSpec, language: &str) -> Vec<u8> {
    let lifetime = row.lifetime.max_age().map_or_else(String::new, |seconds| seconds.to_string());
    let mut third_parties: Vec<&str> = row.shared_with.iter().map(String::as_str).collect();
    third_parties.sort_unstable();
    third_parties.dedup();
    let name = row.name.to_string();
    let issuer = match row.issuer {
        Issuer::Server => "server",
        Issuer::Script => "script",
        Issuer::LoadBalancer => "load balancer",
    };
    let fixed = [name.as_str(), row.purpose.in_language(language), &lifetime, issuer];
    let bytes = joined(fixed.into_iter().chain(third_parties));
    [length(&bytes).as_slice(), &bytes].concat()
}

/// The parts, each behind its length.
fn joined<'p>(parts: impl IntoIterator<Item = &'p str>) -> Vec<u8> {
    parts
        .into_iter()
        .flat_map(|part| [length(part.as_bytes()).as_slice(), part.as_bytes()].concat())
        .collect()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

fn short(parts: &[&[u8]]) -> Hash {
    let full = sha256(parts);
    let mut hash = [0; HASH];
    hash.copy_from_slice(URL_SAFE_NO_PAD.encode_to_string(&full[..6]).as_bytes());
    hash
}
