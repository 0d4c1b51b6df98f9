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
    SignedOut(Greeting),
    SignedIn(User),
}

/// Who seems to be there, though nobody is signed in.
#[derive(Default)]
pub(crate) struct Greeting {
    /// The user whom this browser remembers.
    remembered: Option<String>,
    /// Whether that login was found to be used by somebody else as well.
    stolen: bool,
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
            Ok(None) => Greeting::of(&session).await.map(Self::SignedOut).or_else(Self::without_store),
            Err(error) => Self::without_store(error),
        }
    }

    fn without_store(error: SessionError) -> Result<Self, SessionError> {
        match error {
            SessionError::Store(_) => Ok(Self::Unavailable),
            error => Err(error),
        }
    }

    /// Whether the page is for this visitor and this moment, and nobody may keep it.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Nowhere => false,
            Self::SignedOut(greeting) => greeting.remembered.is_some() || greeting.stolen,
            Self::Unavailable | Self::SignedIn(_) => true,
        }
    }
}

impl Greeting {
    async fn of(session: &Session) -> Result<Self, SessionError> {
        let remembered = session.remembered().await?.map(|remembered| remembered.user().to_owned());
        Ok(Self { remembered, stolen: session.theft().await?.is_some() })
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
                    Account::SignedOut(greeting) => div { (greeted(greeting, words)) },
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

/// The way in, for somebody who may be remembered.
fn greeted(greeting: &Greeting, words: &Words) -> Markup {
    let own = words.account;
    html! {
        @if greeting.stolen {
            section.card aria-labelledby="stolen" {
                h2 #stolen { (own.stolen) }
                p.refused role="alert" { (own.stolen_lead) }
            }
        }
        @if let Some(user) = &greeting.remembered {
            section.card aria-labelledby="resume" {
                h2 #resume { (own.welcome_back) ", " (user) }
                p.quiet { (own.resume_lead) }
                form method="post" action="/resume" { button { (own.resume) } }
            }
        }
        (sign_in_card(words, greeting.remembered.as_deref().unwrap_or_default(), None))
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
    let own = words.account;
    let content = html! { div.narrow { (sign_in_card(words, user, Some(own.refused))) } };
    chrome(visit, own.refused_title, None, &content)
}

/// The page for a remembered user who wants something that takes a password.
pub(crate) fn not_fresh(visit: &Visit, user: &str) -> Markup {
    let words = visit.words;
    let own = words.account;
    let content = html! { div.narrow { (sign_in_card(words, user, Some(own.not_fresh))) } };
    chrome(visit, own.sign_in, None, &content)
}

/// The form, with the user's name, and with the reason why it is shown again.
pub(crate) fn sign_in_card(words: &Words, user: &str, refused: Option<&str>) -> Markup {
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

/// For what is about one visitor.
pub(crate) const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];
