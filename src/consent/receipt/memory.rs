//! Receipts in this process' memory: bounded, and gone with the process.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Receipt;
use super::error::ReceiptError;
use super::id::ReceiptId;
use super::sink::ReceiptSink;

/// Receipts in this process' memory, for tests and first steps: they prove nothing after a restart. Cheap to clone; all
/// clones are one.
///
/// ```
/// use tower_cookie_policy::MemoryReceipts;
///
/// let receipts = MemoryReceipts::new().capacity(100);
/// assert!(receipts.all().is_empty());
/// ```
#[derive(Clone)]
pub struct MemoryReceipts(Arc<Mutex<Pile>>);

/// The oldest in front.
struct Pile {
    receipts: VecDeque<Receipt>,
    capacity: usize,
}

impl MemoryReceipts {
    /// Room for 10 000 receipts.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Pile { receipts: VecDeque::new(), capacity: 10_000 })))
    }

    /// Room for so many, one at least; of more the oldest go.
    #[must_use]
    pub fn capacity(self, receipts: usize) -> Self {
        self.with(|pile| {
            pile.capacity = receipts.max(1);
            pile.shrink();
        });
        self
    }

    /// All of them, in the order they came.
    #[must_use]
    pub fn all(&self) -> Vec<Receipt> {
        self.with(|pile| pile.receipts.iter().cloned().collect())
    }

    fn with<T>(&self, step: impl FnOnce(&mut Pile) -> T) -> T {
        // No step leaves the pile half-way.
        step(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Pile {
    fn shrink(&mut self) {
        let more = self.receipts.len().saturating_sub(self.capacity);
        self.receipts.drain(..more);
    }
}

impl Default for MemoryReceipts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReceipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let receipts = self.with(|pile| pile.receipts.len());
        f.debug_struct("MemoryReceipts").field("receipts", &receipts).finish_non_exhaustive()
    }
}

impl ReceiptSink for MemoryReceipts {
    async fn append(&self, receipt: &Receipt) -> Result<(), ReceiptError> {
        self.with(|pile| {
            pile.receipts.push_back(receipt.clone());
            pile.shrink();
        });
        Ok(())
    }

    async fn find(&self, id: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
        Ok(self.with(|pile| pile.receipts.iter().find(|receipt| receipt.id() == *id).cloned()))
    }

    async fn purge(&self, before: u32) -> Result<usize, ReceiptError> {
        Ok(self.with(|pile| {
            let all = pile.receipts.len();
            pile.receipts.retain(|receipt| receipt.time() >= before);
            all - pile.receipts.len()
        }))
    }
}
