//! The portal's policy: the documented rows and its own, or those of a file.

use std::error::Error;
use std::path::Path;
use std::time::SystemTime;

use serde::Deserialize;
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity, JsonLinesReceipts, KeyRing,
    Lifetime, TestClock,
};

use crate::options::Options;
use crate::refused;
use crate::store::Opened;

/// The languages that visitors can choose, the fallback first.
pub(crate) const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

/// The policy that the command line asks for.
pub(crate) async fn policy(
    options: &Options,
    clock: Option<&TestClock>,
) -> Result<(CookiePolicy, Opened), Box<dyn Error>> {
    let mut builder = match &options.policy {
        Some(file) => of_file(file)?,
        None => embedded(keys()?),
    };
    if let Some(action) = options.action {
        builder = builder.action(action);
    }
    if let Some(node) = &options.node {
        builder = builder.node(node);
    }
    if !options.nodes.is_empty() {
        builder = builder.nodes(options.nodes.iter().cloned());
    }
    if let Some(limit) = options.idle {
        builder = builder.idle_limit(limit);
    }
    if let Some(limit) = options.absolute {
        builder = builder.absolute_limit(limit);
    }
    if let Some(time) = options.adopt {
        let until = SystemTime::now().checked_add(time).ok_or("--adopt goes beyond what a clock can say")?;
        builder = builder.adopt_unsigned_until(until);
    }
    if let Some(file) = &options.receipts {
        builder = builder.receipts(JsonLinesReceipts::open(file)?);
    }
    if let Some(clock) = clock {
        builder = builder.clock(clock.running());
    }
    let mut opened = Opened::default();
    if !options.prints() {
        (builder, opened) = options.store.keep(builder).await?;
    }
    builder = builder.flow("/transfer", ["/account"]).responder(refused::respond);
    Ok((builder.build()?, opened))
}

/// The ten documented rows, and the portal's own.
pub(crate) fn embedded(keys: KeyRing) -> CookiePolicyBuilder {
    let builder = CookiePolicy::broadcloud(keys)
        .node(NODE)
        .languages(LANGUAGES)
        .controller("Halyard GmbH")
        .privacy_notice("/privacy");
    own_rows().into_iter().fold(builder, CookiePolicyBuilder::with)
}

fn own_rows() -> [CookieSpec; 5] {
    [
        CookieSpec::new("cart", Basis::essential("Without it nothing could be ordered."))
            .integrity(Integrity::Guarded)
            .justification("de", "Ohne es könnte nichts bestellt werden.")
            .kind("en", "Cart")
            .kind("de", "Warenkorb")
            .purpose("en", "Keeps the item that the visitor put into the cart.")
            .purpose("de", "Merkt sich, was der Besucher in den Warenkorb gelegt hat."),
        CookieSpec::new("theme", Basis::Requested)
            .lifetime(Lifetime::YEAR)
            .integrity(Integrity::Signed)
            .kind("en", "Appearance")
            .kind("de", "Darstellung")
            .purpose("en", "Shows the site in the chosen appearance, once the visitor has chosen one.")
            .purpose("de", "Zeigt die Website in der Darstellung, die der Besucher gewählt hat."),
        CookieSpec::new(
            "draft",
            Basis::essential("Without it an unsent message would be lost between pages."),
        )
        .justification(
            "de",
            "Ohne es ginge eine noch nicht gesendete Nachricht zwischen den Seiten verloren.",
        )
        .integrity(Integrity::Sealed)
        .kind("en", "Draft")
        .kind("de", "Entwurf")
        .purpose("en", "Keeps a message that was not sent yet, encrypted.")
        .purpose("de", "Bewahrt eine noch nicht gesendete Nachricht in verschlüsselter Form auf."),
        CookieSpec::new("portal_stats", Basis::Consent(Category::Statistics))
            .lifetime(Lifetime::MONTH)
            .kind("en", "Statistics")
            .kind("de", "Statistik")
            .purpose("en", "Counts which pages of the portal are used.")
            .purpose("de", "Zählt, welche Seiten des Portals benutzt werden."),
        CookieSpec::new("promo_*", Basis::Consent(Category::Marketing))
            .lifetime(Lifetime::days(90))
            .kind("en", "Offers")
            .kind("de", "Angebote")
            .purpose("en", "Remembers which offers were shown.")
            .purpose("de", "Merkt sich, welche Angebote gezeigt wurden."),
    ]
}

/// What the portal adds where a policy file is silent.
#[derive(Deserialize)]
struct Given {
    node: Option<String>,
    languages: Option<Vec<String>>,
}

fn of_file(file: &Path) -> Result<CookiePolicyBuilder, Box<dyn Error>> {
    let explain = |error: &dyn Error| format!("{}: {error}", file.display());
    let document = std::fs::read_to_string(file).map_err(|error| explain(&error))?;
    let mut builder = CookiePolicy::from_toml(&document, keys()?).map_err(|error| explain(&error))?;
    let given: Given = toml::from_str(&document).map_err(|error| explain(&error))?;
    if given.node.is_none() {
        builder = builder.node(NODE);
    }
    if given.languages.is_none() {
        builder = builder.languages(LANGUAGES);
    }
    Ok(builder)
}

/// Whether the keys are the site's, and not fresh ones that nobody else has.
pub(crate) fn has_keys() -> bool {
    std::env::var_os(KEYS).is_some()
}

fn keys() -> Result<KeyRing, Box<dyn Error>> {
    if has_keys() {
        return Ok(KeyRing::from_env(KEYS)?);
    }
    eprintln!(
        "portal: {KEYS} is not set; signing with a fresh key, so sessions, remembered logins and signed cookies end with this process"
    );
    Ok(KeyRing::generate()?)
}

const KEYS: &str = "COOKIE_KEYS";
const NODE: &str = "web-1";
