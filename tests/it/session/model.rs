//! Random requests, held against a simple model of what a session is (T1).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use tower_cookie_policy::{CookiePolicy, Session, SessionError, TestClock};

use super::support::{Browser, ask, clocked};
use crate::support::{NOW, now};

const IDLE: u64 = 1800;
const ABSOLUTE: u64 = 5000;
const GRACE: u64 = 10;
const REMEMBERED: u64 = 600;
const USERS: [&str; 2] = ["alice", "bob"];
const KEYS: [&str; 3] = ["a", "b", "c"];

/// What a handler does to its session.
#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(usize, u8),
    Remove(usize),
    Clear,
    Add(usize),
    Take(usize),
    SignIn(usize),
    SignOut,
    Renew,
    Everywhere,
    RevokeOthers,
}

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// A request of a browser.
    Request { browser: usize, ops: Vec<Op> },
    /// A browser gets the cookie that another one had at some time, or a made-up one.
    Planted { browser: usize, from: usize },
    /// A user's sessions are ended by the application.
    Revoked(usize),
    /// Time passes.
    Passed(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..3_usize, 0..4_u8).prop_map(|(key, value)| Op::Insert(key, value)),
        1 => (0..3_usize).prop_map(Op::Remove),
        1 => Just(Op::Clear),
        2 => (0..3_usize).prop_map(Op::Add),
        1 => (0..3_usize).prop_map(Op::Take),
        3 => (0..2_usize).prop_map(Op::SignIn),
        2 => Just(Op::SignOut),
        3 => Just(Op::Renew),
        1 => Just(Op::Everywhere),
        1 => Just(Op::RevokeOthers),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let ops = prop::collection::vec(op(), 0..5);
    prop_oneof![
        8 => (0..3_usize, ops).prop_map(|(browser, ops)| Event::Request { browser, ops }),
        2 => (0..3_usize, any::<usize>()).prop_map(|(browser, from)| Event::Planted { browser, from }),
        1 => (0..2_usize).prop_map(Event::Revoked),
        3 => prop::sample::select(vec![1, 5, 9, 10, 11, 200, 599, 600, 1700, 1800]).prop_map(Event::Passed),
    ]
}

/// A session, as the model has it.
#[derive(Clone, Debug)]
struct Kept {
    owner: Option<usize>,
    values: BTreeMap<usize, u8>,
    started: u64,
    seen: u64,
    ended: bool,
}

/// What an id stands for.
#[derive(Clone, Copy, Debug)]
enum Standing {
    Current(usize),
    Renewed {
        session: usize,
        at: u64,
    },
    /// Left behind by a sign-in.
    Dead {
        at: u64,
    },
}

#[derive(Default)]
struct Model {
    sessions: Vec<Kept>,
    /// When each ended.
    ends: HashMap<usize, u64>,
    ids: HashMap<String, Standing>,
    time: u64,
}

/// A request's view.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Base {
    Absent,
    Live(usize),
    Old(usize),
    Ended,
}

struct View {
    base: Base,
    values: BTreeMap<usize, u8>,
    /// The values as they are kept.
    kept: BTreeMap<usize, u8>,
    owner: Option<usize>,
    renews: bool,
    signs_in: bool,
    cookie: Cookie,
    /// The id that the browser has to be given stands for this session.
    session: Option<usize>,
    old: Option<(String, Standing)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cookie {
    Kept,
    Deleted,
    New,
}

impl Model {
    fn is_live(&self, session: usize) -> bool {
        let kept = &self.sessions[session];
        !kept.ended && self.time < kept.seen + IDLE && self.time < kept.started + ABSOLUTE
    }

    fn end(&mut self, session: usize) {
        if self.is_live(session) {
            self.sessions[session].ended = true;
            self.ends.insert(session, self.time);
        }
    }

    fn end_all_of(&mut self, owner: usize) {
        for session in 0..self.sessions.len() {
            if self.sessions[session].owner == Some(owner) {
                self.end(session);
            }
        }
    }

    fn base(&self, id: Option<&String>) -> Base {
        let over = |at: u64| if self.time < at + REMEMBERED { Base::Ended } else { Base::Absent };
        match id.and_then(|id| self.ids.get(id)) {
            None => Base::Absent,
            Some(&Standing::Dead { at }) => over(at),
            Some(&Standing::Current(session)) if self.is_live(session) => Base::Live(session),
            Some(&Standing::Current(session)) => self.ends.get(&session).map_or(Base::Absent, |at| over(*at)),
            Some(&Standing::Renewed { session, at }) if self.time < at + GRACE && self.is_live(session) => {
                Base::Old(session)
            }
            Some(&Standing::Renewed { at, .. }) => over(at),
        }
    }

    fn open(&self, id: Option<&String>) -> View {
        let base = self.base(id);
        let kept = match base {
            Base::Live(session) | Base::Old(session) => Some(&self.sessions[session]),
            _ => None,
        };
        View {
            base,
            values: kept.map(|kept| kept.values.clone()).unwrap_or_default(),
            kept: kept.map(|kept| kept.values.clone()).unwrap_or_default(),
            owner: kept.and_then(|kept| kept.owner),
            renews: false,
            signs_in: false,
            cookie: Cookie::Kept,
            session: None,
            old: None,
        }
    }

    /// Whether the handler's call succeeds.
    fn does(&mut self, view: &mut View, op: Op) -> bool {
        let writable = view.signs_in || !matches!(view.base, Base::Old(_) | Base::Ended);
        match op {
            // Somebody else has renewed it a moment ago.
            Op::Renew if matches!(view.base, Base::Old(_)) => {}
            Op::Insert(..) | Op::Remove(_) | Op::Clear | Op::Renew | Op::Add(_) | Op::Take(_)
                if !writable =>
            {
                return false;
            }
            Op::Insert(key, value) => drop(view.values.insert(key, value)),
            Op::Remove(key) => drop(view.values.remove(&key)),
            Op::Clear => view.values.clear(),
            Op::Add(key) => {
                *view.values.entry(key).or_default() += 1;
                self.write(view);
            }
            Op::Take(key) => {
                view.values.remove(&key);
                self.write(view);
            }
            Op::SignIn(user) => {
                if view.owner.is_some_and(|owner| owner != user) {
                    view.values.clear();
                }
                (view.owner, view.signs_in) = (Some(user), true);
            }
            Op::Renew => view.renews |= !view.signs_in && matches!(view.base, Base::Live(_)),
            Op::SignOut => self.sign_out(view),
            Op::Everywhere => {
                if view.signs_in || view.renews {
                    self.write(view);
                }
                match view.owner {
                    Some(owner) => {
                        self.end_all_of(owner);
                        view.over(Base::Absent, Cookie::Deleted);
                    }
                    None => self.sign_out(view),
                }
            }
            Op::RevokeOthers => {
                let Some(owner) = view.owner else { return false };
                if view.signs_in || view.renews {
                    self.write(view);
                }
                if matches!(view.base, Base::Old(_)) {
                    return false;
                }
                let live = |at: &usize| self.is_live(*at) && self.sessions[*at].owner == Some(owner);
                let this = match view.base {
                    Base::Live(session) | Base::Old(session) => session,
                    _ => return true,
                };
                let others: Vec<usize> =
                    (0..self.sessions.len()).filter(|at| live(at) && *at != this).collect();
                if others.is_empty() {
                    self.sign_out(view);
                }
                others.into_iter().for_each(|other| self.end(other));
            }
        }
        true
    }

    fn sign_out(&mut self, view: &mut View) {
        match view.base {
            Base::Live(session) | Base::Old(session) => {
                self.end(session);
                view.over(Base::Absent, Cookie::Deleted);
            }
            Base::Ended => view.over(Base::Ended, Cookie::Kept),
            Base::Absent => view.over(Base::Absent, Cookie::Deleted),
        }
    }

    /// What waits is written.
    fn write(&mut self, view: &mut View) {
        if view.values == view.kept && !view.renews && !view.signs_in {
            return;
        }
        let time = self.time;
        match view.base {
            Base::Live(session) if !view.signs_in => {
                let kept = &mut self.sessions[session];
                (kept.values, kept.seen) = (view.values.clone(), kept.seen.max(time));
                if view.renews {
                    self.replace(view, session, Some(Standing::Renewed { session, at: time }));
                }
            }
            base => {
                let new = self.sessions.len();
                self.sessions.push(Kept {
                    owner: view.owner,
                    values: view.values.clone(),
                    started: time,
                    seen: time,
                    ended: false,
                });
                let left = matches!(base, Base::Live(_)).then_some(Standing::Dead { at: time });
                if let Base::Live(session) | Base::Old(session) = base {
                    self.end(session);
                }
                self.replace(view, new, left);
                view.base = Base::Live(new);
            }
        }
        view.kept = view.values.clone();
        (view.renews, view.signs_in) = (false, false);
    }

    /// The session gets another id, which the browser is told when the response leaves.
    fn replace(&mut self, view: &mut View, session: usize, left: Option<Standing>) {
        if let (Some((id, _)), Some(left), Cookie::Kept) = (&view.old, left, view.cookie) {
            self.ids.insert(id.clone(), left);
        }
        (view.cookie, view.session) = (Cookie::New, Some(session));
    }
}

impl View {
    fn over(&mut self, base: Base, cookie: Cookie) {
        (self.base, self.cookie, self.session) = (base, cookie, None);
        (self.renews, self.signs_in) = (false, false);
        self.values.clear();
        self.kept.clear();
        self.owner = None;
    }
}

async fn really(session: &Session, op: Op) -> Result<(), SessionError> {
    match op {
        Op::Insert(key, value) => session.insert(KEYS[key], &value).await,
        Op::Remove(key) => session.remove(KEYS[key]).await.map(drop),
        Op::Clear => session.clear().await,
        Op::Add(key) => session.update(KEYS[key], |old: Option<u8>| old.unwrap_or(0) + 1).await.map(drop),
        Op::Take(key) => session.take::<u8>(KEYS[key]).await.map(drop),
        Op::SignIn(user) => session.sign_in(USERS[user]).await,
        Op::SignOut => session.sign_out().await,
        Op::Renew => session.renew().await,
        Op::Everywhere => session.sign_out_everywhere().await.map(drop),
        Op::RevokeOthers => {
            let sessions = session.sessions().await?;
            let mut others = sessions.iter().filter(|one| !one.current).peekable();
            if others.peek().is_none() {
                return match sessions.first() {
                    Some(own) => session.revoke(&own.handle).await.map(drop),
                    None => Ok(()),
                };
            }
            for other in others {
                assert!(session.revoke(&other.handle).await?);
            }
            Ok(())
        }
    }
}

type Seen = (Option<String>, BTreeMap<usize, u8>);

async fn seen_by(session: &Session) -> Result<Seen, SessionError> {
    let mut values = BTreeMap::new();
    for (at, key) in KEYS.iter().enumerate() {
        if let Some(value) = session.get::<u8>(key).await? {
            values.insert(at, value);
        }
    }
    Ok((session.user().await?, values))
}

struct World {
    policy: CookiePolicy,
    clock: TestClock,
    model: Model,
    browsers: Vec<Browser>,
    /// Every id that anybody ever had.
    known: Vec<String>,
    given: HashSet<String>,
}

impl World {
    fn new() -> Self {
        let (clock, builder) = clocked();
        let policy = builder.absolute_limit(Duration::from_secs(ABSOLUTE)).build().unwrap();
        let known = vec!["0123456789ABCDEF0123456789ABCDEF".to_owned(), "F".repeat(32)];
        let model = Model { time: NOW, ..Model::default() };
        Self { policy, clock, model, browsers: vec![Browser::default(); 3], known, given: HashSet::new() }
    }

    async fn happens(&mut self, event: &Event) {
        match event {
            Event::Request { browser, ops } => self.request(*browser, ops).await,
            Event::Planted { browser, from } => {
                self.browsers[*browser].id = Some(self.known[from % self.known.len()].clone());
            }
            Event::Revoked(user) => {
                self.policy.revoke_user(USERS[*user]).await.unwrap();
                self.model.end_all_of(*user);
            }
            Event::Passed(seconds) => {
                self.clock.advance(Duration::from_secs(*seconds));
                self.model.time += seconds;
            }
        }
        self.compare().await;
    }

    async fn request(&mut self, browser: usize, ops: &[Op]) {
        let browser = &mut self.browsers[browser];
        let before = browser.id.clone();
        let mut view = self.model.open(before.as_ref());
        view.old = before.clone().map(|id| (id, Standing::Dead { at: 0 }));
        let mut expected = Vec::new();
        for op in ops {
            let succeeds = self.model.does(&mut view, *op);
            let owner = view.owner.map(|user| USERS[user].to_owned());
            expected.push((succeeds, (owner, view.values.clone())));
        }
        self.model.write(&mut view);
        // Nothing but the session is in question here: each id comes with genuine TS cookies.
        let presented =
            browser.id.clone().map_or_else(Browser::default, |id| Browser::with_at(self.model.time, id));
        let (made, answer) = ask(&self.policy, presented.request(), async |session| {
            let mut made = Vec::new();
            for op in ops {
                made.push((really(&session, *op).await.is_ok(), seen_by(&session).await.unwrap()));
            }
            made
        })
        .await;
        assert_eq!(made, expected, "{ops:?}");
        assert_eq!(answer.status(), 200);
        browser.keep(&answer);
        let cookie = match &browser.id {
            None if before.is_some() => Cookie::Deleted,
            id if *id == before => Cookie::Kept,
            _ => Cookie::New,
        };
        let expected =
            if before.is_none() && view.cookie == Cookie::Deleted { Cookie::Kept } else { view.cookie };
        assert_eq!(cookie, expected, "{ops:?}");
        if let (Cookie::New, Some(id), Some(session)) = (cookie, &browser.id, view.session) {
            assert!(self.given.insert(id.clone()) && !self.known.contains(id), "an id is given out once");
            self.known.push(id.clone());
            self.model.ids.insert(id.clone(), Standing::Current(session));
        }
    }

    /// Every id that there ever was sees what the model says, and nothing else.
    async fn compare(&mut self) {
        for id in self.known.clone() {
            let (seen, answer) =
                ask(&self.policy, Browser::with_at(self.model.time, &id).request(), async |session| {
                    (seen_by(&session).await.unwrap(), session.is_live().await.unwrap())
                })
                .await;
            let view = self.model.open(Some(&id));
            if let Base::Live(session) = view.base {
                let kept = &mut self.model.sessions[session];
                if self.model.time - kept.seen >= IDLE / 10 {
                    kept.seen = self.model.time;
                }
            }
            let owner = view.owner.map(|user| USERS[user].to_owned());
            let live = matches!(view.base, Base::Live(_) | Base::Old(_));
            assert_eq!(seen, ((owner, view.values), live), "{:?}", view.base);
            assert!(!answer.headers().contains_key(http::header::SET_COOKIE));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// T1: in whatever order things happen, a session is what the model says, and no id but this server's is ever one.
    #[test]
    fn whatever_happens_a_session_is_what_the_model_says(events in prop::collection::vec(event(), 1..25)) {
        let mut world = World::new();
        for event in &events {
            now(world.happens(event));
        }
    }
}
