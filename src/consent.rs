//! Consent: what visitors are asked, what they have decided, and the pages that it is done on.
//!
//! - Undecided means refused: what needs a consent is neither sent nor read before it is given, whoever wrote the header.
//! - A decision covers what was shown and nothing else. Where a category changes, it is asked for again, and that one alone.
//! - The decision is in a signed cookie for 180 days. A refusal holds nothing that tells two visitors apart.
//! - `Sec-GPC: 1` switches marketing off, whatever was decided.
//!
//! ```
//! use tower_cookie_policy::{Category, Cookies};
//!
//! fn count_visit(cookies: &Cookies) {
//!     if cookies.consent().allows(&Category::Statistics) {
//!         // … and not otherwise.
//!     }
//! }
//! ```

#[cfg(feature = "pages")]
mod decision;
#[cfg(feature = "pages")]
mod pages;
#[cfg_attr(not(any(test, feature = "pages")), expect(dead_code, reason = "decisions are made on the pages"))]
mod receipt;
#[cfg(feature = "pages")]
mod record;
#[cfg(feature = "pages")]
mod service;

use std::fmt;

use crate::cookies::Cookies;
use crate::policy::{Asking, Category, CookiePolicy};
use crate::value::consent::Standing;

#[cfg(feature = "pages")]
pub use pages::STYLESHEET;
pub use receipt::{
    Controller, Event, IllegalReceiptId, JsonLinesReceipts, MemoryReceipts, Method, Purpose, PurposeCookie,
    PurposeState, Receipt, ReceiptError, ReceiptErrorKind, ReceiptId, ReceiptSink,
};
pub(crate) use receipt::{Receipts, terms};
#[cfg(feature = "pages")]
pub use service::{ConsentPage, ConsentService};

/// What a visitor has consented to, as of the request. With axum it is an extractor; else
/// [`Cookies::consent`] has it.
///
/// The response varies by `Cookie` and `Sec-GPC` as soon as it is asked anything.
#[derive(Clone)]
pub struct Consent {
    /// Of the policy that asks for consent, where one does.
    cookies: Option<Cookies>,
}

impl Consent {
    pub(crate) fn of(cookies: &Cookies) -> Self {
        Self { cookies: cookies.asking().cloned() }
    }

    /// Whether the visitor has consented to this category: as it is shown today, and not against
    /// [Global Privacy Control](Self::is_signalled). A category of which the table has no row is never allowed.
    #[must_use]
    pub fn allows(&self, category: &Category) -> bool {
        self.asked().is_some_and(|(asking, standing)| {
            let number = asking.number(category.name().as_bytes());
            number.is_some_and(|number| standing.granted.contains(number))
        })
    }

    /// The categories that the visitor has consented to, in the table's order.
    #[must_use]
    pub fn granted(&self) -> Vec<&Category> {
        self.those(|standing, _| standing.granted)
    }

    /// Whether there is nothing to ask: every category is decided on as it is shown today, or switched off by the browser's signal,
    /// or the table asks for none.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.asked().is_none_or(|(asking, standing)| standing.open(asking).is_empty())
    }

    /// Whether the browser sends Global Privacy Control (`Sec-GPC: 1`), which switches marketing off.
    #[must_use]
    pub fn is_signalled(&self) -> bool {
        self.asked().is_some_and(|(_, standing)| standing.signal)
    }

    /// The categories that have changed since the visitor's decision, or are new since, so that they are asked for again. Empty
    /// where there is no decision at all.
    #[must_use]
    pub fn changes(&self) -> Vec<&Category> {
        self.those(|standing, asking| match standing.decided {
            Some(_) => standing.open(asking),
            None => Default::default(),
        })
    }

    /// The hour of the decision that counts, in Unix seconds; `None` where there is none.
    #[must_use]
    pub fn decided_at(&self) -> Option<u32> {
        self.asked()?.1.decided
    }

    fn those(&self, which: impl Fn(Standing, &Asking) -> crate::policy::Categories) -> Vec<&Category> {
        let Some((asking, standing)) = self.asked() else { return Vec::new() };
        asking.those(which(standing, asking)).map(|(_, category)| category).collect()
    }

    fn asked(&self) -> Option<(&Asking, Standing)> {
        let cookies = self.cookies.as_ref()?;
        Some((cookies.policy().asking()?, cookies.read_standing()))
    }
}

/// Nothing of what the visitor has decided: to print it is not to ask.
impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent").finish_non_exhaustive()
    }
}

impl CookiePolicy {
    /// The categories that visitors are asked for, in the table's order.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        self.asking().map_or(&[], Asking::categories)
    }

    /// The short hash of what visitors are shown of a category in this language: 8 characters, for
    /// [`compatible`](crate::CookiePolicyBuilder::compatible) after the next change. `None` where no row asks for the category.
    #[must_use]
    pub fn consent_hash(&self, category: &Category, language: &str) -> Option<String> {
        let asking = self.asking()?;
        let number = asking.number(category.name().as_bytes())?;
        Some(text(asking.hash(number, self.wording().index(language))))
    }

    /// The third parties of a category's rows, each once.
    #[cfg(feature = "pages")]
    fn third_parties<'p>(&'p self, category: &Category) -> Vec<&'p str> {
        let mut names: Vec<&str> =
            self.rows_of(category).flat_map(|row| &row.shared_with).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The receipt of this id, for whoever asks for the record of a consent: the visitor reads the number on the page of the cookie
    /// settings. `None` where no receipts are kept, too.
    ///
    /// # Errors
    /// [`ReceiptError`] if the sink fails or takes longer than three seconds.
    pub async fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
        match self.receipts() {
            Some(receipts) => receipts.find(id).await,
            None => Ok(None),
        }
    }

    /// Where the pages about cookies lie: see [`consent_path`](crate::CookiePolicyBuilder::consent_path).
    #[must_use]
    pub fn consent_path(&self) -> &str {
        &self.document().consent.path
    }
}

fn text(hash: crate::policy::Hash) -> String {
    hash.iter().copied().map(char::from).collect()
}
