//! Forgetting what is over, in the background.

use std::time::Duration;

use crate::clock;
use crate::policy::CookiePolicy;
use crate::report;

impl CookiePolicy {
    /// Forgets what is over in the session store and among the remembered logins, 500 records at a time, and receipts of consent that
    /// were kept for long enough, every so often until `end` comes. An error of the store does not stop it.
    ///
    /// [`MemoryStore`](crate::MemoryStore) forgets while it is used and does without; stores on disks and networks want it
    /// run by one of their machines.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
    /// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    /// let purge = {
    ///     let policy = policy.clone();
    ///     tokio::spawn(async move { policy.purge(Duration::from_secs(60), stopped).await })
    /// };
    /// // … the server runs …
    /// drop(stop);
    /// purge.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn purge<F: Future>(&self, every: Duration, end: F) {
        let purge = async {
            loop {
                // What fails is an event; the next round tries again.
                if let Some(keeper) = self.sessions() {
                    while keeper.purge(self.now(), BATCH).await.is_ok_and(|purged| purged == BATCH) {
                        clock::pause(Duration::ZERO).await;
                    }
                }
                if let Some(series) = self.series() {
                    while series.purge_series(self.now(), BATCH).await.is_ok_and(|purged| purged == BATCH) {
                        clock::pause(Duration::ZERO).await;
                    }
                }
                if let Some(receipts) = self.receipts()
                    && let Err(error) = receipts.purge(self.now()).await
                {
                    report::receipts_failed(self.id(), "purge", &error);
                }
                clock::pause(every).await;
            }
        };
        clock::first(purge, end).await;
    }
}

/// Records in one step.
const BATCH: usize = 500;
