//! Sessions, through requests and responses.

mod basics;
mod support;
