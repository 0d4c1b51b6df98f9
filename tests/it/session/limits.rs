//! When a session ends by itself.

use std::sync::Arc;
use std::time::Duration;

use tower_cookie_policy::BuildError;
use tower_cookie_policy::store::Loaded;

use super::support::{Browser, clocked, staged};
use crate::support::{issue, lines, order, shop, visit};

const MINUTE: u64 = 60;

/// T24: unused for the idle limit, whatever the browser thinks.
#[tokio::test]
async fn an_unused_session_ends() {
    for (after, lives) in [(30 * MINUTE - 1, true), (30 * MINUTE, false), (30 * MINUTE + 1, false)] {
        let (clock, builder) = clocked();
        let policy = builder.build().unwrap();
        let mut browser = Browser::user(&policy, "alice").await;
        clock.advance(Duration::from_secs(after));
        assert_eq!(browser.whose(&policy).await.is_some(), lives, "{after}");
    }
}

/// T24: use prolongs a session up to the absolute limit and not beyond; neither does a new id.
#[tokio::test]
async fn a_used_session_ends_with_the_absolute_limit() {
    for renewing in [false, true] {
        let (clock, builder) = clocked();
        let policy = builder.build().unwrap();
        let mut browser = Browser::user(&policy, "alice").await;
        let mut minutes = 0;
        while browser.whose(&policy).await.is_some() {
            if renewing {
                browser.does(&policy, async |session| session.renew().await).await;
            }
            clock.advance(Duration::from_secs(20 * MINUTE));
            minutes += 20;
        }
        assert_eq!(minutes, 12 * 60, "renewing: {renewing}");
    }
}

/// T24: a sign-in starts the absolute limit afresh.
#[tokio::test]
async fn a_sign_in_starts_the_absolute_limit() {
    let (clock, builder) = clocked();
    let policy = builder.absolute_limit(Duration::from_secs(3000)).build().unwrap();
    let mut browser = Browser::visitor(&policy).await;
    clock.advance(Duration::from_secs(1700));
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    clock.advance(Duration::from_secs(1700));
    assert!(browser.whose(&policy).await.is_some());
    clock.advance(Duration::from_secs(1299));
    assert!(browser.whose(&policy).await.is_some());
    clock.advance(Duration::from_secs(1));
    assert!(browser.whose(&policy).await.is_none());
}

/// T25: a write moves the idle limit and leaves the absolute one, and a shorter limit of today's policy holds for
/// sessions of yesterday's.
#[tokio::test]
async fn limits_survive_the_next_write() {
    let (clock, store, policy) = staged();
    let stricter = clocked().1.clock(clock.clock()).store(store.clone()).idle_limit(Duration::from_secs(60));
    let stricter = stricter.build().unwrap();
    let mut browser = Browser::user(&policy, "alice").await;
    for count in 0..24 {
        assert!(browser.whose(&policy).await.is_some(), "{count}");
        browser.does(&policy, async |session| session.insert("count", &count).await).await;
        clock.advance(Duration::from_secs(30 * MINUTE - 1));
    }
    clock.advance(Duration::from_secs(24));
    assert_eq!(browser.whose(&policy).await, None, "twelve hours");
    let mut other = Browser::user(&policy, "alice").await;
    clock.advance(Duration::from_secs(59));
    assert!(other.whose(&stricter).await.is_some());
    clock.advance(Duration::from_secs(60));
    assert!(other.whose(&stricter).await.is_none());
    assert!(other.whose(&policy).await.is_some());
}

/// A touch is written once a tenth of the idle limit has passed, and not where something else is.
#[tokio::test]
async fn a_touch_is_rare() {
    let (clock, store, policy) = staged();
    let mut browser = Browser::user(&policy, "alice").await;
    store.count_all();
    for (seconds, touches) in [(0, 0), (100, 0), (79, 0), (1, 1), (0, 0), (179, 0), (1, 1)] {
        clock.advance(Duration::from_secs(seconds));
        browser.whose(&policy).await;
        assert_eq!(store.count("touch"), touches, "after {seconds}");
    }
    clock.advance(Duration::from_secs(500));
    browser.does(&policy, async |session| session.insert("a", &1).await).await;
    assert_eq!((store.count("touch"), store.count("update")), (0, 1));
    browser.whose(&policy).await;
    clock.advance(Duration::from_secs(500));
    browser.does(&policy, async |_| Ok(())).await;
    assert_eq!(store.count("touch"), 0, "nobody asked for the session");
}

/// T26: whatever is configured, and whatever the clock says, nothing overflows.
#[tokio::test]
async fn limits_do_not_overflow() {
    let (_, builder) = clocked();
    for limit in [Duration::ZERO, Duration::MAX, Duration::from_secs(401 * 24 * 3600)] {
        let refused = builder.clone().idle_limit(limit).build();
        assert!(matches!(refused, Err(BuildError::IdleLimit { .. })), "{limit:?}");
    }
    let days = Duration::from_secs(400 * 24 * 3600);
    let clock = tower_cookie_policy::TestClock::at(u64::from(u32::MAX) - 5);
    let policy = builder.idle_limit(days).absolute_limit(days).clock(clock.clock()).build().unwrap();
    let mut browser = Browser::user(&policy, "alice").await;
    assert!(browser.whose(&policy).await.is_some());
    browser.does(&policy, async |session| session.renew().await).await;
    browser.does(&policy, async |session| session.sign_out().await).await;
    clock.advance(Duration::from_secs(1 << 40));
    let (_, answer) = browser.ask(&policy, async |session| session.sign_in("alice").await).await;
    assert_eq!(answer.status(), 500, "a session that is over at once is none");
    let (error, _) = browser.ask(&policy, async |session| session.update("n", |_: Option<u8>| 1).await).await;
    let error = error.unwrap_err();
    assert!(matches!(error, tower_cookie_policy::SessionError::Clock), "{error}");
}

/// A clock that is set back a little ends nothing; by more than the idle limit it ends what it would prolong.
#[tokio::test]
async fn a_clock_may_go_back() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let time = Arc::new(AtomicU64::new(crate::support::NOW));
    let shown = Arc::clone(&time);
    let clock = tower_cookie_policy::Clock::from_fn(move || shown.load(Ordering::SeqCst));
    let policy = clocked().1.clock(clock).build().unwrap();
    let id = Browser::user(&policy, "alice").await.id.unwrap();
    // A transaction that is of the future is none; here only the session's clock is in question.
    let browser = || Browser::with_at(time.load(Ordering::SeqCst), &id);
    time.fetch_sub(1800, Ordering::SeqCst);
    assert!(browser().whose(&policy).await.is_some());
    browser().does(&policy, async |session| session.insert("a", &1).await).await;
    time.fetch_sub(1, Ordering::SeqCst);
    assert!(browser().whose(&policy).await.is_none());
    time.fetch_add(1801 + 1799, Ordering::SeqCst);
    assert!(browser().whose(&policy).await.is_some());
    time.fetch_add(1800, Ordering::SeqCst);
    assert!(browser().whose(&policy).await.is_none());
}

/// T27: what is over is over, even if the store returns it.
#[tokio::test]
async fn an_expired_record_of_the_stores_is_refused() {
    let (clock, store, policy) = staged();
    let mut browser = Browser::user(&policy, "alice").await;
    let stored = Arc::new(std::sync::Mutex::new(None));
    let keep = Arc::clone(&stored);
    store.lies(move |loaded| {
        *keep.lock().unwrap() = Some(loaded.clone());
        loaded
    });
    assert!(browser.whose(&policy).await.is_some());
    let old = stored.lock().unwrap().clone().unwrap();
    store.lies(move |_| old.clone());
    clock.advance(Duration::from_secs(1799));
    assert!(browser.whose(&policy).await.is_some());
    clock.advance(Duration::from_secs(1));
    assert!(browser.whose(&policy).await.is_none());
    assert_eq!(policy.counts().refused.get("expired"), Some(&1));
    assert!(matches!(stored.lock().unwrap().take(), Some(Loaded::Live(_))));
}

/// T28: a session that is all cookie carries its end under its MAC.
#[test]
fn a_signed_session_cookie_carries_its_end() {
    let clock = tower_cookie_policy::TestClock::at(crate::support::NOW);
    let policy = shop().clock(clock.clock()).build().unwrap();
    let ticket = issue(&policy, "ticket", "seat-7");
    let line = &lines(&order(&policy, |cookies| cookies.set("ticket", "seat-7").unwrap()))[0];
    assert!(!line.contains("Max-Age") && !line.contains("Expires"), "{line}");
    clock.advance(Duration::from_secs(12 * 3600 - 1));
    assert_eq!(visit(&policy, &[&ticket]).value("ticket").as_deref(), Some("seat-7"));
    clock.advance(Duration::from_secs(1));
    assert_eq!(visit(&policy, &[&ticket]).reasons("ticket"), ["expired"]);
}
