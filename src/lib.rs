//! A privacy statement prints a table of cookies; this crate takes that table as one value and makes the wire keep it.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod clock;
mod cookies;
mod declaration;
mod future;
mod inbound;
mod key;
mod layer;
mod mac;
mod outbound;
mod policy;
mod report;
mod service;
mod value;
mod wire;

#[cfg(feature = "axum")]
pub use crate::axum::MissingLayer;
pub use clock::{Clock, TestClock};
pub use cookies::{Cookies, SetCookieError};
#[cfg(feature = "pages")]
pub use declaration::STYLESHEET;
pub use declaration::{Attributes, Declaration, Entry, Group};
pub use future::ResponseFuture;
pub use key::{Key, KeyError, KeyRing};
pub use layer::CookiePolicyLayer;
pub use policy::{
    Basis, BuildError, Category, Characters, CookiePolicy, CookiePolicyBuilder, CookieSpec, DocumentError,
    IllegalLifetime, Integrity, Issuer, Lifetime, Lint, NamePattern, NonAscii, Role, SameSite, Tail,
    Undeclared, UndeclaredRequests,
};
pub use report::{Counts, Refusal, RefusalReason, Report, Suppression, SuppressionReason};
pub use service::CookiePolicyService;
pub use value::locale::Locale;
