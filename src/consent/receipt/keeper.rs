//! The sink as a policy asks it: whichever it is, each step within the deadline.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Receipt;
use super::error::{ReceiptError, ReceiptErrorKind};
use super::id::ReceiptId;
use super::sink::ReceiptSink;
use crate::clock;

/// A policy's receipts. Cheap to clone; all clones have one sink.
#[derive(Clone)]
pub(crate) struct Receipts {
    sink: Arc<dyn Steps>,
    deadline: Duration,
    retention: Duration,
}

impl Receipts {
    /// The receipts of this sink, each step within `deadline`, kept for three years.
    pub(crate) fn new(sink: impl ReceiptSink, deadline: Duration) -> Self {
        Self { sink: Arc::new(sink), deadline, retention: RETENTION }
    }

    /// The same, kept for as long from their event on.
    pub(crate) fn retention(self, retention: Duration) -> Self {
        Self { retention, ..self }
    }

    /// Keeps a receipt.
    pub(crate) async fn append(&self, receipt: &Receipt) -> Result<(), ReceiptError> {
        self.within(self.sink.append(receipt)).await
    }

    /// The receipt with this id.
    pub(crate) async fn find(&self, id: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
        self.within(self.sink.find(id)).await
    }

    /// Drops the receipts that were kept for long enough. How many.
    pub(crate) async fn purge(&self, now: u32) -> Result<usize, ReceiptError> {
        let retention = u32::try_from(self.retention.as_secs()).unwrap_or(u32::MAX);
        let purge = self.sink.purge(now.saturating_sub(retention));
        clock::within(PURGE, purge).await.unwrap_or(Err(ReceiptError::new(ReceiptErrorKind::Timeout)))
    }

    async fn within<T>(&self, step: Step<'_, T>) -> Result<T, ReceiptError> {
        let outcome = clock::within(self.deadline, step).await;
        outcome.unwrap_or(Err(ReceiptError::new(ReceiptErrorKind::Timeout)))
    }
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipts").field("retention", &self.retention).finish_non_exhaustive()
    }
}

/// What a sink does, without its type.
type Step<'s, T> = Pin<Box<dyn Future<Output = Result<T, ReceiptError>> + Send + 's>>;

/// A sink's methods once more, for sinks whose type was erased.
trait Steps: Send + Sync {
    fn append<'s>(&'s self, receipt: &'s Receipt) -> Step<'s, ()>;
    fn find<'s>(&'s self, id: &'s ReceiptId) -> Step<'s, Option<Receipt>>;
    fn purge(&self, before: u32) -> Step<'_, usize>;
}

impl<S: ReceiptSink> Steps for S {
    fn append<'s>(&'s self, receipt: &'s Receipt) -> Step<'s, ()> {
        Box::pin(ReceiptSink::append(self, receipt))
    }

    fn find<'s>(&'s self, id: &'s ReceiptId) -> Step<'s, Option<Receipt>> {
        Box::pin(ReceiptSink::find(self, id))
    }

    fn purge(&self, before: u32) -> Step<'_, usize> {
        Box::pin(ReceiptSink::purge(self, before))
    }
}

/// Nobody waits for a purge, which may have a large file to write again.
const PURGE: Duration = Duration::from_secs(60);
/// Three years of 365 days: how long a claim can be brought in most places.
const RETENTION: Duration = Duration::from_secs(1095 * 86_400);
