//! TS cookies: what they hold, what they are held against, and what comes of it.

mod alarms;
mod ambiguity;
mod binding;
mod configuration;
mod inspecting;
mod integrity;
pub(crate) mod jar;
mod keys;
mod laundering;
mod model;
mod planting;
mod referrer;
mod rejecting;
mod replay;
mod rotation;
mod swaps;
