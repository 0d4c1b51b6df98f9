//! Which id a session belongs to: the first one that passes, and then no other.
//!
//! - Under [`KEY`] the session keeps SHA-256 hashes, so that who reads the store learns no id.
//! - The id is bound by compare-and-swap: of two first batches with different ids one is bound, the other refused.
//! - A browser that lost its cookie has an id **offered**: a new one, made here, that nobody can have planted. The first batch with an
//!   offered id binds that one; until then the old id holds. So neither does a lost cookie lock the session, nor can asking for an
//!   id unbind it, and two tabs that ask at once are each offered one.

use serde::{Deserialize, Serialize};

use crate::mac;
use crate::session::{Session, SessionError};
use crate::wire;

/// What a session keeps.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Binding {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    bound: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    offered: Vec<String>,
}

/// The hash of an id, as the session keeps it.
pub(super) struct Hash(String);

impl Hash {
    pub(super) fn of(id: &[u8]) -> Self {
        Self(wire::text(&mac::sha256(&[id])))
    }
}

impl Binding {
    /// What the live session keeps; `None` where there is no such session, or it belongs to no id yet.
    pub(super) async fn of(session: Option<&Session>) -> Result<Option<Self>, SessionError> {
        let Some(session) = session else { return Ok(None) };
        if !session.is_live().await? {
            return Ok(None);
        }
        let binding: Option<Self> = session.get(KEY).await?;
        Ok(binding.filter(|binding| binding.bound.is_some()))
    }

    /// Whether a batch with this id would pass.
    pub(super) fn admits(&self, hash: &Hash) -> bool {
        self.bound.is_none() || self.is_to(hash) || self.offered.contains(&hash.0)
    }

    fn is_to(&self, hash: &Hash) -> bool {
        self.bound.as_ref() == Some(&hash.0)
    }

    /// After a batch with this id.
    fn claimed(self, hash: &Hash) -> Self {
        if self.admits(hash) && !self.is_to(hash) {
            return Self { bound: Some(hash.0.clone()), offered: Vec::new() };
        }
        self
    }

    fn offering(mut self, hash: &Hash) -> Self {
        if self.offered.len() >= MOST_OFFERED {
            self.offered.remove(0);
        }
        self.offered.push(hash.0.clone());
        self
    }
}

/// Whether the live session, if there is one, belongs to this id; from now on it does, if it belonged to none. Without one
/// nothing is written.
pub(super) async fn claim(session: Option<&Session>, hash: &Hash) -> Result<bool, SessionError> {
    let Some(session) = session else { return Ok(true) };
    if !session.is_live().await? {
        return Ok(true);
    }
    // Mostly it is bound already, which takes no write.
    match session.get::<Binding>(KEY).await? {
        Some(binding) if binding.is_to(hash) => return Ok(true),
        Some(binding) if !binding.admits(hash) => return Ok(false),
        _ => {}
    }
    let claimed =
        session.update(KEY, |binding: Option<Binding>| binding.unwrap_or_default().claimed(hash)).await;
    written(claimed.map(|binding| binding.is_to(hash)))
}

/// Keeps that a browser which lost the bound id is offered this one. False if nothing can be kept any more.
pub(super) async fn offer(session: &Session, hash: &Hash) -> Result<bool, SessionError> {
    let offered =
        session.update(KEY, |binding: Option<Binding>| binding.unwrap_or_default().offering(hash)).await;
    written(offered.map(|_| true))
}

/// A session that ended or moved on while it was asked belongs to nobody: that is a refusal and no failure.
fn written(outcome: Result<bool, SessionError>) -> Result<bool, SessionError> {
    match outcome {
        Err(SessionError::Ended) => Ok(false),
        outcome => outcome,
    }
}

/// As DWR names the attribute of its session.
const KEY: &str = "org.directwebremoting.DWRSESSIONID";
/// More browsers than this do not lose one session's cookie at once.
const MOST_OFFERED: usize = 4;
