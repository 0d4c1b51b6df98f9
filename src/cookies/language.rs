//! The language behind the handle: the visitor's choice, or what suits the visitor best.

use std::sync::atomic::Ordering;

use http::HeaderMap;

use super::error::Reason;
use super::{Cookies, SetCookieError};
use crate::policy::Role;
use crate::value::locale::Locale;

impl Cookies {
    /// The language of this request, whose headers are given: the visitor's choice, else by `Accept-Language`, else
    /// the policy's first one. `None` if no policy around the handler has languages.
    ///
    /// The response varies by `Accept-Language` and `Cookie` then.
    #[must_use]
    pub fn locale(&self, headers: &HeaderMap) -> Option<Locale> {
        self.0.read_language.store(true, Ordering::Relaxed);
        let languages = self.0.policy.spoken();
        if languages.as_slice().is_empty() {
            return self.0.outer.as_ref()?.locale(headers);
        }
        let chosen = self.0.policy.row_of(Role::Language).and_then(|row| {
            let name = row.name().literal().as_bytes();
            let mut values = self.0.admitted.pairs().filter(|(present, _)| *present == name);
            values.find_map(|(_, value)| languages.of_cookie(value))
        });
        chosen.or_else(|| languages.negotiate(headers)).cloned()
    }

    /// Keeps the visitor's choice of a language in the language cookie, in the list's spelling.
    ///
    /// # Errors
    /// [`SetCookieError`] if the policy does not list the language, or none has a row for it.
    pub fn choose_language(&self, tag: &str) -> Result<Locale, SetCookieError> {
        let refused = |name: &str, reason| SetCookieError { name: name.to_owned(), reason };
        let (holder, row) =
            self.holder_of(Role::Language).ok_or_else(|| refused("", Reason::NoLanguageRow))?;
        let name = row.name().literal();
        let locale = holder.0.policy.spoken().of_cookie(tag.as_bytes()).cloned();
        let locale = locale.ok_or_else(|| refused(name, Reason::Unlisted))?;
        holder.set(name, locale.as_str())?;
        Ok(locale)
    }
}
