//! The preset: the cookie table of the BroadCloud UC-One privacy statement, revision of 30 July 2018.
//!
//! All ten rows are first-party and documented as essential. Two of them persist only because the visitor asked for
//! it, so their basis is [`Basis::Requested`]; they are still printed as essential, as the statement does.

use super::name::Characters;
use super::{Basis, CookieSpec, Integrity, Issuer, Lifetime, NamePattern, Role, Tail};

/// The ten rows, in the statement's order.
pub(super) fn rows() -> Vec<CookieSpec> {
    let session_id = |name: &str, role: Role| {
        CookieSpec::new(
            name,
            Basis::essential("Without it the site cannot tell one visitor's requests from another's."),
        )
        .justification("de", "Ohne sie kann die Website die Anfragen eines Besuchers nicht von denen eines anderen unterscheiden.")
        .role(role)
        .kind("en", "Session ID")
        .kind("de", "Sitzungskennung")
        .purpose("en", "Identifies the session and tells that a user is signed in.")
        .purpose("de", "Kennzeichnet die Sitzung und zeigt, dass ein Benutzer angemeldet ist.")
    };
    let user_id = |name: &str, role: Role, basis: Basis| {
        CookieSpec::new(name, basis).role(role).kind("en", "Login user ID").kind("de", "Anmeldekennung")
    };
    vec![
        session_id("JSESSIONID", Role::Session).integrity(Integrity::Guarded),
        session_id("DWRSESSIONID", Role::ScriptSession)
            .readable_by_script()
            .purpose("en", "Identifies the session for the Direct Web Remoting calls of the page.")
            .purpose("de", "Kennzeichnet die Sitzung für die Direct-Web-Remoting-Aufrufe der Seite."),
        session_id("X-Appia-UUID", Role::Correlation).integrity(Integrity::Guarded),
        user_id("root.autoUserLoginId", Role::AutoLogin, Basis::Requested)
            .lifetime(Lifetime::YEAR)
            .integrity(Integrity::Signed)
            .purpose("en", "Recognises the user on return, if the user asked to be remembered.")
            .purpose("de", "Erkennt den Benutzer bei seiner Rückkehr, wenn er dies gewünscht hat."),
        user_id(
            "X-Appia-ExtAuth",
            Role::UserId,
            Basis::essential("Without it services beside the site cannot tell which user is signed in."),
        )
        .justification(
            "de",
            "Ohne sie erkennen Dienste neben der Website nicht, welcher Benutzer angemeldet ist.",
        )
        .integrity(Integrity::Sealed)
        .purpose("en", "Holds the user id, encrypted.")
        .purpose("de", "Enthält die Benutzerkennung in verschlüsselter Form."),
        CookieSpec::new(
            "OFBiz.Visitor",
            Basis::essential(
                "The service assigns support cases and orders to visits, which it cannot do without it.",
            ),
        )
        .justification(
            "de",
            "Der Dienst ordnet Anliegen und Bestellungen einem Besuch zu, was er ohne sie nicht kann.",
        )
        .role(Role::Visitor)
        .lifetime(Lifetime::YEAR)
        .integrity(Integrity::Signed)
        .kind("en", "Visitor ID")
        .kind("de", "Besucherkennung")
        .purpose("en", "Holds information on the visit.")
        .purpose("de", "Enthält Angaben zum Besuch."),
        CookieSpec::new(
            "bsloc",
            Basis::essential("Without it requests would reach an instance that does not know the session."),
        )
        .justification("de", "Ohne sie erreichten Anfragen eine Instanz, die die Sitzung nicht kennt.")
        .role(Role::Node)
        .integrity(Integrity::Guarded)
        .kind("en", "Node ID")
        .kind("de", "Knotenkennung")
        .purpose("en", "Determines which instance of the site this session is routed to.")
        .purpose("de", "Bestimmt, zu welcher Instanz der Website diese Sitzung geleitet wird."),
        CookieSpec::new("i18next", Basis::Requested)
            .role(Role::Language)
            .lifetime(Lifetime::MONTH)
            .readable_by_script()
            .kind("en", "Language")
            .kind("de", "Sprache")
            .purpose("en", "Shows the site in the preferred language, once the visitor has chosen one.")
            .purpose(
                "de",
                "Zeigt die Website in der bevorzugten Sprache, sobald der Besucher eine gewählt hat.",
            ),
        CookieSpec::new(
            "XRM*",
            Basis::essential(
                "Without it the load balancer would send requests of one session to different servers.",
            ),
        )
        .justification(
            "de",
            "Ohne sie verteilte der Lastverteiler die Anfragen einer Sitzung auf verschiedene Server.",
        )
        .tail(Tail::new(Characters::UpperAlphanumeric, 16))
        .role(Role::Stickiness)
        .issuer(Issuer::LoadBalancer)
        .kind("en", "Stickiness")
        .kind("de", "Lastverteilung")
        .purpose("en", "Set by the load balancer: where it routes this session.")
        .purpose("de", "Wird vom Lastverteiler gesetzt: wohin er diese Sitzung leitet."),
        transaction(),
    ]
}

/// The row of the TS cookies, which every table with a guarded row has.
pub(super) fn transaction() -> CookieSpec {
    let name = NamePattern::Prefix("TS".to_owned(), Tail::new(Characters::LowerHex, 9));
    CookieSpec::new(name, Basis::essential("Without it a changed or planted cookie would be taken for a good one."))
        .justification("de", "Ohne sie würde ein verändertes oder untergeschobenes Cookie für ein gutes gehalten.")
        .role(Role::Transaction)
        .kind("en", "ASM")
        .kind("de", "ASM")
        .purpose(
            "en",
            "Signs and secures server transactions: checks whether other cookies of the domain changed during the \
             transaction, and verifies the referrer.",
        )
        .purpose(
            "de",
            "Signiert und sichert Servertransaktionen: prüft, ob sich andere Cookies der Domain während der Transaktion \
             geändert haben, und prüft die verweisende Seite.",
        )
}

/// The row that every table with a row on consent has: it remembers the decision for 180 days.
pub(super) fn consent() -> CookieSpec {
    CookieSpec::new(
        "cookie_consent",
        Basis::essential("Without it the visitor would be asked again on every page."),
    )
    .justification("de", "Ohne es würde der Besucher auf jeder Seite erneut gefragt.")
    .role(Role::Consent)
    .lifetime(Lifetime::days(180))
    .integrity(Integrity::Signed)
    .kind("en", "Consent")
    .kind("de", "Einwilligung")
    .purpose("en", "Remembers which categories of cookies the visitor accepted or refused.")
    .purpose("de", "Merkt sich, welche Arten von Cookies der Besucher erlaubt oder abgelehnt hat.")
}
