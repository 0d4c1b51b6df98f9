//! What the first page shows of the visitor's session: the sign-in form, or the account.

use http::HeaderName;
use http::header::CACHE_CONTROL;
use maud::{Markup, html};
use tower_cookie_policy::{Role, Session, SessionError, SessionInfo};

use crate::words::Words;
use crate::{kept, sign_in};

/// How far the visitor is known.
pub(crate) enum Account {
    /// The table has no session, so nobody can sign in.
    Nowhere,
    /// The store does not answer. What needs no session goes on.
    Unavailable,
    /// Nobody is signed in, though there may be a session all the same.
    SignedOut {
        is_live: bool,
        login: Login,
    },
    SignedIn(User),
}

/// What became of the login by which this browser is remembered.
pub(crate) struct Login {
    /// Whose it is, if it counts.
    user: Option<String>,
    /// Whether it was found to be used by somebody else as well.
    stolen: bool,
}

/// Who is signed in, and what there is to show.
pub(crate) struct User {
    name: String,
    /// Whether the password was given in this session.
    is_fresh: bool,
    login: Login,
    sessions: Vec<SessionInfo>,
    note: Option<String>,
}

impl Account {
    /// Asks the store.
    pub(crate) async fn of(session: Option<Session>) -> Result<Self, SessionError> {
        let Some(session) = session else { return Ok(Self::Nowhere) };
        match Self::known_by(&session).await {
            Err(SessionError::Store(_)) => Ok(Self::Unavailable),
            known => known,
        }
    }

    async fn known_by(session: &Session) -> Result<Self, SessionError> {
        let Some(name) = session.user().await? else {
            return Ok(Self::SignedOut {
                is_live: session.is_live().await?,
                login: Login::of(session).await?,
            });
        };
        Ok(Self::SignedIn(User {
            name,
            is_fresh: session.is_fresh().await?,
            login: Login::of(session).await?,
            sessions: session.sessions().await?,
            note: kept::note(session).await?,
        }))
    }

    /// The roles of cookies that verify, and yet were found by the stores to be worth nothing: of a session that has ended, of a
    /// login that is over.
    pub(crate) fn lapsed(&self) -> Vec<Role> {
        let (is_live, login) = match self {
            Self::Nowhere | Self::Unavailable => return Vec::new(),
            Self::SignedOut { is_live, login } => (*is_live, login),
            Self::SignedIn(user) => (true, &user.login),
        };
        let of_session = [Role::Session, Role::Correlation, Role::UserId];
        let of_session = of_session.into_iter().filter(|_| !is_live);
        of_session.chain(login.user.is_none().then_some(Role::AutoLogin)).collect()
    }

    /// Whether the page is for this visitor and this moment, and nobody may keep it.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Nowhere => false,
            Self::SignedOut { login, .. } => login.user.is_some() || login.stolen,
            Self::Unavailable | Self::SignedIn(_) => true,
        }
    }
}

impl Login {
    async fn of(session: &Session) -> Result<Self, SessionError> {
        let user = session.remembered().await?.map(|remembered| remembered.user().to_owned());
        Ok(Self { user, stolen: session.theft().await?.is_some() })
    }
}

impl User {
    /// Whether this browser remembers this very user.
    fn is_remembered_here(&self) -> bool {
        self.login.user.as_ref() == Some(&self.name)
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
                    Account::SignedOut { login, .. } => div { (greeted(login, words)) },
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
                p.lead { (own.number_of_sessions(user.sessions.len())) }
                p.quiet {
                    (if user.is_fresh { own.fresh } else { own.resumed }) " "
                    (if user.is_remembered_here() { own.remembered_here } else { own.not_remembered_here })
                }
            }
            form method="post" action="/logout" { button { (own.sign_out) } }
        }
    }
}

/// The way in, for somebody who may be remembered.
fn greeted(login: &Login, words: &Words) -> Markup {
    let own = words.account;
    html! {
        @if login.stolen { (stolen(words)) }
        @if let Some(user) = &login.user {
            section.card aria-labelledby="resume" {
                h2 #resume { (own.welcome_back) ", " (user) }
                p.quiet { (own.resume_lead) }
                form method="post" action="/resume" { button { (own.resume) } }
            }
        }
        (sign_in::card(words, login.user.as_deref().unwrap_or_default(), None))
    }
}

fn stolen(words: &Words) -> Markup {
    let own = words.account;
    html! {
        section.card aria-labelledby="stolen" {
            h2 #stolen { (own.stolen) }
            p.refused role="alert" { (own.stolen_lead) }
        }
    }
}

/// What the user may see and do; nothing for others.
pub(crate) fn desk(account: &Account, words: &Words, now: u64) -> Markup {
    let Account::SignedIn(user) = account else { return html! {} };
    html! {
        // Another login than the one of this session, which would be over too.
        @if user.login.stolen { (stolen(words)) }
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
    let since = |then: u32| now.saturating_sub(then.into());
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
                                span { (own.opened(since(session.created))) } " "
                                span { (own.used(since(session.seen))) }
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

/// For what is about one visitor.
pub(crate) const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];
