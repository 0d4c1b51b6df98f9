//! What cannot be meant does not build, and documents say what builders do.

use std::time::{Duration, UNIX_EPOCH};

use tower_cookie_policy::{
    Action, Basis, BuildError, CookiePolicy, CookieSpec, Integrity, Lifetime, Role, SameSite,
};

use super::jar::{MAIN, guarded};
use crate::support::{keys, shop};

fn row(integrity: Integrity) -> CookieSpec {
    CookieSpec::new("row", Basis::essential("a test")).integrity(integrity)
}

#[test]
fn an_action_that_is_never_taken_does_not_build() {
    for (row, builds) in [
        (row(Integrity::Open).action(Action::Strip), false),
        (row(Integrity::Open).action(Action::Reject), false),
        (row(Integrity::Open).action(Action::Report), false),
        (row(Integrity::Guarded).action(Action::Report), true),
        (row(Integrity::Guarded).action(Action::Reject), true),
        (row(Integrity::Signed).action(Action::Reject), true),
        (row(Integrity::Signed).action(Action::Report), false),
        (row(Integrity::Sealed).action(Action::Report), false),
        (row(Integrity::Guarded).role(Role::Node).action(Action::Report), false),
    ] {
        let builder = CookiePolicy::empty(keys()).node("web-1").with(row.clone());
        match builder.build() {
            Ok(_) => assert!(builds, "{row:?}"),
            Err(error) => {
                assert!(!builds && matches!(error, BuildError::UselessAction { .. }), "{row:?}: {error}");
                assert!(error.to_string().contains("\"row\""), "{error}");
            }
        }
    }
    // A policy's own action is for the rows that it can be for.
    assert!(shop().action(Action::Report).build().is_ok());
}

/// A guarded row goes exactly where its companion does.
#[test]
fn a_guarded_row_has_the_mains_scope() {
    let guarded = || row(Integrity::Guarded);
    for (row, what) in [
        (guarded().path("/deep"), "Path"),
        (guarded().domain("example.com"), "Domain"),
        (guarded().same_site(SameSite::Strict), "SameSite"),
        (guarded().danger_without_secure(), "Secure"),
    ] {
        let error = CookiePolicy::empty(keys()).with(row).build().unwrap_err();
        assert!(matches!(error, BuildError::GuardedScope { attribute, .. } if attribute == what), "{error}");
    }
    let error = CookiePolicy::empty(keys()).with(guarded().lifetime(Lifetime::YEAR)).build().unwrap_err();
    assert!(matches!(error, BuildError::GuardedLifetime { .. }));
    // A script may read a guarded cookie; its companion is none of a script's business.
    let policy = CookiePolicy::empty(keys()).with(guarded().readable_by_script()).build().unwrap();
    let set = crate::support::lines(&crate::support::write(&policy, &["row=1"]));
    assert!(!set[0].contains("HttpOnly") && set[1..].iter().all(|line| line.contains("HttpOnly")), "{set:?}");
}

/// The TS row is the crate's; whoever declares it may say why it is there, and nothing of how it is sent.
#[test]
fn the_ts_row_is_sent_as_the_main_is() {
    let ts = || {
        let preset = CookiePolicy::broadcloud(keys()).node("n").build().unwrap();
        preset.specs().iter().find(|row| row.declared_role() == Role::Transaction).unwrap().clone()
    };
    let with = |row: CookieSpec| {
        CookiePolicy::empty(keys())
            .with(row)
            .with(CookieSpec::new("cart", Basis::essential("a test")).integrity(Integrity::Guarded))
            .build()
    };
    assert!(with(ts().purpose("en", "Signs.")).is_ok());
    for (row, what) in [(ts().readable_by_script(), "HttpOnly"), (ts().path("/deep"), "Path")] {
        let error = with(row).unwrap_err();
        assert!(matches!(error, BuildError::GuardedScope { attribute, .. } if attribute == what), "{error}");
    }
    assert!(matches!(with(ts().lifetime(Lifetime::YEAR)), Err(BuildError::GuardedLifetime { .. })));
}

#[test]
fn documents_say_what_builders_do() {
    let until = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let list = CookieSpec::new("list", Basis::essential("a test"))
        .integrity(Integrity::Guarded)
        .action(Action::Reject);
    let policy = guarded().with(list).action(Action::Report).adopt_unsigned_until(until).build().unwrap();
    for (text, again) in [
        (policy.to_toml().unwrap(), CookiePolicy::from_toml(&policy.to_toml().unwrap(), keys()).unwrap()),
        (policy.to_json().unwrap(), CookiePolicy::from_json(&policy.to_json().unwrap(), keys()).unwrap()),
    ] {
        assert!(text.contains("report") && text.contains("reject") && text.contains("1800000000"), "{text}");
        let again = again.build().unwrap();
        assert_eq!(again.specs(), policy.specs());
        assert_eq!(again.to_json().unwrap(), policy.to_json().unwrap());
    }
    let plain = guarded().build().unwrap().to_toml().unwrap();
    assert!(!plain.contains("\naction") && !plain.contains("adopt"), "what goes without saying is left out");
    let wrong = CookiePolicy::from_toml("action = \"allow\"", keys()).unwrap_err().to_string();
    assert!(wrong.contains("allow") && wrong.contains("action"), "{wrong}");
    assert!(policy.transaction_names().contains(&MAIN));
}
