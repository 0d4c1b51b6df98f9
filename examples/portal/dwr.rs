//! Direct Web Remoting: the calls that a page's script engine makes.
//!
//! - The policy's check has been made when a call is seen here; what the engine sends for itself is answered there too.
//! - Whatever goes wrong is answered by a script with status 200, also for `GET`, since that is what the engine reads.

use tower_cookie_policy::dwr::{Exchange, Reply};

/// `/dwr/call/plaincall/FILE`. The file's name says which method is called, for logs: the body is what counts.
pub(crate) async fn call(mut exchange: Exchange) -> Reply {
    for call in exchange.calls() {
        // What stays unanswered is a method that there is not.
        if (call.script(), call.method()) == ("Portal", "echo") {
            match call.text(0) {
                Ok(text) => call.answer(&text),
                Err(error) => call.fail(&error.to_string()),
            }
        }
    }
    exchange.into_reply()
}
