//! What stands around every page, and the pages that are little more.
//!
//! Pages work without script, and without any style but the two files.

use axum::RequestPartsExt;
use axum::extract::FromRequestParts;
use http::request::Parts;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use tower_cookie_policy::{ConsentPage, Cookies, MissingLayer};

use crate::words::Words;

/// What a page needs to know of the request: its cookies, and the language to speak.
pub(crate) struct Visit {
    pub(crate) cookies: Cookies,
    /// The language that the visitor chose or prefers, which the portal may have no texts in.
    pub(crate) tag: String,
    pub(crate) words: &'static Words,
    /// What asks for consent, where there is something to ask.
    banner: Option<String>,
}

impl Visit {
    /// That of this request, if a policy's layer is around.
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get().cloned().map(|cookies| Self::with(cookies, parts))
    }

    fn with(cookies: Cookies, parts: &Parts) -> Self {
        let locale = cookies.locale(&parts.headers);
        let tag = locale.map_or_else(|| "en".to_owned(), |locale| locale.to_string());
        let words = Words::of(&tag);
        Self { banner: cookies.consent().banner(words.language), words, tag, cookies }
    }

    /// The same visit, read in another language.
    pub(crate) fn in_language(self, tag: &str) -> Self {
        Self { words: Words::of(tag), tag: tag.to_owned(), ..self }
    }

    /// The same visit, on a page that asks for no consent.
    pub(crate) fn unasked(self) -> Self {
        Self { banner: None, ..self }
    }

    /// The class of the page's root; the system's preference decides where there is none.
    fn theme(&self) -> Option<&str> {
        self.cookies.get("theme").filter(|theme| matches!(*theme, "light" | "dark"))
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::with(parts.extract().await?, parts))
    }
}

/// A page of the service that visitors decide by, within the portal's own.
pub(crate) fn framed(parts: &Parts, page: &ConsentPage) -> String {
    let content = PreEscaped(page.content());
    let Some(visit) = Visit::of(parts) else { return content.0.to_owned() };
    let visit = visit.in_language(page.language()).unasked();
    let words = visit.words;
    let is_declaration = parts.uri.path() == visit.cookies.policy().consent_path();
    let content = html! {
        @if is_declaration {
            p.formats {
                (words.read_as) ": "
                a href={ "/cookies.json?lng=" (words.language) } { "JSON" } " · "
                a href={ "/cookies.md?lng=" (words.language) } { "Markdown" } " · "
                @if words.language == "de" {
                    a href="/cookies?lng=en" lang="en" hreflang="en" { "English" }
                } @else {
                    a href="/cookies?lng=de" lang="de" hreflang="de" { "Deutsch" }
                }
            }
        }
        (content)
    };
    chrome(&visit, page.title(), Some(parts.uri.path()), &content).into_string()
}

/// `GET /privacy`.
pub(crate) fn privacy(visit: &Visit) -> Markup {
    let words = visit.words;
    let content = html! {
        h1 { (words.privacy) }
        @for paragraph in words.privacy_text { p { (paragraph) } }
        p { a href="/cookies" { (words.cookies) } }
    };
    chrome(visit, words.privacy, Some("/privacy"), &content)
}

/// Whatever is not there.
pub(crate) fn missing(visit: &Visit) -> Markup {
    let words = visit.words;
    let content = html! {
        h1 { (words.missing) }
        p { (words.missing_lead) }
        p { a href="/" { (words.home) } }
    };
    chrome(visit, words.missing, None, &content)
}

/// What stands around every page.
pub(crate) fn chrome(visit: &Visit, title: &str, here: Option<&str>, content: &Markup) -> Markup {
    let words = visit.words;
    html! {
        (DOCTYPE)
        html lang=(words.language) class=[visit.theme()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – " (BRAND) }
                link rel="stylesheet" href="/cookies/style.css";
                link rel="stylesheet" href="/portal.css";
            }
            body {
                a.skip href="#content" { (words.skip) }
                @if let Some(banner) = &visit.banner { (PreEscaped(banner)) }
                header.bar {
                    a.brand href="/" {
                        (logo())
                        span { strong { (BRAND) } small { (words.tagline) } }
                    }
                    nav {
                        @for (path, name) in [
                            ("/", words.home),
                            ("/account", words.account.transfer),
                            ("/cookies", words.cookies),
                        ] {
                            a href=(path) aria-current=[(here == Some(path)).then_some("page")] { (name) }
                        }
                    }
                }
                main #content { (content) }
                footer {
                    p { (words.footer) }
                    p.links {
                        a href="/cookies" { (words.cookies) } " "
                        a href="/cookies/consent" { (words.cookie_settings) } " "
                        a href="/privacy" { (words.privacy) }
                    }
                }
            }
        }
    }
}

fn logo() -> Markup {
    html! {
        svg viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="9" {}
            path d="M9 9v14M23 9v14M9 16h14" {}
            circle cx="16" cy="16" r="3.5" {}
        }
    }
}

const BRAND: &str = "Halyard";
