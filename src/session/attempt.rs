//! One try to write what waits: by an update, under another key, or as a new session.

use std::sync::Arc;

use super::error::{MOST_BYTES, SessionError};
use super::id::{SessionId, SessionKey};
use super::record::{SessionRecord, Values};
use super::remember::Memory;
use super::state::{Base, Entrance, State, Turn};
use super::store::{Created, Rotated, Stored, Updated};
use super::visit::Visit;
use crate::key;

/// How a try came out.
pub(super) enum Try {
    Written,
    /// Somebody else was faster, or an id was taken: once more.
    Again,
}

impl Visit {
    pub(super) async fn attempt(&self, state: &mut State, values: Values) -> Result<Try, SessionError> {
        let now = self.policy.now();
        let record = Arc::new(self.record(state, values, now)?);
        if record.deadline <= now {
            return Err(SessionError::Clock);
        }
        if record.size() > MOST_BYTES {
            return Err(SessionError::Oversized { bytes: record.size() });
        }
        let grace = match state.turn {
            Some(Turn::SignIn(_)) => Some(0),
            Some(Turn::Renewal) => Some(GRACE),
            None => None,
        };
        match (&state.base, grace) {
            // It ended by itself while the handler was at work, whatever the store makes of that.
            (Base::Live { key, stored }, _) if self.is_over(&stored.record, now) => {
                let key = *key;
                self.reload(state, key, now).await
            }
            (Base::Live { key, stored }, None) => {
                let (key, revision) = (*key, stored.revision);
                self.update(state, key, revision, record, now).await
            }
            (Base::Live { key, stored }, Some(grace)) => {
                let (key, revision) = (*key, stored.revision);
                self.rotate(state, key, revision, record, grace, now).await
            }
            _ => self.create(state, record, now).await,
        }
    }

    async fn update(
        &self,
        state: &mut State,
        key: SessionKey,
        revision: u64,
        record: Arc<SessionRecord>,
        now: u32,
    ) -> Result<Try, SessionError> {
        let update = self.keeper()?.update(&key, revision, SessionRecord::clone(&record), now);
        match state.ask(update).await? {
            Updated::Yes => {
                state.base = Base::Live { key, stored: Stored::new(record, revision.saturating_add(1)) };
                Ok(Try::Written)
            }
            Updated::Conflict | Updated::Gone => self.reload(state, key, now).await,
        }
    }

    async fn rotate(
        &self,
        state: &mut State,
        old: SessionKey,
        revision: u64,
        record: Arc<SessionRecord>,
        grace: u32,
        now: u32,
    ) -> Result<Try, SessionError> {
        let id = SessionId::random().map_err(|_| SessionError::NoEntropy)?;
        let key = id.key();
        let rotation = self.keeper()?.rotate(&old, revision, &key, SessionRecord::clone(&record), grace, now);
        match state.ask(rotation).await? {
            Rotated::Yes => {
                state.base = Base::Live { key, stored: Stored::new(record, revision.saturating_add(1)) };
                self.keep(state, id).await
            }
            Rotated::Conflict | Rotated::Gone => self.reload(state, old, now).await,
            Rotated::Duplicate => Ok(Try::Again),
            Rotated::Revoked => Err(SessionError::Ended),
        }
    }

    async fn create(
        &self,
        state: &mut State,
        record: Arc<SessionRecord>,
        now: u32,
    ) -> Result<Try, SessionError> {
        let id = SessionId::random().map_err(|_| SessionError::NoEntropy)?;
        let key = id.key();
        let creation = self.keeper()?.create(&key, SessionRecord::clone(&record), now);
        match state.ask(creation).await? {
            Created::Yes => {}
            // Never another's session, however unlikely.
            Created::Duplicate => return Ok(Try::Again),
            Created::Revoked => return Err(SessionError::Ended),
        }
        let before = std::mem::replace(&mut state.base, Base::Live { key, stored: Stored::new(record, 1) });
        let kept = self.keep(state, id).await?;
        // A sign-in leaves no session behind, also not one that got another id a moment ago.
        if let Base::Rotated { key, at, .. } = before {
            state.ask(self.keeper()?.delete(&key, at)).await?;
        }
        Ok(kept)
    }

    /// Gives out the id of a session that is written, unless it was opened from a login that ended in the meantime: then that
    /// session ends too, and nobody gets to know of it.
    async fn keep(&self, state: &mut State, id: SessionId) -> Result<Try, SessionError> {
        if let Some(Turn::SignIn(Entrance { memory: Memory::Resumed(login), .. })) = state.turn {
            let stands = Box::pin(self.stands(state, login)).await;
            if !matches!(stands, Ok(true)) {
                state.lose(Base::Ended);
                state.ask(self.keeper()?.delete(&id.key(), self.policy.now())).await?;
                return stands.and(Err(SessionError::Ended));
            }
        }
        state.is_kept_under(id);
        Ok(Try::Written)
    }

    /// The session as others have left it. Where it is over, what was in it is not revived: a sign-in goes on without it,
    /// and everything else has come too late.
    pub(super) async fn reload(
        &self,
        state: &mut State,
        key: SessionKey,
        now: u32,
    ) -> Result<Try, SessionError> {
        let signs_in = matches!(state.turn, Some(Turn::SignIn(_)));
        match self.look_up(key, now).await {
            Ok((base @ Base::Live { .. }, _)) => state.base = base,
            Ok((base @ Base::Rotated { .. }, _)) if signs_in => state.base = base,
            // Somebody else has renewed it, which is what was wanted.
            Ok((base @ Base::Rotated { .. }, _)) if state.turn.is_some() && state.changes.is_empty() => {
                state.base = base;
                return Ok(Try::Written);
            }
            Ok(_) if signs_in => state.base = Base::Ended,
            Ok(_) => {
                state.lose(Base::Ended);
                return Err(SessionError::Ended);
            }
            Err(error) => return state.confirmed(Err(error)),
        }
        Ok(Try::Again)
    }

    /// The record that is to be written, with these values.
    fn record(&self, state: &State, values: Values, now: u32) -> Result<SessionRecord, SessionError> {
        if let Some(Turn::SignIn(Entrance { user, epoch, memory })) = &state.turn {
            return Ok(SessionRecord {
                owner: Some(Arc::clone(user)),
                epoch: *epoch,
                fresh: memory.is_fresh(),
                series: memory.series().or_else(|| state.login_of(user)),
                ..self.anonymous(values, now)?
            });
        }
        let Some(present) = state.record() else { return self.anonymous(values, now) };
        let seen = now.max(present.seen);
        Ok(SessionRecord {
            owner: present.owner.clone(),
            epoch: present.epoch,
            handle: Arc::clone(&present.handle),
            fresh: present.fresh,
            created: present.created,
            started: present.started,
            seen,
            deadline: self.deadline(present.started, seen),
            values,
            series: present.series,
        })
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
            series: None,
        })
    }
}

/// For how many seconds an id may still read after it was renewed.
const GRACE: u32 = 10;
