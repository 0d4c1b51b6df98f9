//! Requests in parallel, in every order that a seeded scheduler comes up with: each step of the store may be put off
//! before and after it is done, and any other request may run in between.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use http::StatusCode;
use tower_cookie_policy::{CookiePolicy, Session, SessionError, SessionStore};

use super::staged::{Act, Staged};
use super::support::{Browser, about_session, ask, staged};
use crate::support::{Answer, NOW, now};

/// How many orders each scene is played in.
const SEEDS: u64 = 400;
type Done = (Result<u64, SessionError>, Answer);
type Scene<'s> = Vec<Pin<Box<dyn Future<Output = Done> + 's>>>;

/// Runs the requests to their ends, one step of a random one at a time.
fn play(seed: u64, mut requests: Scene<'_>) -> Vec<Done> {
    let mut random = seed.wrapping_mul(2).wrapping_add(1);
    let mut done: Vec<Option<Done>> = requests.iter().map(|_| None).collect();
    while done.iter().any(Option::is_none) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(random >> 33).unwrap() % requests.len();
        if done[at].is_none()
            && let Poll::Ready(answer) = requests[at].as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            done[at] = Some(answer);
        }
    }
    done.into_iter().flatten().collect()
}

fn request<'s>(
    policy: &'s CookiePolicy,
    browser: &Browser,
    handler: impl AsyncFnOnce(Session) -> Result<u64, SessionError> + 's,
) -> Pin<Box<dyn Future<Output = Done> + 's>> {
    let request = browser.request();
    Box::pin(async move { ask(policy, request, handler).await })
}

/// The policy whose store puts everybody off, and what it takes to wait there.
fn stage() -> (Staged, CookiePolicy, tokio::runtime::Runtime) {
    let (_, store, policy) = staged();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    (store, policy, runtime)
}

/// For each seed: a fresh stage, a signed-in browser, and the requests that `scene` makes of them.
fn in_every_order(
    scene: impl for<'s> Fn(&'s CookiePolicy, &Browser) -> Scene<'s>,
    check: impl Fn(&Staged, &CookiePolicy, Browser, Vec<Done>),
) {
    let mut orders = std::collections::HashSet::new();
    for seed in 0..SEEDS {
        let (store, policy, runtime) = stage();
        let _entered = runtime.enter();
        let browser = now(Browser::user(&policy, "alice"));
        store.plays(|_| Act::Slow);
        let done = play(seed, scene(&policy, &browser));
        store.plays(|_| Act::Pass);
        orders.insert(
            done.iter().map(|(made, answer)| (format!("{made:?}"), answer.status())).collect::<Vec<_>>(),
        );
        check(&store, &policy, browser, done);
    }
    assert!(orders.len() > 1, "the order makes a difference: {orders:?}");
}

async fn add(session: Session) -> Result<u64, SessionError> {
    session.update("count", |count: Option<u64>| count.unwrap_or(0) + 1).await
}

async fn sign_in(session: Session) -> Result<u64, SessionError> {
    session.sign_in("alice").await.map(|()| 0)
}

async fn renew(session: Session) -> Result<u64, SessionError> {
    session.renew().await.map(|()| 0)
}

/// The browsers that the answers leave behind, each of the one that asked: with the id that it was given, if any.
fn given(browser: &Browser, done: &[Done]) -> Vec<Browser> {
    let keep = |(_, answer): &Done| after(browser, answer);
    done.iter().map(keep).filter(|browser| browser.id.is_some()).collect()
}

/// The browser with the id that an answer gave it, if any.
fn after(browser: &Browser, answer: &Answer) -> Browser {
    let mut browser = Browser { id: None, ..browser.clone() };
    browser.keep(answer);
    browser
}

fn whose(policy: &CookiePolicy, browser: &Browser) -> Option<String> {
    now(browser.clone().whose(policy))
}

/// T9: whoever else is under way, after the sign-out there is no session, and nobody holds an id of one.
#[test]
fn a_sign_out_ends_it_in_every_order() {
    in_every_order(
        |policy, browser| {
            vec![
                request(policy, browser, async |session| session.sign_out().await.map(|()| 0)),
                request(policy, browser, async |session| session.insert("note", "late").await.map(|()| 0)),
                request(policy, browser, add),
                request(policy, browser, renew),
                request(policy, browser, async |session| session.clear().await.map(|()| 0)),
            ]
        },
        |store, policy, browser, done| {
            assert!(done[0].0.is_ok());
            assert_eq!(store.behind.len(), 0);
            for browser in given(&browser, &done).iter().chain([&browser]) {
                assert_eq!(whose(policy, browser), None);
            }
        },
    );
}

/// T10, T11: what was answered with success is there, what was not is not, and the renewed id finds all of it.
#[test]
fn a_renewal_loses_nothing_that_was_confirmed() {
    const KEYS: [&str; 4] = ["a", "b", "c", "d"];
    in_every_order(
        |policy, browser| {
            let writer = |key: &'static str| {
                request(policy, browser, async move |session| session.insert(key, &1).await.map(|()| 0))
            };
            let mut scene: Scene<'_> = KEYS.map(writer).into();
            scene.push(request(policy, browser, renew));
            scene
        },
        |_, policy, browser, done| {
            let (_, renewed) = done.last().unwrap();
            let mut present = after(&browser, renewed);
            assert_eq!(renewed.status(), StatusCode::OK);
            for (key, (made, answer)) in KEYS.iter().zip(&done) {
                let there = now(present.does(policy, async |session| session.contains(key).await));
                assert_eq!(there, made.is_ok() && answer.status() == StatusCode::OK, "{key} {made:?}");
                assert_eq!(about_session(answer), [""; 0]);
            }
            let (old, _) = now(ask(policy, browser.request(), async |session| session.insert("e", &1).await));
            assert!(matches!(old, Err(SessionError::Ended)));
        },
    );
}

/// T15: after an ending of all sessions only those are left whose sign-in asked after it, and somebody holds each of them.
#[test]
fn an_ending_of_all_sessions_leaves_none_of_before() {
    in_every_order(
        |policy, browser| {
            vec![
                request(policy, browser, sign_in),
                request(policy, browser, renew),
                request(policy, browser, add),
                request(policy, &Browser::default(), sign_in),
                request(policy, &Browser::default(), async |_| {
                    policy.revoke_user("alice").await.map(|ended| u64::try_from(ended).unwrap())
                }),
            ]
        },
        |store, policy, browser, done| {
            let left = now(store.behind.list_owner("alice", u32::try_from(NOW).unwrap())).unwrap();
            assert!(left.iter().all(|one| one.record.epoch() == 1), "{left:?}");
            let held =
                given(&browser, &done).iter().filter(|browser| whose(policy, browser).is_some()).count();
            assert_eq!(held, left.len());
            for (_, answer) in &done {
                assert!(answer.status() == StatusCode::OK || about_session(answer).is_empty());
            }
        },
    );
}

/// T3, T13: several sign-ins from one browser at once: each gets an id of its own, one takes the old session along.
#[test]
fn sign_ins_at_once_do_not_share_an_id() {
    in_every_order(
        |policy, browser| {
            (0..3).map(|_| request(policy, browser, sign_in)).chain([request(policy, browser, add)]).collect()
        },
        |store, policy, browser, done| {
            let browsers = given(&browser, &done);
            assert_eq!((browsers.len(), store.behind.len()), (3, 3));
            assert_eq!(whose(policy, &browser), None);
            for browser in &browsers {
                assert_eq!(whose(policy, browser).as_deref(), Some("alice"));
            }
        },
    );
}

/// As many additions as were confirmed are there, whatever the id did meanwhile.
#[test]
fn additions_add_up_in_every_order() {
    in_every_order(
        |policy, browser| {
            let mut scene: Scene<'_> = (0..6).map(|_| request(policy, browser, add)).collect();
            scene.push(request(policy, browser, renew));
            scene.push(request(policy, browser, async |session| {
                session.insert("other", &1).await.map(|()| 0)
            }));
            scene
        },
        |_, policy, browser, done| {
            let confirmed = done[..6].iter().filter(|(made, _)| made.is_ok()).count();
            let mut present = after(&browser, &done[6].1);
            let count = now(present.does(policy, async |session| session.get::<usize>("count").await));
            assert_eq!(count.unwrap_or(0), confirmed);
        },
    );
}

/// Of several who take a value one gets it.
#[test]
fn one_of_many_takes_a_value() {
    in_every_order(
        |policy, browser| {
            let take =
                |_| request(policy, browser, async |session| Ok(session.take("once").await?.unwrap_or(0)));
            let put =
                request(policy, browser, async |session| session.update("once", |_: Option<u64>| 7).await);
            [put].into_iter().chain((0..4).map(take)).collect()
        },
        |_, policy, browser, done| {
            let takers = done[1..].iter().filter(|(made, _)| matches!(made, Ok(7))).count();
            let mut browser = browser;
            let left = now(browser.does(policy, async |session| session.contains("once").await));
            assert_eq!(takers + usize::from(left), 1);
        },
    );
}
