//! The texts about the cookies in force.

use tower_cookie_policy::Integrity;

/// The texts in one language.
pub(crate) struct InForceWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) none: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) function: &'static str,
    pub(crate) row: &'static str,
    pub(crate) duration: &'static str,
    pub(crate) remaining: &'static str,
    pub(crate) protection: &'static str,
    pub(crate) undeclared: &'static str,
    pub(crate) browser_session: &'static str,
    pub(crate) at_most: &'static str,
    /// What only the browser knows.
    pub(crate) unknown: &'static str,
    /// What the TS main does.
    pub(crate) signs: &'static str,
    /// What is to be said of a guarded cookie for which no MAC speaks.
    pub(crate) unproven: &'static str,
    integrities: [&'static str; 4],
    /// One and several of year, month, day, hour, minute, second.
    units: [(&'static str, &'static str); 6],
}

impl InForceWords {
    pub(crate) fn of_integrity(&self, integrity: Integrity) -> &'static str {
        let [open, guarded, signed, sealed] = self.integrities;
        match integrity {
            Integrity::Open => open,
            Integrity::Guarded => guarded,
            Integrity::Signed => signed,
            Integrity::Sealed => sealed,
        }
    }

    /// A time in the greatest unit that fits into it and the next smaller one, to which it is rounded: what has just begun reads
    /// as its whole time. A number and its unit stay on one line.
    pub(crate) fn time(&self, seconds: u64) -> String {
        let rounded = nearest(seconds, SMALLER[unit_of(seconds)]) * SMALLER[unit_of(seconds)];
        let unit = unit_of(rounded);
        let (whole, rest) = (rounded / SECONDS[unit], rounded % SECONDS[unit]);
        let whole = self.count(whole, unit);
        // A month has no whole number of days.
        match nearest(rest, SMALLER[unit]) {
            0 => whole,
            rest => format!("{whole} {}", self.count(rest, unit + 1)),
        }
    }

    fn count(&self, number: u64, unit: usize) -> String {
        let (one, several) = self.units[unit];
        format!("{number}\u{a0}{}", if number == 1 { one } else { several })
    }
}

/// The greatest unit that fits into so many seconds.
fn unit_of(seconds: u64) -> usize {
    SECONDS.iter().position(|unit| seconds >= *unit).unwrap_or(SECONDS.len() - 1)
}

fn nearest(seconds: u64, unit: u64) -> u64 {
    (seconds + unit / 2) / unit
}

/// Seconds of year, month, day, hour, minute, second. A month is the twelfth part of a year.
const SECONDS: [u64; 6] = [31_536_000, 2_628_000, 86_400, 3_600, 60, 1];
/// The next smaller unit of each.
const SMALLER: [u64; 6] = [2_628_000, 86_400, 3_600, 60, 1, 1];

pub(super) static ENGLISH: InForceWords = InForceWords {
    title: "Cookies in force",
    lead: "The cookies that came with this request and hold, each with its row of the table.",
    none: "None. Just looking at this portal sets no cookie.",
    name: "Name",
    kind: "Type",
    function: "Function",
    row: "Row:",
    duration: "Duration",
    remaining: "Remaining",
    protection: "Protection",
    undeclared: "Also sent by your browser, and not in the table",
    browser_session: "browser session",
    at_most: "at most",
    unknown: "only the browser knows",
    signs: "Signed: names the transaction",
    unproven: "Guarded, but nothing vouches for it",
    integrities: [
        "Open: only its form is checked",
        "Guarded: a change is noticed",
        "Signed: carries its own signature",
        "Sealed: encrypted",
    ],
    units: [("year", "years"), ("month", "months"), ("day", "days"), ("h", "h"), ("min", "min"), ("s", "s")],
};

pub(super) static GERMAN: InForceWords = InForceWords {
    title: "Geltende Cookies",
    lead: "Die Cookies, die mit dieser Anfrage kamen und gelten, jedes mit seiner Zeile der Tabelle.",
    none: "Keine. Wer sich das Portal nur ansieht, bekommt kein Cookie.",
    name: "Name",
    kind: "Art",
    function: "Funktion",
    row: "Zeile:",
    duration: "Dauer",
    remaining: "Verbleibend",
    protection: "Schutz",
    undeclared: "Außerdem von Ihrem Browser gesandt und nicht in der Tabelle",
    browser_session: "Browsersitzung",
    at_most: "höchstens",
    unknown: "weiß nur der Browser",
    signs: "Signiert: benennt die Transaktion",
    unproven: "Bewacht, aber nichts bürgt dafür",
    integrities: [
        "Offen: nur die Form wird geprüft",
        "Bewacht: Änderungen fallen auf",
        "Signiert: trägt seine eigene Signatur",
        "Versiegelt: verschlüsselt",
    ],
    units: [
        ("Jahr", "Jahre"),
        ("Monat", "Monate"),
        ("Tag", "Tage"),
        ("Std.", "Std."),
        ("Min.", "Min."),
        ("Sek.", "Sek."),
    ],
};
