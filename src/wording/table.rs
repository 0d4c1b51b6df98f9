//! The texts by their keys, in English and in German.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Makes the struct of all texts, and the two languages that it comes in.
macro_rules! words {
    ($($key:ident: $english:literal, $german:literal;)*) => {
        /// All texts in one language.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct Words {
            pub(crate) language: String,
            /// Titles by the category's name, and what it is about by `NAME.text`.
            pub(super) categories: BTreeMap<String, String>,
            $(pub(crate) $key: Cow<'static, str>,)*
        }

        impl Words {
            pub(super) fn english() -> Self {
                Self { language: "en".to_owned(), categories: BTreeMap::new(), $($key: Cow::Borrowed($english),)* }
            }

            pub(super) fn german() -> Self {
                Self { language: "de".to_owned(), categories: BTreeMap::new(), $($key: Cow::Borrowed($german),)* }
            }

            /// Says another text for a key. Whether there is such a key.
            pub(super) fn put(&mut self, key: &str, text: &str) -> bool {
                match key {
                    $(stringify!($key) => self.$key = Cow::Owned(text.to_owned()),)*
                    _ => return false,
                }
                true
            }

            /// The keys that a policy may say other texts for.
            pub(super) const KEYS: &[&str] = &[$(stringify!($key)),*];
        }
    };
}

words! {
    title: "Cookies on this site", "Cookies auf dieser Website";
    category: "Category", "Kategorie";
    function: "Function", "Funktion";
    permanence: "Permanent or session", "Dauerhaft oder Sitzung";
    name: "Name", "Name";
    duration: "Duration", "Dauer";
    permanent: "Permanent", "Dauerhaft";
    session: "Session", "Sitzung";
    other_kind: "Other", "Weitere";
    shared_with: "Shared with: {parties}", "Wird weitergegeben an: {parties}";
    until_closed: "Until the browser is closed", "Bis der Browser geschlossen wird";
    year: "year", "Jahr";
    years: "years", "Jahre";
    month: "month", "Monat";
    months: "months", "Monate";
    day: "day", "Tag";
    days: "days", "Tage";
    hour: "hour", "Stunde";
    hours: "hours", "Stunden";
    minute: "minute", "Minute";
    minutes: "minutes", "Minuten";
    second: "second", "Sekunde";
    seconds: "seconds", "Sekunden";

    essential: "Essential", "Notwendig";
    preferences: "Preferences", "Einstellungen";
    statistics: "Statistics", "Statistik";
    marketing: "Marketing", "Werbung";
    essential_text: "The service that you ask for does not work without them, so they need no consent.",
        "Ohne sie funktioniert der gewünschte Dienst nicht; sie brauchen keine Einwilligung.";
    preferences_text: "Remember choices that the service also works without.",
        "Merken sich Einstellungen, ohne die der Dienst auch funktioniert.";
    statistics_text: "Count and measure how the site is used.", "Zählen und messen, wie die Website genutzt wird.";
    marketing_text: "Choose advertising and measure its effect.", "Wählen Werbung aus und messen ihre Wirkung.";

    banner_title: "We ask for your consent to cookies", "Wir bitten um Ihre Einwilligung in Cookies";
    banner_lead: "{controller} would like to store cookies on your device for the following purposes. Nothing of them is stored or read before you consent, and the site works without.",
        "{controller} möchte für die folgenden Zwecke Cookies auf Ihrem Gerät speichern. Vor Ihrer Einwilligung wird keines davon gespeichert oder gelesen, und die Website funktioniert auch ohne.";
    purposes: "Purposes:", "Zwecke:";
    site: "This site", "Diese Website";
    kept_for: "Storage duration: {duration}", "Speicherdauer: {duration}";
    no_third_party: "No third party receives data.", "Kein Dritter erhält Daten.";
    one_third_party: "1 third party receives data.", "1 Dritter erhält Daten.";
    many_third_parties: "{count} third parties receive data.", "{count} Dritte erhalten Daten.";
    withdrawal: "You can withdraw your consent at any time, with effect for the future, in the cookie settings.",
        "Sie können Ihre Einwilligung jederzeit mit Wirkung für die Zukunft in den Cookie-Einstellungen widerrufen.";
    accept: "Accept all", "Alle akzeptieren";
    reject: "Reject all", "Alle ablehnen";
    save: "Save selection", "Auswahl speichern";
    settings: "Cookie settings", "Cookie-Einstellungen";
    details: "All cookies in detail", "Alle Cookies im Einzelnen";
    privacy_notice: "Privacy policy", "Datenschutzerklärung";
    settings_lead: "Decide for each purpose. You can come back at any time and decide otherwise; what you withdraw is deleted at once.",
        "Entscheiden Sie für jeden Zweck. Sie können jederzeit zurückkommen und anders entscheiden; was Sie widerrufen, wird sofort gelöscht.";
    always_on: "Always active", "Immer aktiv";
    not_decided: "You have not decided yet. Until you do, everything but the essential is off.",
        "Sie haben noch nicht entschieden. Bis dahin ist alles außer dem Notwendigen aus.";
    decided: "Your decision of {date}:", "Ihre Entscheidung vom {date}:";
    granted: "allowed", "erlaubt";
    refused: "refused", "abgelehnt";
    changed: "Changed since your decision, so we ask again: {purposes}",
        "Seit Ihrer Entscheidung geändert, daher fragen wir erneut: {purposes}";
    stale: "What was shown to you has changed in the meantime, so your choice was not taken. Please decide again.",
        "Was Ihnen gezeigt wurde, hat sich inzwischen geändert; Ihre Wahl wurde nicht übernommen. Bitte entscheiden Sie noch einmal.";
    unrecorded: "What you allowed could not be recorded, so it does not count. Please try again later.",
        "Was Sie erlaubt haben, konnte nicht festgehalten werden und gilt daher nicht. Bitte versuchen Sie es später noch einmal.";
    signal: "Your browser sends the signal Global Privacy Control. It is honoured: marketing is off.",
        "Ihr Browser sendet das Signal Global Privacy Control. Es wird beachtet: Werbung ist aus.";
    receipt: "The receipt of your consent has the number {id}.", "Der Beleg Ihrer Einwilligung hat die Nummer {id}.";
    nothing_to_decide: "This site stores only cookies that it cannot do without, so there is nothing to decide.",
        "Diese Website speichert nur Cookies, ohne die sie nicht auskommt; es gibt nichts zu entscheiden.";
}
