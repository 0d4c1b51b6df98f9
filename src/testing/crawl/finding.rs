//! What an application sets, held against the table: the sentences about what differs.

use std::borrow::Cow;
use std::fmt::Write;

use crate::policy::{Categories, Category, CookiePolicy, CookieSpec, Issuer, Lifetime, Role, Scope};
use crate::report::{SeenName, Suppression, SuppressionReason};
use crate::testing::browser::jar::Kept;
use crate::testing::browser::line::Line;
use crate::wire::name::is_transactional;

/// What is wrong with a line that sets a cookie: the ends of sentences that begin with the request. `kept` is what a browser
/// makes of the line.
pub(super) fn faults(
    policy: &CookiePolicy,
    line: &Line,
    kept: Option<&Kept>,
    granted: Categories,
    now: u32,
) -> Vec<String> {
    let name = String::from_utf8_lossy(&line.name);
    let shown = shown(&line.name);
    let Some(row) = Declared::of(policy, &name) else {
        return vec![format!("sets {shown}, which the table does not declare")];
    };
    let mut faults = Vec::new();
    let mut fault = |how: String| faults.push(format!("sets {shown}{how}"));
    if kept.is_none() {
        fault(" in a way that browsers do not take".to_owned());
    }
    let lives = line.expires.map(|end| u32::try_from(end - i64::from(now)).unwrap_or(u32::MAX));
    if let Some(seconds) = lives.filter(|seconds| row.lifetime.max_age().is_none_or(|most| *seconds > most)) {
        fault(format!(" for {}, and the table says {}", spoken(seconds), row.spoken_lifetime()));
    }
    if let Some(spec) = row.spec {
        let number = |category: &Category| policy.asking()?.number(category.name().as_bytes());
        let is_granted = |category| number(category).is_some_and(|number| granted.contains(number));
        if let Some(category) = spec.category().filter(|category| !is_granted(category)) {
            fault(format!(
                " without the visitor's consent to {category}, which the table says that it needs"
            ));
        }
        if spec.declared_issuer() != Issuer::Server {
            fault(format!(", which the table leaves to {}", spoken_issuer(spec.declared_issuer())));
        }
    }
    for (written, declared) in attributes(line, kept, &row.scope) {
        if written != declared {
            fault(format!(" with {written}, and the table says {declared}"));
        }
    }
    faults
}

/// What the layer had to stop or to change, as the end of a sentence; `None` for what it does every day.
pub(super) fn stopped(suppression: &Suppression) -> Option<String> {
    use SuppressionReason as Reason;
    if suppression.was_let_out() {
        // It is judged as a line.
        return None;
    }
    let how = match suppression.reason() {
        Reason::NoConsent | Reason::Replaced => return None,
        Reason::Undeclared => ", which the table does not declare; the policy stopped it",
        Reason::Managed => ", which the crate alone writes; the policy stopped it",
        Reason::NotIssuer => ", which the table leaves to another issuer; the policy stopped it",
        Reason::NotRequested => {
            " by a raw header, and the table says that the visitor has to ask for it; the policy stopped it"
        }
        Reason::Malformed => " in a way that HTTP or browsers do not take; the policy stopped it",
        Reason::Oversized => ", which is longer than browsers take; the policy stopped it",
        Reason::Unsealed => ", and there were no random bytes for it; the policy stopped it",
        Reason::Clamped => " for longer than the table says; the policy shortened it",
        Reason::Rescoped => " with another Path or Domain than the table's; the policy put the table's there",
    };
    Some(match suppression.name() {
        "" => format!("the application tries to set a cookie without a legal name{how}"),
        name => format!("the application tries to set \"{name}\"{how}"),
    })
}

/// What the table says of a name.
struct Declared<'p> {
    lifetime: Lifetime,
    scope: Cow<'p, Scope>,
    /// `None` for a TS cookie, whose row is about names of more than one kind.
    spec: Option<&'p CookieSpec>,
}

impl<'p> Declared<'p> {
    fn of(policy: &'p CookiePolicy, name: &str) -> Option<Self> {
        // The companions of a guarded pattern's cookies cannot be told in advance.
        let is_companion = policy.guards_patterns() && is_transactional(name.as_bytes());
        if is_companion || policy.transaction_names().contains(&name) {
            let scope = Cow::Owned(policy.transaction_scope());
            return Some(Self { lifetime: Lifetime::Session, scope, spec: None });
        }
        let is_for_it = |row: &&CookieSpec| {
            // The pattern of the TS cookies is for those of this policy alone.
            row.declared_role() != Role::Transaction && row.name().matches(name)
        };
        let spec = policy.specs().iter().find(is_for_it)?;
        let (lifetime, scope) = (spec.declared_lifetime(), Cow::Borrowed(&spec.scope));
        Some(Self { lifetime, scope, spec: Some(spec) })
    }

    fn spoken_lifetime(&self) -> String {
        self.lifetime.max_age().map_or_else(|| self.lifetime.to_string(), spoken)
    }
}

/// The attributes of the line beside those of the row, as they are spoken of.
fn attributes(line: &Line, kept: Option<&Kept>, scope: &Scope) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut pair = |written: String, declared: String| pairs.push((written, declared));
    if let Some(kept) = kept {
        pair(with_value("Path", kept.path()), format!("Path={}", scope.path));
    }
    let domain = scope.domain.as_ref().map(|domain| domain.trim_start_matches('.').to_ascii_lowercase());
    let of_domain = |domain: Option<&str>, none: &str| {
        domain.map_or_else(|| none.to_owned(), |domain| with_value("Domain", domain.as_bytes()))
    };
    pair(of_domain(line.domain.as_deref(), "no Domain"), of_domain(domain.as_deref(), "no Domain"));
    let flag = |name: &str, is_set: bool| if is_set { name.to_owned() } else { format!("no {name}") };
    pair(flag("Secure", line.secure), flag("Secure", scope.secure));
    pair(flag("HttpOnly", line.http_only), flag("HttpOnly", scope.http_only));
    pair(flag("Partitioned", line.partitioned), flag("Partitioned", false));
    let site = |same_site: Option<crate::policy::SameSite>| match same_site {
        Some(same_site) => format!("SameSite={}", same_site.as_str()),
        None => "no SameSite".to_owned(),
    };
    // A row whose policy says nothing is one that was never judged.
    pair(site(line.same_site), site(scope.same_site));
    pairs
}

fn with_value(attribute: &str, value: &[u8]) -> String {
    format!("{attribute}={}", SeenName::new(value))
}

/// A name as sentences have it.
pub(super) fn shown(name: &[u8]) -> String {
    if name.is_empty() {
        "a cookie without a name".to_owned()
    } else {
        format!("\"{}\"", SeenName::new(name))
    }
}

/// In years where they are whole, else as the table prints it.
fn spoken(seconds: u32) -> String {
    const YEAR: u32 = 365 * 86_400;
    let mut text = String::new();
    let _ = match (seconds / YEAR, seconds % YEAR) {
        (1, 0) => write!(text, "1 year"),
        (years, 0) if years > 0 => write!(text, "{years} years"),
        _ => write!(text, "{}", Lifetime::seconds(seconds)),
    };
    text
}

fn spoken_issuer(issuer: Issuer) -> &'static str {
    match issuer {
        Issuer::Server => "the server",
        Issuer::Script => "a script",
        Issuer::LoadBalancer => "the load balancer",
    }
}
