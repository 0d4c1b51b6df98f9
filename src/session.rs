//! Sessions: what a server remembers of a visitor, found by an id in a cookie.
//!
//! - The id is random, new at every sign-in and [`renew`](Session::renew), and never one that a client made up. The store
//!   knows its hash only.
//! - The store is asked when a handler first reads or writes, once. Changes are written when the response leaves, unless
//!   the method says *at once*.
//! - Writes are compare-and-swap: requests in parallel that write different keys all win, on one key the last one does,
//!   and [`update`](Session::update) adds up. What was ended in the meantime stays ended.
//! - A session ends after 30 minutes without use and 12 hours after its sign-in, by the server's clock
//!   ([`idle_limit`](crate::CookiePolicyBuilder::idle_limit), [`absolute_limit`](crate::CookiePolicyBuilder::absolute_limit)).
//! - What the store does not confirm is not promised: the handler's response is replaced by a 503 that sets no cookie.
//!
//! ```
//! use tower_cookie_policy::{Session, SessionError};
//!
//! async fn count(session: Session) -> Result<String, SessionError> {
//!     let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
//!     Ok(match session.user().await? {
//!         Some(user) => format!("{user}, this is visit {visits}"),
//!         None => format!("this is visit {visits}"),
//!     })
//! }
//! ```
//!
//! The status of the response makes no difference: a 500 writes what waits as a 200 does. Where no response comes out of
//! the service, because it fails with its error, panics or is dropped, nothing is left but what was written at once.

mod attempt;
mod changes;
mod error;
mod everywhere;
mod id;
mod keeper;
mod memory;
mod order;
mod presented;
mod queue;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod remember;
mod settle;
mod signing;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
mod state;
mod store;
mod upkeep;
mod visit;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, RedisStoreError};
pub use error::SessionError;
pub use everywhere::{Epoch, SessionInfo};
pub use id::SessionKey;
pub use memory::MemoryStore;
pub use record::{NoRecord, SessionRecord};
pub use signing::SignIn;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::{SqlStore, SqlStoreError};
pub use store::{
    Created, ENDED_FOR, Loaded, Owned, Rotated, SessionStore, StoreError, StoreErrorKind, Stored, Updated,
};

pub use remember::{RememberStore, Remembered, SeriesKey, SeriesRecord, StoredSeries, Theft};

pub(crate) use keeper::{Keeper, Series, Sessions, Store};
pub(crate) use order::{Login, Order};
pub(crate) use presented::Presented;
#[cfg(feature = "testing")]
pub(crate) use remember::{Hash, Timed};
pub(crate) use settle::Settled;
pub(crate) use visit::Visit;

use state::Turn;

/// The session of a request. Cheap to clone; all clones are one.
///
/// With axum it is an extractor that touches no store; `Option<Session>` asks the store, and is `None` without a live
/// session. Elsewhere it is [`Cookies::session`](crate::Cookies::session).
#[derive(Clone)]
pub struct Session(pub(crate) Arc<Visit>);

/// Reading.
impl Session {
    /// The value under this key, if there is one.
    ///
    /// # Errors
    /// [`SessionError::Decode`] if it is of another type, [`SessionError::Store`] if the store fails.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let state = self.0.opened().await?;
        let value = state.changes.over(state.values(), key);
        value.map(|value| decode(key, value)).transpose()
    }

    /// Whether there is a value under this key.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store fails.
    pub async fn contains(&self, key: &str) -> Result<bool, SessionError> {
        let state = self.0.opened().await?;
        Ok(state.changes.over(state.values(), key).is_some())
    }

    /// All keys, sorted.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store fails.
    pub async fn keys(&self) -> Result<Vec<Arc<str>>, SessionError> {
        let state = self.0.opened().await?;
        Ok(state.changes.keys_over(state.values()))
    }

    /// Whether there is a session: one that the store knows, or one that this request has begun.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store fails.
    pub async fn is_live(&self) -> Result<bool, SessionError> {
        let state = self.0.opened().await?;
        let begins = matches!(state.turn, Some(Turn::SignIn(_)));
        Ok(begins || state.record().is_some() || !state.changes.keys_over(None).is_empty())
    }

    /// The signed-in user.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store fails.
    pub async fn user(&self) -> Result<Option<String>, SessionError> {
        let state = self.0.opened().await?;
        Ok(state.user().map(str::to_owned))
    }

    /// Whether a user is signed in who gave credentials for this very session, and was not merely
    /// [remembered](Self::resume). Whoever is not is asked again before anything that matters.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store fails.
    pub async fn is_fresh(&self) -> Result<bool, SessionError> {
        let state = self.0.opened().await?;
        Ok(match &state.turn {
            Some(Turn::SignIn(entrance)) => entrance.memory.is_fresh(),
            _ => state.record().is_some_and(|record| record.owner.is_some() && record.fresh),
        })
    }
}

/// Writing. A write to a visitor's first session begins it.
impl Session {
    /// Puts a value under this key.
    ///
    /// # Errors
    /// [`SessionError::Encode`] if it is no JSON, or nested deeper than 126 levels, [`SessionError::Ended`] if the session
    /// is over, [`SessionError::Late`] after the response, [`SessionError::Store`] if the store fails. (Numbers that JSON
    /// does not have, `NaN` and the infinities, become `null`.) What goes wrong when the
    /// response leaves replaces it: a 409 if the session ended meanwhile, a 413 if it would have more than 1 MiB.
    pub async fn insert<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), SessionError> {
        let value = encode(key, value)?;
        let mut state = self.0.writable().await?;
        state.may_write()?;
        state.changes.set(key, value);
        Ok(())
    }

    /// Removes the value under this key. Whether there was one.
    ///
    /// # Errors
    /// Those of [`insert`](Self::insert), but `Encode`.
    pub async fn remove(&self, key: &str) -> Result<bool, SessionError> {
        let mut state = self.0.writable().await?;
        state.may_write()?;
        let was_there = state.changes.over(state.values(), key).is_some();
        if was_there {
            state.changes.remove(key);
        }
        Ok(was_there)
    }

    /// Removes all values. The user stays signed in; [`sign_out`](Self::sign_out) ends the session.
    ///
    /// # Errors
    /// Those of [`remove`](Self::remove).
    pub async fn clear(&self) -> Result<(), SessionError> {
        let mut state = self.0.writable().await?;
        state.may_write()?;
        if !state.changes.keys_over(state.values()).is_empty() {
            state.changes.clear();
        }
        Ok(())
    }

    /// Puts, at once, what `change` makes of the value under this key, and returns it. Where another request was faster,
    /// `change` runs again on what that one left, so that nothing gets lost. It must not use the session itself.
    ///
    /// # Errors
    /// Those of [`insert`](Self::insert), [`SessionError::Decode`] if the present value is of another type, and
    /// [`SessionError::Contended`] if others were faster a thousand times.
    pub async fn update<T: Serialize + DeserializeOwned + Send>(
        &self,
        key: &str,
        mut change: impl FnMut(Option<T>) -> T + Send,
    ) -> Result<T, SessionError> {
        let mut state = self.0.writable().await?;
        let mut made = None;
        let mut step = |values: &mut record::Values| {
            let old = values.get(key).map(|old| decode(key, old)).transpose()?;
            let new = change(old);
            let value = encode(key, &new)?;
            made = Some(new);
            values.insert(key.into(), value);
            Ok(())
        };
        self.0.write(&mut state, Some(&mut step)).await?;
        made.ok_or(SessionError::Contended)
    }

    /// Removes, at once, the value under this key and returns it: of several requests one gets it.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    pub async fn take<T: DeserializeOwned + Send>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let mut state = self.0.writable().await?;
        let mut taken = None;
        let mut step = |values: &mut record::Values| {
            taken = values.get(key).map(|value| decode(key, value)).transpose()?;
            values.remove(key);
            Ok(())
        };
        self.0.write(&mut state, Some(&mut step)).await?;
        Ok(taken)
    }
}

/// Nothing of what is in it.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

fn decode<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T, SessionError> {
    serde_json::from_slice(value).map_err(|_| SessionError::decode::<T>(key))
}

/// A value as a record keeps it: JSON that can be read back.
fn encode<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<Bytes, SessionError> {
    let bytes = serde_json::to_vec(value).ok().filter(|bytes| !is_too_deep(bytes));
    // No more room than it takes, since it may be kept for hours.
    bytes.map(|bytes| Bytes::from(bytes.into_boxed_slice())).ok_or_else(|| SessionError::encode::<T>(key))
}

/// Whether JSON is nested deeper than its reader goes.
fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest >= DEEPEST
}

/// `serde_json` reads less than 128 levels.
const DEEPEST: usize = 127;
