//! Writes what waits: with compare-and-swap, and again on newer values where others were faster.

use std::sync::Arc;

use http::StatusCode;

use super::changes::Changes;
use super::error::{MOST_BYTES, SessionError};
use super::id::SessionId;
use super::record::{SessionRecord, Values};
use super::store::{Created, Rotated, Stored, Updated};
use super::visit::{Base, Entrance, Order, State, Turn, Visit};
use crate::key;
use crate::report::RefusalReason;

/// What the response half hears of a session.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Whether the handler's answer may depend on the session.
    pub(crate) asked: bool,
    pub(crate) order: Order,
    pub(crate) refusal: Option<RefusalReason>,
    /// With what the handler's response has to be replaced, since something that it may have promised was not written.
    pub(crate) failure: Option<StatusCode>,
}

/// A change that depends on what is there, and is worked out anew on each try.
pub(super) type Step<'s> = dyn FnMut(&mut Values) -> Result<(), SessionError> + Send + 's;

/// How a try came out.
enum Try {
    Written,
    /// Somebody else was faster, or an id was taken: once more.
    Again,
}

impl Visit {
    /// Writes what waits, before the response leaves.
    pub(crate) async fn settle(&self) -> Settled {
        let mut state = self.last().await;
        if state.is_dirty() && !state.unconfirmed {
            if let Err(error) = self.write(&mut state, None).await {
                return Settled { failure: Some(error.status()), ..state.leave() };
            }
        } else if state.touch_due {
            self.touch(&mut state).await;
        }
        state.leave()
    }

    /// Writes what waits and, with it, what `step` makes of the values.
    pub(super) async fn write(
        &self,
        state: &mut State,
        mut step: Option<&mut Step<'_>>,
    ) -> Result<(), SessionError> {
        for _ in 0..MOST_TRIES {
            state.may_write()?;
            let mut values = state.values().cloned().unwrap_or_default();
            state.changes.apply(&mut values);
            if let Some(step) = &mut step {
                step(&mut values)?;
            }
            if state.turn.is_none() && values == *state.values().unwrap_or(&Values::default()) {
                state.changes = Changes::default();
                return Ok(());
            }
            match self.attempt(state, values).await {
                Ok(Try::Again) => {}
                Ok(Try::Written) => {
                    state.changes = Changes::default();
                    (state.turn, state.touch_due) = (None, false);
                    return Ok(());
                }
                Err(error) => return state.confirmed(Err(error)),
            }
        }
        Err(SessionError::Contended)
    }

    async fn attempt(&self, state: &mut State, values: Values) -> Result<Try, SessionError> {
        let now = self.policy.now();
        let record = self.record(state, values, now)?;
        if record.size() > MOST_BYTES {
            return Err(SessionError::Oversized { bytes: record.size() });
        }
        let grace = match state.turn {
            Some(Turn::SignIn(_)) => Some(0),
            Some(Turn::Renewal) => Some(GRACE),
            None => None,
        };
        match (&state.base, grace) {
            (Base::Live { .. }, None) => self.update(state, record, now).await,
            (Base::Live { .. }, Some(grace)) => self.rotate(state, record, grace, now).await,
            _ => self.create(state, record, now).await,
        }
    }

    async fn update(&self, state: &mut State, record: SessionRecord, now: u32) -> Result<Try, SessionError> {
        let Base::Live { key, stored } = &mut state.base else { return Ok(Try::Again) };
        match self.keeper()?.update(key, stored.revision, record.clone(), now).await? {
            Updated::Yes => {
                *stored = Stored { record: Arc::new(record), revision: stored.revision + 1 };
                Ok(Try::Written)
            }
            Updated::Conflict => self.reload(state, now).await,
            Updated::Gone => {
                state.end(Base::Ended, false);
                Err(SessionError::Ended)
            }
        }
    }

    async fn rotate(
        &self,
        state: &mut State,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> Result<Try, SessionError> {
        let Base::Live { key, stored } = &state.base else { return Ok(Try::Again) };
        let id = SessionId::random().map_err(|_| SessionError::NoEntropy)?;
        let (new, revision) = (id.key(), stored.revision + 1);
        match self.keeper()?.rotate(key, stored.revision, &new, record.clone(), grace, now).await? {
            Rotated::Yes => {
                state.base = Base::Live { key: new, stored: Stored { record: Arc::new(record), revision } };
                state.order.keep = Some(id);
                Ok(Try::Written)
            }
            Rotated::Conflict | Rotated::Gone => self.reload(state, now).await,
            Rotated::Duplicate => Ok(Try::Again),
            Rotated::Revoked => Err(SessionError::Ended),
        }
    }

    async fn create(&self, state: &mut State, record: SessionRecord, now: u32) -> Result<Try, SessionError> {
        let id = SessionId::random().map_err(|_| SessionError::NoEntropy)?;
        let key = id.key();
        match self.keeper()?.create(&key, record.clone(), now).await? {
            Created::Yes => {}
            // Never another's session, however unlikely.
            Created::Duplicate => return Ok(Try::Again),
            Created::Revoked => return Err(SessionError::Ended),
        }
        let stored = Stored { record: Arc::new(record), revision: 1 };
        let before = std::mem::replace(&mut state.base, Base::Live { key, stored });
        state.order.keep = Some(id);
        // A sign-in leaves no session behind, also not one that got another id a moment ago.
        if let Base::Rotated { key, .. } = before {
            self.keeper()?.delete(&key, now).await?;
        }
        Ok(Try::Written)
    }

    /// The session as others have left it. Where it is over, what was in it is not revived: a sign-in goes on without it,
    /// and everything else has come too late.
    async fn reload(&self, state: &mut State, now: u32) -> Result<Try, SessionError> {
        let Base::Live { key, .. } = state.base else { return Ok(Try::Again) };
        let signs_in = matches!(state.turn, Some(Turn::SignIn(_)));
        match self.look_up(Some(key), now).await?.0 {
            base @ Base::Live { .. } => state.base = base,
            base @ Base::Rotated { .. } if signs_in => state.base = base,
            _ if signs_in => state.base = Base::Ended,
            _ => {
                state.end(Base::Ended, false);
                return Err(SessionError::Ended);
            }
        }
        Ok(Try::Again)
    }

    /// The record that is to be written, with these values.
    fn record(&self, state: &State, values: Values, now: u32) -> Result<SessionRecord, SessionError> {
        let present = state.record();
        if let Some(Turn::SignIn(Entrance { user, epoch, fresh })) = &state.turn {
            return Ok(SessionRecord {
                owner: Some(Arc::clone(user)),
                epoch: *epoch,
                fresh: *fresh,
                ..self.anonymous(values, now)?
            });
        }
        let Some(present) = present else { return self.anonymous(values, now) };
        let seen = now.max(present.seen);
        Ok(SessionRecord { seen, deadline: self.deadline(present.started, seen), values, ..present.clone() })
    }

    fn anonymous(&self, values: Values, now: u32) -> Result<SessionRecord, SessionError> {
        let handle = key::random::<12>().map_err(|_| SessionError::NoEntropy)?;
        Ok(SessionRecord {
            owner: None,
            epoch: 0,
            handle: crate::wire::text(&handle).into(),
            fresh: false,
            created: now,
            started: now,
            seen: now,
            deadline: self.deadline(now, now),
            values,
        })
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
        let due = self.touch_due || (self.is_dirty() && !self.unconfirmed);
        (!due).then(|| self.leave())
    }

    /// The response leaves, and nothing is written any more. Of what was not confirmed the browser hears nothing.
    pub(super) fn leave(&mut self) -> Settled {
        self.left = true;
        let failure = self.unconfirmed.then_some(StatusCode::SERVICE_UNAVAILABLE);
        let order = if failure.is_none() { std::mem::take(&mut self.order) } else { Order::default() };
        Settled { asked: self.asked, order, refusal: self.refusal.take(), failure }
    }
}

/// For how many seconds an id may still read after it was renewed.
const GRACE: u32 = 10;
/// Each of them fails only because somebody else's write succeeded.
const MOST_TRIES: usize = 1000;
