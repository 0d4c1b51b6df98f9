//! One request's view of its session.
//!
//! - The record is loaded when it is first asked for, once.
//! - Changes wait here until the response leaves, or until something has to be written at once.
//! - No lock is held while a handler waits: only while the store is asked, or while others who write to the session have their turn.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::error::SessionError;
use super::id::SessionKey;
use super::keeper::{Keeper, Sessions};
use super::presented::Presented;
use super::record::SessionRecord;
use super::settle::Settled;
use super::state::{Base, State};
use super::store::{Loaded, StoreError, StoreErrorKind, Stored};
use crate::clock;
use crate::policy::{CookiePolicy, Role};
use crate::report::RefusalReason;

/// A request and its session.
pub(crate) struct Visit {
    pub(super) policy: CookiePolicy,
    pub(super) presented: Presented,
    /// Whether the response has left, or never will.
    left: AtomicBool,
    state: Mutex<State>,
}

impl Visit {
    pub(crate) fn new(policy: CookiePolicy, presented: Presented) -> Self {
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
            let Some((id, now)) = self.presented.session() else {
                state.base = Base::Absent;
                return Ok(());
            };
            let (base, refusal) = self.look_up(id.key(), now).await?;
            state.base = base;
            state.refusals.extend(refusal.map(|reason| (Role::Session, reason)));
            if state.record().is_some_and(|record| self.presented.contradicts(record)) {
                (state.base, state.set_aside) = (Base::Absent, Some(id.key()));
                let both = [Role::Session, Role::UserId];
                state.refusals.extend(both.map(|role| (role, RefusalReason::OtherUser)));
            }
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

    pub(super) fn keeper(&self) -> Result<&Keeper<Sessions>, SessionError> {
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
