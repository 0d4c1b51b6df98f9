//! Signing in and out: what makes a session somebody's, gives it another id, and ends it.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::error::SessionError;
use super::everywhere::Epoch;
use super::remember::Memory;
use super::state::{Base, Entrance, State, Turn};
use super::visit::Visit;
use super::{Session, encode};

impl Session {
    /// Signs a user in: under a new id, with a new absolute limit. What an anonymous visitor had stored stays, what
    /// another user had stored goes. It is noted at once and done when the response leaves,
    /// or before that by a method that writes at once; from then on the old id is dead.
    ///
    /// # Errors
    /// [`SessionError::IllegalUser`] unless the user's name has 1 to 255 bytes without NUL,
    /// [`SessionError::Encode`] if a claim is no JSON, [`SessionError::NotRemembering`] if it is to be
    /// [remembered](SignIn::remembered) and cannot be, [`SessionError::Late`] after the response,
    /// [`SessionError::Store`] if the store fails. If all the user's sessions are ended between this call and the
    /// response, the response is a 409 and nobody is signed in.
    pub async fn sign_in(&self, user: impl Into<SignIn>) -> Result<(), SessionError> {
        let SignIn { user, epoch, claims, discards, remembers } = user.into();
        let claims: Vec<_> = claims
            .into_iter()
            .map(|(key, value)| value.map(|value| (key, value)))
            .collect::<Result<_, _>>()?;
        legal(&user)?;
        if remembers {
            self.0.policy.remembering()?;
        }
        let mut state = self.0.writable().await?;
        if !remembers {
            // So that the session is of the login that this device is remembered by. Without it the sign-in goes on.
            let _ = self.0.recognised(&mut state).await;
        }
        let epoch = match epoch {
            Some(Epoch(noted)) => noted,
            None => {
                let present = self.0.keeper()?.epoch(&user).await;
                state.confirmed(present)?
            }
        };
        if discards {
            state.changes.clear();
        }
        let memory = if remembers { Memory::Asked } else { Memory::None };
        state.enter(Entrance { user: user.into(), epoch, memory });
        for (key, value) in claims {
            state.changes.set(&key, value);
        }
        Ok(())
    }

    /// Signs out, at once: the session ends, the login that this browser brought is remembered no more, and the cookies of
    /// both go. A write after this begins another session.
    ///
    /// # Errors
    /// [`SessionError::Late`] after the response, [`SessionError::Store`] if the store fails; then the session goes on
    /// and the response is a 503.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        let mut state = self.0.writable().await?;
        self.0.end(&mut state).await.map(drop)
    }

    /// A new id for the same session, as after any change of what its user may do. The old id may read for 10 seconds
    /// more, so that requests under way find the session; it writes nothing. Without a session nothing happens.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if the session is over, [`SessionError::Late`] after the response,
    /// [`SessionError::Store`] if the store fails.
    pub async fn renew(&self) -> Result<(), SessionError> {
        let mut state = self.0.writable().await?;
        if let Base::Rotated { .. } = state.base {
            // Somebody else did it a moment ago.
            return Ok(());
        }
        state.may_write()?;
        if state.turn.is_none() && matches!(state.base, Base::Live { .. }) {
            state.turn = Some(Turn::Renewal);
        }
        Ok(())
    }
}

impl State {
    /// A user is about to be signed in. What another user had stored goes.
    pub(super) fn enter(&mut self, entrance: Entrance) {
        if self.user().is_some_and(|present| *present != *entrance.user) {
            self.changes.clear();
        }
        self.turn = Some(Turn::SignIn(entrance));
    }
}

impl Visit {
    /// Ends the session, and has the browser delete its cookies. Whether there was one. One that others have ended leaves
    /// the cookies alone: by then they may be another session's.
    pub(super) async fn end(&self, state: &mut State) -> Result<bool, SessionError> {
        self.end_logins(state).await?;
        let now = self.policy.now();
        if let Some(key) = state.set_aside.take() {
            // Whoever's it is: this browser has it, and wants to be rid of it.
            state.ask(self.keeper()?.delete(&key, now)).await?;
        }
        let (key, at) = match state.base {
            Base::Live { key, .. } => (key, now),
            // As the id could when it was presented, though its grace may be over by now.
            Base::Rotated { key, at, .. } => (key, at),
            Base::Ended => {
                state.end(Base::Ended, false);
                return Ok(false);
            }
            Base::Unasked | Base::Absent => {
                state.end(Base::Absent, true);
                return Ok(false);
            }
        };
        let was_there = state.ask(self.keeper()?.delete(&key, at)).await?;
        // What was over by itself is not another session's.
        let is_over = if was_there {
            true
        } else {
            let found = self.look_up(key, now).await;
            matches!(state.confirmed(found)?.0, Base::Absent)
        };
        state.end(if is_over { Base::Absent } else { Base::Ended }, is_over);
        Ok(was_there)
    }
}

/// A user who signs in, for [`Session::sign_in`](crate::Session::sign_in). A string is one without options.
///
/// ```
/// use tower_cookie_policy::{Session, SessionError, SignIn};
///
/// async fn welcome(session: &Session) -> Result<(), SessionError> {
///     session.sign_in(SignIn::new("alice").claim("role", &"admin").discarding()).await
/// }
/// ```
#[must_use = "nobody is signed in before `session.sign_in(..)`"]
pub struct SignIn {
    user: String,
    epoch: Option<Epoch>,
    claims: Vec<(String, Result<Bytes, SessionError>)>,
    discards: bool,
    remembers: bool,
}

impl SignIn {
    /// The user of this name or number, as the application knows its users.
    pub fn new(user: impl Into<String>) -> Self {
        Self { user: user.into(), epoch: None, claims: Vec::new(), discards: false, remembers: false }
    }

    /// If all the user's sessions were ended since this epoch was noted, nobody is signed in: the response is a 409.
    /// Without it the epoch of the moment of [`sign_in`](crate::Session::sign_in) counts, which is after the password was
    /// checked.
    pub fn since(mut self, epoch: Epoch) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// With a value in the session, from the first moment on. What is no JSON is an error of the sign-in.
    pub fn claim<T: Serialize + ?Sized>(mut self, key: &str, value: &T) -> Self {
        self.claims.push((key.to_owned(), encode(key, value)));
        self
    }

    /// Remembers the user on this device, who asked for it in this very sign-in: the response brings the remember-me cookie
    /// (`root.autoUserLoginId`), which lives as long as its row says from now on, and [`Session::remembered`] recognises the
    /// user by it. A login that the browser had brought before is remembered no more.
    ///
    /// The sign-in is an error without a place to remember it:
    /// [`remember_store`](crate::CookiePolicyBuilder::remember_store).
    pub fn remembered(mut self) -> Self {
        self.remembers = true;
        self
    }

    /// Without what an anonymous visitor had stored before. (What another user had stored never stays.)
    pub fn discarding(mut self) -> Self {
        self.discards = true;
        self
    }
}

impl From<&str> for SignIn {
    fn from(user: &str) -> Self {
        Self::new(user)
    }
}

impl From<String> for SignIn {
    fn from(user: String) -> Self {
        Self::new(user)
    }
}

/// Neither the user nor a claim.
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (claims, discards) = (self.claims.len(), self.discards);
        f.debug_struct("SignIn")
            .field("claims", &claims)
            .field("discards", &discards)
            .field("remembers", &self.remembers)
            .finish_non_exhaustive()
    }
}

/// The name, if it is one that a user can have.
pub(super) fn legal(user: &str) -> Result<&str, SessionError> {
    if user.is_empty() || user.len() > LONGEST_USER || user.contains('\0') {
        return Err(SessionError::IllegalUser { bytes: user.len() });
    }
    Ok(user)
}

/// Bytes of a user's name, so that every store can look it up.
const LONGEST_USER: usize = 255;
