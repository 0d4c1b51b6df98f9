//! stub
use std::time::Duration;
#[derive(Clone, Debug)]
pub struct ReceiptId;
impl std::fmt::Display for ReceiptId {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
pub trait ReceiptSink: Send + Sync + 'static {}
#[derive(Clone, Debug)]
pub(crate) struct Sink;
impl Sink {
    pub(crate) fn new(_: impl ReceiptSink) -> Self {
        Self
    }
}
pub(crate) struct Receipts;
impl Receipts {
    pub(crate) fn new(_: Sink, _: Duration, _: Duration, _: &str) -> Self {
        Self
    }
}
