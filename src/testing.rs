//! For those who write a store: the rules that each one keeps, and records to try it with. Feature `testing`.
//!
//! - [`session_store`] holds a store to the contract of [`SessionStore`], rule by rule, and panics at the first one that
//!   is broken. [`remember_store`] does the same by the contract of [`RememberStore`].
//! - [`Sample`] makes records, and [`key`] keys, for a store's own tests; [`SampleSeries`] and [`series_key`] make those
//!   of remembered logins.
//!
//! ```
//! use tower_cookie_policy::{MemoryStore, testing};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // In a test of your crate this is the whole test.
//! testing::session_store(&MemoryStore::new()).await;
//! testing::remember_store(&MemoryStore::new()).await;
//! # }
//! ```
//!
//! Every rule makes keys and owners of its own at random, so the store need not be empty, and may be one that earlier runs
//! have used. Nothing else should use it meanwhile: some rules look from a later time, and a store may forget what is over
//! by then. The present is the system's time; nothing is waited for.
//!
//! A store on a disk or a network keeps the rules about what happens at once only if each step is one transaction.
//! Run the suite on a runtime that lets its connections work in parallel.

mod basics;
mod contents;
mod ending;
mod expiry;
mod moving;
mod owners;
mod purging;
mod races;
mod remember;
mod revoking;
mod rule;
mod sample;
mod trial;

pub use remember::{SampleSeries, series_key};
pub use sample::{Sample, key};

use crate::session::{RememberStore, SessionStore};

/// Holds a store to every rule of [`SessionStore`].
///
/// # Panics
/// At the first rule that the store breaks, with a sentence that says which, and at an error of the store.
pub async fn session_store<S: SessionStore>(store: &S) {
    basics::hold(store).await;
    contents::hold(store).await;
    expiry::hold(store).await;
    moving::hold(store).await;
    ending::hold(store).await;
    owners::hold(store).await;
    revoking::hold(store).await;
    purging::hold(store).await;
    races::hold(store).await;
}

/// Holds a store to every rule of [`RememberStore`].
///
/// # Panics
/// At the first rule that the store breaks, with a sentence that says which, and at an error of the store.
pub async fn remember_store<S: RememberStore>(store: &S) {
    remember::hold(store).await;
}
