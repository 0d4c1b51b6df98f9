//! The policy as a document: TOML or JSON, by serde. Keys are never part of it.

use std::fmt;

use super::CookiePolicy;
use super::builder::CookiePolicyBuilder;
use super::document::Document;
use crate::key::KeyRing;

impl CookiePolicy {
    /// A builder from a TOML document: the policy's settings, then a `[[flow]]` with its `path` and
    /// `pages` for each flow, and a `[[cookie]]` for each row.
    ///
    /// - Settings are named as the builder's methods; `absolute_limit` and `idle_limit` are in seconds, `adopt_unsigned_until` is in
    ///   seconds since 1970, `require_referrer`, `legacy_parsers` and `danger_allow_http` are `true` or not there.
    /// - A row has `name`, `basis` (`basis.essential.justification = "…"`, `"requested"`, or `basis.consent = "…"`),
    ///   and where they are not the default `lifetime` (`"session"`, `"365 days"`), `integrity`, `action`, `issuer`, `role`,
    ///   `path`, `domain`, `same_site`, `secure`, `http_only`, `tail`, `exact`, and texts by language: `type`, `purpose`,
    ///   `justification`.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let document = r#"
    ///     id = "shop"
    ///     languages = ["en", "de"]
    ///     action = "reject"
    ///     adopt_unsigned_until = 1800000000 # `date -d 2027-01-15 +%s`
    ///     origin = "https://shop.example"
    ///     allowed_origins = ["https://pay.example"]
    ///
    ///     [[flow]]
    ///     path = "/checkout"
    ///     pages = ["/cart", "/checkout"]
    ///
    ///     [[cookie]]
    ///     name = "theme"
    ///     basis = "requested"
    ///     lifetime = "365 days"
    ///     integrity = "signed"
    ///     purpose.en = "Shows the site in light or dark colours"
    ///
    ///     [[cookie]]
    ///     name = "cart"
    ///     basis.essential.justification = "keeps what the visitor put into the cart"
    ///     integrity = "guarded"
    ///     action = "report"
    /// "#;
    /// let policy = CookiePolicy::from_toml(document, KeyRing::generate()?)?.build()?;
    /// assert_eq!(policy.specs().len(), 3); // and the row of the TS cookies
    ///
    /// let mistake = document.replace("integrity", "integrty");
    /// let error = CookiePolicy::from_toml(&mistake, KeyRing::generate()?).unwrap_err();
    /// assert!(error.to_string().starts_with("line 17, column 5, at `cookie[0].integrty`: unknown field"), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DocumentError`] names the line, the column and the field. What the document says is judged by
    /// [`build()`](CookiePolicyBuilder::build), not here.
    #[cfg(feature = "toml")]
    pub fn from_toml(document: &str, keys: KeyRing) -> Result<CookiePolicyBuilder, DocumentError> {
        let place = |error: &toml::de::Error| error.span().map(|span| line_and_column(document, span.start));
        let parsed = toml::Deserializer::parse(document)
            .map_err(|error| DocumentError::new(place(&error), None, error.message()))?;
        let document: Document = serde_path_to_error::deserialize(parsed).map_err(|error| {
            let path = error.path().to_string();
            DocumentError::new(place(error.inner()), Some(path), error.inner().message())
        })?;
        Ok(CookiePolicyBuilder::new(keys, document))
    }

    /// The policy as a TOML document, without its keys.
    ///
    /// # Errors
    /// [`DocumentError`] if TOML cannot say it.
    #[cfg(feature = "toml")]
    pub fn to_toml(&self) -> Result<String, DocumentError> {
        toml::to_string(self.document()).map_err(|error| DocumentError::new(None, None, &error.to_string()))
    }

    /// A builder from a JSON document of the same fields.
    ///
    /// # Errors
    /// [`DocumentError`] names the line, the column and the field.
    pub fn from_json(document: &str, keys: KeyRing) -> Result<CookiePolicyBuilder, DocumentError> {
        let place = |error: &serde_json::Error| (error.line() > 0).then(|| (error.line(), error.column()));
        let mut parsed = serde_json::Deserializer::from_str(document);
        let document: Document = serde_path_to_error::deserialize(&mut parsed).map_err(|error| {
            let path = error.path().to_string();
            DocumentError::new(place(error.inner()), Some(path), &bare(error.inner()))
        })?;
        parsed.end().map_err(|error| DocumentError::new(place(&error), None, &bare(&error)))?;
        Ok(CookiePolicyBuilder::new(keys, document))
    }

    /// The policy as a JSON document, without its keys.
    ///
    /// # Errors
    /// [`DocumentError`] if JSON cannot say it.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        serde_json::to_string_pretty(self.document())
            .map_err(|error| DocumentError::new(None, None, &error.to_string()))
    }
}

/// A document that is no policy's: where, at which field, and what is wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentError {
    place: Option<(usize, usize)>,
    field: Option<String>,
    message: String,
}

impl DocumentError {
    fn new(place: Option<(usize, usize)>, field: Option<String>, message: &str) -> Self {
        Self {
            place,
            field: field.filter(|path| !matches!(path.as_str(), "." | "?")),
            message: message.to_owned(),
        }
    }

    /// What a format cannot say.
    #[cfg(feature = "toml")]
    pub(crate) fn unsaid(message: &str) -> Self {
        Self::new(None, None, message)
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.place.map(|(line, _)| line)
    }

    /// The path of the field, such as `cookie[2].lifetime`.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}")?;
        }
        if let Some(field) = &self.field {
            let separator = if self.place.is_some() { ", " } else { "" };
            write!(f, "{separator}at `{field}`")?;
        }
        let separator = if self.place.is_some() || self.field.is_some() { ": " } else { "" };
        write!(f, "{separator}{}", self.message)
    }
}

/// The sentence, since that is what a `main` that returns this error prints.
impl fmt::Debug for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for DocumentError {}

/// Line and column, from 1, of a byte in the text.
#[cfg(feature = "toml")]
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The message without the place, which stands before it already.
fn bare(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned()
}
