//! Redeeming a remembered login: whom it recognises, and what the browser gets for it.

use super::series::Standing;
use super::{Recognition, Remembered, Theft, Token};
use crate::clock;
use crate::policy::Role;
use crate::report::RefusalReason;
use crate::session::error::SessionError;
use crate::session::keeper::{Keeper, Series};
use crate::session::order::Login;
use crate::session::settle::MOST_TRIES;
use crate::session::state::State;
use crate::session::store::{StoreError, StoreErrorKind, Updated};
use crate::session::visit::Visit;
use crate::wire::Period;

/// What came of one try to redeem.
enum Redeemed {
    Done(Recognition),
    /// It is as good as no login.
    Refused(RefusalReason),
    /// Somebody else was faster: once more.
    Again,
}

impl Redeemed {
    fn stolen(theft: Theft) -> Self {
        Self::Done(Recognition::Stolen(theft))
    }
}

impl Visit {
    /// Whose the presented login is. The stores are asked once.
    pub(in crate::session) async fn recognised(
        &self,
        state: &mut State,
    ) -> Result<Recognition, SessionError> {
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
                Redeemed::Done(recognition) => return Ok(recognition),
                Redeemed::Refused(reason) => {
                    state.refusals.push((Role::AutoLogin, reason));
                    return Ok(Recognition::Nobody);
                }
                Redeemed::Again => {}
            }
        }
        Err(SessionError::Contended)
    }

    async fn try_to_redeem(
        &self,
        state: &mut State,
        series: &Keeper<Series>,
        token: Token,
    ) -> Result<Redeemed, SessionError> {
        let (key, now) = (token.key(), self.policy.now());
        let stored = match series.load_series(&key, now).await {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok(Redeemed::Refused(RefusalReason::Unknown)),
            Err(error) if error.kind() == StoreErrorKind::Undecodable => {
                return Ok(Redeemed::Refused(RefusalReason::Undecodable));
            }
            Err(error) => return Err(error.into()),
        };
        let record = &stored.record;
        if let Some(detected) = record.stolen {
            return self.stolen(state, record, key, detected).await.map(Redeemed::stolen);
        }
        if record.epoch < self.keeper()?.epoch(&record.owner).await? {
            return Ok(Redeemed::Refused(RefusalReason::Ended));
        }
        let user = record.owner.clone();
        let known = Recognition::Known(Remembered { user: user.clone(), epoch: record.epoch, key });
        if state.user().is_some_and(|present| *present == *user) {
            return Ok(Redeemed::Done(known));
        }
        let (mut after, mut due) = (record.clone(), None);
        match after.present(token.validator(), now) {
            Standing::Answers => {}
            Standing::IsDueAnother => {
                let successor = token.successor().map_err(|_| SessionError::NoEntropy)?;
                after.hand_out(successor.validator(), now);
                due = Some(Login::Keep(successor, Period { issued: record.started, expires: record.ends }));
            }
            Standing::UsedUp => {
                let theft = self.detected(state, key, &stored, now).await?;
                return Ok(theft.map_or(Redeemed::Again, Redeemed::stolen));
            }
        }
        if after != *record {
            match series.update_series(&key, stored.revision, after, now).await? {
                Updated::Yes => {}
                Updated::Conflict => return Ok(Redeemed::Again),
                Updated::Gone => return Ok(Redeemed::Refused(RefusalReason::Ended)),
            }
        }
        state.order.login = due.or(state.order.login);
        Ok(Redeemed::Done(known))
    }
}
