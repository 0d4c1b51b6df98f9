//! What is let in, and what is refused with which reason.

use std::time::Duration;

use tower_cookie_policy::{
    Basis, CookiePolicy, CookieSpec, Integrity, KeyRing, Lifetime, TestClock, UndeclaredRequests,
};

use crate::support::{NOW, issue, key, keys, order, shop, visit, vouched};

const SIGNED_DARK: &str = "theme=dark.AftrBHswbOWusK6DBEV27kRhYU9MeNA1DlM";

/// The literal was computed by another implementation (CPython's `hmac` and `hashlib`).
#[test]
fn a_signed_value_is_let_in_without_its_signature() {
    let policy = shop().build().unwrap();
    assert_eq!(issue(&policy, "theme", "dark"), SIGNED_DARK);
    let seen = visit(&policy, &[SIGNED_DARK]);
    assert_eq!((seen.header().as_str(), seen.value("theme").as_deref()), ("theme=dark", Some("dark")));
    assert_eq!(seen.refusals, []);
}

/// T30: every bit of name, value and signature.
#[test]
fn every_flipped_bit_is_refused() {
    let policy = shop().build().unwrap();
    for at in 6..SIGNED_DARK.len() {
        for bit in 0..8 {
            let mut forged = SIGNED_DARK.as_bytes().to_vec();
            forged[at] ^= 1 << bit;
            if http::HeaderValue::from_bytes(&forged).is_err() || forged[at] == b';' {
                continue;
            }
            let seen = visit(&policy, &[&forged]);
            assert_eq!((seen.value("theme"), seen.refusals.len()), (None, 1), "bit {bit} of byte {at}");
        }
    }
}

/// T30, T31: truncated, extended, empty, of zeros, of another payload; no failure falls back to the plain value.
#[test]
fn what_is_not_exactly_signed_is_refused_with_its_reason() {
    let policy = shop().build().unwrap();
    let other = issue(&policy, "theme", "light");
    let signature = &SIGNED_DARK[11..];
    for (value, reason) in [
        ("dark".to_owned(), "unsigned"),
        (String::new(), "unsigned"),
        ("dark.".to_owned(), "malformed"),
        (SIGNED_DARK[6..SIGNED_DARK.len() - 1].to_owned(), "malformed"),
        (format!("{}A", &SIGNED_DARK[6..]), "malformed"),
        (format!("{}=", &SIGNED_DARK[6..]), "malformed"),
        (format!("light.{signature}"), "modified"),
        (format!("\"dark\".{signature}"), "modified"),
        (format!("dark.{}", "A".repeat(35)), "malformed"),
        (format!("dark.{}AAAAAAAAAAAAAAAAAAAAAA", &signature[..13]), "modified"),
        (format!("dark{}", &other[other.len() - 36..]), "modified"),
        (format!("dark.Ag{}", &signature[2..]), "malformed"),
        (format!("dark.AQ{}", &signature[2..]), "malformed"),
    ] {
        let seen = visit(&policy, &[format!("theme={value}")]);
        assert_eq!((seen.header().as_str(), seen.reasons("theme")), ("", vec![reason]), "{value}");
    }
}

/// T29: a value signed for one name, or under another policy's id, is none for another.
#[test]
fn swapped_name_is_refused() {
    let policy = shop().build().unwrap();
    let ticket = issue(&policy, "ticket", "dark").replace("ticket=", "theme=");
    assert_eq!(visit(&policy, &[ticket]).reasons("theme"), ["modified"]);
    let other = shop().id("shop").build().unwrap();
    assert_eq!(visit(&policy, &[issue(&other, "theme", "dark")]).reasons("theme"), ["modified"]);
}

/// T28: the times are under the MAC, and each row's present lifetime counts.
#[test]
fn a_signed_value_counts_within_its_time() {
    let at = |clock: &TestClock| shop().clock(clock.clock()).build().unwrap();
    let year = 31_536_000;
    for (forward, reasons) in
        [(0, vec![]), (year - 1, vec![]), (year, vec!["expired"]), (10 * year, vec!["expired"])]
    {
        let later = TestClock::at(NOW + forward);
        assert_eq!(visit(&at(&later), &[SIGNED_DARK]).reasons("theme"), reasons, "{forward} s later");
    }
    for (back, reasons) in [(60, vec![]), (61, vec!["expired"])] {
        let earlier = TestClock::at(NOW - back);
        assert_eq!(visit(&at(&earlier), &[SIGNED_DARK]).reasons("theme"), reasons, "{back} s earlier");
    }
    for extreme in [0, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(visit(&at(&TestClock::at(extreme)), &[SIGNED_DARK]).reasons("theme"), ["expired"]);
    }
    let shorter = |days| {
        let theme = CookieSpec::new("theme", Basis::Requested)
            .integrity(Integrity::Signed)
            .lifetime(Lifetime::days(days));
        CookiePolicy::empty(keys())
            .with(theme)
            .clock(TestClock::at(NOW + 86_400 * 7).clock())
            .build()
            .unwrap()
    };
    assert_eq!(visit(&shorter(8), &[SIGNED_DARK]).reasons("theme"), [""; 0]);
    assert_eq!(visit(&shorter(7), &[SIGNED_DARK]).reasons("theme"), ["expired"]);
}

#[test]
fn a_signed_session_cookie_ends_with_the_absolute_limit() {
    let clock = TestClock::at(NOW);
    let policy = shop().clock(clock.clock()).absolute_limit(Duration::from_secs(100)).build().unwrap();
    let ticket = issue(&policy, "ticket", "42");
    clock.advance(Duration::from_secs(99));
    assert_eq!(visit(&policy, &[&ticket]).value("ticket").as_deref(), Some("42"));
    clock.advance(Duration::from_secs(1));
    assert_eq!(visit(&policy, &[&ticket]).reasons("ticket"), ["expired"]);
}

/// T32: the first key signs, all verify, a retired one does not.
#[test]
fn keys_roll() {
    let with = |ring: KeyRing| {
        let theme =
            CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed).lifetime(Lifetime::YEAR);
        CookiePolicy::empty(ring).with(theme).clock(TestClock::at(NOW).clock()).build().unwrap()
    };
    let (old, new) = (|| KeyRing::new(key(0)), || KeyRing::new(key(32)));
    let accepting_new = with(old().accepting(key(32)).unwrap());
    let signing_new = with(new().accepting(key(0)).unwrap());
    let only_new = with(new());
    assert_eq!(issue(&accepting_new, "theme", "dark"), SIGNED_DARK);
    let by_new = issue(&signing_new, "theme", "dark");
    assert_eq!(by_new, "theme=dark.AUhrBHswbOWusOAmXU57Np9bJcXoiRDixwM");
    for policy in [&accepting_new, &signing_new] {
        for cookie in [SIGNED_DARK, &by_new] {
            assert_eq!(visit(policy, &[cookie]).header(), "theme=dark");
        }
    }
    assert_eq!(visit(&only_new, &[SIGNED_DARK]).reasons("theme"), ["malformed"]);
    assert_eq!(visit(&only_new, &[&by_new]).header(), "theme=dark");
}

/// T38: of several values those that verify count, in whichever order; if they differ, none does.
#[test]
fn duplicates_of_a_protected_name() {
    let policy = shop().build().unwrap();
    let light = issue(&policy, "theme", "light");
    for (cookies, header, reasons) in [
        (vec![SIGNED_DARK, "theme=evil"], "theme=dark", vec!["unsigned"]),
        (vec!["theme=evil", SIGNED_DARK], "theme=dark", vec!["unsigned"]),
        (vec![SIGNED_DARK, SIGNED_DARK], "theme=dark", vec![]),
        (vec![SIGNED_DARK, light.as_str()], "", vec!["duplicate"; 2]),
        (vec![light.as_str(), "a=1", SIGNED_DARK], "a=1", vec!["duplicate"; 2]),
        (vec![&vouched(&["cart=1", "cart=2"])], "", vec![]),
        (vec![&vouched(&["cart=1", "cart=1"])], "cart=1", vec![]),
        (vec!["cart=2", &vouched(&["cart=1"]), "cart=3"], "cart=1", vec![]),
        (vec!["plain=1", "plain=2", "x=1", "x=2"], "plain=1; plain=2; x=1; x=2", vec![]),
    ] {
        let seen = visit(&policy, &[cookies.join("; ")]);
        assert_eq!((seen.header().as_str(), seen.reasons("theme")), (header, reasons), "{cookies:?}");
    }
    assert_eq!(visit(&policy, &[vouched(&["cart=1", "cart=2"])]).reasons("cart"), ["duplicate"; 2]);
}

#[test]
fn each_row_takes_values_of_its_shape_only() {
    let policy = shop().build().unwrap();
    let uuid = "X-Appia-UUID=8c9f2b9e-0a4e-4d8f-9b4b-0123456789ab";
    let dwr = "DWRSESSIONID=KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cX";
    let counted = format!("{dwr}-2");
    let most = format!("XRM0123456789ABCDEF={}", "v".repeat(256));
    for good in [
        "JSESSIONID=0123456789ABCDEF0123456789ABCDEF",
        uuid,
        dwr,
        &counted,
        "bsloc=JeKrPlkEubY",
        "i18next=de",
        "i18next=DE",
        "XRMINT=n1|awR7M",
        &most,
        "plain=",
        "font=\"a b\\c,d\"",
    ] {
        let seen = visit(&policy, &[as_it_comes(good)]);
        assert_eq!((seen.header(), seen.refusals.len()), (good.escape_default().to_string(), 0), "{good}");
    }
    let too_much = format!("{most}v");
    for bad in [
        "JSESSIONID=0123456789abcdef0123456789abcdef",
        "JSESSIONID=0123456789ABCDEF0123456789ABCDEF.node1",
        "JSESSIONID=",
        &uuid.to_uppercase().replace("APPIA", "Appia"),
        "X-Appia-UUID=8c9f2b9e-0a4e-1d8f-9b4b-0123456789ab",
        "DWRSESSIONID=short",
        &format!("{dwr}-"),
        "bsloc=n1",
        "i18next=fr",
        "i18next=../../etc",
        "i18next=\"de\"",
        "XRMINT=a b",
        "XRMINT=\"n1\"",
        "XRMlower=1",
        "XRM=1",
        &too_much,
    ] {
        let seen = visit(&policy, &[as_it_comes(bad)]);
        let name = bad.split('=').next().unwrap();
        assert_eq!((seen.header().as_str(), seen.reasons(name)), ("", vec!["malformed"]), "{bad}");
    }
}

/// A cookie of the preset, with genuine TS cookies where it is a guarded one.
fn as_it_comes(pair: &str) -> String {
    let guarded = ["JSESSIONID=", "X-Appia-UUID=", "bsloc="].iter().any(|name| pair.starts_with(name));
    if guarded { vouched(&[pair]) } else { pair.to_owned() }
}

/// `${jndi:…}` and other rubbish as a visitor id is refused, and an id of old is not trusted.
#[test]
fn a_visitor_id_has_to_be_ours() {
    let policy = shop().build().unwrap();
    for bad in ["10000", "${jndi:ldap://x}", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let seen = visit(&policy, &[format!("OFBiz.Visitor={bad}")]);
        assert_eq!((seen.header().as_str(), seen.reasons("OFBiz.Visitor")), ("", vec!["unsigned"]), "{bad}");
    }
}

#[test]
fn what_needs_consent_is_not_read_without_it() {
    let policy = shop().build().unwrap();
    let seen = visit(&policy, &["stats=1; plain=1; promo_summer=1"]);
    assert_eq!(seen.header(), "plain=1");
    assert_eq!(
        (seen.reasons("stats"), seen.reasons("promo_summer")),
        (vec!["no_consent"], vec!["no_consent"])
    );
}

#[test]
fn own_transaction_cookies_are_not_the_handlers() {
    let policy = shop().build().unwrap();
    // The main's name of this policy, the companions' of JSESSIONID and of cart, and two foreign names.
    let seen =
        visit(&policy, &["TS017a625a=x; TSde659670d=x; TSfe73894ad=x; TS01aaaaaa=1; TSaaaaaaaad=2; plain=1"]);
    assert_eq!(seen.header(), "TS01aaaaaa=1; TSaaaaaaaad=2; plain=1");
    assert_eq!(seen.refusals, []);
    let pattern = CookieSpec::new("basket_*", Basis::essential("a test")).integrity(Integrity::Guarded);
    let clock = TestClock::at(NOW).clock();
    let policy = CookiePolicy::empty(keys()).clock(clock).with(pattern).build().unwrap();
    // The companion's name of basket_1, computed by another implementation of SHA-256.
    assert_eq!(visit(&policy, &[vouched(&["basket_1=x"])]).header(), "basket_1=x");
    assert_eq!(visit(&policy, &["basket_1=x; TSa05f2ca9d=x"]).header(), "");
    let seen = visit(&policy, &[format!("{}; TSa05f2ca9d=x", vouched(&["basket_2=x"]))]);
    assert_eq!(seen.header(), "basket_2=x; TSa05f2ca9d=x");
}

#[test]
fn undeclared_names_may_not_pass_for_declared_ones() {
    let policy = shop().build().unwrap();
    for alias in [
        "%74heme",
        "t%68eme",
        "%74%68%65%6D%65",
        "%2574heme",
        "%54S017a625a",
        "TS01aaaaa%61",
        "%58RMINT",
        "%5f_Host-pin",
    ] {
        let seen = visit(&policy, &[format!("{alias}=x; %20=1; a%zz=1")]);
        assert_eq!(
            (seen.header().as_str(), seen.reasons(alias)),
            ("%20=1; a%zz=1", vec!["alias"]),
            "{alias}"
        );
    }
    for other in ["Theme", "THEME", "theme2", "the%6De2"] {
        assert_eq!(visit(&policy, &[format!("{other}=x")]).header(), format!("{other}=x"));
    }
}

#[test]
fn undeclared_cookies_are_stripped_where_the_policy_says_so() {
    let policy = shop().undeclared_requests(UndeclaredRequests::Strip).build().unwrap();
    let seen = visit(&policy, &["other=1; plain=1; %74heme=2"]);
    assert_eq!(seen.header(), "plain=1");
    assert_eq!((seen.reasons("other"), seen.reasons("%74heme")), (vec!["undeclared"], vec!["alias"]));
}

#[test]
fn the_header_is_left_alone_when_nothing_has_to_change() {
    let policy = shop().build().unwrap();
    for header in ["plain=1", "plain = 1 ;;; b=2;", "\tplain=1;b= 2", "i18next=DE; x=\"1\"", ";", ""] {
        let seen = visit(&policy, &[header]);
        assert_eq!(seen.fields, [header.as_bytes().to_vec()], "{header:?}");
    }
    let seen = visit(&policy, &["plain=1; bad name=2; c = 3"]);
    assert_eq!(seen.header(), "plain=1; c=3");
    assert_eq!(visit(&policy, &["bad name=2"]).fields, Vec::<Vec<u8>>::new(), "an empty header is no header");
}

/// A cookie that axum-extra's jar reads is the one that was verified.
#[test]
fn a_jar_sees_what_was_admitted() {
    let policy = shop().build().unwrap();
    let seen = visit(&policy, &[format!("x=\"1; {SIGNED_DARK}; theme=evil; \u{a0}theme=evil; bad")]);
    let mut headers = http::HeaderMap::new();
    for field in &seen.fields {
        headers.append("cookie", http::HeaderValue::from_bytes(field).unwrap());
    }
    let jar = axum_extra::extract::CookieJar::from_headers(&headers);
    assert_eq!(jar.get("theme").unwrap().value(), "dark");
}

/// A Signed cookie under a previous key is issued anew, with its first expiry.
#[test]
fn a_cookie_under_a_previous_key_is_issued_anew() {
    use crate::support::{Answer, attributes, lines, request, sent_back, serve};
    let clock = TestClock::at(NOW + 1_000_000);
    let theme =
        || CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed).lifetime(Lifetime::YEAR);
    let ring = KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let policy = CookiePolicy::empty(ring).with(theme()).clock(clock.clock()).build().unwrap();
    let answer = serve(&policy, request(&[SIGNED_DARK]), |_| Answer::default());
    let line = &lines(&answer)[0];
    assert_eq!(
        sent_back(line),
        "theme=dark.AUhrBHswbOWusOAmXU57Np9bJcXoiRDixwM",
        "issued and expires as at first"
    );
    assert!(attributes(line).contains(&"max-age=30536000".to_owned()), "{line}");
    let quiet = |status: u16, header: &'static str| {
        serve(&policy, request(&[SIGNED_DARK]), |_| {
            let mut answer = Answer::default();
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            answer.headers_mut().insert("cache-control", http::HeaderValue::from_static(header));
            answer
        })
    };
    for (status, header, count) in [
        (304, "no-store", 0),
        (200, "public, max-age=60", 0),
        (200, "max-age=60", 0),
        (200, "private", 1),
        (404, "no-cache", 1),
    ] {
        assert_eq!(lines(&quiet(status, header)).len(), count, "{status} {header}");
    }
    // What the handler orders or writes for the name wins.
    let answer = serve(&policy, request(&[SIGNED_DARK]), |request| {
        request.extensions().get::<tower_cookie_policy::Cookies>().unwrap().remove("theme").unwrap();
        Answer::default()
    });
    assert_eq!(lines(&answer).len(), 1);
    assert!(lines(&answer)[0].starts_with("theme=;"), "{:?}", lines(&answer));
    let current = issue(&policy, "theme", "dark");
    assert_eq!(lines(&serve(&policy, request(&[current]), |_| Answer::default())), [""; 0]);
    assert_eq!(lines(&order(&policy, |_| ())), [""; 0]);
}

/// A remembered login is renewed by its own rules; a row that became shorter is not lengthened.
#[test]
fn what_is_not_issued_anew_for_a_key() {
    use crate::support::{Answer, attributes, lines, request, serve};
    let ring = || KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let clock = TestClock::at(NOW + 86_400);
    // Computed by another implementation (CPython's `hmac` and `hashlib`).
    let login = "root.autoUserLoginId=AAAAAAAAAAAAAAAAAAAAAA~AAAAAAAAAAAAAAAAAAAAAA.AftrBHswbOWusCEkEbndKkyTZFdXZ01WMOU";
    let policy = CookiePolicy::broadcloud(ring()).node("n").clock(clock.clock()).build().unwrap();
    assert_eq!(visit(&policy, &[login]).refusals, [], "the login is genuine");
    assert_eq!(lines(&serve(&policy, request(&[login]), |_| Answer::default())), [""; 0]);
    let theme =
        CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed).lifetime(Lifetime::days(2));
    let policy = CookiePolicy::empty(ring()).with(theme).clock(clock.clock()).build().unwrap();
    let line = lines(&serve(&policy, request(&[SIGNED_DARK]), |_| Answer::default())).remove(0);
    assert!(attributes(&line).contains(&"max-age=86400".to_owned()), "{line}");
}

/// The length byte under the MAC says 255 at most, so longer names are nobody's.
#[test]
fn names_end_at_255_bytes() {
    let row = CookieSpec::new(format!("{}*", "n".repeat(200)).as_str(), Basis::essential("a test"));
    let policy = CookiePolicy::empty(keys()).with(row.integrity(Integrity::Signed)).build().unwrap();
    let name = |length| "n".repeat(length);
    assert_eq!(visit(&policy, &[issue(&policy, &name(255), "v")]).refusals, []);
    order(&policy, |cookies| assert!(cookies.set(&name(256), "v").is_err()));
    assert_eq!(visit(&policy, &[format!("{}=v", name(256))]).refusals[0].1, "malformed");
}

/// A key that rolls makes no cookie live longer than it was set for.
#[test]
fn issuing_anew_prolongs_nothing() {
    use crate::support::{Answer, attributes, lines, request, sent_back, serve, write};
    let theme = || {
        CookieSpec::new("pref", Basis::essential("a test"))
            .integrity(Integrity::Signed)
            .lifetime(Lifetime::YEAR)
    };
    let clock = TestClock::at(NOW);
    let old = CookiePolicy::empty(keys()).with(theme()).clock(clock.clock()).build().unwrap();
    let ring = KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let new = CookiePolicy::empty(ring).with(theme()).clock(clock.clock()).build().unwrap();
    let set = |line: &str| sent_back(&lines(&write(&old, &[line]))[0]);
    let (short, session, full) = (set("pref=a; Max-Age=60"), set("pref=a"), set("pref=a; Max-Age=31536000"));
    clock.advance(Duration::from_secs(30));
    let again = |cookies: &[&String]| {
        let header: Vec<&str> = cookies.iter().map(|cookie| cookie.as_str()).collect();
        lines(&serve(&new, request(&[header.join("; ")]), |_| Answer::default()))
    };
    for cookie in [&short, &session] {
        let line = again(&[cookie]).remove(0);
        assert_eq!(
            attributes(&line),
            ["httponly", "path=/", "samesite=lax", "secure"],
            "a session cookie: {line}"
        );
    }
    assert!(attributes(&again(&[&full])[0]).contains(&"max-age=31535970".to_owned()));
    let current = issue(&new, "pref", "a");
    for cookies in [[&full, &current], [&current, &full]] {
        assert_eq!(again(&cookies), [""; 0], "one of equal values is under the present key already");
    }
    clock.advance(Duration::from_secs(30));
    assert_eq!(visit(&new, &[&short]).reasons("pref"), ["expired"], "it counts for what it was set for");
    assert_eq!(visit(&new, &[&session]).value("pref").as_deref(), Some("a"));
    clock.advance(Duration::from_secs(12 * 60 * 60));
    assert_eq!(
        visit(&new, &[&session]).reasons("pref"),
        ["expired"],
        "a session ends with the absolute limit"
    );
}

/// What is no name may be a piece of a value, and is not repeated anywhere.
#[test]
fn an_illegal_name_is_not_repeated() {
    let seen = visit(&shop().build().unwrap(), &["font=\"x; my secret pw=1; secret"]);
    assert_eq!(seen.refusals, vec![(String::new(), "malformed".to_owned()); 2]);
}

#[test]
fn a_table_without_guarded_rows_has_no_transaction_cookies() {
    let policy = CookiePolicy::empty(keys()).build().unwrap();
    assert_eq!(policy.transaction_names(), [""; 0]);
    assert_eq!(visit(&policy, &["TS017a625a=1"]).header(), "TS017a625a=1");
}
