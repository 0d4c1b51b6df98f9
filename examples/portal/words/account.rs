//! The texts about signing in, and about a user's sessions.

/// The texts in one language.
pub(crate) struct AccountWords {
    pub(crate) sign_in: &'static str,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) refused_title: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) ended_lead: &'static str,
    pub(crate) welcome: &'static str,
    pub(crate) remember: &'static str,
    pub(crate) welcome_back: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) resume_lead: &'static str,
    pub(crate) not_fresh: &'static str,
    pub(crate) stolen: &'static str,
    pub(crate) stolen_lead: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) sessions: &'static str,
    pub(crate) sessions_lead: &'static str,
    pub(crate) session: &'static str,
    pub(crate) this_one: &'static str,
    pub(crate) opened: &'static str,
    pub(crate) used: &'static str,
    pub(crate) end: &'static str,
    pub(crate) security: &'static str,
    /// What there is to press, and what it does.
    pub(crate) renew: (&'static str, &'static str),
    pub(crate) everywhere: (&'static str, &'static str),
    pub(crate) password_change: (&'static str, &'static str),
    pub(crate) transfer: &'static str,
    pub(crate) transferred: &'static str,
    pub(crate) not_transferred: &'static str,
    pub(crate) transfer_to: &'static str,
    pub(crate) transfer_hint: &'static str,
    pub(crate) transfer_now: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_label: &'static str,
    pub(crate) note_hint: &'static str,
    pub(crate) note_save: &'static str,
    one_browser: &'static str,
    /// Around the number of them.
    browsers: (&'static str, &'static str),
    just_now: &'static str,
    minutes: (&'static str, &'static str),
    hours: (&'static str, &'static str),
}

impl AccountWords {
    /// In how many browsers the user is signed in.
    pub(crate) fn signed_in_in(&self, count: usize) -> String {
        match count {
            1 => self.one_browser.to_owned(),
            _ => around(self.browsers, count),
        }
    }

    /// How long ago something was.
    pub(crate) fn ago(&self, seconds: u64) -> String {
        match seconds {
            0..60 => self.just_now.to_owned(),
            60..3600 => around(self.minutes, seconds / 60),
            _ => around(self.hours, seconds / 3600),
        }
    }
}

fn around((before, after): (&str, &str), number: impl ToString) -> String {
    format!("{before}{}{after}", number.to_string())
}

pub(super) static ENGLISH: AccountWords = AccountWords {
    sign_in: "Sign in",
    user: "User name",
    password: "Password",
    password_hint: "This is a demonstration: any name will do, and the password is",
    refused_title: "Not signed in",
    refused: "That user name and password do not go together. Nobody was signed in.",
    unavailable: "Signing in is not possible at the moment. The rest of the portal works.",
    ended: "Your session has ended",
    ended_lead: "It was ended from elsewhere, or it was not used for too long. Nothing was changed or kept.",
    welcome: "Welcome",
    remember: "Remember me (uses cookies)",
    welcome_back: "Welcome back",
    resume: "Continue",
    resume_lead: "This browser remembers you. For anything that matters you will be asked for your password.",
    not_fresh: "You are signed in because this browser remembers you. Please give your password for this.",
    stolen: "Your remembered login was used by somebody else",
    stolen_lead: "Its cookie was copied from this browser, or from another one back to it. It counts no more, and all sessions \
                  that were opened with it are over. Sign in, and change your password if you do not know how that came about.",
    sign_out: "Sign out",
    sessions: "Your sessions",
    sessions_lead: "Every browser that you are signed in with, the oldest one first. End what you do not recognise.",
    session: "Session",
    this_one: "this browser",
    opened: "Signed in",
    used: "Last used",
    end: "End",
    security: "Security",
    renew: ("New session id", "Gives this session another id. You stay signed in."),
    everywhere: ("Sign out everywhere", "Ends all your sessions at once, this one too."),
    password_change: (
        "Change password",
        "Signs you out on every device, as a new password has to. In this demonstration the old one stays.",
    ),
    transfer: "Call forwarding",
    transferred: "Your calls go to",
    not_transferred: "Your calls ring on your own devices.",
    transfer_to: "Forward my calls to",
    transfer_hint: "Digits, spaces, + and -. This form works from this page only.",
    transfer_now: "Forward calls",
    note: "Note",
    note_label: "A note to yourself",
    note_hint: "Kept in this session, and gone when it ends.",
    note_save: "Save note",
    one_browser: "You are signed in with this browser only.",
    browsers: ("You are signed in with ", " browsers."),
    just_now: "just now",
    minutes: ("", " min ago"),
    hours: ("", " h ago"),
};

pub(super) static GERMAN: AccountWords = AccountWords {
    sign_in: "Anmelden",
    user: "Benutzername",
    password: "Passwort",
    password_hint: "Dies ist eine Vorführung: Jeder Name ist recht, und das Passwort lautet",
    refused_title: "Nicht angemeldet",
    refused: "Dieser Benutzername und dieses Passwort passen nicht zusammen. Niemand wurde angemeldet.",
    unavailable: "Die Anmeldung ist zurzeit nicht möglich. Alles andere am Portal geht.",
    ended: "Ihre Sitzung ist beendet",
    ended_lead: "Sie wurde anderswo beendet oder zu lange nicht benutzt. Nichts wurde geändert oder gespeichert.",
    welcome: "Willkommen",
    remember: "Angemeldet bleiben (verwendet Cookies)",
    welcome_back: "Willkommen zurück",
    resume: "Weiter",
    resume_lead: "Dieser Browser erinnert sich an Sie. Vor allem Wichtigen werden Sie nach dem Passwort gefragt.",
    not_fresh: "Sie sind angemeldet, weil dieser Browser sich an Sie erinnert. Hierfür geben Sie bitte Ihr Passwort ein.",
    stolen: "Ihre gemerkte Anmeldung wurde von jemand anderem benutzt",
    stolen_lead: "Ihr Cookie wurde aus diesem Browser kopiert, oder aus einem anderen zurück in diesen. Es gilt nicht mehr, und \
                  alle Sitzungen, die damit geöffnet wurden, sind beendet. Melden Sie sich an, und ändern Sie Ihr Passwort, \
                  wenn Sie nicht wissen, wie es dazu kam.",
    sign_out: "Abmelden",
    sessions: "Ihre Sitzungen",
    sessions_lead: "Jeder Browser, mit dem Sie angemeldet sind, der älteste zuerst. Beenden Sie, was Sie nicht wiedererkennen.",
    session: "Sitzung",
    this_one: "dieser Browser",
    opened: "Angemeldet",
    used: "Zuletzt benutzt",
    end: "Beenden",
    security: "Sicherheit",
    renew: ("Neue Sitzungskennung", "Gibt dieser Sitzung eine andere Kennung. Sie bleiben angemeldet."),
    everywhere: ("Überall abmelden", "Beendet sofort alle Ihre Sitzungen, auch diese."),
    password_change: (
        "Passwort ändern",
        "Meldet Sie auf allen Geräten ab, wie es ein neues Passwort muss. In dieser Vorführung bleibt das alte.",
    ),
    transfer: "Rufumleitung",
    transferred: "Ihre Anrufe gehen an",
    not_transferred: "Ihre Anrufe kommen auf Ihren eigenen Geräten an.",
    transfer_to: "Meine Anrufe umleiten an",
    transfer_hint: "Ziffern, Leerzeichen, + und -. Das Formular gilt nur von dieser Seite aus.",
    transfer_now: "Anrufe umleiten",
    note: "Notiz",
    note_label: "Eine Notiz für Sie selbst",
    note_hint: "Steht in dieser Sitzung und endet mit ihr.",
    note_save: "Notiz speichern",
    one_browser: "Sie sind nur mit diesem Browser angemeldet.",
    browsers: ("Sie sind mit ", " Browsern angemeldet."),
    just_now: "soeben",
    minutes: ("vor ", " Min."),
    hours: ("vor ", " Std."),
};
