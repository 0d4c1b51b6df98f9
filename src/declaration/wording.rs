//! The words of the page that are not the rows' own, in German and English.

use crate::policy::Lifetime;

/// The page's words in one language.
#[derive(Debug, PartialEq)]
pub(super) struct Wording {
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    pub(super) function: &'static str,
    pub(super) permanence: &'static str,
    pub(super) name: &'static str,
    pub(super) duration: &'static str,
    pub(super) essential: &'static str,
    pub(super) permanent: &'static str,
    pub(super) session: &'static str,
    pub(super) other_kind: &'static str,
    preferences: &'static str,
    statistics: &'static str,
    marketing: &'static str,
    until_closed: &'static str,
    /// Singular and plural of year, month, day, hour, minute, second.
    units: [(&'static str, &'static str); 6],
}

impl Wording {
    /// German for `de` and its variants, else English.
    pub(super) fn of(language: &str) -> &'static Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("de") { &GERMAN } else { &ENGLISH }
    }

    /// A category by its name.
    pub(super) fn category<'n>(&'static self, name: &'n str) -> &'n str {
        match name {
            "essential" => self.essential,
            "preferences" => self.preferences,
            "statistics" => self.statistics,
            "marketing" => self.marketing,
            other => other,
        }
    }

    /// A lifetime in the greatest unit that it is whole in; years have 365 days, and 30 days are a month.
    pub(super) fn duration(&self, lifetime: Lifetime) -> String {
        let Some(seconds) = lifetime.max_age() else { return self.until_closed.to_owned() };
        let units = SECONDS.iter().zip(&self.units).enumerate();
        let whole = |&(at, (&unit, _)): &(usize, (&u32, _))| {
            // 90 days are said as such: only the two documented units are said as year and month.
            seconds >= unit && seconds.is_multiple_of(unit) && (at > 1 || seconds == unit)
        };
        let (_, (unit, (one, many))) = units.clone().find(whole).unwrap_or((5, (&1, &self.units[5])));
        match seconds / unit {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        }
    }
}

/// Seconds of year, month, day, hour, minute, second.
const SECONDS: [u32; 6] = [31_536_000, 2_592_000, 86_400, 3_600, 60, 1];

static ENGLISH: Wording = Wording {
    language: "en",
    title: "Cookies on this site",
    kind: "Type",
    category: "Category",
    function: "Function",
    permanence: "Permanent or session",
    name: "Name",
    duration: "Duration",
    essential: "Essential",
    permanent: "Permanent",
    session: "Session",
    other_kind: "Other",
    preferences: "Preferences",
    statistics: "Statistics",
    marketing: "Marketing",
    until_closed: "Until the browser is closed",
    units: [
        ("year", "years"),
        ("month", "months"),
        ("day", "days"),
        ("hour", "hours"),
        ("minute", "minutes"),
        ("second", "seconds"),
    ],
};

static GERMAN: Wording = Wording {
    language: "de",
    title: "Cookies auf dieser Website",
    kind: "Art",
    category: "Kategorie",
    function: "Funktion",
    permanence: "Dauerhaft oder Sitzung",
    name: "Name",
    duration: "Dauer",
    essential: "Notwendig",
    permanent: "Dauerhaft",
    session: "Sitzung",
    other_kind: "Weitere",
    preferences: "Einstellungen",
    statistics: "Statistik",
    marketing: "Werbung",
    until_closed: "Bis der Browser geschlossen wird",
    units: [
        ("Jahr", "Jahre"),
        ("Monat", "Monate"),
        ("Tag", "Tage"),
        ("Stunde", "Stunden"),
        ("Minute", "Minuten"),
        ("Sekunde", "Sekunden"),
    ],
};

#[cfg(test)]
mod tests {
    use super::Wording;
    use crate::policy::Lifetime;

    #[test]
    fn durations_in_words() {
        for (lifetime, en, de) in [
            (Lifetime::Session, "Until the browser is closed", "Bis der Browser geschlossen wird"),
            (Lifetime::YEAR, "1 year", "1 Jahr"),
            (Lifetime::MONTH, "1 month", "1 Monat"),
            (Lifetime::days(90), "90 days", "90 Tage"),
            (Lifetime::seconds(7200), "2 hours", "2 Stunden"),
            (Lifetime::seconds(90), "90 seconds", "90 Sekunden"),
            (Lifetime::seconds(1), "1 second", "1 Sekunde"),
        ] {
            assert_eq!(Wording::of("en-GB").duration(lifetime), en);
            assert_eq!(Wording::of("de_AT").duration(lifetime), de);
        }
    }
}
