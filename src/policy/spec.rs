//! One row of the table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::row::Row;
use super::{Action, Basis, Category, Integrity, Issuer, Lifetime, NamePattern, Role, SameSite, Scope, Tail};

/// One row of the table: what a cookie is for, how long it lives, who may set it and how it is protected.
///
/// A row says what it needs to; nothing is judged before [`build()`](crate::CookiePolicyBuilder::build).
///
/// ```
/// use tower_cookie_policy::{Basis, CookieSpec, Integrity};
///
/// let cart = CookieSpec::new("cart", Basis::essential("keeps what the visitor put into the cart"))
///     .integrity(Integrity::Guarded)
///     .purpose("en", "Shopping cart");
/// assert_eq!(cart.name().to_string(), "cart");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct CookieSpec {
    pub(crate) name: NamePattern,
    pub(crate) kind: Text,
    pub(crate) purpose: Text,
    /// The basis' justification in other languages.
    pub(crate) justification: Text,
    pub(crate) basis: Basis,
    pub(crate) lifetime: Lifetime,
    pub(crate) integrity: Integrity,
    /// `None` for the policy's.
    pub(crate) action: Option<Action>,
    pub(crate) issuer: Issuer,
    pub(crate) role: Role,
    pub(crate) scope: Scope,
    /// Third parties.
    pub(crate) shared_with: Vec<String>,
    /// Where else cookies of this name may lie.
    pub(crate) also_at: Vec<Place>,
}

/// Where a cookie lies besides its row's own scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Place {
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
}

impl CookieSpec {
    /// A row for this name, or for all names of a pattern (`promo_*`): an open session cookie that the server sets
    /// with `Path=/; Secure; HttpOnly; SameSite=Lax` and no `Domain`.
    #[must_use]
    pub fn new(name: impl Into<NamePattern>, basis: Basis) -> Self {
        Self {
            name: name.into(),
            basis,
            kind: Text::default(),
            purpose: Text::default(),
            justification: Text::default(),
            lifetime: Lifetime::Session,
            integrity: Integrity::Open,
            action: None,
            issuer: Issuer::Server,
            role: Role::Plain,
            scope: Scope::default(),
            shared_with: Vec::new(),
            also_at: Vec::new(),
        }
    }

    /// What may follow the prefix of a pattern. Without it, any token of at most 128 bytes.
    #[must_use]
    pub fn tail(mut self, tail: Tail) -> Self {
        if let NamePattern::Prefix(_, present) = &mut self.name {
            *present = tail;
        }
        self
    }

    /// How long the cookie lives at most. The default is the browser session.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// What a client may do to the value. The default is [`Integrity::Open`].
    #[must_use]
    pub fn integrity(mut self, integrity: Integrity) -> Self {
        self.integrity = integrity;
        self
    }

    /// What happens when a value does not verify. The default is the policy's, which strips it by default. An open row has
    /// nothing that could, and [`Action::Report`] is for guarded cookies of the application's own.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// Who sets it. The default is [`Issuer::Server`].
    #[must_use]
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = issuer;
        self
    }

    /// Which of the crate's own values the cookie carries. The default is [`Role::Plain`]: one of the application's.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The type that the table prints, in a language: `.kind("en", "Session ID")`.
    #[must_use]
    pub fn kind(mut self, language: &str, text: impl Into<String>) -> Self {
        self.kind.0.insert(language.to_owned(), text.into());
        self
    }

    /// The function that the table prints, in a language.
    #[must_use]
    pub fn purpose(mut self, language: &str, text: impl Into<String>) -> Self {
        self.purpose.0.insert(language.to_owned(), text.into());
        self
    }

    /// The justification of an essential cookie in another language than the one it was given in.
    #[must_use]
    pub fn justification(mut self, language: &str, text: impl Into<String>) -> Self {
        self.justification.0.insert(language.to_owned(), text.into());
        self
    }

    /// The `Path` attribute. The default is `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.scope.path = path.into();
        self
    }

    /// The `Domain` attribute: the cookie goes to that host and all below it. The default is the policy's.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.scope.domain = Some(domain.into());
        self
    }

    /// The `SameSite` attribute. The default is the policy's, which is `Lax` by default.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.scope.same_site = Some(same_site);
        self
    }

    /// A third party that receives what the cookie tells, by its name. The page about cookies names it, and the banner counts it.
    /// A cookie that is asked for is asked for again when a third party is added.
    #[must_use]
    pub fn shared_with(mut self, third_party: impl Into<String>) -> Self {
        self.shared_with.push(third_party.into());
        self
    }

    /// Where else the browser may hold a cookie of this name: an older version of the site, or a script, has set it with this
    /// `Path`, and with this `Domain` or none. It is never set there. It is where a withdrawn consent deletes it besides, since
    /// browsers delete only what has the same name, `Path` and `Domain`.
    ///
    /// ```
    /// use tower_cookie_policy::{Basis, Category, CookieSpec, Issuer};
    ///
    /// let statistics = CookieSpec::new("_pk_id.*", Basis::Consent(Category::Statistics))
    ///     .issuer(Issuer::Script)
    ///     .also_at("/", Some("example.com"))
    ///     .also_at("/shop", None);
    /// ```
    #[must_use]
    pub fn also_at(mut self, path: impl Into<String>, domain: Option<&str>) -> Self {
        self.also_at.push(Place { path: path.into(), domain: domain.map(str::to_owned) });
        self
    }

    /// Without `HttpOnly`, so that scripts of the page can read the cookie.
    #[must_use]
    pub fn readable_by_script(mut self) -> Self {
        self.scope.http_only = false;
        self
    }

    /// Without `Secure`, so that browsers also send the cookie over plain HTTP, where anybody can read and plant it.
    #[must_use]
    pub fn danger_without_secure(mut self) -> Self {
        self.scope.secure = false;
        self
    }
}

/// What the row says.
impl CookieSpec {
    /// The name, or the pattern.
    #[must_use]
    pub fn name(&self) -> &NamePattern {
        &self.name
    }

    /// How long it lives.
    #[must_use]
    pub fn declared_lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// What a client may do to its value.
    #[must_use]
    pub fn declared_integrity(&self) -> Integrity {
        self.integrity
    }

    /// Why it may be stored.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.basis
    }

    /// What happens when a value does not verify, where the row says so; else the policy does.
    #[must_use]
    pub fn declared_action(&self) -> Option<Action> {
        self.action
    }

    /// Who sets it.
    #[must_use]
    pub fn declared_issuer(&self) -> Issuer {
        self.issuer
    }

    /// The third parties that receive what it tells.
    #[must_use]
    pub fn third_parties(&self) -> &[String] {
        &self.shared_with
    }

    /// Which of the crate's own values it carries.
    #[must_use]
    pub fn declared_role(&self) -> Role {
        self.role
    }
}

impl CookieSpec {
    /// Whether it says anything in this language.
    pub(crate) fn has_text_in(&self, language: &str) -> bool {
        [&self.kind, &self.purpose, &self.justification].iter().any(|text| text.exactly(language).is_some())
    }

    /// A row for a name of which nothing is known: it needs a consent, to a category of its own.
    pub(crate) fn unclassified(name: &str) -> Self {
        let category = Category::Other("unclassified".to_owned());
        Self::new(NamePattern::Exact(name.to_owned()), Basis::Consent(category))
    }

    /// The category that a visitor has to consent to first.
    pub(crate) fn category(&self) -> Option<&Category> {
        match &self.basis {
            Basis::Consent(category) => Some(category),
            Basis::Essential { .. } | Basis::Requested => None,
        }
    }

    /// Whether it guards cookies of one name, whose companion's name follows from the table.
    pub(crate) fn guards_one_name(&self) -> bool {
        self.integrity == Integrity::Guarded && self.name.is_exact()
    }

    /// Whether it guards cookies of many names, each with a companion that is only known with the name.
    pub(crate) fn guards_a_pattern(&self) -> bool {
        self.integrity == Integrity::Guarded && !self.name.is_exact()
    }
}

/// A text in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text(BTreeMap<String, String>);

impl Text {
    /// In this language or the one that it is a variant of.
    pub(crate) fn exactly(&self, language: &str) -> Option<&str> {
        let primary = language.split(['-', '_']).next().unwrap_or(language);
        [language, primary].into_iter().find_map(|language| self.0.get(language)).map(String::as_str)
    }

    /// In this language, else in English, else in whichever there is.
    pub(crate) fn in_language(&self, language: &str) -> &str {
        let fallback = || self.0.get("en").or_else(|| self.0.values().next()).map_or("", String::as_str);
        self.exactly(language).unwrap_or_else(fallback)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
