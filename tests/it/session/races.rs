//! Requests of one session in parallel: what wins, and what never comes back.

use http::StatusCode;
use tokio::join;
use tokio::sync::oneshot::channel;
use tower_cookie_policy::{CookiePolicy, Session, SessionError};

use super::staged::Act;
use super::support::{Browser, about_session, ask, policy, staged};
use crate::support::Answer;

/// A request that reads its session, lets `meanwhile` happen, and then goes on with `handler`.
async fn slow<T>(
    policy: &CookiePolicy,
    browser: &Browser,
    handler: impl AsyncFnOnce(Session) -> T,
    meanwhile: impl Future<Output = ()>,
) -> (T, Answer) {
    let (go, gate) = channel();
    let request = ask(policy, browser.request(), async |session| {
        session.user().await.unwrap();
        gate.await.unwrap();
        handler(session).await
    });
    let others = async {
        meanwhile.await;
        go.send(()).unwrap();
    };
    join!(request, others).0
}

/// T9: a sign-out wins over whoever writes later, and nothing that comes late revives the session.
#[tokio::test]
async fn a_sign_out_wins_over_a_late_writer() {
    for at_once in [false, true] {
        let policy = policy();
        let mut browser = Browser::user(&policy, "alice").await;
        let old = browser.clone();
        let writes = async |session: Session| match at_once {
            true => session.update("note", |_: Option<String>| "late".to_owned()).await.map(drop),
            false => session.insert("note", "late").await,
        };
        let sign_out = async { browser.does(&policy, async |session| session.sign_out().await).await };
        let (written, answer) = slow(&policy, &old, writes, sign_out).await;
        assert_eq!(about_session(&answer), [""; 0], "no cookie comes back");
        // Either the handler hears of it, or, where it had gone by then, the client.
        if at_once {
            assert!(matches!(written, Err(SessionError::Ended)));
            assert_eq!(answer.status(), StatusCode::OK);
        } else {
            assert_eq!(answer.status(), StatusCode::CONFLICT);
        }
        assert_eq!(browser.id, None);
        for mut later in [browser, old] {
            assert_eq!((later.whose(&policy).await, later.note(&policy).await), (None, None));
        }
    }
}

/// T9: what the session held is not carried over into the one that a late sign-in opens.
#[tokio::test]
async fn a_late_sign_in_revives_nothing() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let mut late = browser.clone();
    let sign_out = async { browser.does(&policy, async |session| session.sign_out().await).await };
    let (signed_in, answer) =
        slow(&policy, &late, async |session| session.sign_in("alice").await, sign_out).await;
    signed_in.unwrap();
    late.keep(&answer);
    assert_eq!(late.whose(&policy).await.as_deref(), Some("alice"));
    assert_eq!(late.note(&policy).await, None);
}

/// T10, T13: after a renewal or a sign-in elsewhere the old id writes nothing, and a late answer to it touches no cookie.
#[tokio::test]
async fn a_new_id_wins_over_a_late_writer() {
    for renewing in [true, false] {
        let policy = policy();
        let mut browser = Browser::visitor(&policy).await;
        let old = browser.clone();
        let turn = async {
            let turn = async |session: Session| match renewing {
                true => session.renew().await,
                false => session.sign_in("alice").await,
            };
            browser.does(&policy, turn).await;
        };
        let (_, answer) =
            slow(&policy, &old, async |session| session.insert("note", "late").await, turn).await;
        assert_eq!((answer.status(), about_session(&answer)), (StatusCode::CONFLICT, vec![]));
        browser.keep(&answer);
        assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"), "renewing: {renewing}");
        assert_eq!(browser.whose(&policy).await.is_some(), !renewing);
    }
}

/// T13: a late sign-out under an id that a sign-in has replaced does not sign the new session out.
#[tokio::test]
async fn a_late_sign_out_of_the_old_id_leaves_the_new_session() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let old = browser.clone();
    let turn = async { browser.does(&policy, async |session| session.sign_in("alice").await).await };
    let (_, answer) = slow(&policy, &old, async |session| session.sign_out().await, turn).await;
    assert_eq!((answer.status(), about_session(&answer)), (StatusCode::OK, vec![]));
    assert_eq!(browser.whose(&policy).await.as_deref(), Some("alice"));
}

/// T11: different keys both survive, on one key the later one does.
#[tokio::test]
async fn parallel_writers_merge() {
    let policy = policy();
    let browser = Browser::visitor(&policy).await;
    let mut other = browser.clone();
    let meanwhile = async {
        other
            .does(&policy, async |session| {
                session.insert("theirs", &1).await?;
                session.insert("both", "theirs").await?;
                session.remove("note").await
            })
            .await;
    };
    let writes = async |session: Session| {
        session.insert("ours", &2).await?;
        session.insert("both", "ours").await
    };
    let (written, answer) = slow(&policy, &browser, writes, meanwhile).await;
    written.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut browser = browser;
    let (theirs, ours, both) = browser
        .does(&policy, async |session| {
            Ok((
                session.get::<u8>("theirs").await?,
                session.get::<u8>("ours").await?,
                session.get::<String>("both").await?,
            ))
        })
        .await;
    assert_eq!((theirs, ours, both.as_deref()), (Some(1), Some(2), Some("ours")));
    assert_eq!(browser.note(&policy).await, None, "what they removed stays removed");
}

/// T12: a touch does not put old values back, and a write not an old time.
#[tokio::test]
async fn a_touch_does_not_roll_back_a_write() {
    let (clock, store, policy) = staged();
    let browser = Browser::visitor(&policy).await;
    let mut other = browser.clone();
    clock.advance(std::time::Duration::from_secs(200));
    let meanwhile = async { other.does(&policy, async |session| session.insert("note", "eggs").await).await };
    store.count_all();
    let (_, answer) = slow(&policy, &browser, async |_| (), meanwhile).await;
    assert_eq!((answer.status(), store.count("touch"), store.count("update")), (StatusCode::OK, 1, 1));
    assert_eq!(other.note(&policy).await.as_deref(), Some("eggs"));
}

/// T15: whichever of a sign-in and an ending of all sessions is first, none is left that should not be.
#[tokio::test]
async fn an_ending_of_all_sessions_wins_over_what_is_under_way() {
    let policy = policy();
    let mut admin = Browser::user(&policy, "alice").await;
    for at in 0..4 {
        let mut browser = Browser::user(&policy, "alice").await;
        let under_way = async |session: Session| match at {
            0 => session.sign_in("alice").await,
            1 => session.renew().await,
            2 => session.insert("a", &1).await,
            _ => session.sign_out_elsewhere().await.map(drop),
        };
        let everywhere = async {
            admin.does(&policy, async |session| session.sign_in("alice").await).await;
            admin.does(&policy, async |session| session.sign_out_everywhere().await).await;
        };
        let (_, answer) = slow(&policy, &browser, under_way, everywhere).await;
        browser.keep(&answer);
        // A sign-in that was asked for after the ending is a new one, and stands.
        let stands = at == 0;
        assert_eq!(answer.status() == StatusCode::OK, stands || at == 3, "{at}");
        assert_eq!(browser.whose(&policy).await.is_some(), stands, "{at}");
        policy.revoke_user("alice").await.unwrap();
    }
}

/// T16: nothing is locked while a handler waits, and all handles of a request are one session.
#[tokio::test]
async fn handles_of_one_request_do_not_wait_for_each_other() {
    let (_, store, policy) = staged();
    store.plays(|_| Act::Slow);
    let mut browser = Browser::default();
    let (sum, _) = browser
        .ask(&policy, async |session| {
            let (one, other) = (session.clone(), session.clone());
            let add = async |session: &Session| {
                session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).await.unwrap()
            };
            let (a, b, c) = join!(add(&one), add(&other), async {
                session.insert("note", "milk").await.unwrap();
                session.get::<String>("note").await.unwrap().unwrap().len()
            });
            usize::try_from(a + b).unwrap() + c
        })
        .await;
    assert_eq!(sum, 3 + 4);
    assert_eq!((store.behind.len(), store.count("create")), (1, 1), "one session was begun");
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
}

/// 500 additions in parallel are 500, on as many threads as there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_updates_add_up() {
    for slow in [false, true] {
        let (_, store, policy) = staged();
        if slow {
            store.plays(|_| Act::Slow);
        }
        let browser = Browser::visitor(&policy).await;
        let id = browser.id.clone().unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..500 {
            let (policy, id) = (policy.clone(), id.clone());
            tasks.spawn(async move { add_one(policy, id).await });
        }
        let mut seen: Vec<u32> = tasks.join_all().await;
        seen.sort_unstable();
        assert_eq!(seen, (1..=500).collect::<Vec<_>>(), "each saw its own number");
        // Who has lost once stands in a queue. If all tried again and again there would be many more.
        let tries = store.count("update");
        assert!((500..1_500).contains(&tries), "{tries} tries");
    }
}

/// One request that adds one, as a server would run it.
async fn add_one(policy: CookiePolicy, id: String) -> u32 {
    use tower::{Layer, Service, service_fn};
    let mut service = policy.layer().layer(service_fn(|request: http::Request<()>| {
        let session = request.extensions().get::<tower_cookie_policy::Cookies>().unwrap().session().unwrap();
        async move {
            let count = session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).await.unwrap();
            let mut answer = Answer::default();
            answer.extensions_mut().insert(count);
            Ok::<_, std::convert::Infallible>(answer)
        }
    }));
    let Ok(answer) = service.call(Browser::with(id).request()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    *answer.extensions().get::<u32>().unwrap()
}
