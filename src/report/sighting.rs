//! What a policy on trial has seen, by name: what would have become of it, and a row for what is in no table.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Refusal, RefusalReason, SeenName, Suppression};
use crate::policy::{CookiePolicy, CookieSpec, Issuer, is_token};

/// A cookie's name under [`Mode::ReportOnly`](crate::Mode::ReportOnly), with what would have become of it, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    name: String,
    refused: BTreeMap<&'static str, u64>,
    suppressed: BTreeMap<&'static str, u64>,
    suggestion: Option<CookieSpec>,
}

impl Sighting {
    /// The name, at most 64 bytes of it; empty for what had none, or none that is legal.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How often a request's cookie of this name did not hold or was in no table, by reason in snake case.
    #[must_use]
    pub fn refused(&self) -> &BTreeMap<&'static str, u64> {
        &self.refused
    }

    /// How often a response's cookie of this name was not to be let out, or to be changed, by reason in snake case.
    #[must_use]
    pub fn suppressed(&self) -> &BTreeMap<&'static str, u64> {
        &self.suppressed
    }

    /// A row for a name that the table does not have. It says what was seen: the lifetime and the scope of the last line that set
    /// the cookie; what only ever came in requests is taken for a script's. Its purpose is yours to say, and so is its basis: until
    /// then it needs a consent, to a category `unclassified`.
    #[must_use]
    pub fn suggestion(&self) -> Option<&CookieSpec> {
        self.suggestion.as_ref()
    }

    /// The suggestion as it stands in a policy's TOML document: a `[[cookie]]`. Empty where there is none.
    ///
    /// # Errors
    /// [`DocumentError`](crate::DocumentError) if TOML cannot say it.
    #[cfg(feature = "toml")]
    pub fn to_toml(&self) -> Result<String, crate::DocumentError> {
        #[derive(serde::Serialize)]
        struct Rows<'r> {
            cookie: [&'r CookieSpec; 1],
        }
        let Some(suggestion) = &self.suggestion else { return Ok(String::new()) };
        let unsaid = |error: toml::ser::Error| crate::DocumentError::unsaid(&error.to_string());
        toml::to_string(&Rows { cookie: [suggestion] }).map_err(unsaid)
    }
}

impl CookiePolicy {
    /// What was seen since the policy was built, where it [only reports](crate::Mode::ReportOnly): by name, in the order of
    /// names. At most 256 names that came in requests and 256 that responses set are kept, since clients make names up;
    /// [`counts`](Self::counts) has all.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing, Mode};
    ///
    /// let policy = CookiePolicy::empty(KeyRing::generate()?).mode(Mode::ReportOnly).build()?;
    /// // … the site runs for a while …
    /// for seen in policy.sightings() {
    ///     println!("{}: {:?} {:?}", seen.name(), seen.refused(), seen.suppressed());
    ///     # #[cfg(feature = "toml")]
    ///     println!("{}", seen.to_toml()?);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sightings(&self) -> Vec<Sighting> {
        self.counters().sightings()
    }
}

/// The sightings of a policy.
#[derive(Debug, Default)]
pub(super) struct Sightings(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    names: BTreeMap<String, Sighting>,
    /// How many of them were first seen in a request, and in a response.
    first_seen: [usize; 2],
}

/// Where a name was seen.
#[derive(Clone, Copy)]
enum Where {
    Request,
    Response,
}

impl Sightings {
    pub(super) fn sight_request(&self, refusals: &[Refusal], undeclared: &[String]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for refusal in refusals {
            seen.count(refusal.name(), Where::Request, |sighting| {
                *sighting.refused.entry(refusal.reason().as_str()).or_default() += 1;
                // A longer name was cut, and is no name for a row.
                if refusal.reason() == RefusalReason::Undeclared && refusal.name().len() < LONGEST {
                    sighting.suggestion.get_or_insert_with(|| by_script(refusal.name()));
                }
            });
        }
        for name in undeclared.iter().filter(|name| is_token(name.as_bytes())) {
            seen.count(SeenName::new(name.as_bytes()).as_str(), Where::Request, |sighting| {
                *sighting.refused.entry(RefusalReason::Undeclared.as_str()).or_default() += 1;
                if sighting.name == *name {
                    sighting.suggestion.get_or_insert_with(|| by_script(name));
                }
            });
        }
    }

    pub(super) fn sight_response(&self, suppressions: &[Suppression], rows: Vec<CookieSpec>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for suppression in suppressions {
            seen.count(suppression.name(), Where::Response, |sighting| {
                *sighting.suppressed.entry(suppression.reason().as_str()).or_default() += 1;
            });
        }
        for row in rows {
            let name = SeenName::new(row.name().literal().as_bytes());
            seen.count(name.as_str(), Where::Response, |sighting| sighting.suggestion = Some(row));
        }
    }

    pub(super) fn read(&self) -> Vec<Sighting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).names.values().cloned().collect()
    }
}

impl Seen {
    fn count(&mut self, name: &str, first: Where, count: impl FnOnce(&mut Sighting)) {
        if let Some(known) = self.names.get_mut(name) {
            return count(known);
        }
        if self.first_seen[first as usize] == MOST {
            return;
        }
        self.first_seen[first as usize] += 1;
        let (refused, suppressed) = (BTreeMap::new(), BTreeMap::new());
        let new = Sighting { name: name.to_owned(), refused, suppressed, suggestion: None };
        count(self.names.entry(name.to_owned()).or_insert(new));
    }
}

fn by_script(name: &str) -> CookieSpec {
    CookieSpec::unclassified(name).issuer(Issuer::Script).readable_by_script()
}

/// Bytes of a name that may have been cut.
const LONGEST: usize = 64;
/// Names of either kind.
const MOST: usize = 256;
