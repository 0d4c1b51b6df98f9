//! Receipts: what a visitor decided, as a record that can be shown years later.
//!
//! - One decision is one record. Records are appended, never changed; a later one names the one before it.
//! - The fields are those of a consent record by ISO/IEC TS 27560:2023, under its names; see [`Receipt`].
//! - There is no field for an address, a user agent or anything else that tells who decided. The visitor is a pseudonym, and
//!   one who only refuses has none.
//! - They go to a [`ReceiptSink`], and are dropped there once the policy's retention is over.

mod controller;
mod error;
mod event;
mod file;
mod id;
mod json;
mod keeper;
mod memory;
mod purpose;
mod sink;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use controller::Controller;
pub use error::{ReceiptError, ReceiptErrorKind};
pub use event::{Event, Method};
pub use file::JsonLinesReceipts;
pub use id::{IllegalReceiptId, ReceiptId};
pub use memory::MemoryReceipts;
pub use purpose::{Purpose, PurposeCookie, PurposeState};
pub use sink::ReceiptSink;

pub(crate) use controller::terms;
pub(crate) use keeper::Receipts;

use crate::key::KeyError;
use json::Written;

/// One decision of a visitor's, as a consent record by ISO/IEC TS 27560:2023.
///
/// Serde writes and reads it, as JSON like this:
///
/// ```
/// use tower_cookie_policy::Receipt;
/// use tower_cookie_policy::receipt::{Event, PurposeState};
///
/// let json = r#"{
///     "schema_version": "tower-cookie-policy/1",
///     "record_id": "AAECAwQFBgcICQoLDA0ODw",
///     "pii_principal_id": "AAECAwQFBgcICQoLDA0ODw",
///     "pii_processing": {
///         "privacy_notice": { "address": "/privacy", "policy": "shop", "revision": "5f0c9a" },
///         "language": "en",
///         "purposes": [{
///             "purpose": "Statistics",
///             "purpose_description": "Count visits.",
///             "purpose_type": "statistics",
///             "lawful_basis": "consent",
///             "state": "granted",
///             "hash": "b41d77",
///             "pii_information": [
///                 { "pii_type": "visits", "purpose": "Counts visits.", "retention_period": 2592000 }
///             ],
///             "pii_controllers": ["controller"],
///             "storage_locations": ["the visitor's device"],
///             "jurisdiction": "DE",
///             "recipient_third_parties": ["Example Analytics Ltd"],
///             "withdrawal_method": "/privacy/cookies"
///         }]
///     },
///     "party_identification": {
///         "pii_controllers": [{
///             "party_id": "controller",
///             "party_type": "pii_controller",
///             "party_name": "Example GmbH",
///             "party_address": "Musterweg 1, Berlin",
///             "party_contact": "privacy@shop.example",
///             "jurisdiction": "DE"
///         }]
///     },
///     "event": {
///         "event_time": "2026-11-23T14:23:12Z",
///         "validity_duration": 15552000,
///         "entity_id": "AAECAwQFBgcICQoLDA0ODw",
///         "event_type": "expressed",
///         "event_state": "given",
///         "method": "banner",
///         "global_privacy_control": false
///     }
/// }"#;
/// let receipt: Receipt = serde_json::from_str(json)?;
/// assert_eq!((receipt.event(), receipt.time()), (Event::Given, 1_795_443_792));
/// assert_eq!(receipt.purposes()[0].state(), PurposeState::Granted);
/// let written = serde_json::to_value(&receipt)?;
/// assert_eq!(written, serde_json::from_str::<serde_json::Value>(json)?);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Durations are whole seconds; `null` is a cookie that ends with the browser session. `event_type` is the kind of consent,
/// which is always expressed here, and `event_state` what became of it. A pure refusal has no `pii_principal_id`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Receipt {
    id: ReceiptId,
    decided: Decided,
}

/// What a receipt says of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    /// The receipt of the visitor's decision before this one.
    pub(crate) previous: Option<ReceiptId>,
    /// The visitor's pseudonym, where there is one by now: the id of their first receipt.
    pub(crate) principal: Option<ReceiptId>,
    /// Where the privacy notice lay.
    pub(crate) notice: Option<String>,
    /// The policy's id.
    pub(crate) policy: String,
    /// The short hash of all that was shown.
    pub(crate) revision: String,
    /// The tag of the language that it was shown in.
    pub(crate) language: String,
    pub(crate) controller: Controller,
    pub(crate) purposes: Vec<Purpose>,
    pub(crate) event: Event,
    pub(crate) method: Method,
    /// Unix seconds.
    pub(crate) time: u32,
    /// For how many seconds from `time` on it holds.
    pub(crate) validity: u32,
    /// Whether the request said `Sec-GPC: 1`.
    pub(crate) global_privacy_control: bool,
}

impl Receipt {
    /// A new record of this decision.
    ///
    /// # Errors
    /// [`KeyError::NoEntropy`] if the system has no random bytes for its id.
    pub(crate) fn new(decided: Decided) -> Result<Self, KeyError> {
        Ok(Self::numbered(ReceiptId::random()?, decided))
    }

    fn numbered(id: ReceiptId, mut decided: Decided) -> Self {
        let refused = |purpose: &Purpose| purpose.state == PurposeState::Refused;
        decided.principal = if decided.purposes.iter().all(refused) {
            // To refuse must not cost a pseudonym, so a caller that has one is not asked for it.
            None
        } else {
            Some(decided.principal.unwrap_or(id))
        };
        Self { id, decided }
    }

    /// The record's id.
    #[must_use]
    pub fn id(&self) -> ReceiptId {
        self.id
    }

    /// The receipt of the same visitor's decision before this one, if there was one.
    #[must_use]
    pub fn previous(&self) -> Option<ReceiptId> {
        self.decided.previous
    }

    /// The visitor's pseudonym: this receipt's own id, or for a withdrawal that of the receipt which it takes back. A pure refusal
    /// has none. What one visitor decided after another is linked by [`previous`](Self::previous).
    #[must_use]
    pub fn principal(&self) -> Option<ReceiptId> {
        self.decided.principal
    }

    /// Where the privacy notice lay, if the policy said so.
    #[must_use]
    pub fn privacy_notice(&self) -> Option<&str> {
        self.decided.notice.as_deref()
    }

    /// The policy's id.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.decided.policy
    }

    /// The short hash of all that was shown.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.decided.revision
    }

    /// The tag of the language that it was shown in.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.decided.language
    }

    /// Who is answerable for the cookies.
    #[must_use]
    pub fn controller(&self) -> &Controller {
        &self.decided.controller
    }

    /// What was asked for, and what of it was granted.
    #[must_use]
    pub fn purposes(&self) -> &[Purpose] {
        &self.decided.purposes
    }

    /// What became of the visitor's consent.
    #[must_use]
    pub fn event(&self) -> Event {
        self.decided.event
    }

    /// How the decision was made.
    #[must_use]
    pub fn method(&self) -> Method {
        self.decided.method
    }

    /// When, in Unix seconds by the policy's clock.
    #[must_use]
    pub fn time(&self) -> u32 {
        self.decided.time
    }

    /// For how many seconds the decision holds.
    #[must_use]
    pub fn validity(&self) -> u32 {
        self.decided.validity
    }

    /// Whether the request asked not to be tracked, by `Sec-GPC: 1`.
    #[must_use]
    pub fn global_privacy_control(&self) -> bool {
        self.decided.global_privacy_control
    }
}

/// What happened and when, and not to whom.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decided { event, time, .. } = &self.decided;
        f.debug_struct("Receipt").field("event", event).field("time", time).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
