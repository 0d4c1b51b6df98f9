//! A visitor's id, for whoever asks for one: the portal's support code.

use axum::Json;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Serialize;
use tower_cookie_policy::{Role, VisitorId};

use crate::account::NO_STORE;
use crate::page;

#[derive(Serialize)]
struct Visit {
    visitor: String,
}

/// `GET /visit`. To ask for the id is what issues it, so the first time the answer sets its cookie.
pub(crate) async fn visit(visitor: VisitorId) -> impl IntoResponse {
    (NO_STORE, Json(Visit { visitor: visitor.to_string() }))
}

/// `POST /visit`: the same for the first page's card, which then shows it.
pub(crate) async fn ask(_: VisitorId) -> Redirect {
    Redirect::to("/")
}

/// The card of the first page. It only looks.
pub(crate) fn card(visit: &page::Visit) -> Markup {
    let words = visit.words;
    // A policy file may have no row for it.
    if !visit.cookies.policy().specs().iter().any(|row| row.declared_role() == Role::Visitor) {
        return html! {};
    }
    html! {
        section.card aria-labelledby="support" {
            h2 #support { (words.support) }
            @match visit.cookies.known_visitor_id() {
                Some(visitor) => {
                    p { code.code { (visitor) } }
                    p.quiet { (words.support_known) }
                }
                None => {
                    p.quiet { (words.support_lead) }
                    form method="post" action="/visit" { button.plain { (words.support_ask) } }
                }
            }
        }
    }
}
