//! Pages to read beside the reference. Their programs run with the tests.
//!
//! - [`from_tower_sessions`]: for users of tower-sessions, what maps to what and how to move.
//! - [`session_security`]: what sessions promise and by which standard, and what stays the application's.

#[doc = include_str!("../docs/from-tower-sessions.md")]
///
/// # In the reference
///
/// [`Session`](crate::Session), [`SessionError`](crate::SessionError), [`SessionStore`](crate::SessionStore),
/// [`CookiePolicyBuilder`](crate::CookiePolicyBuilder), [`CookieSpec`](crate::CookieSpec), and the page on
/// [session security](crate::guide::session_security).
pub mod from_tower_sessions {}

#[doc = include_str!("../docs/session-security.md")]
///
/// # In the reference
///
/// [`Session`](crate::Session), [`SignIn`](crate::SignIn), [`SessionInfo`](crate::SessionInfo),
/// [`CookiePolicy::revoke_user`](crate::CookiePolicy::revoke_user), [`MemoryStore`](crate::MemoryStore).
pub mod session_security {}
