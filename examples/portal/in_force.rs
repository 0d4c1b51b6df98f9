//! The cookies in force: those that came, were let in and are worth something, each with its row of the table and the time that it
//! has left.

use maud::{Markup, html};
use tower_cookie_policy::{Declaration, InForce, Integrity, Lifetime, Role};

use crate::page::Visit;
use crate::words::InForceWords;

/// The section of the first page, without the cookies of the roles that have lapsed: what verifies need not hold, since sessions
/// and logins end at the server.
pub(crate) fn section(visit: &Visit, lapsed: &[Role]) -> Markup {
    let own = visit.words.in_force;
    let declaration = visit.cookies.policy().declaration(visit.words.language);
    let cookies = visit.cookies.in_force();
    let declared = |name: &str| cookies.iter().any(|cookie| cookie.name() == name);
    let mut others: Vec<&str> =
        visit.cookies.iter().map(|(name, _)| name).filter(|name| !declared(name)).collect();
    others.sort_unstable();
    others.dedup();
    let cookies: Vec<_> =
        cookies.iter().filter(|cookie| !lapsed.contains(&cookie.spec().declared_role())).collect();
    html! {
        section aria-labelledby="in-force" {
            h2 #in-force { (own.title) }
            @if cookies.is_empty() {
                p.quiet.none { (own.none) }
            } @else {
                p.quiet { (own.lead) }
                table.cookies {
                    thead {
                        tr {
                            @for heading in [own.name, own.kind, own.function, own.duration, own.remaining, own.protection] {
                                th scope="col" { (heading) }
                            }
                        }
                    }
                    tbody { @for cookie in cookies { (line(cookie, &declaration, own)) } }
                }
            }
            @if !others.is_empty() {
                p.quiet.others {
                    (own.undeclared) ": "
                    @for (at, name) in others.iter().enumerate() { @if at > 0 { ", " } code { (name) } }
                }
            }
        }
    }
}

fn line(cookie: &InForce<'_>, declaration: &Declaration, own: &InForceWords) -> Markup {
    let row = cookie.spec().name().to_string();
    let entry = declaration.entries().find(|entry| entry.name == row);
    html! {
        tr {
            th scope="row" { code { (breakable(cookie.name())) } }
            @if let Some(entry) = entry {
                td data-label=(own.kind) { span { (entry.kind) } }
                td data-label=(own.function) {
                    span {
                        (entry.function)
                        @if row != cookie.name() { " " span.quiet { (own.row) " " code { (row) } } }
                    }
                }
                td data-label=(own.duration) { span { (entry.duration) } }
            }
            td data-label=(own.remaining) { span { (remaining(cookie, own)) } }
            td data-label=(own.protection) { span { (protection(cookie, own)) } }
        }
    }
}

/// A name that may go on in a new line behind a dot and where a new word begins: a long one does not fit otherwise.
fn breakable(name: &str) -> Markup {
    let letters = name.char_indices();
    let breaks = letters.clone().zip(letters.skip(1)).filter_map(|((_, before), (at, letter))| {
        (before == '.' || (before.is_lowercase() && letter.is_uppercase())).then_some(at)
    });
    let edges: Vec<usize> = std::iter::once(0).chain(breaks).chain([name.len()]).collect();
    html! {
        @for (number, edge) in edges.windows(2).enumerate() {
            @if number > 0 { wbr; }
            (name[edge[0]..edge[1]])
        }
    }
}

/// The time that is left, as far as the server can know.
fn remaining(cookie: &InForce<'_>, own: &InForceWords) -> String {
    let ends_with_browser = cookie.spec().declared_lifetime() == Lifetime::Session;
    match cookie.remaining().map(|left| own.time(left.as_secs())) {
        Some(left) if ends_with_browser => format!("{}, {} {left}", own.browser_session, own.at_most),
        Some(left) => left,
        None if ends_with_browser => own.browser_session.to_owned(),
        None => own.unknown.to_owned(),
    }
}

fn protection(cookie: &InForce<'_>, own: &InForceWords) -> &'static str {
    let is_main = cookie.spec().declared_role() == Role::Transaction;
    match cookie.integrity() {
        _ if is_main => own.signs,
        Integrity::Guarded if cookie.remaining().is_none() => own.unproven,
        integrity => own.of_integrity(integrity),
    }
}
