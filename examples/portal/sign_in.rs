//! The sign-in form, and the pages that ask for it: who is wrong, unknown or merely remembered sees it with 401 and a reason.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};

use crate::account::NO_STORE;
use crate::page::{Visit, chrome};
use crate::sessions::PASSWORD;
use crate::words::Words;

/// For who gave a wrong name or password, the form with the name once more.
pub(crate) fn wrong(visit: &Visit, user: &str) -> Response {
    let own = visit.words.account;
    page(visit, own.refused_title, user, own.refused)
}

/// For who is not remembered any more, and meant to go on as such.
pub(crate) fn forgotten(visit: &Visit) -> Response {
    let own = visit.words.account;
    page(visit, own.refused_title, "", own.forgotten)
}

/// For a remembered user who wants something that takes a password.
pub(crate) fn not_fresh(visit: &Visit, user: &str) -> Response {
    let own = visit.words.account;
    page(visit, own.sign_in, user, own.not_fresh)
}

fn page(visit: &Visit, title: &str, user: &str, why: &str) -> Response {
    let content = html! { div.narrow { (card(visit.words, user, Some(why))) } };
    let page = chrome(visit, title, None, &content).into_string();
    (StatusCode::UNAUTHORIZED, NO_STORE, Html(page)).into_response()
}

/// The form, with the user's name, and with the reason why it is shown again.
pub(crate) fn card(words: &Words, user: &str, refused: Option<&str>) -> Markup {
    let own = words.account;
    html! {
        section.card aria-labelledby="sign-in" {
            @if refused.is_some() { h1 #sign-in { (own.sign_in) } } @else { h2 #sign-in { (own.sign_in) } }
            @if let Some(why) = refused { p #refused .refused role="alert" { (why) } }
            form.fields method="post" action="/login" aria-describedby=[refused.map(|_| "refused")] {
                label for="user" { (own.user) }
                input #user name="user" value=(user) required maxlength="64" autocomplete="username"
                    autocapitalize="none" spellcheck="false";
                label for="password" { (own.password) }
                input #password name="password" type="password" required autocomplete="current-password"
                    aria-describedby="password-hint";
                p #password-hint .quiet { (own.password_hint) " " code { (PASSWORD) } }
                label.tick { input type="checkbox" name="remember" value="on"; " " (own.remember) }
                button { (own.sign_in) }
            }
        }
    }
}
