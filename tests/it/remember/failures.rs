//! The store of remembered logins refuses, hangs, answers late.

use std::time::Duration;

use http::StatusCode;
use tower_cookie_policy::{Session, SessionError, SignIn, StoreErrorKind};

use super::support::{LOGIN, does, login, meets, remembered, restarted, stage};
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

/// A new login takes the place of the old one, or neither happens.
#[tokio::test(start_paused = true)]
async fn an_old_login_that_cannot_be_ended_is_not_replaced() {
    let (_, store, builder) = stage();
    let policy = builder.build().unwrap();
    let jar = restarted(&remembered(&policy, "alice").await);
    store.plays(|step| if step == "delete_series" { BAD[0] } else { Act::Pass });
    let (_, answer) = does(&policy, &mut jar.clone(), async |session: Session| {
        session.sign_in(SignIn::new("alice").remembered()).await
    })
    .await;
    assert_eq!((answer.status(), lines(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
    store.plays(|_| Act::Pass);
    assert_eq!(meets(&policy, &mut jar.clone()).await.remembered.as_deref(), Some("alice"));
}
