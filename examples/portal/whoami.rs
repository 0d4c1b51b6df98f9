//! Who the visitor is, as far as the portal can tell.

use axum::Json;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Serialize;
use tower_cookie_policy::{Cookies, SessionError};

use crate::account::NO_STORE;

#[derive(Serialize)]
struct Whoami {
    user: Option<String>,
    remembered: Option<String>,
    fresh: Option<bool>,
    session: Option<bool>,
    locale: Option<String>,
    node: Option<String>,
    visitor: Option<String>,
    consent: Consent,
}

#[derive(Serialize)]
struct Consent {
    decided: bool,
    granted: Vec<String>,
}

/// `GET /whoami`. It only looks: no session begins by it.
pub(crate) async fn whoami(cookies: Cookies, headers: HeaderMap) -> Result<impl IntoResponse, SessionError> {
    let (mut user, mut fresh, mut live) = (None, None, None);
    // A policy file may have no row for sessions.
    if let Some(session) = cookies.session()
        && session.is_live().await?
    {
        live = Some(true);
        user = session.user().await?;
        if user.is_some() {
            fresh = Some(session.is_fresh().await?);
        }
    }
    let answer = Whoami {
        user,
        remembered: None,
        fresh,
        session: live,
        locale: cookies.locale(&headers).map(|locale| locale.to_string()),
        node: cookies.node().map(|node| node.name().to_owned()),
        visitor: None,
        consent: Consent { decided: false, granted: Vec::new() },
    };
    Ok((live.map(|_| NO_STORE), Json(answer)))
}
