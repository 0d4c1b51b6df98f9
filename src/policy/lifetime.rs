//! How long a cookie lives.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How long a cookie lives in the browser: until the browser session ends, or for a number of seconds.
///
/// In documents it is text: `"session"`, or a number and a unit, such as `"365 days"` or `"90 seconds"`.
///
/// ```
/// use tower_cookie_policy::Lifetime;
///
/// assert_eq!("1 year".parse(), Ok(Lifetime::YEAR));
/// assert_eq!(Lifetime::days(30).to_string(), "30 days");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Lifetime {
    /// Ends with the browser session: sent without `Max-Age` and `Expires`.
    #[default]
    Session,
    /// Lasts for this many seconds: sent with `Max-Age` and `Expires`.
    Persistent(u32),
}

impl Lifetime {
    /// 365 days, the documented year: 31 536 000 s.
    pub const YEAR: Self = Self::days(365);
    /// 30 days, the documented month: 2 592 000 s.
    pub const MONTH: Self = Self::days(30);
    /// 400 days, where browsers cut (RFC 6265bis section 5.5): 34 560 000 s. A longer one is refused by `build()`.
    pub const LONGEST: Self = Self::days(400);

    /// This many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self::Persistent(seconds)
    }

    /// This many days of 86 400 s, held at the greatest number of seconds that fits.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self::Persistent(days.saturating_mul(DAY))
    }

    /// The seconds of a persistent cookie; `None` for one that ends with the browser session.
    #[must_use]
    pub const fn max_age(self) -> Option<u32> {
        match self {
            Self::Session => None,
            Self::Persistent(seconds) => Some(seconds),
        }
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(seconds) = self.max_age() else { return f.write_str("session") };
        let (count, unit) = match seconds {
            DAY => (1, "day"),
            HOUR => (1, "hour"),
            MINUTE => (1, "minute"),
            1 => (1, "second"),
            _ if seconds > 0 && seconds.is_multiple_of(DAY) => (seconds / DAY, "days"),
            _ if seconds > 0 && seconds.is_multiple_of(HOUR) => (seconds / HOUR, "hours"),
            _ if seconds > 0 && seconds.is_multiple_of(MINUTE) => (seconds / MINUTE, "minutes"),
            _ => (seconds, "seconds"),
        };
        write!(f, "{count} {unit}")
    }
}

impl FromStr for Lifetime {
    type Err = IllegalLifetime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "session" {
            return Ok(Self::Session);
        }
        let illegal = || IllegalLifetime { text: text.to_owned() };
        let (count, unit) = text.split_once(' ').ok_or_else(illegal)?;
        let unit = match unit {
            "second" | "seconds" => 1,
            "minute" | "minutes" => MINUTE,
            "hour" | "hours" => HOUR,
            "day" | "days" => DAY,
            "month" | "months" => 30 * DAY,
            "year" | "years" => 365 * DAY,
            _ => return Err(illegal()),
        };
        let count: u32 = count.parse().map_err(|_| illegal())?;
        count.checked_mul(unit).map(Self::Persistent).ok_or_else(illegal)
    }
}

impl From<Lifetime> for String {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.to_string()
    }
}

impl TryFrom<String> for Lifetime {
    type Error = IllegalLifetime;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A text that says no lifetime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IllegalLifetime {
    text: String,
}

impl fmt::Display for IllegalLifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        write!(
            f,
            "`{text}` is no lifetime: write `session`, or a whole number and one of seconds, minutes, hours, days, \
             months (of 30 days) or years (of 365)"
        )
    }
}

impl std::error::Error for IllegalLifetime {}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::Lifetime;

    #[test]
    fn text_and_back() {
        for (text, lifetime) in [
            ("session", Lifetime::Session),
            ("1 second", Lifetime::seconds(1)),
            ("90 seconds", Lifetime::seconds(90)),
            ("0 seconds", Lifetime::seconds(0)),
            ("1 day", Lifetime::days(1)),
            ("365 days", Lifetime::YEAR),
            ("12 hours", Lifetime::seconds(43_200)),
        ] {
            assert_eq!(text.parse(), Ok(lifetime));
            assert_eq!(lifetime.to_string(), text);
        }
        assert_eq!("1 month".parse(), Ok(Lifetime::MONTH));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "Session",
            "1",
            "days",
            "1 fortnight",
            "-1 days",
            "1.5 days",
            "200 years",
            " 1 day",
            "1  day",
        ] {
            assert!(text.parse::<Lifetime>().is_err(), "{text:?}");
        }
    }
}
