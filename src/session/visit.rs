//! One request's view of its session.
//!
//! - The record is loaded when it is first asked for, once.
//! - Changes wait here until the response leaves, or until something has to be written at once.
//! - No lock is held while a handler waits: only while the store is asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::{Mutex, MutexGuard};

use super::changes::Changes;
use super::error::SessionError;
use super::id::{SessionId, SessionKey};
use super::keeper::Keeper;
use super::record::{SessionRecord, Values};
use super::settle::Settled;
use super::store::{Loaded, StoreError, StoreErrorKind, Stored};
use crate::clock;
use crate::policy::CookiePolicy;
use crate::report::RefusalReason;

/// A request and its session.
pub(crate) struct Visit {
    pub(super) policy: CookiePolicy,
    /// The id that was presented, and when.
    presented: Option<(SessionId, u32)>,
    /// Whether the response has left, or never will.
    left: AtomicBool,
    state: Mutex<State>,
}

/// What is known and what is to be done.
#[derive(Default)]
pub(super) struct State {
    /// Whether the handler's answer may depend on the session.
    pub(super) asked: bool,
    pub(super) base: Base,
    pub(super) changes: Changes,
    pub(super) turn: Option<Turn>,
    /// What the browser has to be told.
    pub(super) order: Order,
    /// What was wrong with the presented id.
    pub(super) refusal: Option<RefusalReason>,
    /// With what the handler's response has to be replaced, once something was not confirmed, or got lost.
    pub(super) failure: Option<StatusCode>,
    /// Whether it has to be kept that the session was used, and no write has kept it.
    pub(super) touch_due: bool,
}

/// The session as it stands.
#[derive(Default)]
pub(super) enum Base {
    /// The store was not asked yet.
    #[default]
    Unasked,
    /// There is none. A write begins one.
    Absent,
    Live {
        key: SessionKey,
        stored: Stored,
    },
    /// It has another id by now. This one may read it for a moment more, and could at the moment `at`.
    Rotated {
        key: SessionKey,
        stored: Stored,
        at: u32,
    },
    /// There was one, and it is over.
    Ended,
}

/// What is to become of the id.
pub(super) enum Turn {
    Renewal,
    SignIn(Entrance),
}

/// A user who is about to be signed in.
pub(super) struct Entrance {
    pub(super) user: std::sync::Arc<str>,
    pub(super) epoch: u64,
    pub(super) fresh: bool,
}

/// What the browser has to be told of the session's cookies.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// To forget those that told who was signed in.
    pub(crate) forget: bool,
    /// To keep this id.
    pub(crate) keep: Option<SessionId>,
    /// Whether somebody has signed in or out, so that another transaction begins.
    pub(crate) rotates: bool,
}

impl Visit {
    /// The visit of whoever presents this id at this moment. It has the shape of one and may be made up.
    pub(crate) fn new(policy: CookiePolicy, presented: Option<(&[u8], u32)>) -> Self {
        let presented = presented.and_then(|(id, now)| Some((SessionId::presented(id)?, now)));
        Self { policy, presented, left: AtomicBool::new(false), state: Mutex::default() }
    }

    /// The state, with the record loaded.
    pub(super) async fn opened(&self) -> Result<MutexGuard<'_, State>, SessionError> {
        let mut state = self.held().await?;
        self.open(&mut state).await?;
        Ok(state)
    }

    /// The same, for a write, which is not confirmed if there is nothing to write to.
    pub(super) async fn writable(&self) -> Result<MutexGuard<'_, State>, SessionError> {
        let mut state = self.held().await?;
        if self.has_left() {
            return Err(SessionError::Late);
        }
        let opened = self.open(&mut state).await;
        state.confirmed(opened)?;
        Ok(state)
    }

    async fn open(&self, state: &mut State) -> Result<(), SessionError> {
        if matches!(state.base, Base::Unasked) {
            // One request is judged at one moment, its session included.
            let Some((id, now)) = &self.presented else {
                state.base = Base::Absent;
                return Ok(());
            };
            let now = *now;
            (state.base, state.refusal) = self.look_up(id.key(), now).await?;
            state.touch_due =
                matches!(&state.base, Base::Live { stored, .. } if self.is_stale(&stored.record, now));
        }
        Ok(())
    }

    /// The state as it is.
    pub(super) async fn locked(&self) -> MutexGuard<'_, State> {
        match self.state.try_lock() {
            Ok(state) => state,
            Err(_) => self.state.lock().await,
        }
    }

    /// The state for a handler. Who holds the session and does not go on with it keeps others waiting no longer than the
    /// store may.
    async fn held(&self) -> Result<MutexGuard<'_, State>, SessionError> {
        let held = clock::within(self.patience(), self.locked()).await;
        let mut state = held.ok_or(StoreError::new(StoreErrorKind::Timeout))?;
        state.asked = true;
        Ok(state)
    }

    pub(super) fn has_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    /// Nothing is written any more: the response leaves, or there will be none.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    /// What the response half hears, if that can be told without waiting.
    pub(crate) fn settled(&self) -> Option<Settled> {
        let settled = self.state.try_lock().ok()?.settled();
        settled.inspect(|_| self.leave())
    }

    /// The same, for the only one who has this visit.
    pub(crate) fn settled_alone(&mut self) -> Option<Settled> {
        let settled = self.state.get_mut().settled();
        settled.inspect(|_| self.leave())
    }

    pub(super) fn keeper(&self) -> Result<&Keeper, SessionError> {
        self.policy.sessions().ok_or(SessionError::NoRow)
    }

    /// How long the store may take.
    pub(super) fn patience(&self) -> Duration {
        self.policy.sessions().map_or(Duration::MAX, Keeper::deadline)
    }

    /// What is under this key, and what is wrong where nothing is. A record that the limits say is over is over, even if
    /// the store returns it.
    pub(super) async fn look_up(
        &self,
        key: SessionKey,
        now: u32,
    ) -> Result<(Base, Option<RefusalReason>), SessionError> {
        let loaded = match self.keeper()?.load(&key, now).await {
            Err(error) if error.kind() == StoreErrorKind::Undecodable => {
                return Ok((Base::Absent, Some(RefusalReason::Undecodable)));
            }
            loaded => loaded?,
        };
        let over = |stored: &Stored| self.is_over(&stored.record, now);
        Ok(match loaded {
            Loaded::Live(stored) | Loaded::Rotated(stored) if over(&stored) => {
                (Base::Absent, Some(RefusalReason::Expired))
            }
            Loaded::Live(stored) => (Base::Live { key, stored }, None),
            Loaded::Rotated(stored) => (Base::Rotated { key, stored, at: now }, None),
            Loaded::Ended => (Base::Ended, Some(RefusalReason::Ended)),
            Loaded::Absent => (Base::Absent, Some(RefusalReason::Unknown)),
        })
    }

    /// The end of a session that was begun and seen then: by the idle limit or by the absolute one.
    pub(super) fn deadline(&self, started: u32, seen: u32) -> u32 {
        let limits = [(started, self.policy.absolute_limit()), (seen, self.policy.idle_limit())];
        limits.map(|(from, limit)| from.saturating_add(limit)).into_iter().min().unwrap_or(started)
    }

    /// Whether a tenth of the idle limit has passed since it was last kept that the session was used.
    fn is_stale(&self, record: &SessionRecord, now: u32) -> bool {
        now.saturating_sub(record.seen) >= (self.policy.idle_limit() / 10).max(1)
    }

    pub(super) fn is_over(&self, record: &SessionRecord, now: u32) -> bool {
        // A clock that was set back a little ends nothing, and nothing is prolonged by more than the idle limit.
        let ahead = record.seen.saturating_sub(now) > self.policy.idle_limit();
        ahead || now >= record.deadline || now >= self.deadline(record.started, record.seen)
    }
}

impl State {
    /// The record as it was loaded, where it may be read.
    pub(super) fn record(&self) -> Option<&SessionRecord> {
        match &self.base {
            Base::Live { stored, .. } | Base::Rotated { stored, .. } => Some(&stored.record),
            Base::Unasked | Base::Absent | Base::Ended => None,
        }
    }

    /// The values that the changes are changes of.
    pub(super) fn values(&self) -> Option<&Values> {
        self.record().map(|record| &record.values)
    }

    /// The user, as this request has it.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.turn {
            Some(Turn::SignIn(entrance)) => Some(&entrance.user),
            _ => self.record()?.owner(),
        }
    }

    /// Nothing is written to a session that has ended or moved on; a sign-in opens another.
    pub(super) fn may_write(&self) -> Result<(), SessionError> {
        match (&self.base, &self.turn) {
            (Base::Ended | Base::Rotated { .. }, None | Some(Turn::Renewal)) => Err(SessionError::Ended),
            _ => Ok(()),
        }
    }

    /// Notes that the store failed at something that had to be done, so that the response tells of no success.
    pub(super) fn confirmed<T, E: Into<SessionError>>(
        &mut self,
        outcome: Result<T, E>,
    ) -> Result<T, SessionError> {
        outcome.map_err(Into::into).inspect_err(|error| {
            if let SessionError::Store(_) = error {
                self.failure = Some(error.status());
            }
        })
    }

    /// Asks the store to change something. Until it has answered nothing is confirmed: whoever gives up waiting does not
    /// know whether it was done.
    pub(super) async fn ask<T>(
        &mut self,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, SessionError> {
        let before = self.failure.replace(StatusCode::SERVICE_UNAVAILABLE);
        let answer = step.await?;
        self.failure = before;
        Ok(answer)
    }

    /// Whether something waits to be written.
    pub(super) fn is_dirty(&self) -> bool {
        self.turn.is_some() || !self.changes.is_empty()
    }

    /// The session has this id now.
    pub(super) fn is_kept_under(&mut self, id: SessionId) {
        self.order.keep = Some(id);
        self.order.rotates |= matches!(self.turn, Some(Turn::SignIn(_)));
    }

    /// Nothing is left of the session but what the browser has to be told.
    pub(super) fn end(&mut self, base: Base, forget: bool) {
        self.base = base;
        let forget = forget || self.order.forget;
        self.order = Order { forget, keep: None, rotates: forget };
        (self.changes, self.turn) = (Changes::default(), None);
    }

    /// The same, where others have ended it. The handler was told that what waits would be written: it was not.
    pub(super) fn lose(&mut self, base: Base) {
        if self.is_dirty() {
            self.failure.get_or_insert(SessionError::Ended.status());
        }
        self.end(base, false);
    }
}
