//! The banner and the form, as HTML that needs no script and no inline style.

mod form;

use http::Uri;
use maud::{Markup, html};

use super::{Consent, Controller, text};
use crate::cookies::Cookies;
use crate::policy::{Asking, Categories, Category, CookiePolicy, Lifetime};
use crate::value::consent::Standing;
use crate::wording::Words;

use super::decision::own_path;
pub(super) use form::{Level, Notice, form, nothing_to_decide};

/// A style sheet for [`Declaration::to_html`](crate::Declaration::to_html), the banner and the pages of
/// [`ConsentService`](crate::ConsentService), to be served as a file: they have no inline style. The service serves it.
pub const STYLESHEET: &str = concat!(include_str!("../declaration/style.css"), include_str!("style.css"));

impl Consent {
    /// The banner, which asks for what is not decided yet: its purposes, how long they last, how many third parties there are, and
    /// two equal buttons to accept and to refuse. `None` where there is nothing to ask, and under
    /// [`Mode::ReportOnly`](crate::Mode::ReportOnly), where it is not true yet that nothing is stored without consent.
    ///
    /// It is a `<section class="cookie-policy-banner">` to be put into every page, best at the start of `<body>`, so that it is the first
    /// thing that a keyboard or a screen reader comes to. It works without script, and under `default-src 'none'; style-src 'self';
    /// form-action 'self'`, with the [style sheet](crate::STYLESHEET) that [`ConsentService`](crate::ConsentService) serves. The
    /// page behind it stays usable, and should: a wall in front of it would make the consent worth nothing.
    ///
    /// The language is a tag such as `de`; where there are no words in it, the banner is in English.
    ///
    /// ```
    /// use tower_cookie_policy::Cookies;
    ///
    /// fn page(cookies: &Cookies, content: &str) -> String {
    ///     let banner = cookies.consent().banner("en").unwrap_or_default();
    ///     format!("<!doctype html><html lang=en><link rel=stylesheet href=/cookies/style.css>{banner}{content}")
    /// }
    /// ```
    #[must_use]
    pub fn banner(&self, language: &str) -> Option<String> {
        let view = View::of(self.cookies.as_ref()?, language, None)?;
        let is_due = !view.policy.only_reports() && !view.standing.open(view.asking).is_empty();
        is_due.then(|| view.banner().into_string())
    }
}

/// What a visitor is shown.
pub(super) struct View<'v> {
    policy: &'v CookiePolicy,
    asking: &'v Asking,
    words: &'v Words,
    standing: Standing,
    /// The number of the receipt of the decision that counts.
    receipt: Option<&'v str>,
    return_to: String,
}

impl<'v> View<'v> {
    /// `None` where the policy asks for no consent. Visitors return to where the request goes, unless another place is said.
    pub(super) fn of(cookies: &'v Cookies, language: &str, return_to: Option<String>) -> Option<Self> {
        let policy = cookies.policy();
        Some(Self {
            policy,
            asking: policy.asking()?,
            words: policy.wording().of(language),
            standing: cookies.read_standing(),
            receipt: cookies.choice().and_then(|choice| choice.receipt),
            return_to: return_to.unwrap_or_else(|| own_path(cookies.target())),
        })
    }

    fn banner(&self) -> Markup {
        let words = self.words;
        let open = self.standing.open(self.asking);
        let asked = self.asking.those(open);
        let action = self.policy.decision_path();
        html! {
            section.cookie-policy-banner role="region" aria-labelledby="cookie-policy-title" lang=(words.language) {
                h2 #cookie-policy-title { (words.banner_title) }
                p { (words.banner_lead.replace("{controller}", self.controller())) }
                (self.changed())
                p #cookie-policy-purposes { (words.purposes) }
                ul aria-labelledby="cookie-policy-purposes" {
                    @for (_, category) in asked { li { strong { (words.category(category.name())) ":" } " " (self.purpose(category)) } }
                }
                p { (words.withdrawal) }
                div.answer {
                    form method="post" action=(action) {
                        (self.hidden("banner", open))
                        (self.answer())
                    }
                    form method="get" action=(action) {
                        // Without the query, which would go into the address of another page, and its logs.
                        input type="hidden" name="return_to" value=(self.return_to.split('?').next().unwrap_or_default());
                        button { (words.settings) }
                    }
                }
                (self.links())
            }
        }
    }

    /// Who asks.
    fn controller(&self) -> &str {
        self.policy.document().consent.controller.as_ref().map_or(&self.words.site, Controller::name)
    }

    /// A category with what a visitor has to know before consenting to it.
    fn purpose(&self, category: &Category) -> Markup {
        let words = self.words;
        let entries = || self.policy.rows_of(category);
        let mut purposes: Vec<&str> = entries()
            .map(|row| row.purpose.in_language(&words.language))
            .filter(|text| !text.is_empty())
            .collect();
        purposes.dedup();
        let longest = entries().map(|row| row.lifetime).max_by_key(|lifetime| lifetime.max_age());
        let third_parties = self.policy.third_parties(category);
        html! {
            @for text in std::iter::once(words.about(category)).filter(|text| !text.is_empty()).chain(purposes) { (text) " " }
            (words.kept_for.replace("{duration}", &words.duration(longest.unwrap_or(Lifetime::Session)))) "."
            " " (words.third_parties(third_parties.len()))
        }
    }

    /// What has changed since the visitor's decision.
    fn changed(&self) -> Markup {
        let open = self.standing.open(self.asking);
        let changed = self.asking.those(open);
        let names: Vec<&str> = changed.map(|(_, category)| self.words.category(category.name())).collect();
        html! {
            @if self.standing.decided.is_some() && !names.is_empty() {
                p.changed { (self.words.changed.replace("{purposes}", &names.join(", "))) }
            }
        }
    }

    /// What says on what the decision is made: the revision, and of it the categories that are shown.
    fn hidden(&self, source: &str, shown: Categories) -> Markup {
        let shown = self.asking.those(shown);
        let language = self.policy.wording().index(&self.words.language);
        html! {
            input type="hidden" name="revision" value=(text(self.asking.revision(language)));
            input type="hidden" name="return_to" value=(self.return_to);
            input type="hidden" name="source" value=(source);
            @for (_, category) in shown { input type="hidden" name="shown" value=(category); }
        }
    }

    /// Two ways, of which none is easier.
    fn answer(&self) -> Markup {
        html! {
            button name="decision" value="accept" { (self.words.accept) }
            button name="decision" value="reject" { (self.words.reject) }
        }
    }

    fn links(&self) -> Markup {
        let words = self.words;
        html! {
            p.links {
                a href=(self.policy.consent_path()) { (words.details) }
                @if let Some(address) = &self.policy.document().consent.privacy_notice {
                    " "
                    a href=(address) { (words.privacy_notice) }
                }
            }
        }
    }
}

/// The value of a field in a request's query; the first one.
pub(super) fn queried(uri: &Uri, field: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(uri.query()?.as_bytes());
    fields.find(|(name, _)| name == field).map(|(_, value)| value.into_owned())
}
