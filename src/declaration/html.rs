//! The declaration as HTML: a section to be put into the application's own page.

use maud::{Markup, html};

use super::{Declaration, Group};

impl Declaration {
    /// As HTML: a `<section class="cookie-declaration">` with a table for each type. It needs no script and no inline
    /// style, so it works under `default-src 'none'; style-src 'self'`.
    #[must_use]
    pub fn to_html(&self) -> String {
        let words = &self.words;
        let page = html! {
            section.cookie-declaration lang=(self.language) {
                h1 { (words.title) }
                @for group in &self.groups { (self.table(group)) }
            }
        };
        page.into_string()
    }

    fn table(&self, group: &Group) -> Markup {
        let words = &self.words;
        html! {
            h2 { (group.kind) }
            div.scroll tabindex="0" role="region" aria-label=(group.kind) {
                table {
                    thead {
                        tr {
                            @for heading in [&words.category, &words.function, &words.permanence, &words.name, &words.duration] {
                                th scope="col" { (heading) }
                            }
                        }
                    }
                    tbody {
                        @for entry in &group.entries {
                            tr {
                                td data-label=(words.category) { (words.category(&entry.category)) }
                                td data-label=(words.function) {
                                    (entry.function)
                                    @if let Some(justification) = &entry.justification { p.why { (justification) } }
                                    @if !entry.shared_with.is_empty() { p.why { (self.shared(entry)) } }
                                }
                                td data-label=(words.permanence) {
                                    @if entry.persistent { (words.permanent) } @else { (words.session) }
                                }
                                th scope="row" { code { (entry.name) } }
                                td data-label=(words.duration) { (entry.duration) }
                            }
                        }
                    }
                }
            }
        }
    }
}
