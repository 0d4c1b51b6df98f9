//! All the sessions of one user.
//!
//! Ending them is race-free by an epoch for each user: it is raised in the same step in which the sessions are ended, and
//! a session that was to be opened under an older epoch is not.

use serde::{Deserialize, Serialize};

use super::Session;
use super::error::SessionError;
use super::signing::legal;
use super::state::{Base, State};
use super::visit::Visit;
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
    /// [`SessionError::NotSignedIn`], and [`SessionError::Store`] if the store fails. A sign-in or a renewal that waits is
    /// written first, and may fail as [`update`](Self::update) does.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, SessionError> {
        let mut state = self.0.opened().await?;
        let user = self.0.authority(&mut state).await?;
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

    /// Ends, at once, the one of the user's sessions that has this handle, and forgets the login that it was opened from or
    /// remembered with. Whether there was one.
    ///
    /// # Errors
    /// [`SessionError::NotSignedIn`], [`SessionError::Late`] after the response, and [`SessionError::Store`] if the store
    /// fails.
    pub async fn revoke(&self, handle: &str) -> Result<bool, SessionError> {
        let mut state = self.0.writable().await?;
        let user = self.0.authority(&mut state).await;
        let user = state.confirmed(user)?;
        state.may_write()?;
        if state.record().is_some_and(|record| record.handle() == handle) {
            return self.0.end(&mut state).await;
        }
        let keeper = self.0.keeper()?;
        // Between the list and the deletion it may get another id, by which it has to be looked for again.
        for _ in 0..MOST_TRIES {
            let now = self.0.policy.now();
            let listed = state.confirmed(keeper.list_owner(&user, now).await)?;
            let Some(owned) = listed.iter().find(|owned| owned.record.handle() == handle) else { break };
            if let Some(login) = owned.record.series {
                // It takes all the sessions along that were opened from it, this one among them.
                self.0.end_login(&mut state, login, None).await?;
                return Ok(true);
            }
            if state.ask(keeper.delete(&owned.key, now)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Signs the user out on every device, this one included, at once, and remembers the user on none. How many sessions were
    /// ended. Without a user it is
    /// [`sign_out`](Self::sign_out).
    ///
    /// # Errors
    /// [`SessionError::Late`] after the response, and [`SessionError::Store`] if the store fails.
    pub async fn sign_out_everywhere(&self) -> Result<usize, SessionError> {
        let mut state = self.0.writable().await?;
        let user = match self.0.authority(&mut state).await {
            Ok(user) => user,
            // There is nobody to speak for but this browser.
            Err(SessionError::NotSignedIn | SessionError::Ended) => {
                return self.0.end(&mut state).await.map(usize::from);
            }
            Err(error) => return state.confirmed(Err(error)),
        };
        // This one last, so that it can be told whether it was still there, and its cookies this browser's.
        let (Base::Live { key, .. } | Base::Rotated { key, .. }) = state.base else { return Ok(0) };
        let now = self.0.policy.now();
        let others = state.ask(self.0.keeper()?.end_owner(&user, Some(&key), now)).await?;
        self.0.end_logins_of(&mut state, &user, None).await?;
        Ok(others + usize::from(self.0.end(&mut state).await?))
    }

    /// Signs the user out on every other device, at once, and remembers the user on none of them. How many sessions were ended.
    ///
    /// # Errors
    /// [`SessionError::NotSignedIn`], [`SessionError::Ended`] if this session is over, [`SessionError::Late`] after the
    /// response, and [`SessionError::Store`] if the store fails. What waits is written first, and may fail as
    /// [`update`](Self::update) does.
    pub async fn sign_out_elsewhere(&self) -> Result<usize, SessionError> {
        let mut state = self.0.writable().await?;
        let user = self.0.authority(&mut state).await;
        let user = state.confirmed(user)?;
        self.0.write(&mut state, None).await?;
        let Base::Live { key, .. } = state.base else { return Err(SessionError::Ended) };
        // The login that the browser brought is this device's too, unless it is over by now.
        let recognised = self.0.recognised(&mut state).await;
        state.confirmed(recognised)?;
        let now = self.0.policy.now();
        let ended = state.ask(self.0.keeper()?.end_owner(&user, Some(&key), now)).await?;
        // It has the new epoch now, which whatever is written from here on has to have too.
        let present = self.0.look_up(key, now).await;
        match state.confirmed(present)?.0 {
            base @ (Base::Live { .. } | Base::Rotated { .. }) => state.base = base,
            _ => {
                state.lose(Base::Ended);
                return Err(SessionError::Ended);
            }
        }
        let epoch = state.record().map_or(0, |record| record.epoch);
        let own = state.login_of(&user).map(|login| (login, epoch));
        self.0.end_logins_of(&mut state, &user, own).await?;
        Ok(ended)
    }
}

/// How often all of a user's sessions were ended, for [`SignIn::since`](crate::SignIn::since).
/// It can be written and read, for a sign-in that takes more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// [`SessionError::NoRow`] if the table has no session, [`SessionError::IllegalUser`] for a name that no user can have,
    /// [`SessionError::Store`] if the store fails.
    pub async fn epoch(&self, user: &str) -> Result<Epoch, SessionError> {
        let keeper = self.sessions().ok_or(SessionError::NoRow)?;
        Ok(Epoch(keeper.epoch(legal(user)?).await?))
    }

    /// Ends all the sessions of a user, as after a changed password, and remembers the user on no device. How many sessions
    /// there were. Nor does a sign-in open one whose
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
    /// [`SessionError::NoRow`] if the table has no session, [`SessionError::IllegalUser`] for a name that no user can have,
    /// [`SessionError::Store`] if the store fails.
    pub async fn revoke_user(&self, user: &str) -> Result<usize, SessionError> {
        let keeper = self.sessions().ok_or(SessionError::NoRow)?;
        let ended = keeper.end_owner(legal(user)?, None, self.now()).await?;
        if let Some(series) = self.series() {
            series.end_series_of(user, None, self.now()).await?;
        }
        Ok(ended)
    }
}

impl Visit {
    /// The user for whom this session may speak, about others of the user's sessions: a sign-in that waits is written
    /// first, and a session that has ended in the meantime speaks for nobody.
    async fn authority(&self, state: &mut State) -> Result<String, SessionError> {
        if state.turn.is_some() && !self.has_left() {
            self.write(state, None).await?;
        }
        let user = state.user().map(str::to_owned).ok_or(SessionError::NotSignedIn)?;
        if let Base::Live { key, .. } | Base::Rotated { key, .. } = state.base {
            match self.look_up(key, self.policy.now()).await?.0 {
                base @ (Base::Live { .. } | Base::Rotated { .. }) => state.base = base,
                _ => {
                    state.lose(Base::Ended);
                    return Err(SessionError::Ended);
                }
            }
        }
        Ok(user)
    }
}

const MOST_TRIES: usize = 16;
