//! The texts of the portal's pages, in German and English.
//!
//! Visitors of another language read the English ones, and the pages say so in their `lang`.

mod account;
mod in_force;

use account::AccountWords;
pub(crate) use in_force::InForceWords;

/// The texts in one language.
pub(crate) struct Words {
    /// The language that the texts are in.
    pub(crate) language: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) tagline: &'static str,
    pub(crate) home: &'static str,
    pub(crate) cookies: &'static str,
    pub(crate) headline: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) features: [(&'static str, &'static str); 3],
    pub(crate) equipment: &'static str,
    pub(crate) equipment_lead: &'static str,
    pub(crate) add: &'static str,
    pub(crate) cart: &'static str,
    pub(crate) cart_empty: &'static str,
    pub(crate) cart_clear: &'static str,
    pub(crate) preferences: &'static str,
    pub(crate) preferences_hint: &'static str,
    pub(crate) language_label: &'static str,
    /// Around the name of a language that the pages are not in.
    pub(crate) not_in: (&'static str, &'static str),
    pub(crate) appearance: &'static str,
    pub(crate) themes: [(&'static str, &'static str); 3],
    pub(crate) support: &'static str,
    pub(crate) support_lead: &'static str,
    pub(crate) support_ask: &'static str,
    pub(crate) support_known: &'static str,
    pub(crate) in_force: &'static InForceWords,
    pub(crate) cookie_settings: &'static str,
    pub(crate) privacy: &'static str,
    pub(crate) privacy_text: [&'static str; 3],
    pub(crate) offer: &'static str,
    pub(crate) offer_text: &'static str,
    pub(crate) visits: (&'static str, &'static str),
    pub(crate) read_as: &'static str,
    pub(crate) footer: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) missing_lead: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) refused_lead: &'static str,
    pub(crate) back: &'static str,
    pub(crate) account: &'static AccountWords,
}

impl Words {
    /// German for `de` and its variants, else English.
    pub(crate) fn of(tag: &str) -> &'static Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("de") { &GERMAN } else { &ENGLISH }
    }
}

/// The languages by the names that their speakers use.
pub(crate) const ENDONYMS: [(&str, &str); 4] =
    [("de", "Deutsch"), ("en", "English"), ("fr", "Français"), ("es", "Español")];

static ENGLISH: Words = Words {
    language: "en",
    skip: "Skip to the content",
    tagline: "Unified communications",
    home: "Home",
    cookies: "Cookies",
    headline: "Calls, messages and meetings in one place",
    lead: "One number for every desk and every journey. Your team picks up where it left off, on whatever device is at hand.",
    features: [
        ("Calling", "Your office number rings on the desk, the laptop and the mobile at once."),
        ("Messaging", "Conversations stay together, whether they began as a call or as a line of text."),
        ("Meetings", "Invite by link. Guests join from the browser, without an account."),
    ],
    equipment: "Equipment",
    equipment_lead: "Devices that register themselves as soon as they are plugged in.",
    add: "Add to cart",
    cart: "Your cart",
    cart_empty: "Nothing in it yet.",
    cart_clear: "Empty the cart",
    preferences: "Preferences",
    preferences_hint: "Your choice is kept in a cookie: the language for a month, the appearance for a year.",
    language_label: "Language",
    not_in: ("This page is not available in ", ". It is shown in English."),
    appearance: "Appearance",
    themes: [("light", "Light"), ("dark", "Dark"), ("system", "System")],
    support: "Support code",
    support_lead: "By this code our support finds your visit when you call. You have none yet: asking for it sets a cookie, \
                   for a year.",
    support_ask: "Get a support code",
    support_known: "By this code our support finds your visit when you call.",
    in_force: &in_force::ENGLISH,
    cookie_settings: "Cookie settings",
    privacy: "Privacy policy",
    privacy_text: [
        "This is a demonstration. It keeps what you enter in the memory of its process, and forgets it when the process ends.",
        "Which cookies it sets, why, and for how long, stands on the page about cookies, which is printed from the table that \
         the portal keeps.",
        "Nothing is given to third parties. What you have consented to you can withdraw at any time, in the cookie settings.",
    ],
    offer: "Summer offer",
    offer_text: "You see this once, since you allow marketing cookies: two headsets for the price of one.",
    visits: ("Your views of this page: ", ". The portal counts them since you allow statistics."),
    read_as: "Also as",
    footer: "A demonstration portal. Nothing is sold here.",
    missing: "This page does not exist",
    missing_lead: "The address may be mistyped, or the page has moved.",
    refused: "That did not work",
    refused_lead: "The portal did not accept this request, and nothing was done. Please start again from its first page.",
    back: "Back to the first page",
    account: &account::ENGLISH,
};

static GERMAN: Words = Words {
    language: "de",
    skip: "Zum Inhalt springen",
    tagline: "Unified Communications",
    home: "Start",
    cookies: "Cookies",
    headline: "Telefonate, Nachrichten und Konferenzen an einem Ort",
    lead: "Eine Nummer für jeden Schreibtisch und jede Reise. Ihr Team macht dort weiter, wo es aufgehört hat, auf jedem Gerät.",
    features: [
        ("Telefonie", "Ihre Büronummer klingelt gleichzeitig am Tisch, am Laptop und auf dem Handy."),
        ("Nachrichten", "Was als Anruf oder als Textzeile begann, bleibt ein Gespräch."),
        ("Konferenzen", "Einladen per Link. Gäste nehmen im Browser teil, ohne Konto."),
    ],
    equipment: "Geräte",
    equipment_lead: "Sie melden sich selbst an, sobald sie angeschlossen sind.",
    add: "In den Warenkorb",
    cart: "Ihr Warenkorb",
    cart_empty: "Noch nichts darin.",
    cart_clear: "Warenkorb leeren",
    preferences: "Einstellungen",
    preferences_hint: "Ihre Wahl steht in einem Cookie: die Sprache einen Monat, die Darstellung ein Jahr.",
    language_label: "Sprache",
    not_in: ("Diese Seite gibt es nicht auf ", ". Sie ist auf Deutsch."),
    appearance: "Darstellung",
    themes: [("light", "Hell"), ("dark", "Dunkel"), ("system", "System")],
    support: "Support-Code",
    support_lead: "An diesem Code erkennt unser Support Ihren Besuch, wenn Sie anrufen. Noch haben Sie keinen: Wer ihn anfordert, \
                   bekommt ein Cookie für ein Jahr.",
    support_ask: "Support-Code anfordern",
    support_known: "An diesem Code erkennt unser Support Ihren Besuch, wenn Sie anrufen.",
    in_force: &in_force::GERMAN,
    cookie_settings: "Cookie-Einstellungen",
    privacy: "Datenschutzerklärung",
    privacy_text: [
        "Dies ist eine Vorführung. Was Sie eingeben, bleibt im Speicher des Programms und ist vergessen, wenn es endet.",
        "Welche Cookies gesetzt werden, wofür und wie lange, steht auf der Seite über Cookies; sie wird aus der Tabelle gedruckt, \
         an die sich das Portal hält.",
        "Nichts wird an Dritte weitergegeben. Was Sie erlaubt haben, können Sie jederzeit in den Cookie-Einstellungen widerrufen.",
    ],
    offer: "Sommerangebot",
    offer_text: "Sie sehen es einmal, weil Sie Werbe-Cookies erlauben: zwei Headsets zum Preis von einem.",
    visits: ("Ihre Aufrufe dieser Seite: ", ". Das Portal zählt sie, weil Sie Statistik erlauben."),
    read_as: "Auch als",
    footer: "Ein Vorführportal. Hier wird nichts verkauft.",
    missing: "Diese Seite gibt es nicht",
    missing_lead: "Die Adresse ist vielleicht falsch geschrieben, oder die Seite ist umgezogen.",
    refused: "Das hat nicht geklappt",
    refused_lead: "Das Portal hat diese Anfrage nicht angenommen, und nichts wurde getan. Bitte beginnen Sie noch einmal auf der \
                   Startseite.",
    back: "Zurück zur Startseite",
    account: &account::GERMAN,
};
