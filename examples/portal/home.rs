//! The first page: what is offered, the account, the cart, the preferences, and the cookies in force.

use maud::{Markup, html};
use tower_cookie_policy::Entry;

use crate::account::{self, Account};
use crate::catalogue::{ITEMS, Item};
use crate::page::{Visit, chrome};
use crate::raw;
use crate::words::{ENDONYMS, Words};

/// `GET /`.
pub(crate) fn page(visit: &Visit, account: &Account, now: u64) -> Markup {
    let words = visit.words;
    let content = html! {
        (account::hero(account, words))
        (account::desk(account, words, now))
        div.columns {
            section aria-labelledby="equipment" {
                h2 #equipment { (words.equipment) }
                p.quiet { (words.equipment_lead) }
                ul.shelf { @for item in &ITEMS { (offer(item, words)) } }
            }
            div.aside {
                (cart_card(visit))
                (preferences(visit))
            }
        }
        (in_force(visit))
    };
    chrome(visit, words.headline, Some("/"), &content)
}

fn offer(item: &Item, words: &Words) -> Markup {
    html! {
        li {
            h3 { (item.name(words)) }
            p { (item.text(words)) }
            form method="post" action="/cart" {
                span.price { (item.price) }
                button name="item" value=(item.id) aria-label={ (words.add) ": " (item.name(words)) } { (words.add) }
            }
        }
    }
}

fn cart_card(visit: &Visit) -> Markup {
    let words = visit.words;
    let carried = visit.cookies.get("cart").filter(|cart| !cart.is_empty());
    let carried = carried.map(|cart| raw::decoded(cart.as_bytes()));
    html! {
        section.card aria-labelledby="cart" {
            h2 #cart { (words.cart) }
            @if let Some(id) = carried {
                @let item = Item::of(&id);
                p.carried {
                    span { (item.map_or(id.as_str(), |item| item.name(words))) }
                    @if let Some(item) = item { span.price { (item.price) } }
                }
                form method="post" action="/cart" {
                    button.plain name="item" value="" { (words.cart_clear) }
                }
            } @else {
                p.quiet { (words.cart_empty) }
            }
        }
    }
}

fn preferences(visit: &Visit) -> Markup {
    let words = visit.words;
    let theme = visit.cookies.get("theme");
    html! {
        section.card aria-labelledby="preferences" {
            h2 #preferences { (words.preferences) }
            form.choice method="post" action="/language" {
                fieldset {
                    legend { (words.language_label) }
                    @for (tag, name) in ENDONYMS {
                        button name="lng" value=(tag) lang=(tag) aria-pressed=(tag == visit.tag) { (name) }
                    }
                }
            }
            form.choice.three method="post" action="/theme" {
                fieldset {
                    legend { (words.appearance) }
                    @for (value, name) in words.themes {
                        button name="theme" value=(value) aria-pressed=(theme == Some(value)) { (name) }
                    }
                }
            }
            p.quiet { (words.preferences_hint) }
        }
    }
}

/// The cookies that came and were let in, each with its row of the table.
fn in_force(visit: &Visit) -> Markup {
    let words = visit.words;
    let policy = visit.cookies.policy();
    let declaration = policy.declaration(words.language);
    let row = |name: &str| -> Option<&Entry> {
        let row = policy.specs().iter().find(|row| row.name().matches(name))?.name().to_string();
        declaration.entries().find(|entry| entry.name == row)
    };
    let mut names: Vec<&str> = visit.cookies.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    html! {
        section aria-labelledby="in-force" {
            h2 #in-force { (words.in_force) }
            @if names.is_empty() {
                p.quiet.none { (words.in_force_none) }
            } @else {
                p.quiet { (words.in_force_lead) }
                table.cookies {
                    thead {
                        tr {
                            @for heading in [words.name, words.kind, words.duration, words.integrity] {
                                th scope="col" { (heading) }
                            }
                        }
                    }
                    tbody { @for name in names { (line(name, row(name), words)) } }
                }
            }
        }
    }
}

fn line(name: &str, entry: Option<&Entry>, words: &Words) -> Markup {
    let dash = || "–".to_owned();
    let kind = entry.map_or(words.undeclared, |entry| &entry.kind);
    let duration = entry.map_or_else(dash, |entry| entry.duration.clone());
    let integrity = entry.map_or_else(dash, |entry| words.of_integrity(entry.integrity).to_owned());
    html! {
        tr {
            th scope="row" { code { (name) } }
            td data-label=(words.kind) { (kind) }
            td data-label=(words.duration) { (duration) }
            td data-label=(words.integrity) { (integrity) }
        }
    }
}
