//! What a sign-in has to do with remembered logins: beginning one, or coming from one.

use super::series::SeriesRecord;
use super::{Memory, Recognition, SeriesKey, Token};
use crate::policy::{CookiePolicy, CookieSpec, Role};
use crate::session::error::SessionError;
use crate::session::keeper::{Keeper, Series};
use crate::session::order::Login;
use crate::session::state::{Entrance, State, Turn};
use crate::session::store::StoreErrorKind;
use crate::session::visit::Visit;
use crate::wire::Period;

impl CookiePolicy {
    /// Where logins are remembered, and the row that says so.
    pub(in crate::session) fn remembering(&self) -> Result<(&Keeper<Series>, &CookieSpec), SessionError> {
        self.series().zip(self.row_of(Role::AutoLogin)).ok_or(SessionError::NotRemembering)
    }
}

impl Visit {
    /// Begins the login that a sign-in is to be remembered by, once, and before the session that goes with it.
    pub(in crate::session) async fn begin_login(&self, state: &mut State) -> Result<(), SessionError> {
        let Some(Turn::SignIn(Entrance { user, epoch, memory: Memory::Asked })) = &state.turn else {
            return Ok(());
        };
        let (user, epoch, now) = (user.clone(), *epoch, self.policy.now());
        let (series, row) = self.policy.remembering()?;
        let period = Period::starting(now, self.policy.validity(row));
        for _ in 0..MOST_TRIES {
            let token = Token::random().map_err(|_| SessionError::NoEntropy)?;
            let (key, validator) = (token.key(), token.validator());
            let record = SeriesRecord::starting(user.clone(), epoch, validator, now, period.seconds());
            if !state.ask(series.create_series(&key, record, now)).await? {
                // Never another's login, however unlikely.
                continue;
            }
            if let Some(Turn::SignIn(entrance)) = &mut state.turn {
                entrance.memory = Memory::Begun(token, period);
            }
            return Ok(());
        }
        Err(SessionError::NoEntropy)
    }

    /// After a sign-in that was not written: the login that was to go with it is nobody's. What is left behind ends by itself.
    pub(in crate::session) async fn abandon_login(&self, state: &mut State) {
        let Some(Turn::SignIn(Entrance { memory, .. })) = &mut state.turn else { return };
        if let (Memory::Begun(token, _), Some(series)) = (*memory, self.policy.series()) {
            *memory = Memory::Asked;
            let _ = series.delete_series(&token.key(), self.policy.now()).await;
        }
    }

    /// After a sign-in that was written: the browser is told of the login that began with it, in the place of the one before.
    pub(in crate::session) async fn keep_login(&self, state: &mut State) -> Result<(), SessionError> {
        let Some(Turn::SignIn(Entrance { memory: Memory::Begun(token, period), .. })) = &state.turn else {
            return Ok(());
        };
        state.order.login = Some(Login::Keep(*token, *period));
        state.recognition = Some(Recognition::Nobody);
        if let Some(before) = self.presented.remembered()
            && let Some(theft) = self.end_login(state, before.key(), Some(before)).await?
        {
            state.recognition = Some(Recognition::Stolen(theft));
        }
        Ok(())
    }

    /// Whether a login that a session was opened from still stands, now that the session is written. Whoever ends a login ends
    /// it before its sessions, or raises its user's epoch first, so that one of both sees the other.
    pub(in crate::session) async fn stands(
        &self,
        state: &mut State,
        login: SeriesKey,
    ) -> Result<bool, SessionError> {
        let (series, _) = self.policy.remembering()?;
        match state.ask(series.load_series(&login, self.policy.now())).await {
            Ok(stored) => Ok(stored.is_some_and(|stored| !stored.record.is_stolen())),
            Err(SessionError::Store(error)) if error.kind() == StoreErrorKind::Undecodable => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Each of them fails only because another login has that key, which none has.
const MOST_TRIES: usize = 8;
