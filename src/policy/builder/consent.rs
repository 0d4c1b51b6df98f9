//! How visitors are asked for consent, and where their decisions are recorded.

use std::time::Duration;

use super::CookiePolicyBuilder;
use crate::consent::{Controller, ReceiptSink, Receipts};
use crate::policy::consent::Compatible;
use crate::policy::{BuildError, Category, Mode};

/// Where receipts are to be kept, and for how long.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    receipts: Option<Receipts>,
    retention: Option<Duration>,
}

impl Kept {
    pub(super) fn judge(self, asks: bool) -> Result<Option<Receipts>, BuildError> {
        let Some(receipts) = self.receipts else {
            return if self.retention.is_some() {
                Err(BuildError::RetentionWithoutReceipts)
            } else {
                Ok(None)
            };
        };
        if !asks {
            return Err(BuildError::ReceiptsWithoutRow);
        }
        match self.retention {
            Some(retention) if retention.as_secs() == 0 => Err(BuildError::NoRetention),
            Some(retention) => Ok(Some(receipts.retention(retention))),
            None => Ok(Some(receipts)),
        }
    }
}

/// How long the sink may take over one step.
const DEADLINE: Duration = Duration::from_secs(3);

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

    /// Who asks for consent: the controller in the sense of the GDPR, by the name that visitors know, and for
    /// [receipts](Self::receipts) with an address and a contact.
    ///
    /// ```
    /// use tower_cookie_policy::receipt::Controller;
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let keys = KeyRing::generate()?;
    /// let by_name = CookiePolicy::empty(keys.clone()).controller("Example GmbH");
    /// let in_full = CookiePolicy::empty(keys)
    ///     .controller(Controller::new("Example GmbH").contact("privacy@shop.example").jurisdiction("DE"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn controller(mut self, controller: impl Into<Controller>) -> Self {
        self.document.consent.controller = Some(controller.into());
        self
    }

    /// Where the privacy notice lies: a path of this site, or an address over HTTPS. Banner and form link to it.
    pub fn privacy_notice(mut self, address: impl Into<String>) -> Self {
        self.document.consent.privacy_notice = Some(address.into());
        self
    }

    /// A decision on this earlier hash of a category covers what is shown today as well, since only the wording has changed, or
    /// less is done than before. Otherwise everybody is asked about the category again. The hash is what
    /// [`consent_hash`](crate::CookiePolicy::consent_hash) said before the change, in one language: each language whose words have
    /// changed has one of its own.
    pub fn compatible(mut self, category: Category, hash: impl Into<String>) -> Self {
        self.document.consent.compatible.push(Compatible { category, hash: hash.into() });
        self
    }

    /// Another text for a key, in a language: `.text("en", "accept", "Accept all cookies")`. The keys are those that the error for
    /// an unknown one lists. A text may have a place for what differs, such as `{count}`, and should keep it.
    ///
    /// In a language besides English and German every page about cookies is there as soon as it has one text; what it leaves out
    /// is English. For visitors to get it without asking, it has to be among the policy's [`languages`](Self::languages), too.
    /// `category.NAME` is the title of a category, and `category.NAME.text` what it is about; both are shown, so a decision covers them.
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
        self.receipts.receipts = Some(Receipts::new(sink, DEADLINE));
        self
    }

    /// For how long receipts are kept. The default is 1095 days, about three years, the usual period of limitation in Germany.
    /// Older ones go where [`purge`](crate::CookiePolicy::purge) runs.
    pub fn receipt_retention(mut self, retention: Duration) -> Self {
        self.receipts.retention = Some(retention);
        self
    }
}
