//! Pages to read beside the reference. Their programs run with the tests.
//!
//! - [`behind_a_load_balancer`]: several nodes behind one address, with HAProxy: visitors stay where their session is.
//! - [`consent`]: from an application with analytics to one of which nothing leaves before consent.
//! - [`from_tower_sessions`]: for users of tower-sessions, what maps to what and how to move.
//! - [`session_security`]: what sessions promise and by which standard, and what stays the application's.
//! - [`remember_me`]: how to offer that a user is remembered, what a remembered user may do, and how a theft is found out.
//! - `stores` (with the features `sqlite`, `postgres` and `redis`): sessions that survive a restart, and that many machines share.
//! - [`transactions`]: what the TS cookies sign and what they do not, verdicts, roll-out, keys, and every byte recomputed.

#[doc = include_str!("../docs/behind-a-load-balancer.md")]
///
/// # In the reference
///
/// [`Node`](crate::Node), [`Cookies::node`](crate::Cookies::node), [`CookiePolicyBuilder::nodes`](crate::CookiePolicyBuilder::nodes),
/// [`CookiePolicy::node_label`](crate::CookiePolicy::node_label),
/// [`CookiePolicy::haproxy_routing`](crate::CookiePolicy::haproxy_routing), [`KeyRing`](crate::KeyRing).
pub mod behind_a_load_balancer {}

#[doc = include_str!("../docs/consent.md")]
///
/// # In the reference
///
/// [`Consent`](crate::Consent), [`Basis`](crate::Basis), [`Mode`](crate::Mode), [`Sighting`](crate::Sighting),
/// [`Receipt`](crate::Receipt), [`CookieSpec::shared_with`](crate::CookieSpec::shared_with),
/// [`CookieSpec::also_at`](crate::CookieSpec::also_at), and of the [`CookiePolicyBuilder`](crate::CookiePolicyBuilder)
/// [`controller`](crate::CookiePolicyBuilder::controller), [`text`](crate::CookiePolicyBuilder::text),
/// [`compatible`](crate::CookiePolicyBuilder::compatible) and [`receipts`](crate::CookiePolicyBuilder::receipts).
pub mod consent {}

#[doc = include_str!("../docs/from-tower-sessions.md")]
///
/// # In the reference
///
/// [`Session`](crate::Session), [`SessionError`](crate::SessionError), [`SessionStore`](crate::SessionStore),
/// [`CookiePolicyBuilder`](crate::CookiePolicyBuilder), [`CookieSpec`](crate::CookieSpec), and the page on
/// [session security](crate::guide::session_security).
pub mod from_tower_sessions {}

#[doc = include_str!("../docs/remember-me.md")]
///
/// # In the reference
///
/// [`SignIn::remembered`](crate::SignIn::remembered), [`Remembered`](crate::Remembered), [`Theft`](crate::Theft),
/// [`Session::resume`](crate::Session::resume), [`Session::is_fresh`](crate::Session::is_fresh),
/// [`RememberStore`](crate::RememberStore), and of the [`CookiePolicyBuilder`](crate::CookiePolicyBuilder)
/// [`remember_store`](crate::CookiePolicyBuilder::remember_store) and [`on_theft`](crate::CookiePolicyBuilder::on_theft).
pub mod remember_me {}

#[doc = include_str!("../docs/session-security.md")]
///
/// # In the reference
///
/// [`Session`](crate::Session), [`SignIn`](crate::SignIn), [`SessionInfo`](crate::SessionInfo),
/// [`CookiePolicy::revoke_user`](crate::CookiePolicy::revoke_user), [`MemoryStore`](crate::MemoryStore).
pub mod session_security {}

#[cfg(all(feature = "sqlite", feature = "postgres", feature = "redis"))]
#[doc = include_str!("../docs/stores.md")]
///
/// # In the reference
///
/// [`SqlStore`](crate::SqlStore), [`RedisStore`](crate::RedisStore), [`MemoryStore`](crate::MemoryStore), [`StoreErrorKind`](crate::StoreErrorKind),
/// [`CookiePolicy::purge`](crate::CookiePolicy::purge), and of the [`CookiePolicyBuilder`](crate::CookiePolicyBuilder)
/// [`store`](crate::CookiePolicyBuilder::store) and [`store_deadline`](crate::CookiePolicyBuilder::store_deadline).
pub mod stores {}

#[doc = include_str!("../docs/transactions.md")]
///
/// # In the reference
///
/// [`Integrity::Guarded`](crate::Integrity::Guarded), [`Action`](crate::Action), [`RefusalReason`](crate::RefusalReason),
/// [`inspect`](crate::inspect()), [`KeyRing`](crate::KeyRing), and of the [`CookiePolicyBuilder`](crate::CookiePolicyBuilder)
/// [`binding`](crate::CookiePolicyBuilder::binding),
/// [`adopt_unsigned_until`](crate::CookiePolicyBuilder::adopt_unsigned_until),
/// [`responder`](crate::CookiePolicyBuilder::responder), [`origin`](crate::CookiePolicyBuilder::origin) with the referrer
/// check, and [`flow`](crate::CookiePolicyBuilder::flow).
pub mod transactions {}
