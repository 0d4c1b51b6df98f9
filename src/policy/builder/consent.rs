//! How visitors are asked for consent, and where their decisions are recorded.

use std::time::Duration;

use super::CookiePolicyBuilder;
use crate::consent::{ReceiptSink, Receipts};
use crate::policy::consent::Compatible;
use crate::policy::{BuildError, Category, Mode};

/// Where receipts are to be kept, and for how long.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    sink: Option<crate::consent::Sink>,
    retention: Duration,
    deadline: Duration,
}

impl Default for Kept {
    fn default() -> Self {
        let (retention, deadline) = (Duration::from_secs(1095 * 24 * 60 * 60), Duration::from_secs(3));
        Self { sink: None, retention, deadline }
    }
}

impl Kept {
    pub(super) fn judge(self, asks: bool, policy: &str) -> Result<Option<Receipts>, BuildError> {
        let Some(sink) = self.sink else { return Ok(None) };
        if !asks {
            return Err(BuildError::ReceiptsWithoutRow);
        }
        if self.retention.as_secs() == 0 {
            return Err(BuildError::NoRetention);
        }
        Ok(Some(Receipts::new(sink, self.deadline, self.retention, policy)))
    }
}

impl CookiePolicyBuilder {
    /// Whether the policy acts, or only says what it would do. The default acts.
    ///
    /// A site that is to come under a policy starts with [`Mode::ReportOnly`]: nothing is stopped, and
    /// [`sightings`](crate::CookiePolicy::sightings) tells each cookie's name, what would have become of it, and a row for it where
    /// the table has none.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.document.mode = mode;
        self
    }

    /// Where the pages about cookies lie, as browsers know it: below it [`consent_service`](crate::CookiePolicy::consent_service)
    /// answers, and the banner's form and links lead there. The default is `/cookies`.
    pub fn consent_path(mut self, path: impl Into<String>) -> Self {
        self.document.consent.path = path.into();
        self
    }

    /// Who asks for consent: the controller in the sense of the GDPR, by the name that visitors know.
    pub fn controller(mut self, name: impl Into<String>) -> Self {
        self.document.consent.controller = Some(name.into());
        self
    }

    /// Where the privacy notice lies: a path of this site, or an address over HTTPS. Banner and form link to it.
    pub fn privacy_notice(mut self, address: impl Into<String>) -> Self {
        self.document.consent.privacy_notice = Some(address.into());
        self
    }

    /// A decision on this earlier hash of a category covers what is shown today as well, since only the wording has changed, or
    /// less is done than before. Otherwise everybody is asked about the category again. The hash is what
    /// [`consent_hash`](crate::CookiePolicy::consent_hash) said before the change.
    pub fn compatible(mut self, category: Category, hash: impl Into<String>) -> Self {
        self.document.consent.compatible.push(Compatible { category, hash: hash.into() });
        self
    }

    /// Another text for a key, in a language: `.text("en", "accept", "Accept all cookies")`. The keys are those that the error for
    /// an unknown one lists. A text may have a place for what differs, such as `{count}`, and should keep it.
    ///
    /// In a language besides English and German every page about cookies is there as soon as it has one text; what it leaves out
    /// is English.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
    ///     .node("web-1")
    ///     .text("fr", "title", "Cookies de ce site")
    ///     .build()?;
    /// assert!(policy.declaration("fr-CA").to_markdown().starts_with("# Cookies de ce site"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(mut self, language: &str, key: &str, text: impl Into<String>) -> Self {
        let texts = self.document.texts.entry(language.to_owned()).or_default();
        texts.insert(key.to_owned(), text.into());
        self
    }

    /// Where each decision is recorded. Without it none is. A decision that grants something and cannot be recorded is answered
    /// with 503 and does not count; a refusal and a withdrawal count whatever becomes of their receipt.
    pub fn receipts(mut self, sink: impl ReceiptSink) -> Self {
        self.receipts.sink = Some(crate::consent::Sink::new(sink));
        self
    }

    /// For how long receipts are kept. The default is 1095 days, about three years, the usual period of limitation in Germany.
    /// Older ones go when [`purge_receipts`](crate::CookiePolicy::purge_receipts) runs.
    pub fn receipt_retention(mut self, retention: Duration) -> Self {
        self.receipts.retention = retention;
        self
    }
}
