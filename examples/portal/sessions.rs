//! Signing in and out, and the list of a user's sessions.
//!
//! - A page's form is answered with 303 to `/`, whoever sends it; only a password that is wrong or missing is told, with 401.
//! - What a session did not do is a `SessionError`, which is a response of its own; the page for it is in `ended`.

use axum::Json;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_cookie_policy::{Remembered, Role, Session, SessionError, SessionInfo, SignIn};

use crate::account::NO_STORE;
use crate::page::Visit;
use crate::sign_in as form;

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: String,
    /// `on` where the box was ticked.
    #[serde(default)]
    remember: String,
}

/// `POST /login`. The user's name is as it was sent, and whoever was signed in before is so no more.
pub(crate) async fn sign_in(
    visit: Visit,
    session: Session,
    Form(Credentials { user, password, remember }): Form<Credentials>,
) -> Result<Response, SessionError> {
    let right = if is_name(&user) {
        // Noted before the password is looked at: if it is changed meanwhile, the old one lets nobody in any more.
        let epoch = visit.cookies.policy().epoch(&user).await?;
        (password == PASSWORD).then(|| SignIn::new(user.as_str()).since(epoch))
    } else {
        None
    };
    let Some(sign_in) = right else { return Ok(form::wrong(&visit, &user)) };
    // A policy file may have no row for it.
    let can_remember =
        || visit.cookies.policy().specs().iter().any(|row| row.declared_role() == Role::AutoLogin);
    session.sign_in(if remember == "on" && can_remember() { sign_in.remembered() } else { sign_in }).await?;
    Ok(Redirect::to("/").into_response())
}

/// `POST /resume`: signs the remembered user in, who is asked for the password before anything that matters.
pub(crate) async fn resume(
    visit: Visit,
    session: Session,
    remembered: Option<Remembered>,
) -> Result<Response, SessionError> {
    let Some(remembered) = remembered else { return Ok(form::forgotten(&visit)) };
    session.resume(remembered).await?;
    Ok(Redirect::to("/").into_response())
}

/// `POST /logout`.
pub(crate) async fn sign_out(session: Session) -> Result<Redirect, SessionError> {
    session.sign_out().await?;
    Ok(Redirect::to("/"))
}

/// `POST /logout/everywhere`.
pub(crate) async fn sign_out_everywhere(session: Session) -> Result<Redirect, SessionError> {
    session.sign_out_everywhere().await?;
    Ok(Redirect::to("/"))
}

/// `POST /renew`.
pub(crate) async fn renew(session: Session) -> Result<Redirect, SessionError> {
    session.renew().await?;
    Ok(Redirect::to("/"))
}

/// `POST /password`: what has to happen once a new password is stored. A remembered user is asked for the present one first.
pub(crate) async fn change_password(visit: Visit, session: Session) -> Result<Response, SessionError> {
    if let Some(user) = session.user().await? {
        if !session.is_fresh().await? {
            return Ok(form::not_fresh(&visit, &user));
        }
        // This one by itself, or else the browser would not be told to forget its cookies.
        session.sign_out().await?;
        visit.cookies.policy().revoke_user(&user).await?;
    }
    Ok(Redirect::to("/").into_response())
}

/// `GET /sessions`.
pub(crate) async fn list(session: Session) -> Result<impl IntoResponse, SessionError> {
    let sessions: Vec<SessionInfo> = session.sessions().await?;
    Ok((NO_STORE, Json(sessions)))
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    session: String,
}

/// `POST /sessions/revoke`. One that is not there, or somebody else's, is as good as ended.
pub(crate) async fn revoke(
    session: Session,
    Form(Choice { session: handle }): Form<Choice>,
) -> Result<Redirect, SessionError> {
    session.revoke(&handle).await?;
    Ok(Redirect::to("/"))
}

/// Whether it can be a user's name: 1 to 64 characters that can be seen, in at most 255 bytes.
fn is_name(user: &str) -> bool {
    user.len() <= 255
        && (1..=64).contains(&user.chars().count())
        && !user.trim().is_empty()
        && !user.chars().any(|character| character.is_control() || is_invisible(character))
}

/// Characters that print nothing, or that turn the direction of what follows.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

pub(crate) const PASSWORD: &str = "demo";
