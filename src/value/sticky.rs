//! `XRM*`: which back end a load balancer sends a session to.
//!
//! - The policy takes the cookie as the balancer wrote it, as long as it is a legal value of at most 256 bytes.
//! - [`Sticky`] is for those who write a balancer or a reverse proxy: it chooses a back end by the cookie.
//! - The value is a back end's label and nothing else, or a label and dates in HAProxy's format.

mod dates;
mod error;
mod target;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::clock::Clock;
use crate::policy::trim;
use dates::{Dates, Limits};

pub use error::StickyError;
pub use target::{Availability, Target};

pub(super) fn has_shape(value: &[u8]) -> bool {
    value.len() <= 256 && super::are_cookie_octets(value)
}

/// Keeps a visitor on one back end, by the cookie `XRM…`. For a load balancer or a reverse proxy, which stands outside the
/// policy layer. Cheap to clone; clones take turns together.
///
/// - A cookie that names a live or a draining back end is honoured, and nothing is set.
/// - Any other is never an error: one of a dead or an unknown back end, a quoted, an expired or a forged one. Another back end is
///   chosen among the live ones, and the cookie is set anew. Of several the first that can be honoured counts.
/// - A label is looked up among the targets. What a cookie says is never an address.
///
/// The cookie is no proof of anything: whoever has the browser can choose the back end by it. It decides nothing but
/// where a request goes.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tower_cookie_policy::{Availability, Sticky, Target};
///
/// let sticky = Sticky::new("XRMINT")?;
/// let mut targets = vec![Target::new("n1")?, Target::new("n2")?];
///
/// let mut request = HeaderMap::new();
/// request.insert(header::COOKIE, HeaderValue::from_static("cart=tea; XRMINT=n2"));
/// let choice = sticky.choose(&request, &targets).ok_or("503: there is no back end")?;
/// assert_eq!((choice.index(), choice.is_new()), (1, false));
///
/// // It cannot be reached, so the proxy says that it is dead, and asks again.
/// targets[1] = targets[1].clone().in_state(Availability::Dead);
/// let choice = sticky.choose(&request, &targets).ok_or("503: there is no back end")?;
/// assert_eq!((choice.index(), choice.is_new()), (0, true));
///
/// // The back end does not see the cookie, and the browser gets the new one.
/// sticky.strip(&mut request);
/// assert_eq!(request[header::COOKIE], "cart=tea");
/// let mut response = HeaderMap::new();
/// sticky.attach(&choice, &mut response);
/// assert_eq!(response[header::SET_COOKIE], "XRMINT=n1; Path=/; HttpOnly; Secure; SameSite=Lax");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// [`StickyError::IllegalName`] if it is not `XRM` and 1 to 16 upper-case letters and digits, as the documented table has
    /// it.
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

    /// For how long a cookie counts after it was last written, which happens with each response: HAProxy's `maxidle`. The
    /// value carries that date then. Whole seconds count, and none is no limit.
    #[must_use]
    pub fn max_idle(mut self, time: Duration) -> Self {
        self.limits.idle = seconds(time);
        self
    }

    /// For how long a cookie counts after the back end was chosen: HAProxy's `maxlife`. The value carries both dates then.
    /// Whole seconds count, and none is no limit.
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

    /// The back end for a request with these headers: the one that its cookie names, else the next live one in turn. `None`
    /// if there is none, and the proxy answers 503.
    #[must_use]
    pub fn choose(&self, headers: &HeaderMap, targets: &[Target]) -> Option<Choice> {
        let turn = |live: &[usize]| live[self.turns.fetch_add(1, Ordering::Relaxed) % live.len()];
        self.choose_with(headers, targets, turn)
    }

    /// The same, where `pick` chooses among the live ones: it is given their places in `targets`, in order, at least one of
    /// them, and answers one of these places. Any other answer is taken for the first.
    #[must_use]
    pub fn choose_with(
        &self,
        headers: &HeaderMap,
        targets: &[Target],
        pick: impl FnOnce(&[usize]) -> usize,
    ) -> Option<Choice> {
        let now = self.clock.now();
        let named = self.values(headers).take(MOST_TRIED).find_map(|value| {
            let (label, dates) = Dates::split(value);
            let usable = |target: &Target| {
                target.label().as_bytes() == label && target.availability() != Availability::Dead
            };
            let index = targets.iter().position(usable).filter(|_| dates.hold(self.limits, now))?;
            Some((index, dates))
        });
        if let Some((index, dates)) = named {
            let stale = dates.are_stale(self.limits, now);
            let set_cookie = if stale { self.line(&targets[index], dates, now) } else { None };
            return Some(Choice { index, is_new: false, set_cookie });
        }
        let live: Vec<usize> =
            (0..targets.len()).filter(|&index| targets[index].availability() == Availability::Live).collect();
        let first = *live.first()?;
        let picked = pick(&live);
        let index = if live.contains(&picked) { picked } else { first };
        let set_cookie = self.line(&targets[index], Dates::default(), now);
        Some(Choice { index, is_new: true, set_cookie })
    }

    /// Removes the cookie from a request, so that no back end sees it (HAProxy's `indirect`). The other cookies stay byte for byte
    /// what they are.
    pub fn strip(&self, headers: &mut HeaderMap) {
        if self.values(headers).next().is_none() {
            return;
        }
        let fields: Vec<HeaderValue> =
            headers.get_all(COOKIE).iter().filter_map(|field| self.without(field)).collect();
        headers.remove(COOKIE);
        for field in fields {
            let _ = headers.try_append(COOKIE, field);
        }
    }

    /// The field without the cookie; `None` where nothing is left.
    fn without(&self, field: &HeaderValue) -> Option<HeaderValue> {
        let kept: Vec<&[u8]> =
            pieces(field).filter(|piece| self.value(piece).is_none() && !piece.is_empty()).collect();
        if kept.is_empty() {
            return None;
        }
        let mut line = HeaderValue::from_bytes(&kept.join(&b"; "[..])).ok()?;
        line.set_sensitive(field.is_sensitive());
        Some(line)
    }

    /// The values of the cookie, in the order in which they came.
    fn values<'h>(&self, headers: &'h HeaderMap) -> impl Iterator<Item = &'h [u8]> {
        headers.get_all(COOKIE).into_iter().flat_map(pieces).filter_map(|piece| self.value(piece))
    }

    /// The value, if it is this cookie.
    fn value<'h>(&self, piece: &'h [u8]) -> Option<&'h [u8]> {
        let at = piece.iter().position(|byte| *byte == b'=')?;
        (trim(&piece[..at]) == self.name.as_bytes()).then(|| trim(&piece[at + 1..]))
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

/// A back end that was chosen, and what the browser is told of it.
#[derive(Clone, Debug)]
pub struct Choice {
    index: usize,
    is_new: bool,
    /// Marked as sensitive, so that nothing prints it.
    set_cookie: Option<HeaderValue>,
}

impl Choice {
    /// Its place among the targets.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether the visitor has not been there before, as far as the cookie tells.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The `Set-Cookie` line for the response, where there is something to set: for another back end than before, or for the dates
    /// of the same. [`Sticky::attach`] puts it there.
    #[must_use]
    pub fn set_cookie(&self) -> Option<&HeaderValue> {
        self.set_cookie.as_ref()
    }
}

/// What stands between the semicolons, trimmed, by the rules of the request half.
fn pieces(field: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    field.as_bytes().split(|byte| *byte == b';').map(trim)
}

/// At most what a signed difference of 32 bits can tell: 68 years.
fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX).min(i32::MAX.unsigned_abs())
}

/// As many cookies of the name are tried.
const MOST_TRIED: usize = 8;

#[cfg(test)]
mod tests;
