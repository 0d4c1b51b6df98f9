//! What visitors are asked: the categories of the table, what is shown of each, and which earlier decisions still cover it.
//!
//! - A decision names the hashes of what it was made on, so it covers what was shown and nothing else.
//! - The revision goes into the form and comes back with the decision.

mod categories;
mod shown;
mod terms;

use super::document::Document;
use super::{BuildError, Category, Lifetime};
use crate::wording::Wording;
use shown::Shown;

pub(crate) use categories::Categories;
pub(crate) use shown::Hash;
pub(crate) use terms::{Compatible, ConsentTerms};

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
    #[cfg(feature = "pages")]
    pub(crate) fn revision(&self, language: usize) -> Hash {
        self.shown.get(language).map(|shown| shown.revision).unwrap_or_default()
    }

    /// The language in which this revision is shown.
    #[cfg(feature = "pages")]
    pub(crate) fn language_of(&self, revision: &[u8]) -> Option<usize> {
        self.shown.iter().position(|shown| shown.revision == revision)
    }
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
