//! Where a visitor's calls go. Changing it is a flow: `/transfer` is entered from the page `/account` and from nowhere else.

use axum::extract::Form;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::html;
use serde::{Deserialize, Serialize};
use tower_cookie_policy::{Session, SessionError};

use crate::account::NO_STORE;
use crate::page::{Visit, chrome};
use crate::sign_in;

#[derive(Deserialize)]
pub(crate) struct TransferForm {
    to: Option<String>,
}

/// `GET /account`: the page with the form.
pub(crate) async fn page(visit: Visit) -> Result<Response, SessionError> {
    let own = visit.words.account;
    let target = match visit.cookies.session() {
        Some(session) => target(&session).await?,
        None => None,
    };
    let content = html! {
        div.narrow {
            h1 { (own.transfer) }
            p {
                @match &target {
                    Some(target) => { (own.transferred) " " strong { (target) } }
                    None => { (own.not_transferred) }
                }
            }
            section.card {
                form.fields method="post" action="/transfer" {
                    label for="to" { (own.transfer_to) }
                    input #to name="to" type="tel" required maxlength="32" autocomplete="tel"
                        aria-describedby="to-hint";
                    p #to-hint .quiet { (own.transfer_hint) " " (own.transfer_needs) }
                    button { (own.transfer_now) }
                }
            }
        }
    };
    let page = Html(chrome(&visit, own.transfer, Some("/account"), &content).into_string());
    Ok((target.map(|_| NO_STORE), page).into_response())
}

/// `POST /transfer`. A user who is only remembered is asked for the password first.
pub(crate) async fn carry_out(
    visit: Visit,
    session: Session,
    Form(form): Form<TransferForm>,
) -> Result<Response, SessionError> {
    // Who took over this browser must not take over the calls of the user whom it remembers.
    let user = session.user().await?;
    if let Some(user) = &user
        && !session.is_fresh().await?
    {
        return Ok(sign_in::not_fresh(&visit, user));
    }
    let legal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b' ' | b'-');
    match form.to {
        Some(to) if (1..=32).contains(&to.len()) && to.bytes().all(legal) => {
            session.insert(TARGET, &Forwarding { user, to }).await?;
            Ok(Redirect::to("/account").into_response())
        }
        _ => Ok((StatusCode::BAD_REQUEST, "a number is 1 to 32 digits, spaces, + and -").into_response()),
    }
}

/// Where the calls of whoever is there go.
async fn target(session: &Session) -> Result<Option<String>, SessionError> {
    let user = session.user().await?;
    let forwarding: Option<Forwarding> = session.get(TARGET).await?;
    Ok(forwarding.filter(|forwarding| forwarding.user == user).map(|forwarding| forwarding.to))
}

/// Whose calls go where. A session is kept through a sign-in and a resumption, and what an anonymous visitor has stored with it.
#[derive(Serialize, Deserialize)]
struct Forwarding {
    user: Option<String>,
    to: String,
}

const TARGET: &str = "transfer";
