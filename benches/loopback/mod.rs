//! How many requests a second does an axum server still answer with the layer on? `wrk` asks it over loopback.
//!
//! - Two servers of one runtime, each on its own port: the same handler, with and without the layer. The handler does
//!   next to nothing, so what the layer takes shows as much as it can.
//! - The servers run in this process on Tokio's multi-threaded runtime, `wrk` with one thread beside them. On a machine
//!   of few cores all share those, so this is the throughput of the pair, `wrk`'s own work included, which softens the
//!   ratio; and rates of two runs differ by far more than the layer costs.
//! - Therefore rounds are short and in pairs whose order alternates, ratios are taken within a pair, and the median counts.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Command;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use http::HeaderValue;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower_cookie_policy::CookiePolicy;

use crate::measure::{Bound, Goal, Spread, is_thorough};

/// The ratio of the rates with this header, or `None` where nothing is to be measured or `wrk` is not there.
pub(crate) fn under_wrk(
    policy: &CookiePolicy,
    cookies: &HeaderValue,
) -> Result<Option<Goal>, Box<dyn Error>> {
    if !is_thorough() {
        return Ok(None);
    }
    let sent = format!("Cookie: {}", cookies.to_str()?);
    let runtime = Runtime::new()?;
    let without = serve(&runtime, Router::new().route("/", get(page)))?;
    let with = serve(&runtime, Router::new().route("/", get(page)).layer(policy.layer()))?;
    println!("\naxum server on loopback under wrk, ten cookies in, {CONNECTIONS} connections");
    for warm_up in [without, with] {
        if rate(warm_up, &sent)?.is_none() {
            println!("  left out: there is no `wrk` (Debian and Ubuntu: apt-get install wrk)");
            return Ok(None);
        }
    }
    let mut rounds = Vec::with_capacity(PAIRS);
    for pair in 0..PAIRS {
        let (first, second) = if pair % 2 == 0 { (without, with) } else { (with, without) };
        let (Some(first), Some(second)) = (rate(first, &sent)?, rate(second, &sent)?) else {
            return Err("wrk is gone".into());
        };
        rounds.push(if pair % 2 == 0 { (first, second) } else { (second, first) });
    }
    let refused = policy.counts().refused.values().sum::<u64>();
    assert_eq!(refused, 0, "every cookie was let in");
    let line = |name: &str, rates: Spread| println!("  {name:<44} {}", rates.requests());
    line("without the layer", Spread::of(rounds.iter().map(|(without, _)| *without)));
    line("with the layer", Spread::of(rounds.iter().map(|(_, with)| *with)));
    Ok(Some(Goal {
        work: "requests a second under wrk (TS not verified yet), with / without the layer",
        reached: Spread::of(rounds.iter().map(|(without, with)| with / without)),
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
/// Pairs of rounds of a second each. One more round of each server goes before, for warmth.
const PAIRS: usize = 9;
