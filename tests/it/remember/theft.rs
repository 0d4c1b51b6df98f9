//! A cookie that two have.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::support::{LOGIN, copied, does, login, meets, remembered, restarted, resumes, stage};
use tower_cookie_policy::SignIn;

use crate::session::support::clocked;
use crate::support::{NOW, lines};

/// The thief comes first; the visitor's old cookie tells.
#[tokio::test]
async fn a_stolen_login_ends_with_all_that_was_opened_from_it() {
    let (clock, builder) = clocked();
    let alarms = Arc::new(Mutex::new(vec![]));
    let heard = Arc::clone(&alarms);
    let policy = builder
        .on_theft(move |theft| heard.lock().unwrap().push((theft.user().to_owned(), theft.detected())))
        .build()
        .unwrap();
    let victim = remembered(&policy, "alice").await;
    let other_device = remembered(&policy, "alice").await;
    let mut thief = restarted(&victim);
    assert_eq!(resumes(&policy, &mut thief).await, 200);
    clock.advance(Duration::from_secs(30));
    // The thief's next visit shows that the successor has arrived.
    let mut again = restarted(&thief);
    assert_eq!(resumes(&policy, &mut again).await, 200);
    clock.advance(Duration::from_secs(61));
    let mut back = restarted(&victim);
    let met = meets(&policy, &mut back).await;
    assert_eq!((met.remembered.as_deref(), met.stolen.as_deref()), (None, Some("alice")));
    assert_eq!(met.reasons(LOGIN), ["stolen"]);
    assert!(login(&met.answer).unwrap().contains("Max-Age=0"), "the cookie goes");
    assert_eq!(*alarms.lock().unwrap(), [("alice".to_owned(), u32::try_from(NOW + 91).unwrap())]);
    // Both of the thief's sessions are over, and so is the first one, whose browser it was stolen from.
    for session in [&thief, &again, &victim] {
        let met = meets(&policy, &mut session.without(LOGIN)).await;
        assert_eq!(met.user, None);
    }
    // Whoever comes with any validator of it hears of it, once more and without another alarm.
    for jar in [&thief, &again] {
        let met = meets(&policy, &mut restarted(jar)).await;
        assert_eq!((met.remembered.as_deref(), met.stolen.as_deref()), (None, Some("alice")));
    }
    assert_eq!(alarms.lock().unwrap().len(), 1);
    // The user's other device goes on.
    let met = meets(&policy, &mut other_device.clone()).await;
    assert_eq!((met.user.as_deref(), met.fresh), (Some("alice"), true));
    assert_eq!(meets(&policy, &mut restarted(&other_device)).await.remembered.as_deref(), Some("alice"));
}

/// The visitor comes first; the thief's copy tells, and the visitor hears of it at the next visit.
#[tokio::test]
async fn the_visitor_hears_of_it_at_the_next_visit() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut visitor = restarted(&remembered(&policy, "alice").await);
    let copied = visitor.clone();
    resumes(&policy, &mut visitor).await;
    let mut visitor = restarted(&visitor);
    resumes(&policy, &mut visitor).await;
    clock.advance(Duration::from_secs(61));
    let met = meets(&policy, &mut copied.clone()).await;
    assert_eq!(met.stolen.as_deref(), Some("alice"));
    let met = meets(&policy, &mut visitor).await;
    assert_eq!((met.user.as_deref(), met.stolen.as_deref()), (None, Some("alice")));
    assert!(login(&met.answer).unwrap().contains("Max-Age=0"));
    assert_eq!(visitor.find(LOGIN), None);
    let met = meets(&policy, &mut visitor).await;
    assert_eq!((met.stolen, met.remembered), (None, None), "the cookie is gone");
    // Nobody gets in by it any more.
    let (refused, _) =
        does(&policy, &mut copied.clone(), async |session| session.remembered().await.unwrap().is_none())
            .await;
    assert!(refused);
}

/// T28. A device that was put back to what it was long ago brings a validator that was used up: that device only.
#[tokio::test]
async fn a_restored_backup_ends_that_device_only() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut device = restarted(&remembered(&policy, "alice").await);
    let backup = device.clone();
    let other = restarted(&remembered(&policy, "alice").await);
    for _ in 0..3 {
        clock.advance(Duration::from_secs(86_400));
        resumes(&policy, &mut device).await;
        device = restarted(&device);
    }
    let met = meets(&policy, &mut backup.clone()).await;
    assert_eq!(met.stolen.as_deref(), Some("alice"));
    assert_eq!(meets(&policy, &mut device).await.stolen.as_deref(), Some("alice"));
    assert_eq!(meets(&policy, &mut other.clone()).await.remembered.as_deref(), Some("alice"));
}

/// For a minute the one before still answers, and sets nothing.
#[tokio::test]
async fn the_one_before_answers_for_a_minute() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let before = restarted(&remembered(&policy, "alice").await);
    let mut after = before.clone();
    meets(&policy, &mut after).await;
    clock.advance(Duration::from_secs(500));
    meets(&policy, &mut after).await;
    for second in [0, 59] {
        clock.advance(Duration::from_secs(second));
        let met = meets(&policy, &mut before.clone()).await;
        assert_eq!((met.remembered.as_deref(), lines(&met.answer)), (Some("alice"), vec![]));
    }
    clock.advance(Duration::from_secs(1));
    assert_eq!(meets(&policy, &mut before.clone()).await.stolen.as_deref(), Some("alice"));
}

/// The store fails while the sessions are ended: who comes next ends them.
#[tokio::test]
async fn what_was_left_of_a_theft_is_ended_by_whoever_comes() {
    use crate::session::staged::Act;
    use tower_cookie_policy::StoreErrorKind::Unavailable;
    let (clock, store, builder) = stage();
    let policy = builder.build().unwrap();
    let copied = restarted(&remembered(&policy, "alice").await);
    let mut thief = copied.clone();
    resumes(&policy, &mut thief).await;
    let mut again = restarted(&thief);
    resumes(&policy, &mut again).await;
    clock.advance(Duration::from_secs(61));
    for bad in ["delete", "list_owner"] {
        store.plays(move |step| if step == bad { Act::Refuse(Unavailable) } else { Act::Pass });
        let (failed, answer) =
            does(&policy, &mut copied.clone(), async |session| session.theft().await.is_err()).await;
        assert!(failed && login(&answer).is_none(), "it is kept, to be brought again");
    }
    store.plays(|_| Act::Pass);
    assert_eq!(meets(&policy, &mut again.clone()).await.user.as_deref(), Some("alice"), "not yet");
    assert_eq!(meets(&policy, &mut copied.clone()).await.stolen.as_deref(), Some("alice"));
    assert_eq!(meets(&policy, &mut again.without(LOGIN)).await.user, None);
}

/// The theft is found out between the resumption's look at the login and its session: that session does not live.
#[tokio::test]
async fn a_session_of_a_login_that_ends_meanwhile_ends_too() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let copied = restarted(&remembered(&policy, "alice").await);
    let mut thief = copied.clone();
    meets(&policy, &mut thief).await;
    meets(&policy, &mut thief.clone()).await;
    clock.advance(Duration::from_secs(61));
    let inner = policy.clone();
    let (met, answer) = does(&policy, &mut thief, async |session| {
        let one = session.remembered().await.unwrap().unwrap();
        let met = meets(&inner, &mut copied.clone()).await;
        session.resume(one).await.unwrap();
        met
    })
    .await;
    assert_eq!(met.stolen.as_deref(), Some("alice"));
    assert_eq!(answer.status(), 409);
    assert_eq!(meets(&policy, &mut thief.without(LOGIN)).await.user, None);
}

/// Ending everything else of the user's, as an application does that hears of a theft, leaves the message where it is.
#[tokio::test]
async fn a_revoked_user_still_hears_of_it() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let copied = restarted(&remembered(&policy, "alice").await);
    let mut visitor = copied.clone();
    resumes(&policy, &mut visitor).await;
    let mut visitor = restarted(&visitor);
    meets(&policy, &mut visitor).await;
    clock.advance(Duration::from_secs(61));
    assert!(meets(&policy, &mut copied.clone()).await.stolen.is_some());
    policy.revoke_user("alice").await.unwrap();
    let met = meets(&policy, &mut visitor).await;
    assert_eq!((met.remembered.as_deref(), met.stolen.as_deref()), (None, Some("alice")));
}

/// Who only asks whom the browser remembers takes the message away from nobody.
#[tokio::test]
async fn the_message_waits_for_whoever_asks_for_it() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let (mut copied, _) = copied(&policy, &clock).await;
    for _ in 0..2 {
        let (nobody, answer) =
            does(&policy, &mut copied, async |session| session.remembered().await.unwrap().is_none()).await;
        assert!(nobody && lines(&answer).is_empty());
    }
    assert!(meets(&policy, &mut copied).await.stolen.is_some());
    assert_eq!(copied.find(LOGIN), None);
}

/// A user who gives the password again on a remembered device is still of that login: a theft ends that session too.
#[tokio::test]
async fn a_second_sign_in_stays_of_its_login() {
    for remembered_only in [false, true] {
        let (clock, builder) = clocked();
        let policy = builder.build().unwrap();
        let mut jar = remembered(&policy, "alice").await;
        let copied = restarted(&jar);
        if remembered_only {
            jar = restarted(&jar);
        }
        does(&policy, &mut jar, async |session| {
            session.remembered().await.unwrap();
            session.sign_in("alice").await.unwrap();
        })
        .await;
        clock.advance(Duration::from_secs(61));
        let mut thief = copied.clone();
        meets(&policy, &mut thief).await;
        meets(&policy, &mut thief).await;
        clock.advance(Duration::from_secs(61));
        assert!(meets(&policy, &mut copied.clone()).await.stolen.is_some());
        assert_eq!(meets(&policy, &mut jar).await.user, None, "{remembered_only}");
    }
}

/// Nobody can take the message away by signing out, or in, with a copy: not the thief, and not the visitor by mistake.
#[tokio::test]
async fn a_sign_out_takes_no_message_away() {
    for signs_in in [false, true] {
        let (clock, builder) = clocked();
        let policy = builder.build().unwrap();
        let (copied, visitor) = copied(&policy, &clock).await;
        assert!(meets(&policy, &mut copied.clone()).await.stolen.is_some());
        let mut thief = copied.clone();
        let (told, _) = does(&policy, &mut thief, async |session| match signs_in {
            true => session.sign_in(SignIn::new("mallory").remembered()).await.map(|()| false).unwrap(),
            false => {
                session.sign_out().await.unwrap();
                session.theft().await.unwrap().is_some()
            }
        })
        .await;
        assert_eq!(told, !signs_in);
        assert_eq!(meets(&policy, &mut visitor.clone()).await.stolen.as_deref(), Some("alice"));
        if signs_in {
            assert_eq!(meets(&policy, &mut restarted(&thief)).await.remembered.as_deref(), Some("mallory"));
        }
    }
}

/// A validator that was used up is a theft, whatever it is brought for.
#[tokio::test]
async fn a_sign_out_with_a_used_up_validator_is_a_theft() {
    let (clock, builder) = clocked();
    let alarms = Arc::new(Mutex::new(0));
    let heard = Arc::clone(&alarms);
    let policy = builder.on_theft(move |_| *heard.lock().unwrap() += 1).build().unwrap();
    let mut owner = restarted(&remembered(&policy, "alice").await);
    let mut thief = owner.clone();
    resumes(&policy, &mut thief).await;
    resumes(&policy, &mut thief.only(&[LOGIN])).await;
    clock.advance(Duration::from_secs(61));
    let (_, answer) = does(&policy, &mut owner, async |session| session.sign_out().await.unwrap()).await;
    assert_eq!(*alarms.lock().unwrap(), 1);
    assert_eq!(meets(&policy, &mut thief.without(LOGIN)).await.user, None, "its sessions are over");
    // The cookie stays to tell, and goes when it has.
    assert!(login(&answer).is_none());
    assert_eq!(meets(&policy, &mut owner).await.stolen.as_deref(), Some("alice"));
    assert_eq!(owner.find(LOGIN), None);
}

/// The thief resumes, and signs out by the login alone, so that the owner finds nothing: the thief's session ends with it.
#[tokio::test]
async fn a_login_that_ends_takes_its_sessions_along() {
    let (_, builder) = clocked();
    let policy = builder.build().unwrap();
    let copied = restarted(&remembered(&policy, "alice").await);
    let mut thief = copied.clone();
    resumes(&policy, &mut thief).await;
    does(&policy, &mut restarted(&thief), async |session| session.sign_out().await.unwrap()).await;
    assert_eq!(meets(&policy, &mut thief).await.user, None);
    assert_eq!(meets(&policy, &mut copied.clone()).await.remembered, None);
}
