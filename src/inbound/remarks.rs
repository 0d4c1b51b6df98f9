//! What is seldom said of a request: what was not let in, or was and should not have been.

use super::cookie::{Cookie, Fate};
use crate::report::{Refusal, RefusalReason};
use crate::wire::Period;

/// What is seldom said of a request.
#[derive(Default)]
pub(super) struct Remarks {
    /// The cookies that were not let in, and those that were for all that.
    pub(super) refusals: Vec<Refusal>,
    /// Those among the admitted that a previous key had signed or sealed.
    pub(super) stale: Vec<Stale>,
    /// Guarded cookies that were let in and for which no MAC speaks.
    pub(super) unproven: Vec<String>,
    /// The rows of the adopted ones among them, one for each name.
    pub(super) adopted: Vec<usize>,
    /// The names of those that need a consent that there is not.
    pub(super) withheld: Vec<String>,
    /// The undeclared names that were let in, where the policy is on trial.
    pub(super) undeclared: Vec<String>,
    /// The names for which the whole request is to be rejected.
    pub(super) alarming: Vec<String>,
    /// Whether the request is to be rejected for where it comes from.
    pub(super) turned_away: bool,
    /// Whether the answer depends on the `Referer`.
    pub(super) asked_referrer: bool,
}

/// An admitted value that a previous key had made, with the period that it was given, if it was given one.
pub(crate) struct Stale {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) period: Option<Period>,
}

impl Remarks {
    /// Notes what is not let in, or is let in though nothing speaks for it.
    pub(super) fn note(&mut self, cookie: &Cookie<'_>) {
        let name = || String::from_utf8_lossy(cookie.name()).into_owned();
        let is_known = |known: &String| known.as_bytes() == cookie.name();
        match cookie.fate {
            Fate::Refused { reason, alarming } => {
                self.refusals.push(Refusal::new(cookie.name(), reason));
                if alarming && !self.alarming.iter().any(is_known) {
                    self.alarming.push(name());
                }
            }
            Fate::Reported(reason) => {
                self.refusals.push(Refusal::reported(cookie.name(), reason));
                self.unproven.push(name());
            }
            // Once, however many copies of it come.
            Fate::Adopted if self.unproven.iter().any(is_known) => {}
            Fate::Adopted => {
                self.adopted.extend(cookie.row());
                self.unproven.push(name());
            }
            Fate::Passing | Fate::Verified | Fate::Spare | Fate::Own => {}
        }
    }

    /// Notes what needs a consent that there is not. A policy that only reports has let it in.
    pub(super) fn withhold(&mut self, cookie: &Cookie<'_>) {
        if cookie.fate.is_let_in() {
            self.refusals.push(Refusal::reported(cookie.name(), RefusalReason::NoConsent));
        }
        let name = String::from_utf8_lossy(cookie.name());
        if !self.withheld.iter().any(|known| *known == name) {
            self.withheld.push(name.into_owned());
        }
    }

    /// Notes that a name is in no table.
    pub(super) fn sight(&mut self, cookie: &Cookie<'_>) {
        let name = String::from_utf8_lossy(cookie.name()).into_owned();
        self.undeclared.push(name);
    }
}

impl Stale {
    pub(super) fn of(cookie: &Cookie<'_>) -> Option<Self> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        Some(Self { period: cookie.period, name: text(cookie.name())?, value: text(cookie.value())? })
    }
}
