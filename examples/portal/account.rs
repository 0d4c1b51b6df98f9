//! What the first page shows of the visitor's session: the sign-in form, or the account.

use http::HeaderName;
use http::header::CACHE_CONTROL;
use maud::{Markup, html};
use tower_cookie_policy::{Session, SessionError, SessionInfo};

use crate::kept;
use crate::page::{Visit, chrome};
use crate::sessions::PASSWORD;
use crate::words::Words;

/// How far the visitor is known.
pub(crate) enum Account {
    /// The table has no session, so nobody can sign in.
    Nowhere,
    /// The store does not answer. What needs no session goes on.
    Unavailable,
    SignedOut,
    SignedIn(User),
}

/// Who is signed in, and what there is to show.
pub(crate) struct User {
    name: String,
    sessions: Vec<SessionInfo>,
    note: Option<String>,
}

impl Account {
    /// Asks the store.
    pub(crate) async fn of(session: Option<Session>) -> Result<Self, SessionError> {
        let Some(session) = session else { return Ok(Self::Nowhere) };
        match User::of(&session).await {
            Ok(Some(user)) => Ok(Self::SignedIn(user)),
            Ok(None) => Ok(Self::SignedOut),
            Err(SessionError::Store(_)) => Ok(Self::Unavailable),
            Err(error) => Err(error),
        }
    }

    /// Whether the page is for this visitor and this moment, and nobody may keep it.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable | Self::SignedIn(_))
    }
}

impl User {
    async fn of(session: &Session) -> Result<Option<Self>, SessionError> {
        let Some(name) = session.user().await? else { return Ok(None) };
        let (sessions, note) = (session.sessions().await?, kept::note(session).await?);
        Ok(Some(Self { name, sessions, note }))
    }
}

/// The top of the first page: what is offered and the sign-in form, or the user.
pub(crate) fn hero(account: &Account, words: &Words) -> Markup {
    let Account::SignedIn(user) = account else {
        return html! {
            section.hero {
                div {
                    h1 { (words.headline) }
                    p.lead { (words.lead) }
                }
                @match account {
                    Account::SignedOut => (sign_in_card(words, "", false)),
                    Account::Unavailable => p.card role="status" { (words.account.unavailable) },
                    Account::Nowhere | Account::SignedIn(_) => {},
                }
                ul.features {
                    @for (title, text) in words.features { li { h2 { (title) } p { (text) } } }
                }
            }
        };
    };
    let own = words.account;
    html! {
        section.hero.known {
            div {
                h1 { (own.welcome) ", " (user.name) }
                p.lead { (own.signed_in_in(user.sessions.len())) }
            }
            form method="post" action="/logout" { button { (own.sign_out) } }
        }
    }
}

/// What the user may see and do; nothing for others.
pub(crate) fn desk(account: &Account, words: &Words, now: u64) -> Markup {
    let Account::SignedIn(user) = account else { return html! {} };
    html! {
        div.columns {
            div {
                (sessions(&user.sessions, words, now))
                (note(user.note.as_deref(), words))
            }
            div.aside { (security(words)) }
        }
    }
}

fn sessions(sessions: &[SessionInfo], words: &Words, now: u64) -> Markup {
    let own = words.account;
    let ago = |then: u32| own.ago(now.saturating_sub(then.into()));
    html! {
        section aria-labelledby="sessions" {
            h2 #sessions { (own.sessions) }
            p.quiet { (own.sessions_lead) }
            ul.sessions {
                @for (number, session) in (1..).zip(sessions) {
                    li.card {
                        div {
                            h3 {
                                (own.session) " " (number)
                                @if session.current { " " span.mark { (own.this_one) } }
                            }
                            p.quiet {
                                span { (own.opened) " " (ago(session.created)) } " "
                                span { (own.used) " " (ago(session.seen)) }
                            }
                        }
                        form method="post" action="/sessions/revoke" {
                            button.plain name="session" value=(session.handle)
                                aria-label={ (own.end) ": " (own.session) " " (number) } { (own.end) }
                        }
                    }
                }
            }
        }
    }
}

fn security(words: &Words) -> Markup {
    let own = words.account;
    html! {
        section.card aria-labelledby="security" {
            h2 #security { (own.security) }
            ul.actions {
                @for (path, (action, text)) in [
                    ("/renew", own.renew),
                    ("/logout/everywhere", own.everywhere),
                    ("/password", own.password_change),
                ] {
                    li {
                        form method="post" action=(path) { button.plain { (action) } }
                        p.quiet { (text) }
                    }
                }
            }
        }
    }
}

fn note(note: Option<&str>, words: &Words) -> Markup {
    let own = words.account;
    html! {
        section.card aria-labelledby="note" {
            h2 #note { (own.note) }
            form.fields method="post" action="/note" {
                label for="text" { (own.note_label) }
                // A line break at the very beginning is the tag's, not the text's.
                textarea #text name="text" rows="3" aria-describedby="note-hint" { "\n" (note.unwrap_or_default()) }
                p #note-hint .quiet { (own.note_hint) }
                button { (own.note_save) }
            }
        }
    }
}

/// The page for who gave a wrong name or password, the form with the name once more.
pub(crate) fn not_signed_in(visit: &Visit, user: &str) -> Markup {
    let words = visit.words;
    let content = html! { div.narrow { (sign_in_card(words, user, true)) } };
    chrome(visit, words.account.refused_title, None, &content)
}

pub(crate) fn sign_in_card(words: &Words, user: &str, refused: bool) -> Markup {
    let own = words.account;
    html! {
        section.card aria-labelledby="sign-in" {
            @if refused { h1 #sign-in { (own.sign_in) } } @else { h2 #sign-in { (own.sign_in) } }
            @if refused { p #refused .refused role="alert" { (own.refused) } }
            form.fields method="post" action="/login" aria-describedby=[refused.then_some("refused")] {
                label for="user" { (own.user) }
                input #user name="user" value=(user) required maxlength="64" autocomplete="username"
                    autocapitalize="none" spellcheck="false";
                label for="password" { (own.password) }
                input #password name="password" type="password" required autocomplete="current-password"
                    aria-describedby="password-hint";
                p #password-hint .quiet { (own.password_hint) " " code { (PASSWORD) } }
                button { (own.sign_in) }
            }
        }
    }
}

/// For what is about one visitor.
pub(crate) const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];
