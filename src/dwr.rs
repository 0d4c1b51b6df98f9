//! Direct Web Remoting: the calls that the page's script makes, and the check that they are the page's own.
//!
//! The script engine of DWR 3 posts batches of calls, and sends the id that it found in the cookie `DWRSESSIONID` once more
//! in the body, as the first part of `scriptSessionId`. A foreign page can make a browser send the cookie, and cannot read
//! it. An [`Exchange`] takes a request through:
//!
//! - **Method.** `POST` alone; everything else is refused as DWR refuses `GET`.
//! - **Body.** Lines of `key=value`, at most [`LONGEST_BODY`] bytes, [`MOST_LINES`] lines and [`MOST_CALLS`] calls. Batches
//!   that are sent as forms in a frame are refused. The address says nothing that counts: `Portal.echo.dwr` is for logs.
//! - **Cookie.** One of the admitted cookies is equal to the id, raw and in constant time. Stricter than DWR, none at all
//!   is a refusal too.
//! - **Session.** Where there is a live one it is bound to the first id that passes, and from then on no other passes. The
//!   session keeps the id encrypted. Without a live session nothing is written, and none begins.
//! - **Calls.** Only now can they be seen and answered. What the engine sends for itself (`__System`) is answered here;
//!   what is left over is answered as a method that there is not.
//! - **Reply.** A script with status 200, also where all was refused. A session store that is down is
//!   [`ExchangeError::Session`], a 503.
//!
//! A batch of nothing but `__System.generateId` needs no check, as it is how the engine comes by an id: the session's,
//! where it is bound to one, else the one that the browser has as a cookie, else a new one. What the browser does not have
//! yet is set as a cookie too. A refusal sets the session's id as well where the browser's cookie is another one, so that
//! neither a lost cookie nor one that was written over locks a browser out for longer than until its page is loaded again.
//!
//! ```
//! # #[cfg(feature = "axum")] mod program {
//! use axum::body::{Body, to_bytes};
//! use axum::{Router, routing::any};
//! use http::Request;
//! use tower::ServiceExt;
//! use tower_cookie_policy::dwr::{Exchange, Reply};
//! use tower_cookie_policy::{CookiePolicy, KeyRing};
//!
//! async fn call(mut exchange: Exchange) -> Reply {
//!     for call in exchange.calls() {
//!         match (call.script(), call.method()) {
//!             ("Portal", "echo") => match call.text(0) {
//!                 Ok(text) => call.answer(&text),
//!                 Err(error) => call.fail(&error.to_string()),
//!             },
//!             _ => {} // there is no such method
//!         }
//!     }
//!     exchange.into_reply()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] pub
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
//!     let app = Router::new().route("/dwr/call/plaincall/{file}", any(call)).layer(policy.layer());
//!
//!     // Without the cookie whose id it claims to have, a batch is refused.
//!     let id = "AAAAAAAAAAAAAAAAAAAAAAAAAAAA1ejw09q";
//!     let batch = format!(
//!         "callCount=1\nc0-scriptName=Portal\nc0-methodName=echo\nc0-id=0\nc0-param0=string:a%20%3C%20b\n\
//!          batchId=1\ninstanceId=0\npage=%2F\nscriptSessionId={id}/page\n"
//!     );
//!     let post = Request::post("/dwr/call/plaincall/Portal.echo.dwr");
//!     let response = app.clone().oneshot(post.body(Body::from(batch.clone()))?).await?;
//!     let script = String::from_utf8(to_bytes(response.into_body(), 4096).await?.to_vec())?;
//!     assert!(script.contains("CSRF Security Error"));
//!
//!     let post = Request::post("/dwr/call/plaincall/Portal.echo.dwr").header("cookie", format!("DWRSESSIONID={id}"));
//!     let response = app.oneshot(post.body(Body::from(batch))?).await?;
//!     let script = String::from_utf8(to_bytes(response.into_body(), 4096).await?.to_vec())?;
//!     assert!(script.contains(r#"dwr.engine.remote.handleCallback("1","0","a \u003c b");"#), "{script}");
//!     Ok(())
//! }
//! # }
//! # #[cfg(feature = "axum")]
//! # program::main().unwrap();
//! ```
//!
//! With axum an exchange is an argument of the handler, which also reads the body. [`Exchange::begin`] is for everybody
//! else: it takes the method, the handle and the body, and the reply becomes a response by `into()`.
//!
//! # What to set up
//!
//! - The engine writes the cookie with the application's context path. Where that is not `/`, say
//!   [`context_path`](crate::CookiePolicyBuilder::context_path), or a browser has two cookies of that name.
//! - It writes it without `Secure` and `SameSite` unless its `cookieAttributes` say so: `Secure; SameSite=Lax`.
//! - What a session is bound to lies among its values, under `org.directwebremoting.DWRSESSIONID`, which
//!   [`keys`](crate::Session::keys) lists. Whatever drops that value unbinds the session, and the next id that passes is
//!   bound: [`clear`](crate::Session::clear), a sign-in that is [`discarding`](crate::SignIn::discarding), the sign-in of
//!   another user.
//! - The same happens where the key that encrypted it was retired. A sign-in begins the absolute limit anew and keeps the
//!   binding, which may so be older than that limit when its key goes.
//! - Reverse Ajax (`plainpoll`), composite parameters and the older `httpSessionId` of DWR 2 are not spoken.
//!
//! # What it does not do
//!
//! Whoever can set cookies of this site, as another host of its domain can, can plant an id that it knows, and a session
//! that is bound to none yet takes it. The check of the [referrer](crate::CookiePolicyBuilder::origin), which comes before,
//! stops that host's own requests. It can also keep a browser from calling, by writing over the cookie. Scripts of the page
//! itself can do whatever the page can.
//!
//! The module stands beside the table and not in it: it is an endpoint, which uses the [`Cookies`](crate::Cookies) and the
//! [`Session`](crate::Session) of a request as an application's handler would. Sources: DWR 3's `BaseDwrpHandler`,
//! `DefaultSecureIdGenerator` and `engine.js`.

mod batch;
mod binding;
mod call;
mod check;
mod error;
mod exchange;
mod parameter;
mod reply;
mod script;

pub use batch::{LONGEST_BODY, MOST_CALLS, MOST_LINES};
pub use call::Call;
pub use error::{BatchError, Denial};
pub use exchange::{Exchange, ExchangeError};
pub use parameter::{Parameter, ParameterError};
pub use reply::Reply;
