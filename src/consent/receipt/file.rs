//! Receipts in a file, one JSON object a line.

mod log;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::error::ReceiptError;
use super::id::ReceiptId;
use super::sink::ReceiptSink;
use super::{Receipt, json};
use log::Log;

/// Receipts in a file, one JSON object a line. Cheap to clone; all clones are one.
///
/// - An append is on the disk when it returns, or was an error and left nothing behind.
/// - Several processes of one user may share the file. They lock a file beside it, which has the name with `.lock` added
///   and stays.
/// - The file belongs to its owner alone where it is made here, on Unix. [`purge`](ReceiptSink::purge) puts another file
///   in its place, with its permissions, and nobody can append meanwhile.
/// - A line that is no receipt is passed over and kept. Where nothing is found beside such lines,
///   [`find`](ReceiptSink::find) is an error of class [`Corrupt`](crate::ReceiptErrorKind::Corrupt), since one of them may have been
///   the receipt. What a crash cut off does not count: it was confirmed to nobody.
/// - It reads all of the file to find a receipt. Many thousands a day are better off in a database.
///
/// It works on the threads that Tokio has for what blocks, so each step needs a runtime.
///
/// ```
/// use tower_cookie_policy::{JsonLinesReceipts, ReceiptSink};
///
/// # let path = std::env::temp_dir().join(format!("receipts-{}.jsonl", std::process::id()));
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let receipts = JsonLinesReceipts::open(&path)?;
/// assert_eq!(receipts.find(&"AAECAwQFBgcICQoLDA0ODw".parse()?).await?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # std::fs::remove_file(path.with_extension("jsonl.lock"))?;
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct JsonLinesReceipts {
    log: Arc<Log>,
    /// Who waits for the file's lock waits on a thread; here they wait for each other without.
    turn: Arc<Mutex<()>>,
}

impl JsonLinesReceipts {
    /// The receipts in this file, which is made where there is none. A last line that a crash cut off is ended, so that the
    /// next one stands for itself. It blocks for a moment, as befits a start.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ReceiptErrorKind::Unavailable) if this is no file, or cannot be made, written or locked.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReceiptError> {
        let path = path.as_ref();
        let log = Log::open(path).map_err(|cause| ReceiptError::opening(path, cause))?;
        Ok(Self { log: Arc::new(log), turn: Arc::default() })
    }

    /// Runs a step that writes, after those before it. One that nobody waits for any more keeps its turn until it is done.
    async fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Log) -> Result<T, ReceiptError> + Send + 'static,
    ) -> Result<T, ReceiptError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        self.run(move |log| {
            let _turn = turn;
            step(log)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Log) -> Result<T, ReceiptError> + Send + 'static,
    ) -> Result<T, ReceiptError> {
        let log = Arc::clone(&self.log);
        // Where there is no runtime, `spawn_blocking` itself would panic.
        let runtime = Handle::try_current().map_err(ReceiptError::unavailable)?;
        let outcome = runtime.spawn_blocking(move || step(&log)).await;
        outcome.unwrap_or_else(|cause| Err(ReceiptError::unavailable(cause)))
    }
}

impl fmt::Debug for JsonLinesReceipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesReceipts").field("file", &self.log.file()).finish_non_exhaustive()
    }
}

impl ReceiptSink for JsonLinesReceipts {
    async fn append(&self, receipt: &Receipt) -> Result<(), ReceiptError> {
        let line = json::line(receipt);
        self.write(move |log| log.append(&line)).await
    }

    async fn find(&self, id: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
        let id = *id;
        self.run(move |log| log.find(id)).await
    }

    async fn purge(&self, before: u32) -> Result<usize, ReceiptError> {
        self.write(move |log| log.purge(before)).await
    }
}
