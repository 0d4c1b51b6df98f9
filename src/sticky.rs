//! Stickiness, for those who write a load balancer or a reverse proxy: which back end a visitor is sent to, by the
//! cookie `XRM…`.
//!
//! A proxy asks a [`Sticky`] for each request, and gets a [`Choice`] among its [`Target`]s:
//!
//! - **Read.** A cookie that names a live or a draining back end is honoured, and nothing is set. Of several the
//!   first that can be honoured counts.
//! - **Choose.** Any other is never an error: one of a dead or an unknown back end, a quoted, an expired or a forged
//!   one. Another back end is chosen among the live ones, in turn or as the proxy likes, and the cookie is set anew.
//! - **Hide.** [`Sticky::strip`] takes the cookie out of the request, so that no back end sees it.
//! - **Set.** [`Sticky::attach`] puts the new one into the response, which no cache may hand to anybody else from
//!   then on.
//!
//! The value is a label of the back end and nothing else, or a label and dates, in the formats of HAProxy's
//! `cookie … insert indirect nocache` and by its rules, so the two can take each other's place.
//!
//! ```
//! use http::{HeaderMap, HeaderValue, header};
//! use tower_cookie_policy::sticky::{Sticky, Target};
//!
//! let sticky = Sticky::new("XRMINT")?;
//! let mut targets = vec![Target::new("n1")?, Target::new("n2")?];
//!
//! let mut request = HeaderMap::new();
//! request.insert(header::COOKIE, HeaderValue::from_static("cart=tea; XRMINT=n2"));
//! let choice = sticky.choose(&request, &targets).ok_or("503: there is no back end")?;
//! assert_eq!((choice.index(), choice.is_new()), (1, false));
//!
//! // It cannot be reached, so the proxy says that it is dead, and asks again.
//! targets[1] = Target::dead("n2")?;
//! let choice = sticky.choose(&request, &targets).ok_or("503: there is no back end")?;
//! assert_eq!((choice.index(), choice.is_new()), (0, true));
//!
//! // The back end does not see the cookie, and the browser gets the new one.
//! sticky.strip(&mut request);
//! assert_eq!(request[header::COOKIE], "cart=tea");
//! let mut response = HeaderMap::new();
//! sticky.attach(&choice, &mut response);
//! assert_eq!(response[header::SET_COOKIE], "XRMINT=n1; Path=/; HttpOnly; Secure; SameSite=Lax");
//! assert_eq!(response[header::CACHE_CONTROL], "no-store");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where it stands
//!
//! Outside the policy's layer, if the proxy has one: the layer drops a `Set-Cookie` for `XRM…` that comes from
//! further in, since by its table the balancer sets it. `examples/gateway` is a proxy that does all of this.
//!
//! # What it does not do
//!
//! The cookie is no proof of anything: whoever has the browser can choose the back end by it. It decides nothing but
//! where a request goes, and a label is looked up among the targets: what a cookie says is never an address.

mod choice;
mod dates;
mod error;
mod fields;
mod target;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use crate::clock::Clock;
use crate::outbound::keep_private;
use crate::value::node::NodeState;
use dates::{Dates, Limits};

pub use choice::Choice;
pub use error::StickyError;
pub use target::Target;

/// Keeps a visitor on one back end, by a cookie. What it does, and an example: see the [module](self).
///
/// Cheap to clone; clones take turns together.
#[derive(Clone)]
pub struct Sticky {
    name: Arc<str>,
    limits: Limits,
    secure: bool,
    clock: Clock,
    turns: Arc<AtomicUsize>,
}

impl Sticky {
    /// Stickiness by the cookie of this name, whose value is a label and nothing else, and which ends with the browser
    /// session.
    ///
    /// # Errors
    /// [`StickyError::IllegalName`] if it is not `XRM` and 1 to 16 upper-case letters and digits, as the documented
    /// table has it.
    pub fn new(name: impl Into<String>) -> Result<Self, StickyError> {
        let name = name.into();
        let tail = name.strip_prefix("XRM").unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !(1..=16).contains(&tail.len()) || !tail.bytes().all(legal) {
            return Err(StickyError::IllegalName { name });
        }
        let turns = Arc::new(AtomicUsize::new(0));
        Ok(Self { name: name.into(), limits: Limits::default(), secure: true, clock: Clock::system(), turns })
    }

    /// For how long a cookie counts after it was last written, which happens with each response: HAProxy's `maxidle`.
    /// The value carries that date then. Whole seconds count, and none is no limit.
    #[must_use]
    pub fn max_idle(mut self, time: Duration) -> Self {
        self.limits.idle = seconds(time);
        self
    }

    /// For how long a cookie counts after the back end was chosen: HAProxy's `maxlife`. The value carries both dates
    /// then. Whole seconds count, and none is no limit.
    #[must_use]
    pub fn max_life(mut self, time: Duration) -> Self {
        self.limits.life = seconds(time);
        self
    }

    /// Where the dates are taken from. The default is the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Without `Secure`, so that browsers also send the cookie over plain HTTP, where anybody can read and plant it.
    #[must_use]
    pub fn danger_allow_http(mut self) -> Self {
        self.secure = false;
        self
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The back end for a request with these headers: the one that its cookie names, else the next live one in turn.
    ///
    /// `None` if there is none, and the proxy answers 503. Whoever finds that the chosen one cannot be reached asks
    /// again, with that one among the targets as dead.
    #[must_use]
    pub fn choose(&self, headers: &HeaderMap, targets: &[Target]) -> Option<Choice> {
        let turn = |live: &[usize]| live[self.turns.fetch_add(1, Ordering::Relaxed) % live.len()];
        self.choose_with(headers, targets, turn)
    }

    /// The same, where `pick` chooses among the live ones, by their load for instance. It is asked only where the
    /// cookie does not decide, and is given their places in `targets`, in order, at least one of them. It answers one
    /// of these places; any other answer is taken for the first.
    #[must_use]
    pub fn choose_with(
        &self,
        headers: &HeaderMap,
        targets: &[Target],
        pick: impl FnOnce(&[usize]) -> usize,
    ) -> Option<Choice> {
        let now = self.clock.now();
        let named = fields::values(&self.name, headers).take(MOST_TRIED).find_map(|value| {
            let (label, dates) = Dates::split(value);
            let usable =
                |target: &Target| target.label().as_bytes() == label && target.state() != NodeState::Dead;
            let index = targets.iter().position(usable).filter(|_| dates.hold(self.limits, now))?;
            Some((index, dates))
        });
        if let Some((index, dates)) = named {
            let stale = dates.are_stale(self.limits, now);
            let set_cookie = if stale { self.line(&targets[index], dates, now) } else { None };
            return Some(Choice { index, is_new: false, set_cookie });
        }
        let live: Vec<usize> =
            (0..targets.len()).filter(|&index| targets[index].state() == NodeState::Live).collect();
        let first = *live.first()?;
        let picked = pick(&live);
        let index = if live.contains(&picked) { picked } else { first };
        let set_cookie = self.line(&targets[index], Dates::default(), now);
        Some(Choice { index, is_new: true, set_cookie })
    }

    /// Removes the cookie from a request, so that no back end sees it (HAProxy's `indirect`). The other cookies stay
    /// byte for byte what they are.
    pub fn strip(&self, headers: &mut HeaderMap) {
        fields::take_out(&self.name, headers);
    }

    /// Sets the cookie in the response, if there is something to set, and makes the response this visitor's own for
    /// caches (HAProxy's `nocache`). A cookie of this name that the back end set itself is removed.
    pub fn attach(&self, choice: &Choice, headers: &mut HeaderMap) {
        fields::drop_set(&self.name, headers);
        // A response that is too full to say that it is private says nothing of the back end either.
        if let Some(line) = choice.set_cookie()
            && keep_private(headers)
        {
            fields::set(headers, line);
        }
    }

    /// The line that sets the cookie.
    fn line(&self, target: &Target, dates: Dates, now: u32) -> Option<HeaderValue> {
        let (name, label, dates) = (&self.name, target.label(), dates.suffix(self.limits, now));
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!("{name}={label}{dates}; Path=/; HttpOnly{secure}; SameSite=Lax");
        let mut line = HeaderValue::try_from(line).ok()?;
        line.set_sensitive(true);
        Some(line)
    }
}

impl fmt::Debug for Sticky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sticky").field("name", &self.name).finish_non_exhaustive()
    }
}

/// At most what a signed difference of 32 bits can tell: 68 years.
fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX).min(i32::MAX.unsigned_abs())
}

/// As many cookies of the name are tried.
const MOST_TRIED: usize = 8;

#[cfg(test)]
mod tests;
