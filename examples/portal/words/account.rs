//! The texts about signing in, and about a user's sessions.

/// The texts in one language.
pub(crate) struct AccountWords {
    pub(crate) sign_in: &'static str,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) refused_title: &'static str,
    pub(crate) refused: &'static str,
    /// To who wants to go on as somebody whom the browser does not remember any more.
    pub(crate) forgotten: &'static str,
    /// To who is not signed in, and has to be.
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
    /// Whether the password was given in this session, and whether this browser remembers the user.
    pub(crate) fresh: &'static str,
    pub(crate) resumed: &'static str,
    pub(crate) remembered_here: &'static str,
    pub(crate) not_remembered_here: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) sessions: &'static str,
    pub(crate) sessions_lead: &'static str,
    pub(crate) session: &'static str,
    pub(crate) this_one: &'static str,
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
    pub(crate) transfer_needs: &'static str,
    pub(crate) transfer_now: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_label: &'static str,
    pub(crate) note_hint: &'static str,
    pub(crate) note_save: &'static str,
    one_session: &'static str,
    /// Around the number of them.
    many_sessions: (&'static str, &'static str),
    /// Around the time since then.
    opened: (&'static str, &'static str),
    used: (&'static str, &'static str),
    just_now: &'static str,
    minutes: (&'static str, &'static str),
    hours: (&'static str, &'static str),
}

impl AccountWords {
    /// How many sessions the user has.
    pub(crate) fn number_of_sessions(&self, count: usize) -> String {
        match count {
            1 => self.one_session.to_owned(),
            _ => around(self.many_sessions, count),
        }
    }

    /// When a session was opened, so many seconds ago.
    pub(crate) fn opened(&self, seconds: u64) -> String {
        capitalised(&around(self.opened, self.ago(seconds)))
    }

    /// When it was last used.
    pub(crate) fn used(&self, seconds: u64) -> String {
        capitalised(&around(self.used, self.ago(seconds)))
    }

    fn ago(&self, seconds: u64) -> String {
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

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

pub(super) static ENGLISH: AccountWords = AccountWords {
    sign_in: "Sign in",
    user: "User name",
    password: "Password",
    password_hint: "This is a demonstration: any name will do, and the password is",
    refused_title: "Not signed in",
    refused: "That user name and password do not go together. Nobody was signed in.",
    forgotten: "This browser does not remember you any more. Please sign in with your password.",
    unavailable: "Signing in is not possible at the moment. The rest of the portal works.",
    ended: "Your session has ended",
    ended_lead: "It was ended from elsewhere, or it was not used for too long. Nothing was changed or kept.",
    welcome: "Welcome",
    remember: "Remember me (uses cookies)",
    welcome_back: "Welcome back",
    resume: "Continue",
    resume_lead: "This browser remembers you. For anything that matters you will be asked for your password.",
    not_fresh: "You are signed in because this browser remembers you, and this takes your password. Nothing was changed or \
                kept: sign in with the password, and then make the change again.",
    stolen: "Somebody used a copy of this browser’s cookie",
    stolen_lead: "It is the cookie by which this browser remembered you. It is worth nothing any more, here or elsewhere, and all \
                  sessions that were opened with it are over. Sign in with your password, and change it if you do not know who \
                  that was. A browser that was put back from a backup looks the same.",
    fresh: "You gave your password in this session.",
    resumed: "You are signed in because this browser remembers you; for anything that matters you will be asked for your password.",
    remembered_here: "This browser remembers you. Signing out forgets it.",
    not_remembered_here: "This browser will not remember you.",
    sign_out: "Sign out",
    sessions: "Your sessions",
    sessions_lead: "Each sign-in opens one, the oldest first. End what you do not recognise.",
    session: "Session",
    this_one: "this browser",
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
    transfer_hint: "Digits, spaces, + and -.",
    transfer_needs: "For a signed-in user it takes the password. What was set before signing in is not taken over.",
    transfer_now: "Forward calls",
    note: "Note",
    note_label: "A note to yourself",
    note_hint: "Kept in this session, and gone when it ends.",
    note_save: "Save note",
    one_session: "This is your only session.",
    many_sessions: ("You have ", " sessions."),
    opened: ("Signed in ", ""),
    used: ("Last used ", ""),
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
    forgotten: "Dieser Browser erinnert sich nicht mehr an Sie. Bitte melden Sie sich mit Ihrem Passwort an.",
    unavailable: "Die Anmeldung ist zurzeit nicht möglich. Alles andere am Portal geht.",
    ended: "Ihre Sitzung ist beendet",
    ended_lead: "Sie wurde anderswo beendet oder zu lange nicht benutzt. Nichts wurde geändert oder gespeichert.",
    welcome: "Willkommen",
    remember: "Angemeldet bleiben (verwendet Cookies)",
    welcome_back: "Willkommen zurück",
    resume: "Weiter",
    resume_lead: "Dieser Browser erinnert sich an Sie. Vor allem Wichtigen werden Sie nach dem Passwort gefragt.",
    not_fresh: "Sie sind angemeldet, weil dieser Browser sich an Sie erinnert, und hierfür braucht es Ihr Passwort. Nichts wurde \
                geändert oder gespeichert: Melden Sie sich mit dem Passwort an, und machen Sie die Änderung dann noch einmal.",
    stolen: "Jemand hat eine Kopie des Cookies dieses Browsers benutzt",
    stolen_lead: "Es ist das Cookie, an dem dieser Browser Sie erkannte. Es gilt nicht mehr, weder hier noch anderswo, und alle \
                  Sitzungen, die damit geöffnet wurden, sind beendet. Melden Sie sich mit Ihrem Passwort an, und ändern Sie es, \
                  wenn Sie nicht wissen, wer das war. Ein Browser, der aus einer Sicherung zurückgeholt wurde, sieht genauso aus.",
    fresh: "Sie haben in dieser Sitzung Ihr Passwort eingegeben.",
    resumed: "Sie sind angemeldet, weil dieser Browser sich an Sie erinnert; vor allem Wichtigen werden Sie nach dem Passwort gefragt.",
    remembered_here: "Dieser Browser erinnert sich an Sie. Wenn Sie sich abmelden, vergisst er Sie.",
    not_remembered_here: "Dieser Browser wird sich nicht an Sie erinnern.",
    sign_out: "Abmelden",
    sessions: "Ihre Sitzungen",
    sessions_lead: "Jede Anmeldung öffnet eine, die älteste zuerst. Beenden Sie, was Sie nicht wiedererkennen.",
    session: "Sitzung",
    this_one: "dieser Browser",
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
    transfer_hint: "Ziffern, Leerzeichen, + und -.",
    transfer_needs: "Für angemeldete Benutzer nur mit dem Passwort. Was vor der Anmeldung eingestellt wurde, gilt danach nicht.",
    transfer_now: "Anrufe umleiten",
    note: "Notiz",
    note_label: "Eine Notiz für Sie selbst",
    note_hint: "Steht in dieser Sitzung und endet mit ihr.",
    note_save: "Notiz speichern",
    one_session: "Dies ist Ihre einzige Sitzung.",
    many_sessions: ("Sie haben ", " Sitzungen."),
    opened: ("", " angemeldet"),
    used: ("", " benutzt"),
    just_now: "soeben",
    minutes: ("vor ", " Min."),
    hours: ("vor ", " Std."),
};
