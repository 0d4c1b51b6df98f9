//! Writes what waits: with compare-and-swap, and again on newer values where others were faster.

use http::StatusCode;

use super::attempt::Try;
use super::changes::Changes;
use super::error::SessionError;
use super::order::{Login, Order};
use super::queue::Place;
use super::record::Values;
use super::state::{Base, State, Turn};
use super::store::{StoreError, StoreErrorKind};
use super::visit::Visit;
use crate::clock;
use crate::policy::Role;
use crate::report::{self, RefusalReason};

/// What the response half hears of a session.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Whether the handler's answer may depend on the session.
    pub(crate) asked: bool,
    /// What the store has confirmed and the browser does not know yet.
    pub(crate) order: Order,
    /// What was wrong with cookies that came, as only the stores could tell.
    pub(crate) refusals: Vec<(Role, RefusalReason)>,
    /// With what the handler's response has to be replaced, since something that it may have promised was not written.
    pub(crate) failure: Option<StatusCode>,
}

/// A change that depends on what is there, and is worked out anew on each try.
pub(super) type Step<'s> = dyn FnMut(&mut Values) -> Result<(), SessionError> + Send + 's;

impl Visit {
    /// Writes what waits, before the response leaves. Somebody who holds the session and does not go on with it keeps the
    /// response waiting no longer than the store may.
    pub(crate) async fn settle(&self) -> Settled {
        let state = clock::within(self.patience(), self.locked()).await;
        self.leave();
        let Some(mut state) = state else {
            return Settled { failure: Some(StatusCode::SERVICE_UNAVAILABLE), ..Settled::default() };
        };
        if state.failure.is_none() && state.is_dirty() {
            if let Err(error) = self.write(&mut state, None).await {
                state.failure = Some(error.status());
            }
        } else if state.failure.is_none() && state.touch_due {
            self.touch(&mut state).await;
        }
        state.told()
    }

    /// Writes what waits and, with it, what `step` makes of the values; all within the deadline.
    pub(super) async fn write(
        &self,
        state: &mut State,
        step: Option<&mut Step<'_>>,
    ) -> Result<(), SessionError> {
        let written = clock::within(self.patience(), self.write_in_time(state, step)).await;
        let written = written.unwrap_or_else(|| {
            // The step under way is dropped before it could say so itself.
            let late = StoreError::new(StoreErrorKind::Timeout);
            report::store_failed(self.policy.id(), "write", &late);
            state.confirmed(Err(late))
        });
        if written.is_err() {
            Box::pin(self.abandon_login(state)).await;
        }
        written
    }

    async fn write_in_time(
        &self,
        state: &mut State,
        mut step: Option<&mut Step<'_>>,
    ) -> Result<(), SessionError> {
        let mut is_newest = step.is_none();
        let signs_in = matches!(state.turn, Some(Turn::SignIn(_)));
        if signs_in {
            // In boxes, what is seldom done: every write would have to carry it about.
            Box::pin(self.begin_login(state)).await?;
        }
        let (mut place, mut has_lost) = (None, false);
        for _ in 0..MOST_TRIES {
            if place.is_none() && state.turn.is_none() {
                place = self.queued(state, has_lost).await?;
            }
            state.may_write()?;
            let mut values = state.values().cloned().unwrap_or_default();
            state.changes.apply(&mut values);
            if let Some(step) = &mut step {
                step(&mut values)?;
            }
            if state.turn.is_none() && values == *state.values().unwrap_or(&Values::default()) {
                // A step has to leave things as they are *now*, and not as they were when the handler first looked.
                if is_newest || !self.has_news(state).await? {
                    state.changes = Changes::default();
                    return Ok(());
                }
                is_newest = true;
                continue;
            }
            if let Try::Written = self.attempt(state, values).await? {
                let kept = if signs_in { Box::pin(self.keep_login(state)).await } else { Ok(()) };
                state.changes = Changes::default();
                (state.turn, state.touch_due) = (None, false);
                return kept;
            }
            has_lost = true;
        }
        Err(SessionError::Contended)
    }

    /// A place in the session's queue, for whoever has lost once, or where a queue has formed. Since others had their turn
    /// before, what is there now is looked up.
    async fn queued(&self, state: &mut State, has_lost: bool) -> Result<Option<Place<'_>>, SessionError> {
        let Base::Live { key, .. } = &state.base else { return Ok(None) };
        let (key, queues) = (*key, &self.keeper()?.queues);
        if !has_lost && !queues.has_formed(&key) {
            return Ok(None);
        }
        // Less than the whole deadline, so that who has only stood is told that, and not that the store did not answer.
        let place = clock::within(self.patience() / 10 * 9, queues.stand(&key)).await;
        let place = place.ok_or(SessionError::Contended)?;
        if place.waited {
            self.reload(state, key, self.policy.now()).await?;
        }
        Ok(Some(place))
    }

    /// Whether the session is another than the one that is known, which is then forgotten for it.
    async fn has_news(&self, state: &mut State) -> Result<bool, SessionError> {
        let Base::Live { key, stored } = &state.base else { return Ok(false) };
        let (key, revision) = (*key, stored.revision);
        self.reload(state, key, self.policy.now()).await?;
        Ok(!matches!(&state.base, Base::Live { stored, .. } if stored.revision == revision))
    }

    /// That the session was used is kept where nothing else is. It may get lost: then the session ends a little sooner.
    async fn touch(&self, state: &mut State) {
        let Base::Live { key, stored } = &state.base else { return };
        let now = self.policy.now();
        let deadline = self.deadline(stored.record.started, now);
        if let Ok(keeper) = self.keeper() {
            let _ = keeper.touch(key, now, deadline, now).await;
        }
    }
}

impl State {
    /// What the response half hears, unless something is to be done first.
    pub(super) fn settled(&mut self) -> Option<Settled> {
        let due = self.failure.is_none() && (self.touch_due || self.is_dirty());
        (!due).then(|| self.told())
    }

    /// What the response half hears.
    pub(super) fn told(&mut self) -> Settled {
        // A handler that was told, and whose response does not leave, has told nobody.
        self.order.login.take_if(|login| self.failure.is_some() && matches!(login, Login::Told));
        Settled {
            asked: self.asked,
            order: std::mem::take(&mut self.order),
            refusals: std::mem::take(&mut self.refusals),
            failure: self.failure,
        }
    }
}

/// Each of them fails only because somebody else's write succeeded.
pub(super) const MOST_TRIES: usize = 1000;
