//! Dates in a stickiness cookie, as HAProxy's `cookie … insert maxidle … maxlife …` writes and reads them.
//!
//! - `label|last` or `label|last|first`: when the cookie was last written, and when it was first.
//! - A date is 30 bits in units of four seconds, the most significant first, as five characters of the standard base64
//!   alphabet. It is rounded up when it is written: `(seconds + 3) / 4`.
//! - 30 bits of four seconds are 32 bits of seconds, so dates wrap in 2106. They are compared by their signed 32-bit
//!   difference, which does not mind.
//!
//! The rules are those of HAProxy 2.6, by its configuration manual (section 4.2, `cookie`, `maxidle` and `maxlife`) and
//! where that is silent by `http_manage_client_side_cookies` and `http_process_res_common` of its `http_ana.c`:
//!
//! - A cookie is ignored where `first` is older than `maxlife`, or else `last` older than `maxidle`, strictly.
//! - So is one whose date is more than 24 hours ahead. Less may be a clock that was set wrong, and puts nobody off.
//! - A date that no limit asks for is not judged.
//! - A cookie without a date, or with one that cannot be read, is accepted and gets one: who has the browser can drop
//!   the date. It keeps visitors from staying on one back end for ever, and is no protection.
//! - Under `maxidle`, or where there is a date, a cookie is written again once its `last` is past. Its `first` stays.
//! - A `first` that nobody asks for goes, and one that is missing under `maxlife` is written.
//!
//! One thing differs. Where a server is down or unknown HAProxy keeps `first` for the next one. Here the life begins
//! anew, since it is about how long a visitor stays on one back end, and nobody should lose a second session for
//! that.

/// For how long a cookie counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// Seconds since it was last written; 0 for no limit.
    pub(super) idle: u32,
    /// Seconds since it was first written; 0 for no limit.
    pub(super) life: u32,
}

/// What stands behind a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dates {
    last: Option<Date>,
    first: Option<Date>,
}

impl Dates {
    /// The label of a cookie's value, and its dates.
    pub(super) fn split(value: &[u8]) -> (&[u8], Self) {
        let mut parts = value.split(|byte| *byte == b'|');
        let label = parts.next().unwrap_or_default();
        let mut date = || parts.next().and_then(Date::decode);
        (label, Self { last: date(), first: date() })
    }

    /// Whether a cookie with these dates counts.
    pub(super) fn hold(self, limits: Limits, now: u32) -> bool {
        let within = |date: Option<Date>, limit: u32| {
            let Some(date) = date.filter(|_| limit > 0) else { return true };
            let age = i64::from(date.age(now));
            (-AHEAD..=i64::from(limit)).contains(&age)
        };
        within(self.first, limits.life) && within(self.last, limits.idle)
    }

    /// Whether a cookie that counts has to be written anew all the same.
    pub(super) fn are_stale(self, limits: Limits, now: u32) -> bool {
        let last = match self.last {
            Some(last) => last.age(now) > 0,
            None => limits.idle > 0,
        };
        last || self.first.is_some() != (limits.life > 0)
    }

    /// What goes behind the label of a cookie that is written now.
    pub(super) fn suffix(self, limits: Limits, now: u32) -> String {
        let now = Date::at(now);
        match (limits.idle > 0, limits.life > 0) {
            (false, false) => String::new(),
            (true, false) => format!("|{}", now.encode()),
            (_, true) => format!("|{}|{}", now.encode(), self.first.unwrap_or(now).encode()),
        }
    }
}

/// A time, in units of four seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date(u32);

impl Date {
    /// Never a time that has passed, as a reader would take that for one to be written again.
    fn at(seconds: u32) -> Self {
        Self(seconds.wrapping_add(3) >> 2)
    }

    /// How many seconds ago it was, or minus how many it is ahead.
    fn age(self, now: u32) -> i32 {
        now.wrapping_sub(self.0 << 2).cast_signed()
    }

    fn encode(self) -> String {
        let digit = |shift: u32| char::from(ALPHABET[(self.0 >> shift) as usize & 63]);
        [24, 18, 12, 6, 0].map(digit).iter().collect()
    }

    /// The date in the first five characters. Like HAProxy it passes over what follows them, and takes zero for no
    /// date.
    fn decode(text: &[u8]) -> Option<Self> {
        let digits = text.get(..5)?.iter().map(|byte| ALPHABET.iter().position(|digit| digit == byte));
        let value = digits
            .into_iter()
            .try_fold(0, |value, digit| Some((value << 6) | u32::try_from(digit?).ok()?))?;
        (value > 0).then_some(Self(value))
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// As many seconds may a date be ahead.
const AHEAD: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::{Date, Dates, Limits};

    const NOW: u32 = 1_795_455_792;

    #[test]
    fn dates_are_those_of_haproxy() {
        for (seconds, text) in [
            (1_795_455_792, "awR7M"),
            (1_795_455_789, "awR7M"),
            (1_795_455_788, "awR7L"),
            (1_795_455_793, "awR7N"),
            (1, "AAAAB"),
            (0, "AAAAA"),
            (u32::MAX - 3, "/////"),
            // From here on the next 136 years count.
            (u32::MAX, "AAAAA"),
        ] {
            assert_eq!(Date::at(seconds).encode(), text, "{seconds}");
        }
        assert_eq!(Date::decode(b"awR7M"), Some(Date(NOW / 4)));
        assert_eq!(Date::decode(b"awR7Mxyz"), Some(Date(NOW / 4)));
        for text in ["", "awR7", "AAAAA", "awR-M", "awR_M", "awR=M", "awR7\u{fc}"] {
            assert_eq!(Date::decode(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut value = 1_u32;
        while value < 1 << 30 {
            assert_eq!(Date::decode(Date(value).encode().as_bytes()), Some(Date(value)));
            value = value * 5 + 3;
        }
    }

    #[test]
    fn labels_end_at_the_first_bar() {
        let now = Some(Date(NOW / 4));
        for (value, label, last, first) in [
            ("n1", "n1", None, None),
            ("n1|awR7M", "n1", now, None),
            ("n1|awR7M|awR7M", "n1", now, now),
            ("n1||awR7M", "n1", None, now),
            ("n1|", "n1", None, None),
            ("n1|awR7M|awR7M|awR7L", "n1", now, now),
            ("|awR7M", "", now, None),
            ("", "", None, None),
        ] {
            assert_eq!(Dates::split(value.as_bytes()), (label.as_bytes(), Dates { last, first }), "{value}");
        }
    }

    /// At [`NOW`], of a cookie that was last and first written so many seconds ago.
    fn judged(last: Option<i64>, first: Option<i64>, idle: u32, life: u32) -> (bool, bool) {
        let date = |ago: i64| Date(u32::try_from((i64::from(NOW) - ago) / 4).unwrap());
        let (dates, limits) = (Dates { last: last.map(date), first: first.map(date) }, Limits { idle, life });
        (dates.hold(limits, NOW), dates.are_stale(limits, NOW))
    }

    #[test]
    fn limits_are_those_of_the_manual() {
        const DAY: i64 = 86_400;
        for (last, first, idle, life, holds, stale) in [
            // A date that nobody asks for is not judged, and goes once it is past.
            (None, None, 0, 0, true, false),
            (Some(DAY * 99), None, 0, 0, true, true),
            (Some(0), None, 0, 0, true, false),
            (Some(0), Some(0), 0, 0, true, true),
            // None is accepted, and gets one.
            (None, None, 600, 0, true, true),
            (None, None, 0, 600, true, true),
            (Some(0), None, 600, 600, true, true),
            (Some(0), None, 600, 0, true, false),
            (Some(0), Some(0), 600, 600, true, false),
            // Written again once it is past.
            (Some(-4), None, 600, 0, true, false),
            (Some(4), None, 600, 0, true, true),
            (Some(4), Some(4), 0, 600, true, true),
            (Some(600), None, 600, 0, true, true),
            (Some(604), None, 600, 0, false, true),
            // Only what was first counts for the life.
            (Some(0), Some(600), 60, 600, true, false),
            (Some(0), Some(604), 60, 600, false, false),
            (Some(604), Some(600), 0, 600, true, true),
            // A day ahead is a clock, more is not.
            (Some(-DAY), None, 600, 0, true, false),
            (Some(-DAY - 4), None, 600, 0, false, false),
            (Some(0), Some(-DAY), 600, 600, true, false),
            (Some(0), Some(-DAY - 4), 600, 600, false, false),
            (Some(-DAY - 4), Some(0), 0, 600, true, false),
        ] {
            assert_eq!(judged(last, first, idle, life), (holds, stale), "{last:?} {first:?} {idle} {life}");
        }
    }

    #[test]
    fn the_first_date_stays() {
        let (_, dates) = Dates::split(b"n1|awR7A|awR6A");
        for (idle, life, suffix) in
            [(0, 0, ""), (600, 0, "|awR7M"), (0, 600, "|awR7M|awR6A"), (600, 600, "|awR7M|awR6A")]
        {
            assert_eq!(dates.suffix(Limits { idle, life }, NOW), suffix);
        }
        assert_eq!(Dates::default().suffix(Limits { idle: 0, life: 1 }, NOW), "|awR7M|awR7M");
    }

    #[test]
    fn dates_wrap_after_32_bits() {
        let limits = Limits { idle: 600, life: 0 };
        let before = Dates { last: Some(Date::at(u32::MAX - 100)), first: None };
        assert!(before.hold(limits, 200));
        assert!(!before.hold(limits, 600));
    }
}
