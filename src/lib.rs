//! A privacy statement prints a table of cookies: name, purpose, category, lifetime. This crate takes that table as one
//! value, the [`CookiePolicy`], and makes the wire keep it.
//!
//! - Each declared cookie leaves with the lifetime and the attributes that were promised, and is checked when it comes back.
//! - Whatever else a handler or another middleware tries to set is stopped, clamped or reported.
//! - The [`Session`] behind `JSESSIONID` cannot be fixed, revived or lost.
//! - The page that tells visitors about cookies is printed from the same value.
//!
//! # The table
//!
//! The preset [`CookiePolicy::broadcloud`] is the table of the BroadCloud UC-One privacy statement (revision of
//! 30 July 2018):
//!
//! | type | name | lifetime | integrity |
//! |---|---|---|---|
//! | session id | `JSESSIONID`, `X-Appia-UUID` | session | guarded |
//! | session id | `DWRSESSIONID` | session | open |
//! | login user id | `root.autoUserLoginId` | 1 year | signed |
//! | login user id | `X-Appia-ExtAuth` | session | sealed |
//! | visitor id | `OFBiz.Visitor` | 1 year | signed |
//! | node id | `bsloc` | session | guarded |
//! | language | `i18next` | 1 month | open |
//! | stickiness | `XRM*` | session | open, set by the load balancer |
//! | ASM | `TS*` | session | the signatures of the guarded ones |
//!
//! An application's own rows are declared with [`CookieSpec`], in code or in TOML or JSON. What needs a consent is neither sent nor
//! read before it is given: [`Consent`] asks, and [`CookiePolicy::consent_service`] takes the answer.
//!
//! # Fifteen lines
//!
//! ```no_run
//! # #[cfg(feature = "axum")] mod program {
//! use axum::{Router, routing::get};
//! use tower_cookie_policy::{CookiePolicy, KeyRing, Locale, Session, SessionError};
//!
//! async fn home(session: Session, locale: Locale) -> Result<String, SessionError> {
//!     Ok(format!("{locale} {:?}", session.user().await?))
//! }
//!
//! #[tokio::main]
//! # pub
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let keys = KeyRing::from_env("COOKIE_KEYS")?;
//!     let policy = CookiePolicy::broadcloud(keys).node("web-1").build()?;
//!     let app = Router::new().route("/", get(home)).layer(policy.layer());
//!     axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
//!     Ok(())
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! # The way through
//!
//! ```text
//! request ─▶ parse ─▶ transaction ─▶ verify ─▶ referrer ─▶ admit ─▶ handler
//!            once     TS main        each      unsafe      consent  typed values, a Cookie header
//!            borrowed                cookie    methods     filter   that holds admitted cookies only
//! response ◀─ serialise ◀─ transaction ◀─ sign ◀─ enforce ◀─ collect ◀─┘
//!             Vary, cache  companions,    MAC,    table,     orders of the handle
//!             headers      main           seal    clamp      + every Set-Cookie header
//! ```
//!
//! - A bad cookie is an absent cookie with a recorded reason ([`Refusal`]). It never takes the good cookies beside it
//!   down, and by itself fails no request unless the policy says [`Action::Reject`].
//! - What was verified is byte for byte what the handler sees, also where it parses the header itself. When nothing has
//!   to change the header is left alone.
//! - A guarded cookie stays readable; a TS companion carries its MAC, and the TS main names the browser's transaction, which
//!   begins anew when somebody signs in or out. [`inspect()`] tells why a cookie was refused.
//! - An unsafe request or an upgrade from another origin is answered with 403, by `Origin`, `Sec-Fetch-Site` and `Referer`: see
//!   [`origin`](CookiePolicyBuilder::origin).
//! - What leaves is what the table says, whoever wrote the header and whatever the status; the rest is a [`Suppression`].
//! - Handlers use the handle [`Cookies`]: an axum extractor, and in every request's extensions. A handler that reads the
//!   raw `Cookie` header instead has to set `Vary: Cookie` itself where its answer may be cached.
//! - [`dwr`] answers the calls of Direct Web Remoting, once their id is the one in the cookie `DWRSESSIONID`.
//! - [`sticky`] is for those who write the balancer in front, which chooses the back end by `XRM*`; it stands outside the layer.
//! - [`Report`] has a request's refusals and suppressions, [`CookiePolicy::counts`] their numbers. No value of a cookie is
//!   in any of them.
//!
//! # Features
//!
//! `axum`, `toml` and `pages` are on by default; `tracing` and `metrics` send refusals, suppressions and failures of the
//! session store there; `sqlite` and `postgres` bring `SqlStore`, which keeps sessions in a file or on a server, and `redis`
//! `RedisStore`; `testing` has a browser and a crawl for tests of applications, and the conformance suites for stores. Features
//! add, they never change what is sent.
//!
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod clock;
mod consent;
mod cookies;
mod declaration;
pub mod dwr;
mod future;
// Its programs are axum's, and have to compile wherever it is.
#[cfg(feature = "axum")]
pub mod guide;
mod inbound;
mod inspect;
mod key;
mod layer;
mod mac;
mod outbound;
mod policy;
mod report;
mod seal;
mod service;
mod session;
pub mod sticky;
#[cfg(feature = "testing")]
pub mod testing;
mod value;
mod wire;
mod wording;

#[cfg(feature = "axum")]
pub use crate::axum::{MissingLayer, NoExchange, NoSession, NoVisitorId};
pub use clock::{Clock, TestClock};
pub use consent::{
    Consent, JsonLinesReceipts, MemoryReceipts, Receipt, ReceiptError, ReceiptErrorKind, ReceiptId,
    ReceiptSink,
};
#[cfg(feature = "pages")]
pub use consent::{ConsentPage, ConsentService, STYLESHEET};
pub use cookies::{Cookies, InForce, SetCookieError};
pub use declaration::{Attributes, Declaration, Entry, Group};
pub use future::ResponseFuture;
pub use inspect::inspect;
pub use key::{Key, KeyError, KeyRing};
pub use layer::CookiePolicyLayer;
pub use policy::{
    Action, Basis, BuildError, Category, Characters, CookiePolicy, CookiePolicyBuilder, CookieSpec,
    DocumentError, IllegalLifetime, Integrity, Issuer, Lifetime, Lint, Mode, NamePattern, NonAscii, Role,
    RoutingError, SameSite, Tail, Undeclared, UndeclaredRequests,
};
pub use report::{
    Counts, Finding, Inspected, Inspection, Refusal, RefusalReason, Rejection, Report, Sighting, Suppression,
    SuppressionReason, Transactional,
};
pub use service::CookiePolicyService;
pub use session::{
    Epoch, MemoryStore, NoRecord, RememberStore, Remembered, SeriesKey, SeriesRecord, Session, SessionError,
    SessionInfo, SessionKey, SessionRecord, SessionStore, SignIn, StoreError, StoreErrorKind, Theft,
};
#[cfg(feature = "redis")]
pub use session::{RedisStore, RedisStoreError};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use session::{SqlStore, SqlStoreError};
pub use value::locale::Locale;
pub use value::node::{Node, NodeState};
pub use value::visitor::VisitorId;

/// The answers of a [`SessionStore`] and a [`RememberStore`], for those who write one.
pub mod store {
    pub use crate::session::{Created, ENDED_FOR, Loaded, Owned, Rotated, Stored, StoredSeries, Updated};
}

/// What a [`Receipt`] is made of.
pub mod receipt {
    pub use crate::consent::{
        Controller, Event, IllegalReceiptId, Method, Purpose, PurposeCookie, PurposeState,
    };
}

/// The README's programs, so that they stay true.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
