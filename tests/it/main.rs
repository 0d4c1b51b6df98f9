//! Everything that can be seen from outside, in one binary, a module a subject.
//!
//! Tests that need a server of another kind (a browser, a cache) are under `tests/clients` and are run by
//! `tests/run.sh`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how tests fail")]

mod admission;
mod attack;
mod caches;
mod consent;
mod declaration;
mod document;
mod dwr;
mod enforcing;
mod in_force;
mod language;
mod laws;
mod layers;
#[cfg(feature = "testing")]
mod memory_store;
mod nodes;
mod parsing;
mod policy;
mod receipts;
#[cfg(all(feature = "redis", feature = "testing"))]
mod redis_store;
mod referrer;
mod remember;
mod sealing;
mod secrecy;
mod session;
#[cfg(all(feature = "sqlite", feature = "testing"))]
mod sql_store;
mod sticky;
mod support;
#[cfg(feature = "testing")]
mod testing_kit;
mod transaction;
mod visitor;
mod wire;
