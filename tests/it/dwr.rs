//! Direct Web Remoting, through requests and responses as an engine sends and reads them.

mod batches;
mod binding;
mod checking;
mod context;
mod ids;
mod support;
