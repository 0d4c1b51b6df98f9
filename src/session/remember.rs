//! Remembered logins: who comes back after the browser was closed, if that was asked for at the sign-in.
//!
//! - The cookie carries a series, which is one sign-in on one device, and a validator that is used once. The store knows hashes
//!   of both. It lives for a year from the sign-in, which nothing prolongs.
//! - It is redeemed when a handler asks and no session of its user is live. Redeeming the current validator hands out its
//!   successor, which becomes the current one when it is presented. For 60 seconds the one before still answers, since requests
//!   go out in parallel, and a successor that nobody presents was lost with its response: another takes its place.
//! - A validator that was used up shows that two have the cookie, and nobody can tell who is who: the series and all sessions
//!   that were opened from it end, and the application hears of it as [`Theft`], at once
//!   ([`on_theft`](crate::CookiePolicyBuilder::on_theft)) and from whoever brings the cookie next ([`Session::theft`]).
//! - To be recognised is to be greeted. [`Session::resume`] signs in, and such a session is not [fresh](Session::is_fresh).

mod ending;
mod recognise;
mod series;
mod signing;
mod store;
mod token;

use std::fmt;
use std::sync::Arc;

use super::Session;
use super::error::SessionError;
use super::order::Login;
use super::state::Entrance;
use crate::wire::Period;

#[cfg(feature = "testing")]
pub(crate) use series::{Hash, Timed};
pub use series::{SeriesKey, SeriesRecord};
pub use store::{RememberStore, StoredSeries};
pub(crate) use token::Token;

/// A user who is recognised by the remember-me cookie, and not signed in by it: good for a greeting and for a filled-in name.
///
/// With axum `Option<Remembered>` is an extractor; elsewhere it is [`Session::remembered`].
///
/// ```
/// use tower_cookie_policy::{Remembered, Session, SessionError};
///
/// async fn welcome(session: Session, remembered: Option<Remembered>) -> Result<String, SessionError> {
///     Ok(match (session.user().await?, remembered) {
///         (Some(user), _) => format!("You are signed in as {user}."),
///         (None, Some(remembered)) => format!("Welcome back, {}. Is it you?", remembered.user()),
///         (None, None) => "Please sign in.".to_owned(),
///     })
/// }
/// # fn is_handler<T, S>(_: impl axum::handler::Handler<T, S>) {}
/// # is_handler::<_, ()>(welcome);
/// ```
#[derive(Clone)]
pub struct Remembered {
    user: Arc<str>,
    epoch: u64,
    key: SeriesKey,
}

impl Remembered {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The login, if it is this user's.
    pub(super) fn of(&self, user: &str) -> Option<SeriesKey> {
        (*self.user == *user).then_some(self.key)
    }
}

/// Not the user.
impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").finish_non_exhaustive()
    }
}

/// A remember-me cookie was used by two: somebody copied it. The login is remembered no more on that device, and all sessions
/// that were opened from it have ended.
///
/// Both the visitor and the thief get to see it, whoever comes, whatever else of the user's was ended in the meantime. With axum `Option<Theft>` is an extractor; elsewhere it is
/// [`Session::theft`].
#[derive(Clone, PartialEq, Eq)]
pub struct Theft {
    user: Arc<str>,
    detected: u32,
}

impl Theft {
    /// Whose login it was.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// When it was found out, in Unix seconds by the policy's clock.
    #[must_use]
    pub fn detected(&self) -> u32 {
        self.detected
    }
}

/// When, and not the user.
impl fmt::Debug for Theft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Theft").field("detected", &self.detected).finish_non_exhaustive()
    }
}

/// What came of asking whose the remembered login is.
#[derive(Clone, Debug)]
pub(super) enum Recognition {
    Nobody,
    Known(Remembered),
    Stolen(Theft),
}

/// What a sign-in has to do with remembered logins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Memory {
    /// Nothing.
    None,
    /// One is to begin.
    Asked,
    /// One has begun.
    Begun(Token, Period),
    /// It comes from one.
    Resumed(SeriesKey),
}

impl Memory {
    /// Whether credentials were given for the sign-in.
    pub(super) fn is_fresh(&self) -> bool {
        !matches!(self, Self::Resumed(_))
    }

    pub(super) fn series(&self) -> Option<SeriesKey> {
        match self {
            Self::None | Self::Asked => None,
            Self::Begun(token, _) => Some(token.key()),
            Self::Resumed(key) => Some(*key),
        }
    }
}

/// Remembered logins.
impl Session {
    /// The user whom this browser remembers, signed in or not. The login is redeemed by this, unless a session of its user is
    /// live, and the response may bring the browser its successor. Where the session is of the login no store is asked. Of a
    /// stolen login it says nothing: ask for the [`theft`](Self::theft) too.
    ///
    /// # Errors
    /// [`SessionError::Late`] after the response, [`SessionError::Store`] if a store fails.
    pub async fn remembered(&self) -> Result<Option<Remembered>, SessionError> {
        let mut state = self.0.opened().await?;
        Ok(match self.0.recognised(&mut state).await? {
            Recognition::Known(remembered) => Some(remembered),
            Recognition::Nobody | Recognition::Stolen(_) => None,
        })
    }

    /// Whether the login that this browser brought was found out to be stolen, by this request or before. Who hears of it by
    /// this hears of it once: the response deletes the cookie.
    ///
    /// # Errors
    /// Those of [`remembered`](Self::remembered).
    pub async fn theft(&self) -> Result<Option<Theft>, SessionError> {
        let mut state = self.0.opened().await?;
        Ok(match self.0.recognised(&mut state).await? {
            Recognition::Stolen(theft) => {
                // Unless a sign-in of this request has put another in its place.
                if !matches!(state.order.login, Some(Login::Keep(..))) {
                    state.order.login = Some(Login::Told);
                }
                Some(theft)
            }
            Recognition::Nobody | Recognition::Known(_) => None,
        })
    }

    /// Signs a remembered user in, as [`sign_in`](Self::sign_in) does, but as one who is remembered: the session is not
    /// [fresh](Self::is_fresh). Who is signed in already stays so.
    ///
    /// ```
    /// use tower_cookie_policy::{Session, SessionError};
    ///
    /// /// Whether the visitor may see the account.
    /// async fn account(session: &Session) -> Result<bool, SessionError> {
    ///     if let Some(remembered) = session.remembered().await? {
    ///         session.resume(remembered).await?;
    ///     }
    ///     Ok(session.user().await?.is_some())
    /// }
    ///
    /// /// Whether the visitor may change the password: a remembered user is asked for the present one first.
    /// async fn sensitive(session: &Session) -> Result<bool, SessionError> {
    ///     session.is_fresh().await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Late`] after the response, [`SessionError::Store`] if the store fails. If the login is
    /// ended between this call and the response, the response is a 409 and nobody is signed in.
    pub async fn resume(&self, remembered: Remembered) -> Result<(), SessionError> {
        let Remembered { user, epoch, key } = remembered;
        let mut state = self.0.writable().await?;
        if state.user().is_none_or(|present| *present != *user) {
            state.enter(Entrance { user, epoch, memory: Memory::Resumed(key) });
        }
        Ok(())
    }
}
