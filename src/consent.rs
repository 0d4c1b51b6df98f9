//! Consent: what a visitor decided, and the proof of it.

#[cfg_attr(not(test), expect(dead_code, reason = "the decisions that are recorded are made elsewhere"))]
mod receipt;

pub use receipt::{
    Controller, Event, IllegalReceiptId, JsonLinesReceipts, MemoryReceipts, Method, Purpose, PurposeCookie,
    PurposeState, Receipt, ReceiptError, ReceiptErrorKind, ReceiptId, ReceiptSink,
};
