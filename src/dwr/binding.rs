//! Which id a session belongs to: the first one that passes, and then no other.
//!
//! - Under [`KEY`] the session keeps the id itself, sealed under the policy's keys: who reads the store learns none, and a
//!   browser that lost its cookie can be told the id again. [`SEALED_AS`] can be no cookie's name, so nothing that is sealed
//!   here opens as a cookie, and no cookie here.
//! - The id is bound by compare-and-swap: of two first batches with different ids one is bound, the other refused.
//! - What does not open counts as nothing, and the next id that passes is bound. No client can bring that about: only a key
//!   that was retired before the session ended can.
//! - The sealing has no end of its own. The session's limits end it, and a sign-in, through which a binding lives on, begins
//!   them anew.

use crate::cookies::Cookies;
use crate::policy::{CookiePolicy, Role};
use crate::session::{Session, SessionError};
use crate::wire::{Period, sealed};

/// The live session of a request, as far as it belongs to an id.
pub(super) struct Binding<'c> {
    /// Whose session it is, and whose keys seal.
    policy: &'c CookiePolicy,
    session: Session,
}

impl<'c> Binding<'c> {
    /// `None` where there is no live session, in which nothing is written.
    pub(super) async fn of(cookies: &'c Cookies) -> Result<Option<Self>, SessionError> {
        let (Some((holder, _)), Some(session)) = (cookies.holder_of(Role::Session), cookies.session()) else {
            return Ok(None);
        };
        Ok(session.is_live().await?.then_some(Self { policy: holder.policy(), session }))
    }

    /// The id that the session belongs to, if it belongs to one.
    pub(super) async fn id(&self) -> Result<Option<String>, SessionError> {
        let kept: Option<String> = self.session.get(KEY).await?;
        Ok(kept.and_then(|kept| self.opened(&kept)))
    }

    /// The id that the session belongs to from now on: the one that it belonged to, else this one. `None` if it can be bound
    /// to none any more.
    pub(super) async fn claim(&self, id: &str) -> Result<Option<String>, SessionError> {
        // Mostly it is bound already, which takes no write.
        if let Some(bound) = self.id().await? {
            return Ok(Some(bound));
        }
        let sealed = self.sealed(id)?;
        let write_once = |kept: Option<String>| match kept {
            Some(kept) if self.opened(&kept).is_some() => kept,
            _ => sealed.clone(),
        };
        match self.session.update(KEY, write_once).await {
            Ok(kept) => Ok(self.opened(&kept)),
            // A session that ended or moved on while it was asked belongs to nobody: that is a refusal and no failure.
            Err(SessionError::Ended) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn sealed(&self, id: &str) -> Result<String, SessionError> {
        let period = Period { issued: self.policy.now(), expires: u32::MAX };
        sealed::seal(self.policy.subkeys(), SEALED_AS, id, period).map_err(|_| SessionError::NoEntropy)
    }

    fn opened(&self, kept: &str) -> Option<String> {
        let opened = sealed::open(self.policy.subkeys(), SEALED_AS.as_bytes(), kept.as_bytes()).ok()?;
        String::from_utf8(opened.value).ok()
    }
}

/// As DWR names the attribute of its session.
const KEY: &str = "org.directwebremoting.DWRSESSIONID";
/// With a slash, which is in no cookie's name.
const SEALED_AS: &str = "session/org.directwebremoting.DWRSESSIONID";
