//! The form in which visitors decide for each purpose, and see what they have decided.

use cookie::time::OffsetDateTime;
use maud::{Markup, html};

use super::View;
use crate::wording::Words;

/// What is said before the form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::consent) enum Notice {
    None,
    /// The decision was made on something else than what is shown now.
    Stale,
    /// What was allowed could not be recorded, so it does not count.
    Unrecorded,
}

/// Whether the form is the page, or stands below something else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::consent) enum Level {
    Page,
    Section,
}

/// The form.
pub(in crate::consent) fn form(view: &View<'_>, level: Level, notice: Notice) -> Markup {
    let (words, standing) = (view.words, view.standing);
    let all = view.asking.all();
    let shown = if standing.signal { all.without(view.asking.sold()) } else { all };
    html! {
        section.cookie-settings aria-labelledby="cookie-settings-title" lang=(words.language) {
            @match level {
                Level::Page => h1 #cookie-settings-title { (words.settings) },
                Level::Section => h2 #cookie-settings-title { (words.settings) },
            }
            @match notice {
                Notice::None => {},
                Notice::Stale => p.stale role="alert" { (words.stale) },
                Notice::Unrecorded => p.stale role="alert" { (words.unrecorded) },
            }
            p { (words.settings_lead) }
            (state(view))
            form method="post" action=(view.policy.decision_path()) {
                fieldset {
                    legend { (words.purposes) }
                    div.purpose {
                        p.name { (words.category("essential")) }
                        p { (words.about_essential()) " " (words.always_on) "." }
                    }
                    @for (number, category) in view.asking.those(all) {
                        @let is_off = standing.signal && view.asking.sold().contains(number);
                        @let hint = format!("cookie-purpose-{category}");
                        div.purpose {
                            label {
                                input type="checkbox" name=(category) value="on" aria-describedby=(hint)
                                    checked[standing.granted.contains(number)] disabled[is_off];
                                " " (words.category(category.name()))
                            }
                            p id=(hint) { (view.purpose(category)) }
                        }
                    }
                }
                p { (words.withdrawal) }
                (view.hidden("settings", shown))
                div.answer {
                    (view.answer())
                    button name="decision" value="save" { (words.save) }
                }
                (view.links())
            }
        }
    }
}

/// What is said where there is nothing to decide.
pub(in crate::consent) fn nothing_to_decide(words: &Words) -> Markup {
    html! {
        section.cookie-settings lang=(words.language) {
            h1 { (words.settings) }
            p { (words.nothing_to_decide) }
        }
    }
}

/// What the visitor has decided, as far as it counts.
fn state(view: &View<'_>) -> Markup {
    let (words, standing) = (view.words, view.standing);
    let answered = view.asking.those(standing.answered);
    html! {
        @if standing.signal { p.signal role="status" { (words.signal) } }
        @match standing.decided {
            None => p.state { (words.not_decided) },
            Some(hour) => {
                p.state {
                    (words.decided.replace("{date}", &date(hour)))
                    @for (at, (number, category)) in answered.enumerate() {
                        @if at > 0 { "," }
                        " " (words.category(category.name())) " "
                        strong { @if standing.granted.contains(number) { (words.granted) } @else { (words.refused) } }
                    }
                    "."
                }
                (view.changed())
                @if let Some(number) = view.receipt { p.receipt { (words.receipt.replace("{id}", number)) } }
            },
        }
    }
}

/// A day as all the world writes it (ISO 8601).
fn date(seconds: u32) -> String {
    OffsetDateTime::from_unix_timestamp(seconds.into())
        .map_or_else(|_| String::new(), |time| time.date().to_string())
}
