//! Counters by reason, and the events that go with them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sighting::Sightings;
use super::{Refusal, RefusalReason, Sighting, Suppression, SuppressionReason};
use crate::consent::ReceiptError;
use crate::policy::CookieSpec;
use crate::session::StoreError;

/// Counters of a policy, one for each reason, and one for each row that adopts.
#[derive(Debug)]
pub(crate) struct Counters {
    refused: [AtomicU64; RefusalReason::ALL.len()],
    suppressed: [AtomicU64; SuppressionReason::ALL.len()],
    adopted: Box<[AtomicU64]>,
    sightings: Sightings,
}

impl Counters {
    /// Counters for a table of so many rows.
    pub(crate) fn of(rows: usize) -> Self {
        Self {
            refused: Default::default(),
            suppressed: Default::default(),
            adopted: std::iter::repeat_with(AtomicU64::default).take(rows).collect(),
            sightings: Sightings::default(),
        }
    }

    /// Counts guarded cookies that were let in without a companion, by row, and sends them as events.
    pub(crate) fn adopted(&self, policy: &str, table: &[CookieSpec], rows: &[usize]) {
        for (at, &row) in rows.iter().enumerate() {
            self.adopted[row].fetch_add(1, Ordering::Relaxed);
            if at < MOST_EVENTS {
                events::adopted(policy, &table[row].name().to_string());
            }
        }
    }

    /// Counts refusals and sends them as events.
    pub(crate) fn refused(&self, policy: &str, refusals: &[Refusal]) {
        for refusal in refusals {
            self.refused[refusal.reason() as usize].fetch_add(1, Ordering::Relaxed);
            events::count("cookies_refused_total", policy, refusal.reason().as_str());
        }
        // A visitor can send hundreds of bad cookies at no cost; the log shall not pay for them.
        refusals.iter().take(MOST_EVENTS).for_each(|refusal| events::refused(policy, refusal));
        if refusals.len() > MOST_EVENTS {
            events::more_refused(policy, refusals.len() - MOST_EVENTS);
        }
    }

    /// Counts suppressions and sends them as events.
    pub(crate) fn suppressed(&self, policy: &str, suppressions: &[Suppression]) {
        for suppression in suppressions {
            self.suppressed[suppression.reason() as usize].fetch_add(1, Ordering::Relaxed);
            events::count("cookies_suppressed_total", policy, suppression.reason().as_str());
            events::suppressed(policy, suppression);
        }
    }

    /// Notes by name what a request had refused, and what it had that is in no table.
    pub(crate) fn sight_request(&self, refusals: &[Refusal], undeclared: &[String]) {
        self.sightings.sight_request(refusals, undeclared);
    }

    /// Notes by name what a response had to say against its cookies, and rows for those that are in no table.
    pub(crate) fn sight_response(&self, suppressions: &[Suppression], rows: Vec<CookieSpec>) {
        self.sightings.sight_response(suppressions, rows);
    }

    pub(crate) fn sightings(&self) -> Vec<Sighting> {
        self.sightings.read()
    }

    pub(crate) fn read(&self, rows: &[CookieSpec]) -> Counts {
        let seen = |counters: &[AtomicU64], names: &[&'static str]| {
            let counts = counters.iter().map(|counter| counter.load(Ordering::Relaxed));
            names.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect()
        };
        let names = rows.iter().map(|row| row.name().to_string());
        let counts = self.adopted.iter().map(|counter| counter.load(Ordering::Relaxed));
        Counts {
            adopted: names.zip(counts).filter(|(_, count)| *count > 0).collect(),
            refused: seen(&self.refused, &RefusalReason::ALL.map(RefusalReason::as_str)),
            suppressed: seen(&self.suppressed, &SuppressionReason::ALL.map(SuppressionReason::as_str)),
        }
    }
}

/// Events beyond these, for one request, are told as one.
const MOST_EVENTS: usize = 16;

/// What a policy has counted in this process since it was built, by reason in snake case; reasons that never came up are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Request cookies that do not hold, those that were let in under [`Action::Report`](crate::Action::Report) included, and
    /// requests that were turned away for where they come from (`referrer`, `flow`).
    pub refused: BTreeMap<&'static str, u64>,
    /// Response cookies that were not let out, or were changed.
    pub suppressed: BTreeMap<&'static str, u64>,
    /// Guarded cookies that were let in without a companion, by their row's name as the table prints it; rows without any
    /// are left out.
    pub adopted: BTreeMap<String, u64>,
}

/// Sends the failure of a session store's step as an event.
pub(crate) fn store_failed(policy: &str, step: &'static str, error: &StoreError) {
    events::count("session_store_failures_total", policy, error.kind().as_str());
    events::store_failed(policy, step, error);
}

/// Sends the failure of a step of the receipts' sink as an event.
pub(crate) fn receipts_failed(policy: &str, step: &'static str, error: &ReceiptError) {
    events::count("consent_receipt_failures_total", policy, error.kind().as_str());
    events::receipts_failed(policy, step, error);
}

/// Where reports go besides, by feature.
mod events {
    use super::{ReceiptError, Refusal, StoreError, Suppression};

    #[cfg(feature = "tracing")]
    const TARGET: &str = "tower_cookie_policy";

    pub(super) fn refused(policy: &str, refusal: &Refusal) {
        let (cookie, reason, let_in) = (refusal.name(), refusal.reason().as_str(), refusal.was_let_in());
        #[cfg(feature = "tracing")]
        tracing::info!(target: TARGET, policy, cookie, reason, let_in, "request cookie refused");
        let _ = (policy, cookie, reason, let_in);
    }

    pub(super) fn more_refused(policy: &str, more: usize) {
        #[cfg(feature = "tracing")]
        tracing::info!(target: TARGET, policy, more, "more request cookies refused");
        let _ = (policy, more);
    }

    pub(super) fn adopted(policy: &str, cookie: &str) {
        #[cfg(feature = "tracing")]
        tracing::info!(target: TARGET, policy, cookie, "guarded request cookie adopted without a companion");
        #[cfg(feature = "metrics")]
        metrics::counter!("cookies_adopted_total", "policy" => policy.to_owned(), "cookie" => cookie.to_owned())
            .increment(1);
        let _ = (policy, cookie);
    }

    pub(super) fn suppressed(policy: &str, suppression: &Suppression) {
        let (cookie, reason) = (suppression.name(), suppression.reason().as_str());
        #[cfg(feature = "tracing")]
        tracing::warn!(target: TARGET, policy, cookie, reason, "response cookie suppressed");
        let _ = (policy, cookie, reason);
    }

    pub(super) fn store_failed(policy: &str, step: &str, error: &StoreError) {
        #[cfg(feature = "tracing")]
        {
            let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(target: TARGET, policy, step, %error, cause, "session store failed");
        }
        let _ = (policy, step, error);
    }

    pub(super) fn receipts_failed(policy: &str, step: &str, error: &ReceiptError) {
        #[cfg(feature = "tracing")]
        {
            let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(target: TARGET, policy, step, %error, cause, "receipts of consent failed");
        }
        let _ = (policy, step, error);
    }

    pub(super) fn count(counter: &'static str, policy: &str, reason: &'static str) {
        #[cfg(feature = "metrics")]
        metrics::counter!(counter, "policy" => policy.to_owned(), "reason" => reason).increment(1);
        let _ = (counter, policy, reason);
    }
}
