//! The date of an `Expires` attribute, read as browsers read it: the cookie-date algorithm of RFC 6265bis section 5.1.1.

use cookie::time::{Date, Month, OffsetDateTime, Time};

/// The Unix seconds of a cookie-date; `None` where browsers find no date.
pub(crate) fn unix_seconds(text: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|&byte| is_delimiter(byte)).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(token, 2, 4)
        {
            year = Some(found);
        }
    }
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    if year < 1601 {
        return None;
    }
    let date = Date::from_calendar_date(i32::from(year), month?, small(day?)?).ok()?;
    // The first time and day that look like one count; whether they are one is asked only now.
    let [hour, minute, second] = time?;
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some(OffsetDateTime::new_utc(date, time).unix_timestamp())
}

/// `delimiter`: everything but digits, letters, `:` and bytes above 0x7E.
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e)
}

/// `hms-time`: three numbers of one or two digits; what follows the last one does not count, unless it is a digit.
fn time_of(token: &[u8]) -> Option<[u16; 3]> {
    let mut parts = token.splitn(3, |&byte| byte == b':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = |part: &[u8]| number(part, 1, 2).filter(|_| part.iter().all(u8::is_ascii_digit));
    Some([whole(hour)?, whole(minute)?, number(second, 1, 2)?])
}

fn small(number: u16) -> Option<u8> {
    u8::try_from(number).ok()
}

/// A number of so many digits at the start of the token, and no digit after them.
fn number(token: &[u8], least: usize, most: usize) -> Option<u16> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(least..=most).contains(&digits) {
        return None;
    }
    Some(token[..digits].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

/// The first three letters name the month.
fn month_of(token: &[u8]) -> Option<Month> {
    const NAMES: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let start = token.get(..3)?;
    let at = NAMES.iter().position(|name| start.eq_ignore_ascii_case(*name))?;
    Month::try_from(u8::try_from(at + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn dates_are_read_as_browsers_read_them() {
        for text in [
            "Wed, 21 Oct 2026 07:28:00 GMT",
            "Wednesday, 21-Oct-26 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2026",
            "Wed, 21 October 2026 7:28:0",
            "21 oct 2026 07:28:00 UTC",
            "\"Wed, 21-Oct-2026 07:28:00 GMT\"",
            "Wed Oct 21 2026 07:28:00 GMT+0000",
            "07:28:00 21 2026 Oct",
        ] {
            assert_eq!(unix_seconds(text.as_bytes()), Some(1_792_567_680), "{text}");
        }
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 1 Jan 70 0:0:0", 0),
            ("1 Jan 1601 00:00:00", -11_644_473_600),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("1 Jan 69 00:00:00", 3_124_224_000),
        ] {
            assert_eq!(unix_seconds(text.as_bytes()), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_browsers_find_no_date_in_is_none() {
        for text in [
            "",
            "tomorrow",
            "0",
            "Wed, 32 Oct 2026 07:28:00 GMT",
            "Wed, 31 Feb 2026 07:28:00 GMT",
            "Wed, 21 Oct 1600 07:28:00 GMT",
            "Wed, 21 Oct 126 07:28:00 GMT",
            "Wed, 21 Oct 2026 24:00:00 GMT",
            "24:00:00 07:28:00 21 Oct 2026",
            "32 21 Oct 2026 07:28:00",
            "Wed, 21 Oct 2026 07:60:00 GMT",
            "Wed, 21 Oct 2026 07:28:60 GMT",
            "Wed, 21 Oct 2026 07:28 GMT",
            "Wed, 21 Xyz 2026 07:28:00 GMT",
            "Oct 2026 07:28:00",
            "21 Oct 20261 07:28:00",
        ] {
            assert_eq!(unix_seconds(text.as_bytes()), None, "{text}");
        }
        assert_eq!(unix_seconds(b"\xff\xfe"), None);
    }
}
