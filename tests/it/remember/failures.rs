//! The store of remembered logins refuses, hangs, answers late.

use std::time::Duration;

use http::StatusCode;
use tower_cookie_policy::{Session, SessionError, SignIn, StoreErrorKind};

use super::support::{LOGIN, copied, does, login, meets, remembered, restarted, stage};
use crate::session::staged::Act;
use crate::support::lines;
use crate::transaction::jar::Jar;

const BAD: [Act; 3] = [Act::Refuse(StoreErrorKind::Unavailable), Act::Hang, Act::Late];

/// A sign-in that could not be remembered is none: a 503, and nobody is signed in.
#[tokio::test(start_paused = true)]
async fn a_login_that_is_not_confirmed_is_not_promised() {
    for act in BAD {
        let (_, store, builder) = stage();
        let policy = builder.build().unwrap();
        store.plays(move |step| if step == "create_series" { act } else { Act::Pass });
        let mut jar = Jar::default();
        let (made, answer) = does(&policy, &mut jar, async |session: Session| {
            session.sign_in(SignIn::new("alice").remembered()).await
        })
        .await;
        assert!(made.is_ok(), "it is noted, and done when the response leaves");
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]), "{act:?}");
        store.plays(|_| Act::Pass);
        assert_eq!(store.behind.len(), 0);
    }
}

/// Being recognised is a reading: the handler hears of it, and no cookie goes.
#[tokio::test(start_paused = true)]
async fn an_outage_recognises_nobody_and_removes_nothing() {
    for (step, act) in
        ["load_series", "update_series", "epoch"].into_iter().flat_map(|step| BAD.map(|act| (step, act)))
    {
        let (clock, store, builder) = stage();
        let policy = builder.build().unwrap();
        let jar = restarted(&remembered(&policy, "alice").await);
        store.plays(move |asked| if asked == step { act } else { Act::Pass });
        let (made, answer) = does(&policy, &mut jar.clone(), async |session: Session| {
            session.remembered().await.map(|one| one.is_some())
        })
        .await;
        assert!(matches!(made, Err(SessionError::Store(_))), "{step} {act:?}");
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::OK, vec![]));
        // Without a restart it goes on, whatever was done and not answered.
        store.plays(|_| Act::Pass);
        clock.advance(Duration::from_secs(61));
        let met = meets(&policy, &mut jar.clone()).await;
        assert_eq!(
            (met.remembered.as_deref(), met.stolen.as_deref()),
            (Some("alice"), None),
            "{step} {act:?}"
        );
        assert!(met.successor().is_some());
    }
}

/// A sign-out that the store of logins did not confirm has not happened.
#[tokio::test(start_paused = true)]
async fn a_sign_out_that_is_not_confirmed_is_told() {
    for act in [Act::Refuse(StoreErrorKind::Unavailable), Act::Hang] {
        let (_, store, builder) = stage();
        let policy = builder.build().unwrap();
        let jar = remembered(&policy, "alice").await;
        store.plays(move |step| if step == "delete_series" { act } else { Act::Pass });
        let (made, answer) =
            does(&policy, &mut jar.clone(), async |session: Session| session.sign_out().await).await;
        assert!(made.is_err());
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
        store.plays(|_| Act::Pass);
        assert_eq!(
            meets(&policy, &mut jar.clone()).await.user.as_deref(),
            Some("alice"),
            "the session goes on"
        );
    }
}

/// After the response nothing is redeemed: its successor could not be told any more.
#[tokio::test]
async fn nothing_is_redeemed_after_the_response() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    let (kept, _) = does(&policy, &mut jar, async |session: Session| session).await;
    store.count_all();
    assert!(matches!(kept.remembered().await, Err(SessionError::Late)));
    assert_eq!(store.count("update_series"), 0);
    assert_eq!(login(&meets(&policy, &mut jar).await.answer).is_some(), jar.find(LOGIN).is_some());
}

/// A resumption whose login could not be looked at once more has not happened: nobody gets to know its session.
#[tokio::test(start_paused = true)]
async fn a_resumption_that_is_not_confirmed_signs_nobody_in() {
    for act in BAD {
        let (_, store, builder) = stage();
        let policy = builder.build().unwrap();
        let mut jar = restarted(&remembered(&policy, "alice").await);
        let mine = store.clone();
        let (made, answer) = does(&policy, &mut jar, async |session: Session| {
            let alice = session.remembered().await.unwrap().unwrap();
            mine.plays(move |step| if step == "load_series" { act } else { Act::Pass });
            session.resume(alice).await
        })
        .await;
        assert!(made.is_ok());
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{act:?}");
        assert!(!lines(&answer).iter().any(|line| line.starts_with("JSESSIONID") || line.starts_with("TS")));
        store.plays(|_| Act::Pass);
        assert_eq!(meets(&policy, &mut jar).await.user, None);
    }
}

/// The sign-in is confirmed, and so is its login; that the old one could not be ended is told by the status.
#[tokio::test(start_paused = true)]
async fn an_old_login_that_cannot_be_ended_is_told() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let before = restarted(&remembered(&policy, "alice").await);
    store.plays(|step| if step == "delete_series" { BAD[0] } else { Act::Pass });
    let mut jar = before.clone();
    let (_, answer) = does(&policy, &mut jar, async |session: Session| {
        session.sign_in(SignIn::new("alice").remembered()).await
    })
    .await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    store.plays(|_| Act::Pass);
    assert_eq!(meets(&policy, &mut jar).await.user.as_deref(), Some("alice"));
    for mut jar in [restarted(&jar), before] {
        assert_eq!(meets(&policy, &mut jar).await.remembered.as_deref(), Some("alice"));
    }
}

/// Nor is it one whose login was over, where its session cannot be ended again.
#[tokio::test(start_paused = true)]
async fn a_resumption_from_what_is_over_signs_nobody_in() {
    for act in [Act::Pass, BAD[0], BAD[1], BAD[2]] {
        let (_, store, builder) = stage();
        let policy = builder.build().unwrap();
        let mut jar = restarted(&remembered(&policy, "alice").await);
        let (mine, elsewhere, same) = (store.clone(), policy.clone(), jar.clone());
        let (_, answer) = does(&policy, &mut jar, async |session: Session| {
            let alice = session.remembered().await.unwrap().unwrap();
            // The same browser signs out in another tab.
            does(&elsewhere, &mut same.clone(), async |session: Session| session.sign_out().await.unwrap())
                .await;
            mine.plays(move |step| if step == "delete" { act } else { Act::Pass });
            session.resume(alice).await.unwrap();
        })
        .await;
        assert!(matches!(answer.status(), StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE), "{act:?}");
        assert!(!lines(&answer).iter().any(|line| line.starts_with("JSESSIONID") || line.starts_with("TS")));
        store.plays(|_| Act::Pass);
        assert_eq!(meets(&policy, &mut jar).await.user, None);
    }
}

/// What the store holds and cannot be read is an absent login with a reason, and no outage.
#[tokio::test]
async fn an_undecodable_login_is_an_absent_one() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    store.plays(|step| match step {
        "load_series" => Act::Refuse(StoreErrorKind::Undecodable),
        _ => Act::Pass,
    });
    let met = meets(&policy, &mut jar).await;
    assert_eq!((met.remembered.as_deref(), met.reasons(LOGIN)), (None, vec!["undecodable".to_owned()]));
    // It can be got rid of.
    let (out, answer) = does(&policy, &mut jar, async |session: Session| session.sign_out().await).await;
    assert!(out.is_ok() && login(&answer).unwrap().contains("Max-Age=0"));
    assert_eq!(store.count("delete_series"), 1);
}

/// A remembered sign-in that comes to nothing leaves the login of before, and no other.
#[tokio::test]
async fn a_failed_sign_in_costs_no_login() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let jar = restarted(&remembered(&policy, "alice").await);
    let large = "x".repeat(2 << 20);
    let (_, answer) = does(&policy, &mut jar.clone(), async |session: Session| {
        session.sign_in(SignIn::new("alice").remembered()).await.unwrap();
        session.insert("large", &large).await.unwrap();
    })
    .await;
    assert_eq!((answer.status(), lines(&answer)), (StatusCode::PAYLOAD_TOO_LARGE, vec![]));
    let other = policy.clone();
    let (_, answer) = does(&policy, &mut jar.clone(), async |session: Session| {
        session.sign_in(SignIn::new("bert").remembered()).await.unwrap();
        other.revoke_user("bert").await.unwrap();
    })
    .await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert_eq!(store.count("delete_series"), 2, "those that were begun for it");
    assert_eq!(meets(&policy, &mut jar.clone()).await.remembered.as_deref(), Some("alice"));
}

/// The epoch went before: a login that could not be ended with the others is not revived by a sign-out elsewhere.
#[tokio::test]
async fn a_revoked_login_is_not_revived() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let copied = restarted(&remembered(&policy, "alice").await);
    store.plays(|step| if step == "end_series_of" { BAD[0] } else { Act::Pass });
    assert!(policy.revoke_user("alice").await.is_err());
    store.plays(|_| Act::Pass);
    let mut jar = copied.clone();
    does(&policy, &mut jar, async |session: Session| {
        session.sign_in("alice").await.unwrap();
        session.sign_out_elsewhere().await.unwrap();
    })
    .await;
    assert_eq!(meets(&policy, &mut copied.clone()).await.remembered, None);
}

/// A page that tells of a theft and does not leave has told nobody.
#[tokio::test]
async fn a_message_that_does_not_leave_waits() {
    let (clock, store, builder) = stage();
    let policy = builder.build().unwrap();
    let (mut copied, _) = copied(&policy, &clock).await;
    store.plays(|step| if step == "create" { BAD[0] } else { Act::Pass });
    let (told, answer) = does(&policy, &mut copied, async |session: Session| {
        let told = session.theft().await.unwrap().is_some();
        session.insert("a", &1).await.unwrap();
        told
    })
    .await;
    assert!(told && answer.status() == StatusCode::SERVICE_UNAVAILABLE && login(&answer).is_none());
    store.plays(|_| Act::Pass);
    assert!(meets(&policy, &mut copied).await.stolen.is_some());
}
