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

impl Consent {
    fn of(cookies: &Cookies) -> Self {
        let consent = cookies.consent();
        let granted = consent.granted().into_iter().map(ToString::to_string).collect();
        Self { decided: consent.is_decided(), granted }
    }
}

/// `GET /whoami`. It only looks: no session and no visitor begins by it, though a remembered login may get its next validator.
pub(crate) async fn whoami(cookies: Cookies, headers: HeaderMap) -> Result<impl IntoResponse, SessionError> {
    let (mut user, mut fresh, mut live, mut remembered) = (None, None, None, None);
    // A policy file may have no row for sessions.
    if let Some(session) = cookies.session() {
        if session.is_live().await? {
            live = Some(true);
            user = session.user().await?;
        }
        if user.is_some() {
            fresh = Some(session.is_fresh().await?);
        }
        remembered = session.remembered().await?.map(|remembered| remembered.user().to_owned());
    }
    let visitor = cookies.known_visitor_id().map(|visitor| visitor.to_string());
    let is_personal = live.is_some() || remembered.is_some() || visitor.is_some();
    let answer = Whoami {
        user,
        remembered,
        fresh,
        session: live,
        locale: cookies.locale(&headers).map(|locale| locale.to_string()),
        node: cookies.node().map(|node| node.name().to_owned()),
        visitor,
        consent: Consent::of(&cookies),
    };
    Ok((is_personal.then_some(NO_STORE), Json(answer)))
}
