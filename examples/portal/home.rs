//! The first page: what is offered, the account, the cart, the preferences, and the cookies in force.

use maud::{Markup, html};

use crate::account::{self, Account};
use crate::catalogue::{ITEMS, Item};
use crate::consented::Consented;
use crate::page::{Visit, chrome};
use crate::words::{ENDONYMS, Words};
use crate::{consented, in_force, raw, visit};

/// `GET /`.
pub(crate) fn page(visit: &Visit, account: &Account, consented: &Consented, now: u64) -> Markup {
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
                (visit::card(visit))
            }
        }
        (consented::section(visit, consented))
        (in_force::section(visit, &account.lapsed()))
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
    // The language's own name, where the page is in another one.
    let chosen = ENDONYMS.iter().find(|(tag, _)| *tag == visit.tag && *tag != words.language);
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
                @if let Some((tag, name)) = chosen {
                    p.quiet role="status" {
                        (words.not_in.0) span lang=(tag) { (name) } (words.not_in.1)
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
