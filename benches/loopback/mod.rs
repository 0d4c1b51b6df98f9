//! How many requests a second does an axum server still answer with the layer on? `wrk` asks it over loopback.
//!
//! - Three servers of one runtime, each on its own port, with the same handler: without the layer, with it, and with the
//!   bare floor in its place, which says what the best of layers would reach.
//! - The handler does next to nothing, so this is the least favourable server: the ratio is the time that the server spends
//!   on a request over that time with the layer's, and every microsecond of a handler's own work brings it nearer to 1.
//! - The servers run in this process on Tokio's multi-threaded runtime, `wrk` with one thread beside them. On a machine
//!   of two cores `wrk` keeps one of them busy, and all three share both.
//! - Rates of two runs differ by more than the layer costs. Therefore rounds are short, one of each server in an order
//!   that turns, ratios are taken within a round, and the median counts.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Html;
use axum::routing::get;
use http::header::COOKIE;
use http::{HeaderValue, Request};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower::util::MapRequestLayer;
use tower_cookie_policy::CookiePolicy;

use crate::floor_of::Floor;
use crate::measure::{Bound, Goal, Spread, is_thorough};

/// The ratio of the rates with this header, or `None` where nothing is to be measured or `wrk` is not there.
pub(crate) fn under_wrk(
    policy: &CookiePolicy,
    cookies: &HeaderValue,
) -> Result<Option<Goal>, Box<dyn Error>> {
    if !is_thorough() {
        return Ok(None);
    }
    let floor = Arc::new(Floor::new(policy.id(), cookies.as_bytes()));
    let checked = MapRequestLayer::new(move |request: Request<Body>| {
        assert!(request.headers().get(COOKIE).is_some_and(|cookies| floor.holds(cookies.as_bytes())));
        request
    });
    let app = || Router::new().route("/", get(page));
    let runtime = Runtime::new()?;
    let servers = [
        serve(&runtime, app())?,
        serve(&runtime, app().layer(policy.layer()))?,
        serve(&runtime, app().layer(checked))?,
    ];
    println!("\naxum server on loopback under wrk, ten cookies in, {CONNECTIONS} connections");
    let sent = format!("Cookie: {}", cookies.to_str()?);
    for server in servers {
        if rate(server, &sent)?.is_none() {
            println!("  left out: there is no `wrk` (Debian and Ubuntu: apt-get install wrk)");
            return Ok(None);
        }
    }
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let mut rates = [0.0; 3];
        for turn in 0..rates.len() {
            let at = (round + turn) % rates.len();
            rates[at] = rate(servers[at], &sent)?.ok_or("wrk is gone")?;
        }
        rounds.push(rates);
    }
    assert_eq!(policy.counts().refused.values().sum::<u64>(), 0, "every cookie was let in");
    for (at, name) in
        ["without the layer", "with the layer", "with the floor in its place"].into_iter().enumerate()
    {
        let (rates, ratios) =
            (rounds.iter().map(|rates| rates[at]), rounds.iter().map(|rates| rates[at] / rates[0]));
        println!("  {name:<44} {}   {:.2}", Spread::of(rates).requests(), Spread::of(ratios).median);
    }
    Ok(Some(Goal {
        work: "requests a second under wrk / without the layer",
        reached: Spread::of(rounds.iter().map(|[without, with, _]| with / without)),
        bound: Some(Bound::AtLeast(0.97)),
    }))
}

async fn page() -> Html<&'static str> {
    Html("<!doctype html><title>UC portal</title><p>Welcome back.</p>")
}

fn serve(runtime: &Runtime, app: Router) -> io::Result<SocketAddr> {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// Requests a second over one round. `None` if there is no `wrk`.
fn rate(server: SocketAddr, cookies: &str) -> Result<Option<f64>, Box<dyn Error>> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", &format!("-c{CONNECTIONS}"), "-d1s", "-H", cookies, &format!("http://{server}/")]);
    let said = match wrk.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        outcome => String::from_utf8(outcome?.stdout)?,
    };
    // A server that fails may well fail fast: its rate is none.
    let failed = said.contains("Socket errors") || said.contains("Non-2xx");
    let rate = said.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok());
    match rate {
        Some(rate) if !failed => Ok(Some(rate)),
        _ => Err(format!("wrk did not get all its answers: {said}").into()),
    }
}

/// Few, so that none waits long; enough to keep two cores busy.
const CONNECTIONS: usize = 8;
/// Rounds, of a second for each server. One more goes before, for warmth.
const ROUNDS: usize = 6;
