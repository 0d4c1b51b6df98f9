//! cargo run --example rotate_keys
//!
//! A key is retired and nobody is signed out: two servers that share a session store are rolled, one after the other, from
//! the keys `old` over `old,new` and `new,old` to `new`, while fifty visitors go on. Each comes every twenty minutes, to one
//! server and then the other, with a guarded cart, a signed theme and a sealed draft, and signs in again when the twelve
//! hours of a session are almost over. No network is used, and the program moves the clock. It prints
//!
//! ```text
//!    time  server 1  server 2  visits  signed in  refused
//!    12 h  old       old         1801   0 -> 50   0
//!    13 h  old,new   old          154  50 -> 50   0
//!    14 h  old,new   old,new      154  50 -> 50   0
//!    15 h  new,old   old,new      154  50 -> 50   0
//!    27 h  new,old   new,old     1903  50 -> 50   0
//!    28 h  new       new,old      153  50 -> 50   0
//!    40 h  new       new         1852  50 -> 50   0
//! nobody was signed out, nothing was refused
//! ```
//!
//! and exits 1 if anybody was signed out or anything was refused. With `-- --hasty` the key is replaced at once, to show what
//! that looks like.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, body::to_bytes};
use tower::ServiceExt;
use tower_cookie_policy::{
    Basis, BuildError, CookiePolicy, CookieSpec, Cookies, Integrity, Key, KeyError, KeyRing, Lifetime,
    MemoryStore, Report, Role, Session, SessionError, TestClock,
};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let is_hasty = std::env::args().nth(1).is_some_and(|option| option == "--hasty");
    let rings = Rings::generate()?;
    let mut site = Site::new(&rings.old)?;
    let mut visitors: Vec<Visitor> = (0..VISITORS).map(Visitor::new).collect();

    println!("   time  server 1  server 2  visits  signed in  refused");
    let mut harm = site.pass("old", "old", 12 * HOUR, &mut visitors).await?;
    if is_hasty {
        site.servers[0] = site.server(&rings.new)?;
        harm += site.pass("new", "old", HOUR, &mut visitors).await?;
        site.servers[1] = site.server(&rings.new)?;
        harm += site.pass("new", "new", HOUR, &mut visitors).await?;
    } else {
        // 1. Every server accepts the new key before any signs with it.
        site.servers[0] = site.server(&rings.old_and_new)?;
        harm += site.pass("old,new", "old", HOUR, &mut visitors).await?;
        site.servers[1] = site.server(&rings.old_and_new)?;
        harm += site.pass("old,new", "old,new", HOUR, &mut visitors).await?;
        // 2. They sign with it.
        site.servers[0] = site.server(&rings.new_and_old)?;
        harm += site.pass("new,old", "old,new", HOUR, &mut visitors).await?;
        site.servers[1] = site.server(&rings.new_and_old)?;
        // 3. No server signs with the old key any more: what it has signed has the absolute limit to live, and a minute
        //    for clocks that differ.
        harm += site.pass("new,old", "new,old", ABSOLUTE_LIMIT + MINUTE, &mut visitors).await?;
        // 4. Nobody needs it.
        site.servers[0] = site.server(&rings.new)?;
        harm += site.pass("new", "new,old", HOUR, &mut visitors).await?;
        site.servers[1] = site.server(&rings.new)?;
        harm += site.pass("new", "new", 12 * HOUR, &mut visitors).await?;
    }
    if harm == 0 {
        println!("nobody was signed out, nothing was refused");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{harm} times somebody was signed out or something was refused or lost");
    Ok(ExitCode::FAILURE)
}

/// The same two keys, as the steps have them.
struct Rings {
    old: KeyRing,
    old_and_new: KeyRing,
    new_and_old: KeyRing,
    new: KeyRing,
}

impl Rings {
    fn generate() -> Result<Self, KeyError> {
        let old = Key::generate()?;
        loop {
            let new = Key::generate()?;
            let old_and_new = match KeyRing::new(old.clone()).accepting(new.clone()) {
                // One pair in 256 has one key id, and is no ring.
                Err(KeyError::SameKeyId { .. }) => continue,
                ring => ring?,
            };
            let new_and_old = KeyRing::new(new.clone()).accepting(old.clone())?;
            return Ok(Self { old: KeyRing::new(old), old_and_new, new_and_old, new: KeyRing::new(new) });
        }
    }
}

/// Two servers, which share the store and the time.
struct Site {
    servers: [Router; 2],
    store: MemoryStore,
    clock: TestClock,
}

impl Site {
    fn new(keys: &KeyRing) -> Result<Self, BuildError> {
        let servers = [Router::new(), Router::new()];
        let mut site = Self { servers, store: MemoryStore::new(), clock: TestClock::at(START) };
        site.servers = [site.server(keys)?, site.server(keys)?];
        Ok(site)
    }

    /// A server that has just been started with these keys.
    fn server(&self, keys: &KeyRing) -> Result<Router, BuildError> {
        let row = |name| CookieSpec::new(name, Basis::essential("Without it there is nothing to show."));
        let policy = CookiePolicy::empty(keys.clone())
            .id("shop")
            .with(row("__Host-sid").role(Role::Session).integrity(Integrity::Guarded))
            .with(row("__Host-cart").integrity(Integrity::Guarded))
            .with(row("__Host-draft").integrity(Integrity::Sealed))
            .with(
                CookieSpec::new("__Host-theme", Basis::Requested)
                    .lifetime(Lifetime::YEAR)
                    .integrity(Integrity::Signed),
            )
            .absolute_limit(Duration::from_secs(ABSOLUTE_LIMIT))
            .store(self.store.clone())
            .clock(self.clock.clock())
            .build()?;
        let routes = Router::new().route("/sign-in", post(sign_in)).route("/", get(home));
        Ok(routes.layer(policy.layer()))
    }

    /// So much time, in which every visitor goes on. Returns how often that failed.
    async fn pass(
        &self,
        first: &str,
        second: &str,
        time: u64,
        visitors: &mut [Visitor],
    ) -> Result<usize, Box<dyn Error>> {
        let signed_in = |visitors: &[Visitor]| visitors.iter().filter(|visitor| visitor.is_signed_in).count();
        let (before, end) = (signed_in(visitors), self.now() + time);
        let mut seen = Seen::default();
        while self.now() < end {
            for visitor in &mut *visitors {
                visitor.come(self, &mut seen).await?;
            }
            self.clock.advance(Duration::from_secs(PERIOD.min(end - self.now())));
        }
        let (hours, after) = ((self.now() - START) / HOUR, signed_in(visitors));
        let refused: Vec<_> =
            seen.refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let refused = if refused.is_empty() { "0".to_owned() } else { refused.join(", ") };
        let visits = seen.visits;
        println!("{hours:>5} h  {first:<8}  {second:<8}  {visits:>6}  {before:>2} -> {after:<3}  {refused}");
        Ok(seen.refused.values().sum::<usize>() + seen.lost)
    }

    fn now(&self) -> u64 {
        self.clock.advance(Duration::ZERO)
    }
}

/// What the visitors of some time have met with.
#[derive(Default)]
struct Seen {
    visits: usize,
    /// Visits on which somebody was signed out, or something was missing.
    lost: usize,
    /// By reason.
    refused: BTreeMap<&'static str, usize>,
}

/// A browser and who sits in front of it.
struct Visitor {
    number: u64,
    jar: Vec<(String, String)>,
    visits: usize,
    is_signed_in: bool,
    /// When to sign in next.
    due: u64,
}

impl Visitor {
    /// Visitors come one after the other, so that at each moment some have just signed in and some are about to.
    fn new(number: u64) -> Self {
        let due = START + number * (ABSOLUTE_LIMIT - PERIOD) / VISITORS;
        Self { number, jar: Vec::new(), visits: 0, is_signed_in: false, due }
    }

    /// Comes to the site, and signs in where it is time to. Nobody signs in just because of having been signed out.
    async fn come(&mut self, site: &Site, seen: &mut Seen) -> Result<(), Box<dyn Error>> {
        if self.is_signed_in || self.due > site.now() {
            let page = self.send(site, Request::get("/").body(Body::empty())?, seen).await?;
            let complete = format!("visitor {}, with a cart, a draft and a theme", self.number);
            if self.is_signed_in && page != complete {
                (self.is_signed_in, seen.lost) = (false, seen.lost + 1);
            }
        }
        if self.due <= site.now() {
            let name = format!("visitor {}", self.number);
            self.send(site, Request::post("/sign-in").body(Body::from(name))?, seen).await?;
            // On the last visit before the limit.
            (self.is_signed_in, self.due) = (true, site.now() + ABSOLUTE_LIMIT - PERIOD);
        }
        Ok(())
    }

    async fn send(
        &mut self,
        site: &Site,
        mut request: Request<Body>,
        seen: &mut Seen,
    ) -> Result<String, Box<dyn Error>> {
        if !self.jar.is_empty() {
            let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, pairs.join("; ").try_into()?);
        }
        let response: Result<Response, Infallible> =
            site.servers[self.visits % 2].clone().oneshot(request).await;
        let Ok(response) = response;
        self.visits += 1;
        seen.visits += 1;
        for refusal in response.extensions().get::<Report>().map_or(&[][..], Report::refusals) {
            *seen.refused.entry(refusal.reason().as_str()).or_default() += 1;
        }
        for line in response.headers().get_all(header::SET_COOKIE) {
            self.keep(line.to_str()?);
        }
        Ok(String::from_utf8(to_bytes(response.into_body(), 1024).await?.into())?)
    }

    fn keep(&mut self, line: &str) {
        let (name, rest) = line.split_once('=').unwrap_or((line, ""));
        self.jar.retain(|(known, _)| known != name);
        if !rest.contains("Max-Age=0") {
            let value = rest.split(';').next().unwrap_or_default();
            self.jar.push((name.to_owned(), value.to_owned()));
        }
    }
}

async fn home(session: Session, cookies: Cookies) -> Result<String, SessionError> {
    let user = session.user().await?.unwrap_or_else(|| "nobody".to_owned());
    let is_there = |name| if cookies.contains(name) { "a" } else { "no" };
    let [cart, draft, theme] = ["__Host-cart", "__Host-draft", "__Host-theme"].map(is_there);
    Ok(format!("{user}, with {cart} cart, {draft} draft and {theme} theme"))
}

/// The cart goes on with whoever signs in, and the theme does; the draft is a new one.
async fn sign_in(session: Session, cookies: Cookies, user: String) -> Result<(), Response> {
    session.sign_in(user).await.map_err(IntoResponse::into_response)?;
    cookies.set("__Host-draft", "unsent").map_err(IntoResponse::into_response)?;
    for (name, value) in [("__Host-cart", "3"), ("__Host-theme", "dark")] {
        if !cookies.contains(name) {
            cookies.set(name, value).map_err(IntoResponse::into_response)?;
        }
    }
    Ok(())
}

const VISITORS: u64 = 50;
/// How often each of them comes, in seconds.
const PERIOD: u64 = 20 * MINUTE;
const ABSOLUTE_LIMIT: u64 = 12 * HOUR;
const START: u64 = 1_795_455_792;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
