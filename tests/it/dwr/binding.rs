//! The session belongs to the first id that passes.

use std::time::Duration;

use http::StatusCode;
use tokio::join;
use tower_cookie_policy::dwr::Denial;
use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, KeyRing, MemoryStore, Role, SignIn, TestClock};

use super::support::{ID, OTHER, alice, echo, generate, of_browser, of_browser_within, post};
use crate::session::staged::Act;
use crate::session::support::{Browser, about_session, clocked, policy, staged};
use crate::support::{NOW, issue, key, keys, shop, visit};

const KEY: &str = "org.directwebremoting.DWRSESSIONID";

#[tokio::test]
async fn a_session_is_bound_once() {
    let policy = policy();
    for mut browser in [Browser::visitor(&policy).await, alice(&policy).await] {
        // A batch that is refused binds nothing.
        assert!(of_browser(&policy, &mut browser, &[ID], &echo(OTHER)).await.is_refused());
        assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
        // A foreign cookie over the bound one, or beside it.
        for ids in [&[OTHER][..], &[ID, OTHER], &[OTHER, ID]] {
            let got = of_browser(&policy, &mut browser, ids, &echo(OTHER)).await;
            assert!(got.is_refused() && got.denial == Some(Denial::OtherSession), "{ids:?}");
        }
        for ids in [&[ID][..], &[OTHER, ID]] {
            assert!(of_browser(&policy, &mut browser, ids, &echo(ID)).await.passes(), "{ids:?}");
        }
    }
}

/// What the session keeps is no id, and is written once.
#[tokio::test]
async fn the_store_learns_no_id() {
    let (_, store, policy) = staged();
    let mut browser = alice(&policy).await;
    store.count_all();
    for _ in 0..3 {
        assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    }
    assert_eq!((store.count("update"), store.count("create"), store.count("touch")), (1, 0, 0));
    let kept = String::from_utf8_lossy(&store.kept()).into_owned();
    assert!(kept.contains(KEY) && !kept.contains(ID) && !kept.contains(&ID[..20]), "{kept}");
    // In base64 its end would be one of these, by where it begins (CPython's).
    for part in ["dWFCTXVZYnowSU1uIX43QWE1", "YUJNdVliejBJTW4hfjdBYTVj", "Qk11WWJ6MElNbiF-N0FhNWNY"] {
        assert!(!kept.contains(part), "{kept}");
    }
    // Of two sessions with one id nobody sees that it is one.
    let mut other = alice(&policy).await;
    assert!(of_browser(&policy, &mut other, &[ID], &echo(ID)).await.passes());
    assert_ne!(kept_by(&policy, &mut browser).await, kept_by(&policy, &mut other).await);
}

/// What the session keeps.
async fn kept_by(policy: &CookiePolicy, browser: &mut Browser) -> Option<String> {
    browser.does(policy, async |session| session.get(KEY).await).await
}

/// What is sealed for a session opens as no cookie, and no cookie as what a session keeps.
#[tokio::test]
async fn a_binding_is_no_cookie_and_a_cookie_no_binding() {
    let policy = shop().build().unwrap();
    let mut browser = alice(&policy).await;
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    let kept = kept_by(&policy, &mut browser).await.unwrap();
    for name in ["draft", "X-Appia-ExtAuth", "ticket", "theme"] {
        let seen = visit(&policy, &[format!("plain=1; {name}={kept}")]);
        assert!(seen.header() == "plain=1" && seen.reasons(name).len() == 1, "{name}: {seen:?}");
    }
    let cookie = issue(&policy, "draft", OTHER);
    let cookie = cookie.strip_prefix("draft=").unwrap();
    browser.does(&policy, async |session| session.insert(KEY, cookie).await).await;
    assert_ne!(of_browser(&policy, &mut browser, &[], &generate()).await.id(), OTHER);
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    assert!(
        of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused(),
        "it is bound to {ID}"
    );
}

/// Keys roll as for cookies: a previous key opens, and what a retired one sealed counts as nothing.
#[tokio::test]
async fn a_binding_lives_as_long_as_its_key() {
    let (clock, store) = (TestClock::at(NOW), MemoryStore::new());
    let under = |ring: KeyRing| {
        let builder = CookiePolicy::broadcloud(ring).node("web-1").clock(clock.clock());
        builder.store(store.clone()).build().unwrap()
    };
    let rolling = KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let (before, rolling, after) = (under(keys()), under(rolling), under(KeyRing::new(key(32))));
    let mut browser = alice(&before).await;
    assert!(of_browser(&before, &mut browser, &[ID], &echo(ID)).await.passes());
    assert_eq!(of_browser(&rolling, &mut browser, &[], &generate()).await.id(), ID);
    assert!(of_browser(&rolling, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
    // A sign-in takes the session over into a transaction under the new key.
    browser.does(&rolling, async |session| session.sign_in("alice").await).await;
    assert!(of_browser(&rolling, &mut browser, &[ID], &echo(ID)).await.passes());
    assert_ne!(of_browser(&after, &mut browser, &[], &generate()).await.id(), ID);
    assert!(of_browser(&after, &mut browser, &[OTHER], &echo(OTHER)).await.passes());
    assert!(of_browser(&after, &mut browser, &[ID], &echo(ID)).await.is_refused(), "it is bound anew");
}

/// The session's limits end a binding and nothing else: it goes on through a day of sign-ins.
#[tokio::test]
async fn a_binding_outlives_the_absolute_limit_with_its_session() {
    let (clock, _, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    for _ in 0..60 {
        clock.advance(Duration::from_secs(25 * 60));
        browser.does(&policy, async |session| session.sign_in("alice").await).await;
    }
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
    assert_eq!(of_browser(&policy, &mut browser, &[], &generate()).await.id(), ID);
}

/// The sessions of a policy around this one are sealed under that one's keys.
#[tokio::test]
async fn a_session_of_an_outer_policy_is_bound_too() {
    let row = CookieSpec::new("DWRSESSIONID", Basis::essential("a test"));
    let row = row.role(Role::ScriptSession).readable_by_script();
    let outer = clocked().1.without("DWRSESSIONID").build().unwrap();
    let inner = |first| {
        let builder = CookiePolicy::empty(KeyRing::new(key(first))).id("scripts");
        builder.with(row.clone()).build().unwrap()
    };
    let mut browser = alice(&outer).await;
    let (one, other) = (inner(64), inner(96));
    assert!(of_browser_within(&outer, &one, &mut browser, &[ID], &echo(ID)).await.passes());
    for inner in [&one, &other] {
        assert!(of_browser_within(&outer, inner, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
        assert_eq!(of_browser_within(&outer, inner, &mut browser, &[], &generate()).await.id(), ID);
    }
}

/// What the application does to all of its session's values it does to the binding.
#[tokio::test]
async fn what_drops_the_values_unbinds() {
    let policy = policy();
    let mut browser = alice(&policy).await;
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    let keys = browser.does(&policy, async |session| session.keys().await).await;
    assert_eq!(keys.iter().map(|key| &**key).collect::<Vec<_>>(), [KEY]);
    browser.does(&policy, async |session| session.clear().await).await;
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.passes());
    browser.does(&policy, async |session| session.sign_in(SignIn::new("alice").discarding()).await).await;
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
}

#[tokio::test]
async fn without_a_session_none_begins() {
    let (_, store, policy) = staged();
    store.count_all();
    for id in [ID, OTHER, ID] {
        let got = post(&policy, &[format!("DWRSESSIONID={id}")], &echo(id)).await;
        assert!(got.passes() && about_session(&got.answer).is_empty());
    }
    // Nor where the session that the browser names is none.
    let mut stranger = Browser::with("0123456789ABCDEF0123456789ABCDEF");
    assert!(of_browser(&policy, &mut stranger, &[ID], &echo(ID)).await.passes());
    assert!(of_browser(&policy, &mut stranger, &[OTHER], &echo(OTHER)).await.passes());
    assert_eq!((store.behind.len(), store.count("create"), store.count("update")), (0, 0, 0));
}

/// Of two first batches with different ids one is bound and the other refused, whatever the order of their steps.
#[tokio::test]
async fn of_two_first_batches_one_is_bound() {
    for act in [Act::Pass, Act::Slow] {
        let (_, store, policy) = staged();
        let browser = alice(&policy).await;
        store.plays(move |_| act);
        let (mut one, mut other) = (browser.clone(), browser.clone());
        let (first, second) = (echo(ID), echo(OTHER));
        let (first, second) = join!(
            of_browser(&policy, &mut one, &[ID], &first),
            of_browser(&policy, &mut other, &[OTHER], &second)
        );
        assert!(first.passes() != second.passes() && first.is_refused() != second.is_refused(), "{act:?}");
        let (bound, refused) = if first.passes() { (ID, OTHER) } else { (OTHER, ID) };
        let mut browser = browser;
        assert!(of_browser(&policy, &mut browser, &[bound], &echo(bound)).await.passes());
        assert!(of_browser(&policy, &mut browser, &[refused], &echo(refused)).await.is_refused());
    }
}

/// All of them have read the session before the first one writes.
#[tokio::test]
async fn of_many_first_batches_one_is_bound() {
    let (_, store, policy) = staged();
    let browser = alice(&policy).await;
    store.plays(|_| Act::Slow);
    store.count_all();
    let mut tasks = Vec::new();
    for at in 0..32 {
        let (policy, mut browser) = (policy.clone(), browser.clone());
        let id = format!("{}{at:02}", &ID[..33]);
        tasks.push(async move { of_browser(&policy, &mut browser, &[&id], &echo(&id)).await.passes() });
    }
    let mut passed = 0;
    for outcome in futures(tasks).await {
        passed += usize::from(outcome);
    }
    assert_eq!((passed, store.count("update")), (1, 32));
}

/// All of them, in turns.
async fn futures<F: Future<Output = bool>>(tasks: Vec<F>) -> Vec<bool> {
    let mut tasks: Vec<_> = tasks.into_iter().map(Box::pin).collect();
    let mut outcomes = vec![None; tasks.len()];
    std::future::poll_fn(|cx| {
        for (task, outcome) in tasks.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let std::task::Poll::Ready(passed) = task.as_mut().poll(cx)
            {
                *outcome = Some(passed);
            }
        }
        if outcomes.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

/// It stays through renewals, and through the sign-in of who began the session; another user's is another's.
#[tokio::test]
async fn the_binding_is_the_sessions() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
    browser.does(&policy, async |session| session.renew().await).await;
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    browser.does(&policy, async |session| session.sign_in("bert").await).await;
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.passes());
    browser.does(&policy, async |session| session.sign_out().await).await;
    assert!(
        of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes(),
        "there is no session any more"
    );
}

/// Under an id that was renewed a moment ago a session can only be read: what is bound holds, and nothing can be bound.
#[tokio::test]
async fn what_cannot_be_bound_is_refused() {
    let policy = policy();
    let mut browser = alice(&policy).await;
    let mut old = browser.clone();
    browser.does(&policy, async |session| session.renew().await).await;
    let got = of_browser(&policy, &mut old, &[ID], &echo(ID)).await;
    assert!(got.is_refused() && got.denial == Some(Denial::OtherSession));
    assert_eq!(got.answer.status(), StatusCode::OK);
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    let mut old = browser.clone();
    browser.does(&policy, async |session| session.renew().await).await;
    assert!(of_browser(&policy, &mut old, &[ID], &echo(ID)).await.passes(), "it was bound");
}

/// A key of that name that the application made is not taken for a binding.
#[tokio::test]
async fn rubbish_under_the_key_is_a_mistake_of_the_program() {
    let policy = policy();
    let mut browser = alice(&policy).await;
    browser.does(&policy, async |session| session.insert(KEY, &7).await).await;
    let got = of_browser(&policy, &mut browser, &[ID], &echo(ID)).await;
    assert_eq!(got.answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
