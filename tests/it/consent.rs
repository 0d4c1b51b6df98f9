//! Consent: what is asked, what is decided, and what is sent and read because of it.

mod basics;
mod changes;
mod configuration;
mod cookie;
mod decisions;
mod model;
mod pages;
mod receipts;
mod signal;
mod support;
mod trial;
mod withdrawal;
