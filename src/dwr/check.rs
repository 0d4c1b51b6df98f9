//! The check: the cookie's id is the batch's, and the session belongs to it.
//!
//! - Ids are compared raw, neither decoded nor unquoted, and in constant time. Of several admitted cookies one has to be
//!   equal.
//! - Stricter than DWR: a request without any such cookie does not pass, also where it has no other cookie either.
//! - Whoever has a cookie with another id than the session's is told the session's in its place, also by a refusal: else a
//!   cookie that was written over would lock the browser out, whose engine asks for no id while it has one.

use super::batch::Batch;
use super::binding::Binding;
use super::call::Call;
use super::error::Denial;
use super::exchange::{Exchange, ExchangeError};
use crate::cookies::Cookies;
use crate::mac;
use crate::policy::{CookieSpec, Issuer, Role};
use crate::session::SessionError;
use crate::value::dwr;

/// How a batch came out.
enum Verdict {
    /// It passes, under this id.
    Passes(String),
    Denied(Denial),
}

impl Batch {
    /// Holds the batch against the request's cookies and its session. Whatever comes of it is an exchange: one whose calls
    /// can be answered, or one that has no calls and refuses.
    pub(super) async fn check(self, cookies: &Cookies) -> Result<Exchange, ExchangeError> {
        let (holder, row) = cookies.holder_of(Role::ScriptSession).ok_or(ExchangeError::NoRow)?;
        let request = Request { cookies: holder, row, asked: cookies };
        let verdict = match self.calls.iter().all(Call::asks_for_id) {
            true => request.generate().await?,
            false => request.check(self.claimed()).await?,
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
    /// The handle that the handler has, from which the session is found.
    asked: &'r Cookies,
}

impl Request<'_> {
    async fn check(&self, claimed: &str) -> Result<Verdict, ExchangeError> {
        if self.ids().next().is_none() {
            return Ok(Verdict::Denied(Denial::NoCookie));
        }
        if !self.has(claimed) {
            return Ok(Verdict::Denied(Denial::OtherCookie));
        }
        let Some(binding) = Binding::of(self.asked).await? else {
            return Ok(Verdict::Passes(claimed.to_owned()));
        };
        Ok(match binding.claim(claimed).await? {
            Some(bound) if mac::are_same(bound.as_bytes(), claimed.as_bytes()) => Verdict::Passes(bound),
            bound => {
                bound.map_or(Ok(()), |bound| self.set(&bound))?;
                Verdict::Denied(Denial::OtherSession)
            }
        })
    }

    /// The id of a browser that asks for one: the session's, else the one that it has, else a new one.
    async fn generate(&self) -> Result<Verdict, ExchangeError> {
        let bound = match Binding::of(self.asked).await? {
            Some(binding) => binding.id().await?,
            None => None,
        };
        let present = || self.ids().next().and_then(|id| std::str::from_utf8(id).ok()).map(str::to_owned);
        let id = match bound.or_else(present) {
            Some(id) => id,
            None => dwr::new_id(self.cookies.policy().now_millis()).map_err(|_| SessionError::NoEntropy)?,
        };
        self.set(&id)?;
        Ok(Verdict::Passes(id))
    }

    /// Sees to it that the browser has this id as a cookie. A row that says that scripts set it leaves it to the engine,
    /// which writes the id that it is told.
    fn set(&self, id: &str) -> Result<(), ExchangeError> {
        if self.row.declared_issuer() != Issuer::Script && !self.has(id) {
            self.cookies.set(self.row.name().literal(), id)?;
        }
        Ok(())
    }

    /// Whether one of the cookies has this id. All of them are compared, so that the time does not tell which one has.
    fn has(&self, id: &str) -> bool {
        self.ids().fold(false, |has, value| has | mac::are_same(value, id.as_bytes()))
    }

    /// The admitted values, which have the shape of an id.
    fn ids(&self) -> impl Iterator<Item = &[u8]> {
        self.cookies.get_all(self.row.name().literal())
    }
}
