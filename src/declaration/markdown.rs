//! The declaration as Markdown: a table for each type.

use std::fmt::Write;

use super::{Declaration, Entry};

impl Declaration {
    /// As Markdown, with the documented columns. Texts are escaped, so a purpose cannot break the table.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let words = &self.words;
        let mut page = format!("# {}\n", escaped(&words.title));
        for group in &self.groups {
            let columns = [&words.category, &words.function, &words.permanence, &words.name, &words.duration];
            let header = columns.map(|column| escaped(column)).join(" | ");
            // Writing to a string does not fail.
            let _ = write!(page, "\n## {}\n\n| {header} |\n|---|---|---|---|---|\n", escaped(&group.kind));
            group.entries.iter().for_each(|entry| self.row(entry, &mut page));
        }
        page
    }

    fn row(&self, entry: &Entry, page: &mut String) {
        let words = &self.words;
        let permanence = escaped(if entry.persistent { &words.permanent } else { &words.session });
        let category = escaped(words.category(&entry.category));
        let mut function = escaped(&entry.function);
        if !entry.shared_with.is_empty() {
            let _ = write!(function, " {}", escaped(&self.shared(entry)));
        }
        let duration = escaped(&entry.duration);
        let name = code(&entry.name);
        let _ = writeln!(page, "| {category} | {function} | {permanence} | {name} | {duration} |");
    }
}

/// A name as code. Names are tokens, so a bar and a backtick are all that could break out.
fn code(name: &str) -> String {
    let name = name.replace('|', "\\|");
    if name.contains('`') { format!("`` {name} ``") } else { format!("`{name}`") }
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '|' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '&' => {
                escaped.extend(['\\', character]);
            }
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}
