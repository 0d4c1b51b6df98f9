//! Where receipts are kept: the trait that sinks implement.
//!
//! - Receipts are appended and, once they are old enough, dropped. Nothing ever changes one.
//! - Time comes in as an argument, Unix seconds by the policy's clock.
//! - Each method is dropped at the policy's deadline; what it did by then stays done.

use super::Receipt;
use super::error::ReceiptError;
use super::id::ReceiptId;

/// A place to keep receipts in. [`MemoryReceipts`](crate::MemoryReceipts) and
/// [`JsonLinesReceipts`](crate::JsonLinesReceipts) are some. Implementors write `async fn`.
///
/// A row of a table has the id, the time and the JSON:
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Mutex, PoisonError};
/// use tower_cookie_policy::{Receipt, ReceiptError, ReceiptErrorKind, ReceiptId, ReceiptSink};
///
/// /// Stands for a table of a database.
/// #[derive(Default)]
/// struct Table(Mutex<BTreeMap<String, (u32, String)>>);
///
/// fn no_receipt(error: serde_json::Error) -> ReceiptError {
///     ReceiptError::caused(ReceiptErrorKind::Corrupt, error)
/// }
///
/// impl ReceiptSink for Table {
///     async fn append(&self, receipt: &Receipt) -> Result<(), ReceiptError> {
///         let json = serde_json::to_string(receipt).map_err(no_receipt)?;
///         let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         rows.insert(receipt.id().to_string(), (receipt.time(), json));
///         Ok(())
///     }
///
///     async fn find(&self, id: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
///         let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         let row = rows.get(&id.to_string());
///         row.map(|(_, json)| serde_json::from_str(json).map_err(no_receipt)).transpose()
///     }
///
///     async fn purge(&self, before: u32) -> Result<usize, ReceiptError> {
///         let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         let all = rows.len();
///         rows.retain(|_, (time, _)| *time >= before);
///         Ok(all - rows.len())
///     }
/// }
/// ```
pub trait ReceiptSink: Send + Sync + 'static {
    /// Keeps a receipt, for good: where this returns without an error, it outlasts a crash as far as the sink can see to it.
    fn append(&self, receipt: &Receipt) -> impl Future<Output = Result<(), ReceiptError>> + Send;

    /// The receipt with this id.
    fn find(&self, id: &ReceiptId) -> impl Future<Output = Result<Option<Receipt>, ReceiptError>> + Send;

    /// Drops the receipts whose [`time`](Receipt::time) is before this one, in Unix seconds. How many.
    fn purge(&self, before: u32) -> impl Future<Output = Result<usize, ReceiptError>> + Send;
}
