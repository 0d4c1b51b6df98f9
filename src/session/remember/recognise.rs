//! Redeeming, beginning and ending remembered logins: what is between the judgement of a series and its store.

use super::series::{SeriesRecord, Standing};
use super::{Memory, Recognition, Remembered, SeriesKey, StoredSeries, Theft, Token};
use crate::clock;
use crate::policy::{CookiePolicy, CookieSpec, Role};
use crate::report::RefusalReason;
use crate::session::error::SessionError;
use crate::session::keeper::{Keeper, Series};
use crate::session::order::Login;
use crate::session::state::{Base, Entrance, State, Turn};
use crate::session::store::{Created, StoreError, StoreErrorKind, Updated};
use crate::session::visit::Visit;
use crate::wire::Period;

/// What came of one try to redeem.
enum Try {
    Done(Recognition),
    /// It is as good as no login.
    Refused(RefusalReason),
    /// Somebody else was faster: once more.
    Again,
}

impl CookiePolicy {
    /// Where logins are remembered, and the row that says so.
    pub(in crate::session) fn remembering(&self) -> Result<(&Keeper<Series>, &CookieSpec), SessionError> {
        self.series().zip(self.row_of(Role::AutoLogin)).ok_or(SessionError::NotRemembering)
    }
}

impl Visit {
    /// Whose the presented login is. The stores are asked once.
    pub(super) async fn recognised(&self, state: &mut State) -> Result<Recognition, SessionError> {
        if state.recognition.is_none() {
            if self.has_left() {
                return Err(SessionError::Late);
            }
            let redeemed = clock::within(self.patience(), self.redeem(state)).await;
            let redeemed = redeemed.ok_or(StoreError::new(StoreErrorKind::Timeout))?;
            state.recognition = Some(redeemed?);
        }
        Ok(state.recognition.clone().unwrap_or(Recognition::Nobody))
    }

    async fn redeem(&self, state: &mut State) -> Result<Recognition, SessionError> {
        let (Some(token), Some(series)) = (self.presented.remembered(), self.policy.series()) else {
            return Ok(Recognition::Nobody);
        };
        let key = token.key();
        if let Some(record) = state.record().filter(|record| record.series == Some(key))
            && let Some(owner) = &record.owner
        {
            // It was this very login that opened the session, or was begun with it.
            let (user, epoch) = (owner.clone(), record.epoch);
            return Ok(Recognition::Known(Remembered { user, epoch, key }));
        }
        for _ in 0..MOST_TRIES {
            match self.try_to_redeem(state, series, *token).await? {
                Try::Done(recognition) => return Ok(recognition),
                Try::Refused(reason) => {
                    state.refusals.push((Role::AutoLogin, reason));
                    return Ok(Recognition::Nobody);
                }
                Try::Again => {}
            }
        }
        Err(SessionError::Contended)
    }

    async fn try_to_redeem(
        &self,
        state: &mut State,
        series: &Keeper<Series>,
        token: Token,
    ) -> Result<Try, SessionError> {
        let (key, now) = (token.key(), self.policy.now());
        let Some(StoredSeries { record, revision }) = series.load_series(&key, now).await? else {
            return Ok(Try::Refused(RefusalReason::Unknown));
        };
        if let Some(detected) = record.stolen {
            return self.stolen(state, &record, key, detected).await.map(Try::Done);
        }
        if record.epoch < self.keeper()?.epoch(&record.owner).await? {
            return Ok(Try::Refused(RefusalReason::Ended));
        }
        let user = record.owner.clone();
        let known = Recognition::Known(Remembered { user: user.clone(), epoch: record.epoch, key });
        if state.user().is_some_and(|present| *present == *user) {
            return Ok(Try::Done(known));
        }
        let mut after = record.clone();
        let standing = after.present(token.validator(), now);
        let mut due = None;
        match standing {
            Standing::Answers => {}
            Standing::IsDueAnother => {
                let successor = token.successor().map_err(|_| SessionError::NoEntropy)?;
                after.hand_out(successor.validator(), now);
                due = Some(Login::Keep(successor, Period { issued: record.started, expires: record.ends }));
            }
            Standing::UsedUp => after.stolen = Some(now),
        }
        if after != record {
            match series.update_series(&key, revision, after, now).await? {
                Updated::Yes => {}
                Updated::Conflict => return Ok(Try::Again),
                Updated::Gone => return Ok(Try::Refused(RefusalReason::Ended)),
            }
        }
        if standing == Standing::UsedUp {
            if let Some(hook) = &self.policy.hooks().theft {
                (hook.0)(&Theft { user, detected: now });
            }
            return self.stolen(state, &record, key, now).await.map(Try::Done);
        }
        state.order.login = due.or(state.order.login);
        Ok(Try::Done(known))
    }

    /// Ends what was opened from a stolen login. That is tried again whenever the login is brought, in case it failed before.
    async fn stolen(
        &self,
        state: &mut State,
        record: &SeriesRecord,
        key: SeriesKey,
        detected: u32,
    ) -> Result<Recognition, SessionError> {
        state.refusals.push((Role::AutoLogin, RefusalReason::Stolen));
        let keeper = self.keeper()?;
        // Between the list and the deletion one may get another id, by which it has to be looked for again.
        for _ in 0..MOST_TRIES {
            let now = self.policy.now();
            let listed = keeper.list_owner(&record.owner, now).await?;
            let mut is_done = true;
            for owned in listed {
                if owned.record.series == Some(key) {
                    keeper.delete(&owned.key, now).await?;
                    is_done = false;
                }
            }
            if is_done {
                let user = record.owner.clone();
                return Ok(Recognition::Stolen(Theft { user, detected }));
            }
        }
        Err(SessionError::Contended)
    }

    /// Begins the login that a sign-in is to be remembered by, once, and before the session that goes with it.
    pub(in crate::session) async fn begin_series(&self, state: &mut State) -> Result<(), SessionError> {
        let Some(Turn::SignIn(Entrance { user, epoch, memory: Memory::Asked })) = &state.turn else {
            return Ok(());
        };
        let (user, epoch, now) = (user.clone(), *epoch, self.policy.now());
        let (series, row) = self.policy.remembering()?;
        // The login that the browser had brought gets lost with its cookie.
        if let Some(before) = self.presented.remembered() {
            state.ask(series.delete_series(&before.key(), now)).await?;
        }
        let token = Token::random().map_err(|_| SessionError::NoEntropy)?;
        let period = Period::starting(now, self.policy.validity(row));
        let record = SeriesRecord::starting(user, epoch, token.validator(), now, period.seconds());
        let key = token.key();
        match state.ask(series.create_series(&key, record, now)).await? {
            Created::Yes => {}
            Created::Duplicate | Created::Revoked => return Err(SessionError::Ended),
        }
        if let Some(Turn::SignIn(entrance)) = &mut state.turn {
            entrance.memory = Memory::Begun(token, period);
        }
        Ok(())
    }

    /// After a sign-in: the browser is told of the login that began with it, and a session that was opened from a login which
    /// ended in the meantime ends too. Whoever ends a login ends it before the sessions, so one of both sees the other.
    pub(in crate::session) async fn settle_memory(&self, state: &mut State) -> Result<(), SessionError> {
        let Some(Turn::SignIn(Entrance { memory, .. })) = &state.turn else { return Ok(()) };
        match *memory {
            Memory::None | Memory::Asked => {}
            Memory::Begun(token, period) => {
                state.order.login = Some(Login::Keep(token, period));
                state.recognition = Some(Recognition::Nobody);
            }
            Memory::Resumed(login) => {
                let now = self.policy.now();
                let stored = self.policy.remembering()?.0.load_series(&login, now).await;
                if !matches!(&stored, Ok(Some(stored)) if stored.record.stolen.is_none()) {
                    if let Base::Live { key, .. } = state.base {
                        state.ask(self.keeper()?.delete(&key, now)).await?;
                    }
                    state.lose(Base::Ended);
                    return state.confirmed(stored).and(Err(SessionError::Ended));
                }
            }
        }
        Ok(())
    }

    /// Forgets the login that this browser brought, and the one that its session is of.
    pub(in crate::session) async fn end_series(&self, state: &mut State) -> Result<(), SessionError> {
        let Some(series) = self.policy.series() else { return Ok(()) };
        let brought = self.presented.remembered().map(Token::key);
        let of_session = state.record().and_then(|record| record.series).filter(|key| Some(*key) != brought);
        for key in brought.into_iter().chain(of_session) {
            state.ask(series.delete_series(&key, self.policy.now())).await?;
        }
        Ok(())
    }

    /// Forgets all logins of a user but this one, which gets the epoch of its session.
    pub(in crate::session) async fn end_series_of(
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

/// Each of them fails only because somebody else's write succeeded.
const MOST_TRIES: usize = 1000;
