//! The portal's routes.
//!
//! - State changes by `POST` alone, and every `POST` of the page answers with 303 to `/`.
//! - What reads cookies through the handle varies by `Cookie` on its own; the cart and the draft, which read the header, say so.

use axum::extract::{Form, State};
use axum::middleware::{from_fn, map_response};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use tower_cookie_policy::{CookiePolicy, Cookies, SessionError, SetCookieError};

use crate::account::{Account, NO_STORE};
use crate::consented::Consented;
use crate::page::{self, Visit};
use crate::watch::Watch;
use crate::whoami::whoami;
use crate::{cart, draft, dwr, ended, home, kept, sessions, transfer, visit};

/// The routes without the laboratory's.
pub(crate) fn routes(policy: &CookiePolicy, watch: Watch) -> Router {
    let consent = policy.consent_service().frame(page::framed);
    let paths = consent.paths();
    let mount = |routes: Router<Watch>, path: &String| routes.route_service(path, consent.clone());
    let routes = Router::new()
        .route("/", get(first_page))
        .route("/whoami", get(whoami))
        .route("/visit", get(visit::visit).post(visit::ask))
        // The page that answers a wrong password has this address.
        .route("/login", post(sessions::sign_in).get(async || Redirect::to("/")))
        .route("/account", get(transfer::page))
        .route("/sessions", get(sessions::list))
        .route("/note", get(kept::read_note))
        .route("/counter/{name}", post(kept::count))
        .route("/language", post(choose_language))
        .route("/cart", get(cart::show).post(cart::fill))
        .route("/draft", get(draft::show).post(draft::keep))
        .route("/theme", get(theme).post(choose_theme))
        .route("/dwr/call/plaincall/{file}", any(dwr::call))
        .route("/privacy", get(async |visit: Visit| Html(page::privacy(&visit).into_string())))
        .route("/portal.css", get(|| async { stylesheet(include_str!("portal.css")) }))
        .merge(forms())
        .fallback(missing);
    paths.iter().fold(routes, mount).with_state(watch)
}

/// The forms of who is signed in, which may have stood open for longer than the session.
fn forms() -> Router<Watch> {
    Router::new()
        .route("/logout", post(sessions::sign_out))
        .route("/logout/everywhere", post(sessions::sign_out_everywhere))
        .route("/renew", post(sessions::renew))
        .route("/resume", post(sessions::resume))
        .route("/password", post(sessions::change_password))
        .route("/sessions/revoke", post(sessions::revoke))
        .route("/note", post(kept::write_note))
        .route("/transfer", post(transfer::carry_out))
        .route_layer(from_fn(ended::explain))
}

/// What every response says to browsers: no script, no foreign content, no frame.
pub(crate) fn harden(routes: Router) -> Router {
    routes.layer(map_response(async |mut response: Response| {
        for (name, value) in [
            (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; form-action 'self'"),
            (REFERRER_POLICY, "same-origin"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }))
}

/// `GET /`. Where the store is down the page goes without what needs it.
async fn first_page(State(watch): State<Watch>, visit: Visit) -> Result<impl IntoResponse, SessionError> {
    let account = Account::of(visit.cookies.session()).await?;
    let consented = Consented::of(&visit.cookies);
    let page = home::page(&visit, &account, &consented, watch.now());
    let is_personal = account.is_passing() || visit.cookies.known_visitor_id().is_some();
    Ok((is_personal.then_some(NO_STORE), Html(page.into_string())))
}

async fn missing(visit: Visit) -> impl IntoResponse {
    (StatusCode::NOT_FOUND, Html(page::missing(&visit).into_string()))
}

#[derive(Deserialize)]
struct LanguageForm {
    #[serde(default)]
    lng: String,
}

async fn choose_language(
    cookies: Cookies,
    Form(form): Form<LanguageForm>,
) -> Result<Redirect, SetCookieError> {
    cookies.choose_language(&form.lng)?;
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
struct ThemeForm {
    #[serde(default)]
    theme: String,
}

#[derive(Serialize)]
struct Theme {
    theme: Option<String>,
}

async fn choose_theme(cookies: Cookies, Form(ThemeForm { theme }): Form<ThemeForm>) -> Response {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=32).contains(&theme.len()) || !theme.bytes().all(legal) {
        return (StatusCode::BAD_REQUEST, "a theme is 1 to 32 of a-z, 0-9 and -").into_response();
    }
    match cookies.set("theme", theme) {
        Ok(()) => Redirect::to("/").into_response(),
        // The value is fine, so it is the table that has no such cookie.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn theme(cookies: Cookies) -> Json<Theme> {
    Json(Theme { theme: cookies.get("theme").map(str::to_owned) })
}

fn stylesheet(text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=300")], text)
}
