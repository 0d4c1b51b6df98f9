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

    /// A time in whole ones of the greatest unit that fits into it, so never longer than it is. The two stay on
    /// one line.
    pub(crate) fn time(&self, seconds: u64) -> String {
        let fitting = SECONDS.iter().zip(self.units).find(|(unit, _)| seconds >= **unit);
        let (unit, (one, several)) = fitting.unwrap_or((&1, self.units[5]));
        match seconds / unit {
            1 => format!("1\u{a0}{one}"),
            count => format!("{count}\u{a0}{several}"),
        }
    }
}

/// Seconds of year, month, day, hour, minute, second. A month is the twelfth part of a year.
const SECONDS: [u64; 6] = [31_536_000, 2_628_000, 86_400, 3_600, 60, 1];

pub(super) static ENGLISH: InForceWords = InForceWords {
    title: "Cookies in force",
    lead: "The cookies that came with this request and passed the check, each with its row of the table.",
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
    title: "Cookies in Kraft",
    lead: "Die Cookies, die mit dieser Anfrage kamen und die Prüfung bestanden haben, jedes mit seiner Zeile der Tabelle.",
    none: "Keine. Wer sich das Portal nur ansieht, bekommt kein Cookie.",
    name: "Name",
    kind: "Art",
    function: "Zweck",
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
