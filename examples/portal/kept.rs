//! What the portal keeps in a session: a note and counters. Whoever writes the first one begins a session.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tower_cookie_policy::{Session, SessionError};

use crate::account::NO_STORE;

#[derive(Deserialize)]
pub(crate) struct NoteForm {
    text: Option<String>,
}

#[derive(Serialize)]
struct Note {
    note: Option<String>,
}

/// `POST /note`. An empty text removes the note.
pub(crate) async fn write_note(
    session: Session,
    Form(form): Form<NoteForm>,
) -> Result<Response, SessionError> {
    let Some(text) = form.text else {
        return Ok((StatusCode::BAD_REQUEST, "the form has no text").into_response());
    };
    if text.is_empty() {
        session.remove(NOTE).await?;
    } else {
        session.insert(NOTE, &text).await?;
    }
    Ok(Redirect::to("/").into_response())
}

/// `GET /note`.
pub(crate) async fn read_note(session: Session) -> Result<impl IntoResponse, SessionError> {
    let note = note(&session).await?;
    Ok((note.is_some().then_some(NO_STORE), Json(Note { note })))
}

/// The note, if there is one.
pub(crate) async fn note(session: &Session) -> Result<Option<String>, SessionError> {
    session.get(NOTE).await
}

/// `POST /counter/NAME`: one more, also where many ask at once.
pub(crate) async fn count(session: Session, Path(name): Path<String>) -> Result<Response, SessionError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !(1..=64).contains(&name.len()) || !name.bytes().all(legal) {
        let rule = "a counter's name is 1 to 64 letters, digits, _ and -";
        return Ok((StatusCode::BAD_REQUEST, rule).into_response());
    }
    let key = format!("{COUNTER}{name}");
    let count = session.update(&key, |count: Option<u64>| count.unwrap_or(0) + 1).await?;
    Ok(Json(BTreeMap::from([(name, count)])).into_response())
}

const NOTE: &str = "note";
/// Before a counter's name, so that none is taken for the note.
const COUNTER: &str = "counter.";
