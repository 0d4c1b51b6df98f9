//! All the sessions of one user.
//!
//! Ending them is race-free by an epoch for each user: it is raised in the same step in which the sessions are ended, and
//! a session that was to be opened under an older epoch is not.

use serde::Serialize;

use super::Session;
use super::error::SessionError;
use super::visit::{Base, State};
use crate::policy::CookiePolicy;

/// One of a user's sessions, for a page that lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// Names it to [`Session::revoke`]. Random, and no secret: nobody can use the session by it.
    pub handle: String,
    /// When it was opened by signing in, in Unix seconds.
    pub created: u32,
    /// When it was last used, in Unix seconds, to a tenth of the idle limit.
    pub seen: u32,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Session {
    /// All the sessions of the signed-in user, the oldest first.
    ///
    /// # Errors
    /// [`SessionError::NotSignedIn`], and [`SessionError::Store`] if the store fails.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, SessionError> {
        let mut state = self.0.opened().await?;
        let user = user(&state)?;
        if !state.left && state.turn.is_some() {
            // A sign-in that waits is to be in the list.
            self.0.write(&mut state, None).await?;
        }
        let now = self.0.policy.now();
        let current = state.record().map_or("", |record| &record.handle);
        let owned = self.0.keeper()?.list_owner(&user, now).await?;
        let mut sessions: Vec<SessionInfo> = owned
            .into_iter()
            .filter(|owned| !self.0.is_over(&owned.record, now))
            .map(|owned| SessionInfo {
                handle: owned.record.handle().to_owned(),
                created: owned.record.created(),
                seen: owned.record.seen(),
                current: owned.record.handle() == current,
            })
            .collect();
        sessions.sort_by(|one, other| (one.created, &one.handle).cmp(&(other.created, &other.handle)));
        Ok(sessions)
    }

    /// Ends, at once, the one of the user's sessions that has this handle. Whether there was one.
    ///
    /// # Errors
    /// [`SessionError::NotSignedIn`], [`SessionError::Late`] after the response, and [`SessionError::Store`] if the store
    /// fails.
    pub async fn revoke(&self, handle: &str) -> Result<bool, SessionError> {
        let mut state = self.0.writable().await?;
        let user = user(&state)?;
        if state.record().is_some_and(|record| record.handle() == handle) {
            self.0.end(&mut state).await?;
            return Ok(true);
        }
        let keeper = self.0.keeper()?;
        // Between the list and the deletion it may get another id, by which it has to be looked for again.
        for _ in 0..MOST_TRIES {
            let now = self.0.policy.now();
            let listed = state.confirmed(keeper.list_owner(&user, now).await)?;
            let Some(owned) = listed.iter().find(|owned| owned.record.handle() == handle) else { break };
            if state.confirmed(keeper.delete(&owned.key, now).await)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Signs the user out on every device, this one included, at once. How many sessions were ended. Without a user it is
    /// [`sign_out`](Self::sign_out).
    ///
    /// # Errors
    /// [`SessionError::Late`] after the response, and [`SessionError::Store`] if the store fails.
    pub async fn sign_out_everywhere(&self) -> Result<usize, SessionError> {
        let mut state = self.0.writable().await?;
        let Ok(user) = user(&state) else {
            self.0.end(&mut state).await?;
            return Ok(0);
        };
        let ended = self.0.keeper()?.end_owner(&user, None, self.0.policy.now()).await;
        let ended = state.confirmed(ended)?;
        if state.record().is_some_and(|record| record.owner() == Some(&*user)) {
            state.end(Base::Absent, true);
        } else {
            self.0.end(&mut state).await?;
        }
        Ok(ended)
    }

    /// Signs the user out on every other device, at once. How many sessions were ended.
    ///
    /// # Errors
    /// [`SessionError::NotSignedIn`], [`SessionError::Ended`] if this session is over, [`SessionError::Late`] after the
    /// response, and [`SessionError::Store`] if the store fails.
    pub async fn sign_out_elsewhere(&self) -> Result<usize, SessionError> {
        let mut state = self.0.writable().await?;
        let user = user(&state)?;
        self.0.write(&mut state, None).await?;
        let Base::Live { key, .. } = state.base else { return Err(SessionError::Ended) };
        let now = self.0.policy.now();
        let ended = self.0.keeper()?.end_owner(&user, Some(&key), now).await;
        let ended = state.confirmed(ended)?;
        // It has the new epoch now, which whatever is written from here on has to have too.
        state.base = self.0.look_up(Some(key), now).await?.0;
        Ok(ended)
    }
}

/// How often all of a user's sessions were ended, for [`SignIn::since`](crate::SignIn::since).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub(super) u64);

impl CookiePolicy {
    /// The user's epoch, to be noted before a password is checked, so that a sign-in with one that is changed meanwhile
    /// comes to nothing.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, Session, SessionError, SignIn};
    /// # async fn check(user: &str, password: &str) -> bool { true }
    ///
    /// async fn login(policy: &CookiePolicy, session: &Session, user: &str, password: &str) -> Result<bool, SessionError> {
    ///     let epoch = policy.epoch(user).await?;
    ///     let right = check(user, password).await; // takes its time, as it should
    ///     if right {
    ///         session.sign_in(SignIn::new(user).since(epoch)).await?;
    ///     }
    ///     Ok(right)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::NoRow`] if the table has no session, [`SessionError::Store`] if the store fails.
    pub async fn epoch(&self, user: &str) -> Result<Epoch, SessionError> {
        let keeper = self.sessions().ok_or(SessionError::NoRow)?;
        Ok(Epoch(keeper.epoch(user).await?))
    }

    /// Ends all the sessions of a user, as after a changed password. How many there were. Nor does a sign-in open one whose
    /// [`sign_in`](Session::sign_in) was called before, or whose [`epoch`](Self::epoch) was noted before.
    ///
    /// The request that asks may be one of them: it hears of it like any other, when it next writes. Where the visitor is to
    /// be signed out in this very response, [`sign_out`](Session::sign_out) goes first, or
    /// [`sign_out_everywhere`](Session::sign_out_everywhere) does both.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, SessionError};
    ///
    /// async fn change_password(policy: &CookiePolicy, user: &str) -> Result<(), SessionError> {
    ///     // … store the new password's hash first …
    ///     policy.revoke_user(user).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::NoRow`] if the table has no session, [`SessionError::Store`] if the store fails.
    pub async fn revoke_user(&self, user: &str) -> Result<usize, SessionError> {
        let keeper = self.sessions().ok_or(SessionError::NoRow)?;
        Ok(keeper.end_owner(user, None, self.now()).await?)
    }
}

fn user(state: &State) -> Result<String, SessionError> {
    state.user().map(str::to_owned).ok_or(SessionError::NotSignedIn)
}

const MOST_TRIES: usize = 16;
