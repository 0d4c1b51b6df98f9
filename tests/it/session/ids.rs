//! Ids are this server's, new where they have to be, and dead where they have to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use tower_cookie_policy::store::{Created, Loaded, Owned, Rotated, Updated};
use tower_cookie_policy::{
    MemoryStore, Session, SessionError, SessionKey, SessionRecord, SessionStore, StoreError,
};

use super::support::{Browser, about_session, ask, clocked, policy, staged};
use crate::support::lines;

const MADE_UP: &str = "0123456789ABCDEF0123456789ABCDEF";

/// T1: whatever is done, and in whatever order, the id that a client made up is nobody's.
#[tokio::test]
async fn made_up_ids_are_never_adopted() {
    let policy = policy();
    async fn each(session: &Session, at: usize) -> Result<(), SessionError> {
        match at {
            0 => session.insert("note", "milk").await,
            1 => session.update("n", |n: Option<u8>| n.unwrap_or(0) + 1).await.map(drop),
            2 => session.sign_in("alice").await,
            3 => session.sign_out().await,
            4 => session.renew().await,
            5 => session.clear().await,
            6 => session.remove("note").await.map(drop),
            _ => session.sign_out_everywhere().await.map(drop),
        }
    }
    for first in 0..8 {
        for second in 0..8 {
            let mut browser = Browser::with(MADE_UP);
            browser
                .does(&policy, async |session| {
                    each(&session, first).await?;
                    each(&session, second).await
                })
                .await;
            let made_up = async |session: Session| session.is_live().await;
            assert!(!Browser::with(MADE_UP).does(&policy, made_up).await, "{first} {second}");
            assert!(second > 2 || browser.id.as_deref() != Some(MADE_UP), "{first} {second} wrote elsewhere");
        }
    }
}

/// T1: an expired id is not revived, and neither is the session.
#[tokio::test]
async fn an_expired_id_begins_another_session() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut browser = Browser::visitor(&policy).await;
    let before = browser.clone();
    clock.advance(Duration::from_secs(1800));
    browser.does(&policy, async |session| session.insert("other", &1).await).await;
    assert_ne!(before.id, browser.id);
    assert_eq!(browser.note(&policy).await, None);
    assert!(!before.clone().does(&policy, async |session| session.is_live().await).await);
}

/// T2.
#[tokio::test]
async fn what_is_written_after_a_sign_out_goes_under_a_new_id() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "alice").await;
    let old = browser.clone();
    browser
        .does(&policy, async |session| {
            session.sign_out().await?;
            assert_eq!(session.user().await?, None);
            session.insert("farewell", "bye").await
        })
        .await;
    assert!(browser.id.is_some() && browser.id != old.id);
    assert_eq!(browser.whose(&policy).await, None);
    let (_, answer) = Browser::with(format!("{}; X-Appia-ExtAuth=x", old.id.clone().unwrap()))
        .ask(&policy, async |session| session.sign_out().await)
        .await;
    assert_eq!(about_session(&answer), [""; 0], "it was over by then");
    let mut other = Browser::user(&policy, "bob").await;
    other.id.as_mut().unwrap().push_str("; X-Appia-ExtAuth=x");
    let (_, answer) = other
        .ask(&policy, async |session| {
            session.sign_out().await.unwrap();
            session.insert("farewell", "bye").await
        })
        .await;
    let said = about_session(&answer);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said.iter().any(|line| line.starts_with("X-Appia-ExtAuth=;")),
        "what named the user goes all the same"
    );
    let farewell = browser.does(&policy, async |session| session.get::<String>("farewell").await).await;
    assert_eq!(farewell.as_deref(), Some("bye"));
    assert_eq!(old.clone().whose(&policy).await, None);
}

/// T3: at each sign-in, whoever was there before.
#[tokio::test]
async fn every_sign_in_has_a_new_id() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    let mut ids = vec![browser.id.clone()];
    for user in ["alice", "alice", "bob"] {
        browser.does(&policy, async |session| session.sign_in(user).await).await;
        assert_eq!(browser.whose(&policy).await.as_deref(), Some(user));
        assert!(!ids.contains(&browser.id));
        ids.push(browser.id.clone());
    }
    browser
        .does(&policy, async |session| {
            session.sign_out().await?;
            session.sign_in("carol").await
        })
        .await;
    assert!(!ids.contains(&browser.id));
    for id in ids.into_iter().flatten() {
        let mut old = Browser::with(id);
        assert_eq!((old.whose(&policy).await, old.note(&policy).await), (None, None));
    }
}

/// T3: an anonymous visitor's data goes along, another user's does not.
#[tokio::test]
async fn another_users_data_does_not_stay() {
    let policy = policy();
    let mut browser = Browser::visitor(&policy).await;
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"), "it is her own");
    browser
        .does(&policy, async |session| {
            session.insert("secret", "alice's").await?;
            session.sign_in("bob").await?;
            assert!(!session.contains("secret").await?);
            session.insert("own", "bob's").await
        })
        .await;
    let keys = browser.does(&policy, async |session| session.keys().await).await;
    assert_eq!(keys.iter().map(|key| &**key).collect::<Vec<_>>(), ["own"]);
}

/// T4: a store that holds a key already says so, and another id is taken.
#[tokio::test]
async fn a_taken_id_is_not_overwritten() {
    /// Says of the first two keys that they are taken, as they would be by chance.
    #[derive(Clone)]
    struct Crowded(MemoryStore, Arc<AtomicUsize>);

    impl Crowded {
        fn is_taken(&self) -> bool {
            self.1.fetch_add(1, Ordering::SeqCst) % 3 < 2
        }
    }

    impl SessionStore for Crowded {
        async fn create(
            &self,
            key: &SessionKey,
            record: SessionRecord,
            now: u32,
        ) -> Result<Created, StoreError> {
            if self.is_taken() { Ok(Created::Duplicate) } else { self.0.create(key, record, now).await }
        }
        async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
            self.0.load(key, now).await
        }
        async fn update(
            &self,
            key: &SessionKey,
            expected: u64,
            record: SessionRecord,
            now: u32,
        ) -> Result<Updated, StoreError> {
            self.0.update(key, expected, record, now).await
        }
        async fn touch(
            &self,
            key: &SessionKey,
            seen: u32,
            deadline: u32,
            now: u32,
        ) -> Result<bool, StoreError> {
            self.0.touch(key, seen, deadline, now).await
        }
        async fn rotate(
            &self,
            old: &SessionKey,
            expected: u64,
            new: &SessionKey,
            record: SessionRecord,
            grace: u32,
            now: u32,
        ) -> Result<Rotated, StoreError> {
            if self.is_taken() {
                return Ok(Rotated::Duplicate);
            }
            self.0.rotate(old, expected, new, record, grace, now).await
        }
        async fn delete(&self, key: &SessionKey, now: u32) -> Result<bool, StoreError> {
            self.0.delete(key, now).await
        }
        async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
            self.0.list_owner(owner, now).await
        }
        async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
            self.0.epoch(owner).await
        }
        async fn end_owner(
            &self,
            owner: &str,
            except: Option<&SessionKey>,
            now: u32,
        ) -> Result<usize, StoreError> {
            self.0.end_owner(owner, except, now).await
        }
        async fn purge(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
            self.0.purge(now, limit).await
        }
    }

    let tries = Arc::new(AtomicUsize::new(0));
    let store = Crowded(MemoryStore::new(), Arc::clone(&tries));
    let policy = clocked().1.session_store(store.clone()).build().unwrap();
    let mut browser = Browser::visitor(&policy).await;
    assert_eq!((tries.load(Ordering::SeqCst), store.0.len()), (3, 1));
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    assert_eq!((tries.load(Ordering::SeqCst), store.0.len()), (6, 1));
    assert_eq!(browser.note(&policy).await.as_deref(), Some("milk"));
    tries.store(usize::MAX / 3 * 3, Ordering::SeqCst);
}

/// T5: the shape that the table documents.
#[tokio::test]
async fn ids_are_32_upper_case_hexadecimal_digits() {
    let policy = policy();
    let (_, answer) = Browser::default().ask(&policy, async |session| session.insert("a", &1).await).await;
    let line = lines(&answer).remove(0);
    let (pair, attributes) = line.split_once("; ").unwrap();
    let id = pair.strip_prefix("JSESSIONID=").unwrap();
    assert_eq!(id.len(), 32);
    assert!(id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')), "{id}");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
}

/// T7: whoever reads the store learns no id.
#[tokio::test]
async fn the_store_is_never_given_an_id() {
    let (_, store, policy) = staged();
    let mut browser = Browser::visitor(&policy).await;
    let mut ids = vec![browser.id.clone().unwrap()];
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    ids.push(browser.id.clone().unwrap());
    browser.does(&policy, async |session| session.renew().await).await;
    ids.push(browser.id.clone().unwrap());
    browser.does(&policy, async |session| session.sign_out().await).await;
    let kept = store.kept();
    let holds = |bytes: &[u8]| kept.windows(bytes.len()).any(|window| window.eq_ignore_ascii_case(bytes));
    assert!(holds(b"milk") && holds(b"alice"), "the search finds what is there");
    for id in ids {
        let raw: Vec<u8> =
            (0..16).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert!(!holds(id.as_bytes()) && !kept.windows(16).any(|window| window == raw));
    }
}

/// T8: what has not the shape of an id is not looked for.
#[tokio::test]
async fn what_is_no_id_never_reaches_the_store() {
    let (_, store, policy) = staged();
    for id in [
        String::new(),
        "\"\"".to_owned(),
        MADE_UP.to_lowercase(),
        MADE_UP[1..].to_owned(),
        format!("{MADE_UP}0"),
        format!("{MADE_UP}.node1"),
        format!("\"{MADE_UP}\""),
        "A".repeat(60_000),
        "0".repeat(10 << 20),
        "%30".repeat(11),
        format!("{}\u{e9}", &MADE_UP[..30]),
    ] {
        let mut browser = Browser::with(id);
        let live = browser.does(&policy, async |session| session.is_live().await).await;
        assert!(!live);
    }
    assert_eq!(store.count_all(), 0);
}

/// T13, T38: two ids, of which nobody can tell which one is the visitor's, are none.
#[tokio::test]
async fn two_ids_are_none() {
    let policy = policy();
    let (one, other) = (Browser::user(&policy, "alice").await, Browser::user(&policy, "mallory").await);
    for (first, second) in [(&one, &other), (&other, &one)] {
        let both = format!("{}; JSESSIONID={}", first.id.clone().unwrap(), second.id.clone().unwrap());
        assert_eq!(Browser::with(both).whose(&policy).await, None);
    }
}

/// A session that an attacker made and planted gives its maker nothing once the victim has signed in with it, at once
/// and while a renewed id may still read.
#[tokio::test]
async fn a_planted_session_gives_its_maker_nothing() {
    for renewals in 0..3 {
        for user in [None, Some("mallory")] {
            let (clock, builder) = clocked();
            let policy = builder.build().unwrap();
            let mut attacker = Browser::visitor(&policy).await;
            if let Some(user) = user {
                attacker.does(&policy, async |session| session.sign_in(user).await).await;
            }
            // The victim has the first of the ids, the attacker all of them.
            let mut victim = attacker.clone();
            let mut ids = vec![attacker.clone()];
            for _ in 0..renewals {
                attacker.does(&policy, async |session| session.renew().await).await;
                ids.push(attacker.clone());
            }
            victim
                .does(&policy, async |session| {
                    session.sign_in("alice").await?;
                    session.insert("secret", "alice's").await
                })
                .await;
            for seconds in [0, 9, 2, 600] {
                clock.advance(Duration::from_secs(seconds));
                for known in &mut ids {
                    let mut known = known.clone();
                    assert_ne!(known.whose(&policy).await.as_deref(), Some("alice"));
                    assert!(!known.does(&policy, async |session| session.contains("secret").await).await);
                }
                assert_eq!(victim.whose(&policy).await.as_deref(), Some("alice"));
            }
            assert_eq!(victim.note(&policy).await.is_some(), user.is_none(), "another user's data goes");
        }
    }
}

/// After a renewal the old id reads for ten seconds and writes nothing; then it is over.
#[tokio::test]
async fn a_renewed_id_reads_for_ten_seconds() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut browser = Browser::visitor(&policy).await;
    let old = browser.clone();
    browser.does(&policy, async |session| session.renew().await).await;
    assert_ne!(browser.id, old.id);
    browser.does(&policy, async |session| session.insert("note", "eggs").await).await;
    for seconds in [0, 9] {
        clock.advance(Duration::from_secs(seconds));
        let (note, answer) =
            ask(&policy, old.request(), async |session| session.get::<String>("note").await).await;
        assert_eq!(note.unwrap().as_deref(), Some("eggs"), "it reads what is there now");
        assert_eq!(about_session(&answer), [""; 0]);
        let (written, answer) = ask(&policy, old.request(), async |session| {
            assert!(matches!(session.update("n", |_: Option<u8>| 1).await, Err(SessionError::Ended)));
            session.renew().await.unwrap();
            session.insert("note", "from the old id").await
        })
        .await;
        assert!(matches!(written, Err(SessionError::Ended)));
        assert_eq!((answer.status(), about_session(&answer)), (StatusCode::OK, vec![]));
    }
    clock.advance(Duration::from_secs(1));
    let (note, _) = ask(&policy, old.request(), async |session| session.get::<String>("note").await).await;
    assert_eq!(note.unwrap(), None);
    assert_eq!(browser.note(&policy).await.as_deref(), Some("eggs"));
}

/// T3: a sign-in under an id that was renewed a moment ago leaves no session behind, whether the renewal came before the
/// request or while it was under way.
#[tokio::test]
async fn a_sign_in_during_the_grace_leaves_one_session() {
    for under_way in [false, true] {
        let (_, store, policy) = staged();
        let mut browser = Browser::visitor(&policy).await;
        let mut late = browser.clone();
        if !under_way {
            browser.does(&policy, async |session| session.renew().await).await;
        }
        late.does(&policy, async |session| {
            assert_eq!(session.user().await?, None);
            if under_way {
                browser.does(&policy, async |session| session.renew().await).await;
            }
            session.sign_in("alice").await
        })
        .await;
        assert_eq!(late.whose(&policy).await.as_deref(), Some("alice"));
        assert_eq!(late.note(&policy).await.as_deref(), Some("milk"), "what the visitor had stored is there");
        assert_eq!((browser.note(&policy).await, store.behind.len()), (None, 1));
    }
}

/// A sign-out with an id that was renewed a moment ago is a sign-out.
#[tokio::test]
async fn a_renewed_id_can_still_sign_out() {
    let policy = policy();
    let mut browser = Browser::user(&policy, "alice").await;
    let mut old = browser.clone();
    browser.does(&policy, async |session| session.renew().await).await;
    old.does(&policy, async |session| session.sign_out().await).await;
    assert_eq!(browser.whose(&policy).await, None);
}

/// For ten minutes an id that has ended is known as such: it is not mistaken for a first visit.
#[tokio::test]
async fn an_ended_id_writes_nothing_and_leaves_cookies_alone() {
    let (clock, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut browser = Browser::user(&policy, "alice").await;
    let mut old = browser.clone();
    browser.does(&policy, async |session| session.sign_out().await).await;
    let (written, answer) = ask(&policy, old.request(), async |session| {
        assert_eq!(session.user().await.unwrap(), None);
        assert!(!session.is_live().await.unwrap());
        session.sign_out().await.unwrap();
        session.insert("note", "late").await
    })
    .await;
    assert!(matches!(written, Err(SessionError::Ended)));
    assert_eq!(about_session(&answer), [""; 0]);
    clock.advance(Duration::from_secs(599));
    let mut again = old.clone();
    again.does(&policy, async |session| session.sign_in("alice").await).await;
    assert_eq!(again.whose(&policy).await.as_deref(), Some("alice"), "a sign-in opens another");
    clock.advance(Duration::from_secs(1));
    old.does(&policy, async |session| session.insert("note", "new").await).await;
    assert_eq!(old.note(&policy).await.as_deref(), Some("new"), "as for any id that nobody knows");
}
