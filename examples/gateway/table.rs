//! The table that is kept for back ends which know nothing of it.

use std::error::Error;
use std::path::Path;

use tower_cookie_policy::{
    Basis, Characters, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity, Issuer, KeyRing, Role, Tail,
};

use crate::options::Options;

/// The policy that the command line asks for.
pub(crate) fn policy(options: &Options) -> Result<CookiePolicy, Box<dyn Error>> {
    let mut builder = match &options.policy {
        Some(file) => of_file(file)?,
        None => embedded(keys()?),
    };
    if let Some(action) = options.action {
        builder = builder.action(action);
    }
    // How they take cookies apart is not known.
    builder = builder.legacy_parsers();
    if options.danger_allow_http {
        builder = builder.danger_allow_http();
    }
    Ok(builder.build()?)
}

/// The session's id of a servlet container, and the balancer's own cookie. The rest of what a back end sets does not
/// leave.
fn embedded(keys: KeyRing) -> CookiePolicyBuilder {
    // Not `Role::Session`: the id is the back end's, not this crate's.
    let session = CookieSpec::new(
        "JSESSIONID",
        Basis::essential("Without it the site cannot tell one visitor's requests from another's."),
    )
    .integrity(Integrity::Guarded)
    .kind("en", "Session ID")
    .purpose("en", "Identifies the session and tells that a user is signed in.");
    // Its issuer is named so that no back end can set it.
    let stickiness = CookieSpec::new(
        "XRM*",
        Basis::essential(
            "Without it the load balancer would send requests of one session to different servers.",
        ),
    )
    .tail(Tail::new(Characters::UpperAlphanumeric, 16))
    .role(Role::Stickiness)
    .issuer(Issuer::LoadBalancer)
    .kind("en", "Stickiness")
    .purpose("en", "Set by the load balancer: where it routes this session.");
    CookiePolicy::empty(keys).id("gateway").with(session).with(stickiness)
}

fn of_file(file: &Path) -> Result<CookiePolicyBuilder, Box<dyn Error>> {
    let explain = |error: &dyn Error| format!("{}: {error}", file.display());
    let document = std::fs::read_to_string(file).map_err(|error| explain(&error))?;
    Ok(CookiePolicy::from_toml(&document, keys()?).map_err(|error| explain(&error))?)
}

fn keys() -> Result<KeyRing, Box<dyn Error>> {
    if std::env::var_os(KEYS).is_some() {
        return Ok(KeyRing::from_env(KEYS)?);
    }
    eprintln!(
        "gateway: {KEYS} is not set; signing with a fresh key, so guarded cookies end with this process"
    );
    Ok(KeyRing::generate()?)
}

const KEYS: &str = "COOKIE_KEYS";
