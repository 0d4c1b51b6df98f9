//! The check: the cookie's id is the batch's, and the session belongs to it.
//!
//! - Ids are compared raw, neither decoded nor unquoted, and in constant time. Of several admitted cookies one has to be equal.
//! - Stricter than DWR: a request without any such cookie does not pass, also where it has no other cookie either.

use super::batch::Batch;
use super::binding::{self, Binding, Hash};
use super::error::Denial;
use super::exchange::{Exchange, ExchangeError};
use crate::cookies::Cookies;
use crate::mac;
use crate::policy::{CookieSpec, Issuer};
use crate::session::{Session, SessionError};
use crate::value::dwr;

/// How a batch came out.
enum Verdict {
    /// It passes, under this id.
    Passes(String),
    Denied(Denial),
}

impl Batch {
    /// Holds the batch against the request's cookies and its session. Whatever comes of it is an exchange: one whose calls can be
    /// answered, or one that has no calls and refuses.
    ///
    /// # Errors
    /// [`ExchangeError::Session`] if the session's store fails, [`ExchangeError::NoRow`] if no policy around the handler has a row
    /// with the role [`ScriptSession`](crate::Role::ScriptSession), [`ExchangeError::Cookie`] if its row does not let a new id be set.
    pub async fn check(self, cookies: &Cookies) -> Result<Exchange, ExchangeError> {
        let (holder, row) = cookies.script_session().ok_or(ExchangeError::NoRow)?;
        let request = Request { cookies: holder, row, session: cookies.session() };
        let verdict = match self.calls.as_slice() {
            [only] if only.asks_for_id() => request.generate().await?,
            _ => request.check(self.claimed()).await?,
        };
        let Self { envelope, mut calls, .. } = self;
        Ok(match verdict {
            Verdict::Denied(denial) => Exchange::denied(envelope, denial),
            Verdict::Passes(id) => {
                calls.iter_mut().for_each(|call| call.answer_system(&id));
                Exchange::checked(envelope, calls)
            }
        })
    }
}

/// What a batch is held against.
struct Request<'r> {
    /// The handle of the policy that has the row.
    cookies: &'r Cookies,
    row: &'r CookieSpec,
    session: Option<Session>,
}

impl Request<'_> {
    async fn check(&self, claimed: &str) -> Result<Verdict, SessionError> {
        let mut came = false;
        let mut equals = false;
        // All of them are compared, so that the time does not tell which one was equal.
        for value in self.ids() {
            came = true;
            equals |= mac::are_same(value, claimed.as_bytes());
        }
        Ok(if !came {
            Verdict::Denied(Denial::NoCookie)
        } else if !equals {
            Verdict::Denied(Denial::OtherCookie)
        } else if !binding::claim(self.session.as_ref(), &Hash::of(claimed.as_bytes())).await? {
            Verdict::Denied(Denial::OtherSession)
        } else {
            Verdict::Passes(claimed.to_owned())
        })
    }

    /// The id of a browser that asks for one: the one that it has, if that would pass, else a new one.
    async fn generate(&self) -> Result<Verdict, ExchangeError> {
        let binding = Binding::of(self.session.as_ref()).await?;
        let passes = |id: &&[u8]| binding.as_ref().is_none_or(|binding| binding.admits(&Hash::of(id)));
        let present = self.ids().find(passes).and_then(|id| std::str::from_utf8(id).ok());
        if let Some(id) = present {
            return Ok(Verdict::Passes(id.to_owned()));
        }
        let id = dwr::new_id(self.cookies.policy().now_millis()).map_err(|_| SessionError::NoEntropy)?;
        if let (Some(session), Some(_)) = (&self.session, binding)
            && !binding::offer(session, &Hash::of(id.as_bytes())).await?
        {
            return Ok(Verdict::Denied(Denial::OtherSession));
        }
        // A row that says that scripts set the cookie leaves it to the engine, which writes the id that it is told.
        if self.row.declared_issuer() != Issuer::Script {
            self.cookies.set(self.row.name().literal(), id.as_str())?;
        }
        Ok(Verdict::Passes(id))
    }

    /// The admitted values, which have the shape of an id.
    fn ids(&self) -> impl Iterator<Item = &[u8]> {
        self.cookies.get_all(self.row.name().literal())
    }
}
