//! A browser's cookies, in an order of one's own, and a shop that guards some.

use http::{Request, StatusCode};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity, Session, TestClock,
};

use crate::session::support::answer;
use crate::support::{Answer, NOW, Seen, lines, now, request, serve, shop, visit, with_lines};

/// The TS names under the id `broadcloud`, computed by another implementation of SHA-256.
pub(crate) const MAIN: &str = "TS017a625a";
pub(crate) const OF_CART: &str = "TSfe73894ad";
pub(crate) const OF_SESSION: &str = "TSde659670d";
pub(crate) const OF_UUID: &str = "TS7a10645ed";
pub(crate) const OF_NODE: &str = "TS1eb38b6cd";

/// The shop with three more guarded rows, one of them a pattern.
pub(crate) fn guarded() -> CookiePolicyBuilder {
    let row = |name: &str| CookieSpec::new(name, Basis::essential("a test")).integrity(Integrity::Guarded);
    shop().with(row("basket")).with(row("__Host-list")).with(row("item_*"))
}

pub(crate) fn clocked() -> (TestClock, CookiePolicyBuilder) {
    let clock = TestClock::at(NOW);
    let builder = guarded().clock(clock.clock());
    (clock, builder)
}

/// The name of the companion of this cookie of [`guarded`].
pub(crate) fn companion(name: &str) -> String {
    let jar = Jar::default().set(&guarded().build().unwrap(), &[&format!("{name}=x")]);
    jar.names().into_iter().find(|known| known.starts_with("TS") && known != MAIN).unwrap()
}

/// The cookies of a browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Jar(pub(crate) Vec<(String, String)>);

impl Jar {
    pub(crate) fn header(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) fn request(&self) -> Request<()> {
        if self.0.is_empty() { request::<&str>(&[]) } else { request(&[self.header()]) }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.names()))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Keeps what an answer sets, and drops what it deletes.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in lines(answer) {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let known = self.0.iter().position(|(known, _)| known == name);
            match (known, rest.contains("Max-Age=0")) {
                (Some(at), true) => drop(self.0.remove(at)),
                (None, true) => {}
                (Some(at), false) => self.0[at].1 = value.to_owned(),
                (None, false) => self.0.push((name.to_owned(), value.to_owned())),
            }
        }
    }

    /// After a request whose handler writes these raw lines.
    pub(crate) fn set(mut self, policy: &CookiePolicy, raw: &[&str]) -> Self {
        let answer = self.answer(policy, raw);
        self.keep(&answer);
        self
    }

    /// The answer to a request whose handler writes these raw lines.
    pub(crate) fn answer(&self, policy: &CookiePolicy, raw: &[&str]) -> Answer {
        serve(policy, self.request(), |_| with_lines(Answer::default(), raw))
    }

    /// After a request whose handler does this with its session.
    pub(crate) fn does(mut self, policy: &CookiePolicy, handler: impl AsyncFnOnce(Session)) -> Self {
        let ((), said) = now(answer(policy, self.request(), async |session| {
            handler(session).await;
            ((), Answer::default())
        }));
        assert_eq!(said.status(), StatusCode::OK);
        self.keep(&said);
        self
    }

    pub(crate) fn signed_in(self, policy: &CookiePolicy, user: &str) -> Self {
        self.does(policy, async |session| session.sign_in(user).await.unwrap())
    }

    pub(crate) fn signed_out(self, policy: &CookiePolicy) -> Self {
        self.does(policy, async |session| session.sign_out().await.unwrap())
    }

    /// What a handler gets to see.
    pub(crate) fn seen(&self, policy: &CookiePolicy) -> Seen {
        visit(policy, &[self.header()])
    }

    /// The user whose session this is.
    pub(crate) fn user(&self, policy: &CookiePolicy) -> Option<String> {
        now(answer(policy, self.request(), async |session| {
            (session.user().await.unwrap(), Answer::default())
        }))
        .0
    }

    /// With another value of this cookie.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut jar = self.clone();
        match jar.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, present)) => value.clone_into(present),
            None => jar.0.push((name.to_owned(), value.to_owned())),
        }
        jar
    }

    pub(crate) fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(known, _)| known != name).cloned().collect())
    }

    /// With these pairs before, or behind.
    pub(crate) fn beside(&self, others: &Self, before: bool) -> Self {
        let (first, second) = if before { (others, self) } else { (self, others) };
        Self([first.0.as_slice(), second.0.as_slice()].concat())
    }

    pub(crate) fn only(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(known, _)| names.contains(&known.as_str())).cloned().collect())
    }
}

/// That of this cookie nothing is let in, for this reason, and everything else is.
pub(crate) fn refused(policy: &CookiePolicy, jar: &Jar, name: &str, reason: &str) {
    let seen = jar.seen(policy);
    assert_eq!(seen.value(name), None, "{jar:?}");
    assert_eq!(seen.reasons(name), [reason], "{jar:?}");
    assert_eq!(seen.refusals.len(), 1, "{:?}", seen.refusals);
}

/// That everything is let in.
pub(crate) fn verifies(policy: &CookiePolicy, jar: &Jar) {
    let seen = jar.seen(policy);
    assert_eq!(seen.refusals, [], "{jar:?}");
    let plain: Vec<_> = jar.names().into_iter().filter(|name| !name.starts_with("TS")).collect();
    assert_eq!(seen.pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), plain);
}
