//! The declaration as JSON: `{"policy", "language", "cookies": [{"type", "name", …}]}`.

use serde::Serialize;

use super::{Declaration, Entry};

#[derive(Serialize)]
struct Page<'d> {
    #[serde(flatten)]
    declaration: &'d Declaration,
    cookies: Vec<&'d Entry>,
}

impl Declaration {
    /// As JSON: the policy's id, the language, and each row with its type, category, basis, function, justification,
    /// lifetime in words and in seconds, integrity, issuer and attributes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let page = Page { declaration: self, cookies: self.entries().collect() };
        // Strings, numbers and lists under text keys: there is no such value that JSON cannot say.
        serde_json::to_string_pretty(&page).unwrap_or_else(|_| unreachable!("a declaration is plain data"))
    }
}
