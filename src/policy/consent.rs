//! What visitors are asked: the categories of the table, what is shown of each, and which earlier decisions still cover it.
//!
//! - A category's hash is of what a visitor is shown of it in one language: who asks, names, purposes, lifetimes, who sets the
//!   cookie, and third parties. A decision names the hashes that it was made on, so it covers what was shown and nothing else.
//! - The revision is the hash of all of them, in one language: it goes into the form and comes back with the decision.

use base64_simd::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::{BuildError, Category, CookieSpec, Issuer, Lifetime};
use crate::consent::Controller;
use crate::mac::{LABEL, sha256};
use crate::wording::{Wording, Words};

/// What a policy says of consent besides its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConsentTerms {
    /// Where the pages about cookies lie.
    pub(crate) path: String,
    /// Who asks.
    #[serde(with = "crate::consent::terms", skip_serializing_if = "Option::is_none")]
    pub(crate) controller: Option<Controller>,
    /// Where the privacy notice lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) privacy_notice: Option<String>,
    /// Earlier hashes that cover what is shown today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) compatible: Vec<Compatible>,
}

/// An earlier hash of a category that still counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compatible {
    pub(crate) category: Category,
    pub(crate) hash: String,
}

impl Default for ConsentTerms {
    fn default() -> Self {
        Self { path: "/cookies".to_owned(), controller: None, privacy_notice: None, compatible: Vec::new() }
    }
}

/// A short hash as it is written: 8 characters of base64url.
pub(crate) type Hash = [u8; HASH];

/// Characters of a hash.
pub(crate) const HASH: usize = 8;

/// Some of the categories, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Categories(u32);

impl Categories {
    pub(crate) fn contains(self, category: usize) -> bool {
        self.0 & 1 << category != 0
    }

    pub(crate) fn insert(&mut self, category: usize) {
        self.0 |= 1 << category;
    }

    pub(crate) fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What visitors are asked.
pub(crate) struct Asking {
    /// In the table's order; a category's number is its place here.
    categories: Vec<Category>,
    /// The category of each row.
    of_row: Vec<Option<u8>>,
    /// By language, in the order of the words.
    shown: Vec<Shown>,
    compatible: Vec<(usize, Hash)>,
    /// Those that Global Privacy Control switches off.
    sold: Categories,
}

/// What is shown in one language.
struct Shown {
    language: String,
    /// By category.
    hashes: Vec<Hash>,
    revision: Hash,
}

impl Asking {
    /// `None` where no row needs a consent.
    pub(super) fn judge(document: &Document, wording: &Wording) -> Result<Option<Self>, BuildError> {
        let rows = &document.cookies;
        let mut categories: Vec<Category> = Vec::new();
        let of_row: Vec<Option<u8>> = rows
            .iter()
            .map(|row| {
                let category = row.category()?;
                let known = categories.iter().position(|known| known == category);
                u8::try_from(known.unwrap_or_else(|| {
                    categories.push(category.clone());
                    categories.len() - 1
                }))
                .ok()
            })
            .collect();
        if categories.len() > MOST {
            return Err(BuildError::ManyCategories { categories: categories.len() });
        }
        let compatible = compatible(document, &categories)?;
        if categories.is_empty() {
            return Ok(None);
        }
        let shown = wording.all().iter().map(|words| Shown::of(document, &categories, words));
        let mut sold = Categories::default();
        if let Some(marketing) = categories.iter().position(|known| *known == Category::Marketing) {
            sold.insert(marketing);
        }
        let shown = shown.collect();
        Ok(Some(Self { categories, of_row, shown, compatible, sold }))
    }

    /// The category of a row, by its number.
    #[inline]
    pub(crate) fn of_row(&self, row: usize) -> Option<usize> {
        self.of_row.get(row).copied().flatten().map(usize::from)
    }

    pub(crate) fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Some of them, each with its number.
    pub(crate) fn those(&self, some: Categories) -> impl Iterator<Item = (usize, &Category)> {
        self.categories.iter().enumerate().filter(move |(number, _)| some.contains(*number))
    }

    /// The number of a category.
    pub(crate) fn number(&self, name: &[u8]) -> Option<usize> {
        self.categories.iter().position(|category| category.name().as_bytes() == name)
    }

    pub(crate) fn all(&self) -> Categories {
        let mut all = Categories::default();
        (0..self.categories.len()).for_each(|category| all.insert(category));
        all
    }

    /// Those that Global Privacy Control switches off.
    pub(crate) fn sold(&self) -> Categories {
        self.sold
    }

    /// Whether what was shown under this hash covers what is shown of the category today, in the language of the decision.
    pub(crate) fn is_covered(&self, category: usize, language: &[u8], hash: Hash) -> bool {
        let shown = self.shown.iter().find(|shown| shown.language.as_bytes() == language);
        shown.is_some_and(|shown| shown.hashes.get(category) == Some(&hash))
            || self.compatible.contains(&(category, hash))
    }

    /// The hash of what is shown of a category.
    pub(crate) fn hash(&self, category: usize, language: usize) -> Hash {
        self.shown.get(language).and_then(|shown| shown.hashes.get(category)).copied().unwrap_or_default()
    }

    /// The revision of what is shown in a language.
    pub(crate) fn revision(&self, language: usize) -> Hash {
        self.shown.get(language).map(|shown| shown.revision).unwrap_or_default()
    }

    /// The language in which this revision is shown.
    pub(crate) fn language_of(&self, revision: &[u8]) -> Option<usize> {
        self.shown.iter().position(|shown| shown.revision == revision)
    }
}

impl Shown {
    fn of(document: &Document, categories: &[Category], words: &Words) -> Self {
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

fn compatible(document: &Document, categories: &[Category]) -> Result<Vec<(usize, Hash)>, BuildError> {
    let earlier = document.consent.compatible.iter().map(|earlier| {
        let category = earlier.category.name();
        let unknown = || BuildError::CompatibleWithoutRow { category: category.to_owned() };
        let number = categories.iter().position(|known| *known == earlier.category).ok_or_else(unknown)?;
        let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let hash = Hash::try_from(earlier.hash.as_bytes()).ok().filter(|hash| hash.iter().all(legal));
        let illegal =
            || BuildError::IllegalHash { category: category.to_owned(), hash: earlier.hash.clone() };
        Ok((number, hash.ok_or_else(illegal)?))
    });
    earlier.collect()
}

/// For how long a decision counts.
pub(crate) const VALIDITY: Lifetime = Lifetime::days(180);
/// Categories of one policy: what a decision on all of them takes in its cookie is less than half of what browsers take.
const MOST: usize = 24;
