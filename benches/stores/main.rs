//! What does a store cost, beside tower-sessions with its own stores on the same server, and by how many sessions there are?
//!
//! - `COOKIE_TEST_REDIS` and `COOKIE_TEST_POSTGRES` say where the servers are: `python3 tests/clients/with_stores.py cargo bench
//!   --all-features --bench stores` starts two for the time of the bench. SQLite has a file in a temporary folder.
//! - The peer is a program of its own under `benches/tower_sessions`, which is built first: two versions of SQLite do not fit into one.
//! - `-- peers` and `-- sizes` behind it measure one half alone.
//! - A round lets both serve one batch of the same work; a ratio is taken within a round, and the median counts.

#[path = "../measure/mod.rs"]
mod measure;
mod ours;
mod peer;
mod places;
mod sizes;

use std::error::Error;

use measure::{Bound, Goal, Spread, headline, is_thorough};
use ours::Ours;
use peer::Peer;
use places::{Place, Places};
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    headline("stores: a request with a session, read or read and written, through the layers of both");
    if !is_thorough() {
        println!("nothing was measured: `cargo bench` measures");
        return Ok(());
    }
    let runtime = Runtime::new()?;
    let places = Places::given()?;
    let mut goals = Vec::new();
    for place in places.all().iter().filter(|_| is_asked("peers")) {
        let ours = runtime.block_on(Ours::on(place))?;
        let mut peer = Peer::on(place)?;
        for at_once in [1, 32] {
            for (work, most) in [("read", 1.0), ("write", 1.1)] {
                let reached = side_by_side(&runtime, place, (&ours, &mut peer), work, at_once)?;
                let work = format!("{}, {work}, {at_once} at once / tower-sessions", place.name).leak();
                goals.push(Goal { work, reached, bound: Some(Bound::AtMost(most)) });
            }
        }
    }
    if is_asked("sizes") {
        sizes::by_size(&runtime, &places)?;
    }
    Goal::print_all(&goals);
    Ok(())
}

/// Whether this half is to be measured: each where none is named.
fn is_asked(half: &str) -> bool {
    let named = |name: &str| std::env::args().any(|argument| argument == name);
    named(half) || !(named("peers") || named("sizes"))
}

/// The ratio of what the two took, round by round.
fn side_by_side(
    runtime: &Runtime,
    place: &Place,
    (ours, peer): (&Ours, &mut Peer),
    work: &'static str,
    at_once: usize,
) -> Result<Spread, Box<dyn Error>> {
    let requests = 8 * at_once.max(8);
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..WARM_UP + ROUNDS {
        // Neither always runs in the wake of the other.
        let (our, their) = if round % 2 == 0 {
            let our = runtime.block_on(ours.batch(work, requests, at_once));
            (our, peer.batch(work, requests, at_once)?)
        } else {
            let their = peer.batch(work, requests, at_once)?;
            (runtime.block_on(ours.batch(work, requests, at_once)), their)
        };
        if round >= WARM_UP {
            rounds.push((our, their));
        }
    }
    let each =
        |of: fn(&(f64, f64)) -> f64| Spread::of(rounds.iter().map(|round| of(round) / requests as f64));
    println!("\n{}: {work}, {at_once} at once", place.name);
    println!("  {:<44} {}", "tower-cookie-policy", each(|round| round.0).nanoseconds());
    println!("  {:<44} {}", "tower-sessions", each(|round| round.1).nanoseconds());
    Ok(Spread::of(rounds.iter().map(|(our, their)| our / their)))
}

const WARM_UP: usize = 10;
const ROUNDS: usize = 200;
