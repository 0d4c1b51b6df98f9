//! Ending a remembered login, and what was opened from it: because its user wants it, or because it was stolen.
//!
//! - A login ends before the sessions that were opened from it. Whoever opens one looks at the login once more afterwards, so one of
//!   both sees the other.
//! - One that is stolen stays, to tell whoever brings it. Nobody gets in by it.

use super::series::{SeriesRecord, Standing};
use super::{Recognition, SeriesKey, StoredSeries, Theft, Token};
use crate::policy::Role;
use crate::report::RefusalReason;
use crate::session::error::SessionError;
use crate::session::order::Login;
use crate::session::settle::MOST_TRIES;
use crate::session::state::{Base, State};
use crate::session::store::{StoreErrorKind, Updated};
use crate::session::visit::Visit;

impl Visit {
    /// Ends the login that this browser brought, and the one that its session is of. The session itself is left to the caller.
    pub(in crate::session) async fn end_logins(&self, state: &mut State) -> Result<(), SessionError> {
        if self.policy.series().is_none() {
            return Ok(());
        }
        let brought = self.presented.remembered().copied();
        let of_session = state.record().and_then(|record| record.series);
        if let Some(token) = &brought {
            (state.order.login, state.recognition) =
                match self.end_login(state, token.key(), Some(token)).await? {
                    None => (Some(Login::Forget), Some(Recognition::Nobody)),
                    // It is worth nothing but the message.
                    Some(theft) => (Some(Login::Left), Some(Recognition::Stolen(theft))),
                };
        }
        if let Some(key) = of_session.filter(|key| brought.is_none_or(|token| token.key() != *key)) {
            self.end_login(state, key, None).await?;
        }
        Ok(())
    }

    /// Ends a login and the sessions that were opened from it. The theft, if it was stolen, as a validator that is used up shows.
    pub(in crate::session) async fn end_login(
        &self,
        state: &mut State,
        key: SeriesKey,
        brought: Option<&Token>,
    ) -> Result<Option<Theft>, SessionError> {
        let Some(series) = self.policy.series() else { return Ok(None) };
        for _ in 0..MOST_TRIES {
            let now = self.policy.now();
            let stored = match series.load_series(&key, now).await {
                Ok(Some(stored)) => stored,
                Ok(None) => return Ok(None),
                Err(error) if error.kind() == StoreErrorKind::Undecodable => {
                    state.ask(series.delete_series(&key, now)).await?;
                    return Ok(None);
                }
                Err(error) => return state.confirmed(Err(error)),
            };
            if let Some(detected) = stored.record.stolen {
                return self.stolen(state, &stored.record, key, detected).await.map(Some);
            }
            let is_used_up =
                |token: &Token| stored.record.clone().present(token.validator(), now) == Standing::UsedUp;
            if brought.is_some_and(is_used_up) {
                match self.detected(state, key, &stored, now).await? {
                    Some(theft) => return Ok(Some(theft)),
                    None => continue,
                }
            }
            state.ask(series.delete_series(&key, now)).await?;
            self.end_opened(state, &stored.record, key).await?;
            return Ok(None);
        }
        Err(SessionError::Contended)
    }

    /// Marks a login as stolen, tells the application, and ends what was opened from it. `None` if somebody else was faster.
    pub(super) async fn detected(
        &self,
        state: &mut State,
        key: SeriesKey,
        stored: &StoredSeries,
        now: u32,
    ) -> Result<Option<Theft>, SessionError> {
        let Some(series) = self.policy.series() else { return Ok(None) };
        let marked = SeriesRecord { stolen: Some(now), ..stored.record.clone() };
        if series.update_series(&key, stored.revision, marked, now).await? != Updated::Yes {
            return Ok(None);
        }
        if let Some(hook) = &self.policy.hooks().theft {
            (hook.0)(&Theft { user: stored.record.owner.clone(), detected: now });
        }
        self.stolen(state, &stored.record, key, now).await.map(Some)
    }

    /// Ends what was opened from a stolen login. That is tried again whenever the login is brought, in case it failed before.
    pub(super) async fn stolen(
        &self,
        state: &mut State,
        record: &SeriesRecord,
        key: SeriesKey,
        detected: u32,
    ) -> Result<Theft, SessionError> {
        state.refusals.push((Role::AutoLogin, RefusalReason::Stolen));
        self.end_opened(state, record, key).await?;
        Ok(Theft { user: record.owner.clone(), detected })
    }

    /// Ends the sessions that were opened from a login, but the one of this request.
    async fn end_opened(
        &self,
        state: &mut State,
        record: &SeriesRecord,
        login: SeriesKey,
    ) -> Result<(), SessionError> {
        let keeper = self.keeper()?;
        let own = match state.base {
            Base::Live { key, .. } => Some(key),
            _ => None,
        };
        // Between the list and the deletion one may get another id, by which it has to be looked for again.
        for _ in 0..MOST_TRIES {
            let now = self.policy.now();
            let listed = state.confirmed(keeper.list_owner(&record.owner, now).await)?;
            let mut is_done = true;
            for owned in listed {
                if owned.record.series == Some(login) && Some(owned.key) != own {
                    state.ask(keeper.delete(&owned.key, now)).await?;
                    is_done = false;
                }
            }
            if is_done {
                return Ok(());
            }
        }
        Err(SessionError::Contended)
    }

    /// Forgets all logins of a user but this one, which gets the epoch of its session. Their sessions end by the epoch.
    pub(in crate::session) async fn end_logins_of(
        &self,
        state: &mut State,
        user: &str,
        except: Option<(SeriesKey, u64)>,
    ) -> Result<(), SessionError> {
        let Some(series) = self.policy.series() else { return Ok(()) };
        let except = except.as_ref().map(|(key, epoch)| (key, *epoch));
        state.ask(series.end_series_of(user, except, self.policy.now())).await.map(drop)
    }
}
