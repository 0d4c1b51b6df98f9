//! For tests of your own: a browser in front of an application, a crawl that holds it to its table, and the rules that each store
//! keeps. Feature `testing`.
//!
//! # Applications
//!
//! - [`Browser`] drives an application in the same process, without a network. It keeps cookies as browsers do, so that a test can
//!   sign in, come back after a year, or plant a cookie, and look at what is sent.
//! - [`assert_only_declared`] asks for all that an application has, errors included, and fails where a cookie is set that the table
//!   does not declare, or not as it says.
//! - [`TestClock`] is the time of both: given to the policy and the browser, it stands still until it is moved.
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::{Router, routing::{get, post}};
//! use tower_cookie_policy::testing::{Browser, TestClock, assert_only_declared};
//! use tower_cookie_policy::{CookiePolicy, KeyRing, Session, SessionError, SignIn};
//!
//! async fn sign_in(session: Session) -> Result<&'static str, SessionError> {
//!     session.sign_in(SignIn::new("anna")).await?;
//!     Ok("welcome")
//! }
//!
//! async fn whoami(session: Session) -> Result<String, SessionError> {
//!     Ok(session.user().await?.unwrap_or_else(|| "nobody".to_owned()))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In a test of your crate this is the whole test.
//! let clock = TestClock::at(1_795_455_792);
//! let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").clock(clock.clock()).build()?;
//! let app = Router::new().route("/whoami", get(whoami)).route("/login", post(sign_in)).layer(policy.layer());
//! assert_only_declared(&policy, app.clone(), ["/whoami"]).await;
//!
//! let mut browser = Browser::new(app, &clock);
//! browser.post("/login", &[("user", "anna")]).await;
//! assert_eq!(browser.get("/whoami").await.text(), "anna");
//! clock.advance(Duration::from_secs(86_400));
//! assert_eq!(browser.get("/whoami").await.text(), "nobody");
//! # Ok(())
//! # }
//! ```
//!
//! # Stores
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
mod browser;
mod contents;
mod crawl;
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

pub use browser::{Browser, Page, SetCookie};
pub use crawl::{Crawl, assert_only_declared};
pub use remember::{SampleSeries, series_key};
pub use sample::{Sample, key};

pub use crate::clock::TestClock;
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
