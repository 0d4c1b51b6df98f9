//! The consent cookie, and everything that only looks like it.

use tower_cookie_policy::{CookiePolicy, CookieSpec, Integrity, KeyRing, Lifetime, TestClock};

use super::support::{accepted, decide, decided, granted, refused, state, table};
use crate::support::{NOW, attributes, issue, key, keys, lines, order};

#[test]
fn the_line_is_of_the_hour_and_says_180_days() {
    let policy = table().build().unwrap();
    let answer = decide(&policy, "", "decision=reject");
    let line = lines(&answer).into_iter().find(|line| line.starts_with("cookie_consent=")).unwrap();
    // 23 November 2026, 17:00, and 180 days later.
    assert_eq!(
        attributes(&line),
        [
            "expires=sat, 22 may 2027 17:00:00 gmt",
            "httponly",
            "max-age=15552000",
            "path=/",
            "samesite=lax",
            "secure"
        ]
    );
    let value = line.split(';').next().unwrap().strip_prefix("cookie_consent=").unwrap();
    let (said, signature) = value.rsplit_once('.').unwrap();
    assert_eq!(signature.len(), 35);
    let hashes = |category| policy.consent_hash(&category, "en").unwrap();
    assert_eq!(
        said,
        format!(
            "1~{}~en~~-statistics.{}~-marketing.{}",
            NOW / 3600,
            hashes(tower_cookie_policy::Category::Statistics),
            hashes(tower_cookie_policy::Category::Marketing)
        )
    );
}

#[test]
fn two_who_refuse_within_an_hour_get_the_same_bytes() {
    let hour = NOW - NOW % 3600;
    let of = |now: u64| {
        let policy = table().clock(TestClock::at(now).clock()).build().unwrap();
        lines(&decide(&policy, "", "decision=reject"))
    };
    assert_eq!(of(hour), of(hour + 3599));
    assert_ne!(of(hour), of(hour + 3600));
}

#[test]
fn a_decision_counts_for_180_days_from_its_hour_whatever_the_browser_does() {
    let consent = accepted(&table().build().unwrap());
    let hour = NOW - NOW % 3600;
    let at = |now: u64| granted(&table().clock(TestClock::at(now).clock()).build().unwrap(), &consent).len();
    assert_eq!(at(hour + 180 * 86_400 - 1), 2);
    assert_eq!(at(hour + 180 * 86_400), 0);
    assert_eq!(at(hour - 60), 2, "within what clocks may differ by");
    assert_eq!(at(hour - 61), 0, "from the future");
}

#[test]
fn every_flipped_byte_makes_it_undecided() {
    let policy = table().build().unwrap();
    let consent = accepted(&policy);
    let value_at = consent.find('=').unwrap() + 1;
    for at in value_at..consent.len() {
        for other in [b'A', b'+', b'-', b'~', b'9'] {
            let mut forged = consent.clone().into_bytes();
            if forged[at] == other {
                continue;
            }
            forged[at] = other;
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(granted(&policy, &forged), [""; 0], "{forged}");
        }
    }
    for cut in value_at..consent.len() {
        assert_eq!(granted(&policy, &consent[..cut]), [""; 0]);
    }
    for longer in [format!("{consent}A"), format!("{consent}.x"), format!("{consent}=")] {
        assert_eq!(granted(&policy, &longer), [""; 0]);
    }
}

#[test]
fn a_grant_of_another_policy_key_or_name_does_not_count() {
    let policy = table().build().unwrap();
    let consent = accepted(&policy);
    for other in [table().id("shop").build().unwrap(), rekeyed(KeyRing::new(key(32)))] {
        assert_eq!(granted(&other, &consent), [""; 0]);
    }
    assert_eq!(granted(&rekeyed(KeyRing::new(key(32)).accepting(key(0)).unwrap()), &consent).len(), 2);
    let elsewhere = CookiePolicy::empty(keys())
        .clock(TestClock::at(NOW).clock())
        .with(
            CookieSpec::new("other", tower_cookie_policy::Basis::Requested)
                .integrity(Integrity::Signed)
                .lifetime(Lifetime::days(180)),
        )
        .build()
        .unwrap();
    let value = consent.strip_prefix("cookie_consent=").unwrap().rsplit_once('.').unwrap().0;
    let renamed = issue(&elsewhere, "other", value).replacen("other", "cookie_consent", 1);
    assert_eq!(granted(&policy, &renamed), [""; 0]);
}

/// The same table under other keys.
fn rekeyed(keys: KeyRing) -> CookiePolicy {
    let document = table().build().unwrap().to_json().unwrap();
    CookiePolicy::from_json(&document, keys).unwrap().clock(TestClock::at(NOW).clock()).build().unwrap()
}

#[test]
fn several_that_verify_and_differ_are_undecided() {
    let policy = table().build().unwrap();
    let (yes, no) = (accepted(&policy), refused(&policy));
    let some = decided(&policy, "decision=save&statistics=on");
    for jar in [format!("{yes}; {no}"), format!("{no}; {yes}"), format!("{yes}; {some}; {yes}")] {
        let state = state(&policy, "en", &jar);
        assert_eq!(state["granted"], serde_json::json!([]), "{jar}");
        assert_eq!(state["decided"], false);
    }
    assert_eq!(granted(&policy, &format!("{yes}; {yes}")).len(), 2, "the same twice is one");
    let forged = format!("{}x", &yes[..yes.len() - 1]);
    assert_eq!(granted(&policy, &format!("{forged}; {yes}")).len(), 2, "a forgery takes nothing with it");
    assert_eq!(granted(&policy, &format!("{yes}; {forged}")).len(), 2);
}

/// What the holder of a key could sign and this version does not write.
#[test]
fn a_signed_value_of_another_form_is_malformed() {
    let policy = table().build().unwrap();
    let signer = plain_row();
    let statistics = policy.consent_hash(&tower_cookie_policy::Category::Statistics, "en").unwrap();
    let hour = NOW / 3600;
    for value in [
        String::new(),
        "1".into(),
        "2~1~en~".into(),
        format!("1~{hour}~en"),
        format!("1~x~en~~+statistics.{statistics}"),
        format!("1~99999999999~en~~+statistics.{statistics}"),
        format!("1~4294967295~en~~+statistics.{statistics}"),
        format!("1~{hour}~en~~statistics.{statistics}"),
        format!("1~{hour}~en~~*statistics.{statistics}"),
        format!("1~{hour}~en~~+statistics{statistics}"),
        format!("1~{hour}~en~~+.{}", &statistics[1..]),
        format!("1~{hour}~en~~+.{statistics}"),
        format!("1~0{hour}~en~~+statistics.{statistics}"),
        format!("1~+{hour}~en~~+statistics.{statistics}"),
        format!("1~{hour}~~~+statistics.{statistics}"),
        format!("1~{hour}~en~x~+statistics.{statistics}"),
        format!("1~{hour}~en~~+statistics.{statistics}~"),
        format!("1~{hour}~en~~~+statistics.{statistics}"),
        format!("1~{hour}~en~~+statistics.{statistics}~-statistics.{statistics}"),
        // Of another time than its signature.
        format!("1~{}~en~~+statistics.{statistics}", hour - 1),
    ] {
        let signed = issue(&signer, "cookie_consent", &value);
        assert_eq!(granted(&policy, &signed), [""; 0], "{value}");
    }
    for (value, grants) in [
        (format!("1~{hour}~en~~+statistics.{statistics}"), 1),
        (format!("1~{hour}~de~~+statistics.{statistics}"), 0),
        (format!("1~{hour}~en~~+statistics.AAAAAAAA"), 0),
        (format!("1~{hour}~en~~+other.{statistics}"), 0),
        (format!("1~{hour}~en~"), 0),
        (format!("1~{hour}~en~~+statistics.{statistics}~+marketing.{statistics}"), 1),
    ] {
        let signed = issue(&signer, "cookie_consent", &value);
        assert_eq!(granted(&policy, &signed).len(), grants, "{value}");
    }
}

/// Signs whatever it is told under the consent cookie's name, at the start of the hour.
fn plain_row() -> CookiePolicy {
    CookiePolicy::empty(keys())
        .clock(TestClock::at(NOW - NOW % 3600).clock())
        .with(
            CookieSpec::new("cookie_consent", tower_cookie_policy::Basis::Requested)
                .integrity(Integrity::Signed)
                .lifetime(Lifetime::days(180)),
        )
        .build()
        .unwrap()
}

#[test]
fn no_handler_writes_or_deletes_it() {
    let policy = table().build().unwrap();
    let answer = order(&policy, |cookies| {
        assert!(cookies.set("cookie_consent", "1").is_err());
        assert!(cookies.remove("cookie_consent").is_err());
    });
    assert_eq!(lines(&answer), [""; 0]);
    for raw in ["cookie_consent=1", "cookie_consent=; Max-Age=0"] {
        assert_eq!(lines(&crate::support::write(&policy, &[raw])), [""; 0]);
    }
}

/// The bytes under the new key are again the same for all who refused in that hour.
#[test]
fn a_decision_under_a_previous_key_counts_and_is_signed_anew_for_the_time_that_it_has() {
    let consent = refused(&table().build().unwrap());
    let document = table().build().unwrap().to_json().unwrap();
    let rolled = KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let later = |rolled: KeyRing, seconds| {
        let clock = TestClock::at(NOW + seconds).clock();
        CookiePolicy::from_json(&document, rolled).unwrap().clock(clock).build().unwrap()
    };
    let line = |seconds| {
        let answer = super::support::get(&later(rolled.clone(), seconds), "/cookies/consent", &consent);
        lines(&answer).remove(0)
    };
    assert_eq!(line(60), line(86_400));
    assert!(line(60).contains("Max-Age=15552000; Expires=Sat, 22 May 2027 17:00:00 GMT"), "{}", line(60));
    let renewed = crate::support::sent_back(&line(60));
    assert_ne!(renewed, consent);
    let retired = later(KeyRing::new(key(32)), 60);
    assert_eq!(state(&retired, "en", &renewed)["decided"], true);
    assert_eq!(state(&retired, "en", &consent)["decided"], false);
}
