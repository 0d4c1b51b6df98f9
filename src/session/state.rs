//! What is known of a request's session, and what is to be done.

use std::sync::Arc;

use http::StatusCode;

use super::changes::Changes;
use super::error::SessionError;
use super::id::{SessionId, SessionKey};
use super::order::Order;
use super::record::{SessionRecord, Values};
use super::remember::{Memory, Recognition, SeriesKey};
use super::store::{StoreError, Stored};
use crate::policy::Role;
use crate::report::RefusalReason;

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
    /// A session that is not taken for this visitor's, since the sealed user id is another's.
    pub(super) set_aside: Option<SessionKey>,
    /// What was wrong with the presented cookies, as only the stores could tell.
    pub(super) refusals: Vec<(Role, RefusalReason)>,
    /// Whom the remembered login is of, once somebody has asked.
    pub(super) recognition: Option<Recognition>,
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
    pub(super) user: Arc<str>,
    pub(super) epoch: u64,
    pub(super) memory: Memory,
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

    /// The login that this browser is known to remember this user by, before a sign-in: the session's, or one that was asked for.
    pub(super) fn login_of(&self, user: &str) -> Option<SeriesKey> {
        let of_session = self.record().filter(|record| record.owner() == Some(user));
        of_session.and_then(|record| record.series).or_else(|| match &self.recognition {
            Some(Recognition::Known(remembered)) => remembered.of(user),
            _ => None,
        })
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
        self.order.owner = self.record().and_then(|record| record.owner.clone());
        self.order.rotates |= matches!(self.turn, Some(Turn::SignIn(_)));
    }

    /// Nothing is left of the session but what the browser has to be told.
    pub(super) fn end(&mut self, base: Base, forget: bool) {
        self.base = base;
        let (forget, login) = (forget || self.order.forget, self.order.login);
        self.order = Order { forget, rotates: forget, login, ..Order::default() };
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
