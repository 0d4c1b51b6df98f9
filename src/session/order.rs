//! What the browser has to be told of a session's cookies.

use std::sync::Arc;

use super::id::SessionId;
use super::remember::Token;
use crate::wire::Period;

/// What the browser has to be told.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// To forget those that told who was signed in.
    pub(crate) forget: bool,
    /// To keep this id.
    pub(crate) keep: Option<SessionId>,
    /// Whose session that is.
    pub(crate) owner: Option<Arc<str>>,
    /// Whether somebody has signed in or out, so that another transaction begins.
    pub(crate) rotates: bool,
    /// What becomes of the remembered login.
    pub(crate) login: Option<Login>,
}

/// What becomes of a remembered login.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Login {
    /// It is kept under this validator. The period is the sign-in's, and does not move.
    Keep(Token, Period),
    /// It is over.
    Forget,
    /// It is over, and the handler was told why: if its response leaves, the browser forgets it.
    Told,
    /// It is over, and stays where it is, to tell why when it is brought again.
    Left,
}
