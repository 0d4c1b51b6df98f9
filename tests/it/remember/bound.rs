//! `X-Appia-UUID` and `X-Appia-ExtAuth`, which go along with a session.

use super::support::{does, meets};
use crate::session::support::{about_session, policy};
use crate::support::{attributes, lines};
use crate::transaction::jar::{Jar, MAIN, OF_UUID};

const UUID: &str = "X-Appia-UUID";
const USER: &str = "X-Appia-ExtAuth";

fn is_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
        && groups[2].starts_with('4')
        && groups[3].starts_with(['8', '9', 'a', 'b'])
}

/// A UUID begins with each new id of a session, the user's id at the sign-in alone; both end with the session.
#[tokio::test]
async fn they_come_and_go_with_the_session() {
    let policy = policy();
    let mut jar = Jar::default();
    let names = |answer: &_| -> Vec<String> {
        about_session(answer).iter().map(|line| line.split('=').next().unwrap().to_owned()).collect()
    };
    let (_, answer) = does(&policy, &mut jar, async |session| session.insert("a", &1).await.unwrap()).await;
    assert_eq!(names(&answer), ["JSESSIONID", UUID]);
    let first = jar.value(UUID).to_owned();
    assert!(is_uuid(&first), "{first}");
    let (_, answer) = does(&policy, &mut jar, async |session| session.insert("a", &2).await.unwrap()).await;
    assert_eq!(names(&answer), [""; 0]);
    let (_, answer) =
        does(&policy, &mut jar, async |session| session.sign_in("Zo\u{eb}; of Rotterdam").await.unwrap())
            .await;
    assert_eq!(names(&answer), ["JSESSIONID", UUID, USER]);
    let second = jar.value(UUID).to_owned();
    assert!(is_uuid(&second) && second != first);
    for line in about_session(&answer) {
        let said = attributes(&line);
        assert!(!said.iter().any(|one| one.to_ascii_lowercase().contains("max-age")), "{said:?}");
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(said.iter().any(|one| one.eq_ignore_ascii_case(attribute)), "{said:?}");
        }
    }
    // A part that is long enough not to be in a random value by chance.
    assert!(!jar.value(USER).contains("Rotterdam"));
    assert_eq!(jar.seen(&policy).value(USER).as_deref(), Some("Zo%C3%AB%3B%20of%20Rotterdam"));
    let (_, answer) = does(&policy, &mut jar, async |session| session.renew().await.unwrap()).await;
    assert_eq!(names(&answer), ["JSESSIONID", UUID]);
    assert_ne!(jar.value(UUID), second);
    assert_eq!(meets(&policy, &mut jar).await.user.as_deref(), Some("Zo\u{eb}; of Rotterdam"));
    let (_, answer) = does(&policy, &mut jar, async |session| session.sign_out().await.unwrap()).await;
    assert_eq!(names(&answer), ["JSESSIONID", UUID, USER]);
    assert!(about_session(&answer).iter().all(|line| line.contains("Max-Age=0")));
    let left: Vec<String> = jar.names().into_iter().filter(|name| !name.starts_with("TS")).collect();
    assert_eq!(left, ["bsloc"], "the way to the node stays");
}

/// The sealed user id of somebody else signs nobody in: neither the one nor the other.
#[tokio::test]
async fn a_swapped_user_id_signs_nobody_in() {
    let policy = policy();
    let alice = Jar::default().signed_in(&policy, "alice");
    let bob = Jar::default().signed_in(&policy, "bob");
    for (mine, theirs) in [(&alice, &bob), (&bob, &alice)] {
        let mut swapped = mine.with(USER, theirs.value(USER));
        let met = meets(&policy, &mut swapped).await;
        assert_eq!((met.user.as_deref(), met.fresh), (None, false));
        assert_eq!(
            (met.reasons("JSESSIONID"), met.reasons(USER)),
            (vec!["other_user".to_owned()], vec!["other_user".to_owned()])
        );
        // What is written begins another session, and leaves the swapped one alone.
        let (_, answer) = does(&policy, &mut swapped, async |session| {
            assert_eq!(session.get::<u8>("a").await.unwrap(), None);
            session.insert("a", &1).await.unwrap();
        })
        .await;
        assert!(lines(&answer).iter().any(|line| line.starts_with("X-Appia-ExtAuth=;")));
        assert_ne!(swapped.value("JSESSIONID"), mine.value("JSESSIONID"));
        assert!(mine.user(&policy).is_some(), "it was not this one's to end");
    }
    // Alone it is worth nothing, and a planted session beside the true user id is found out.
    assert_eq!(alice.only(&[USER]).user(&policy), None);
    let planted = bob.with(USER, alice.value(USER));
    assert_eq!(planted.user(&policy), None);
    assert_eq!(alice.without(USER).user(&policy).as_deref(), Some("alice"), "it need not be there");
    assert_eq!(
        alice.with(USER, "x").user(&policy).as_deref(),
        Some("alice"),
        "a forged one is as good as none"
    );
}

/// Another transaction's UUID does not count, with its companion or without.
#[tokio::test]
async fn a_swapped_uuid_is_refused() {
    let policy = policy();
    let alice = Jar::default().signed_in(&policy, "alice");
    let bob = Jar::default().signed_in(&policy, "bob");
    let swapped = alice.with(UUID, bob.value(UUID));
    assert_eq!(swapped.seen(&policy).reasons(UUID), ["modified"]);
    let with_companion = swapped.with(OF_UUID, bob.value(OF_UUID));
    assert_eq!(with_companion.seen(&policy).reasons(UUID), ["other_transaction"]);
    let whole = with_companion.with(MAIN, bob.value(MAIN));
    assert_eq!(
        whole.seen(&policy).reasons("JSESSIONID"),
        ["other_transaction"],
        "a main of one's own is no way round"
    );
    for wrong in ["", "x", "00000000-0000-0000-0000-000000000000", &alice.value(UUID).to_uppercase()] {
        assert_eq!(alice.with(UUID, wrong).seen(&policy).value(UUID), None);
    }
    // The one of before the sign-in is another transaction's.
    let before = Jar::default().does(&policy, async |session| session.insert("a", &1).await.unwrap());
    let after = before.clone().signed_in(&policy, "alice");
    let rolled_back = after.with(UUID, before.value(UUID)).with(OF_UUID, before.value(OF_UUID));
    assert_eq!(rolled_back.seen(&policy).reasons(UUID), ["other_transaction"]);
}

/// Neither can be written by hand.
#[test]
fn they_are_the_crates_alone() {
    let policy = policy();
    let raw = [
        "X-Appia-UUID=7d444840-9dc0-41d1-b245-5ffdce74fad2",
        "X-Appia-ExtAuth=bob",
        "X-Appia-ExtAuth=; Max-Age=0",
    ];
    assert_eq!(lines(&crate::support::write(&policy, &raw)), [""; 0]);
}
