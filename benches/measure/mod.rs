//! Ratios of costs, measured side by side.
//!
//! - A round lets every candidate serve one batch of its requests, in an order that changes from round to round, so
//!   that none always runs in the wake of the same other one.
//! - Requests are made before the clock starts, and are dropped by the service as in a server.
//! - The first candidate is the bare service; what another takes beyond it is that one's overhead.
//! - Ratios are taken within a round, where all ran under the same conditions; the median of the rounds counts.
#![allow(dead_code, reason = "each bench uses its part")]

use std::fmt;
use std::fs;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use http::Request;
use tower::Service;

/// The candidates, each with the requests that it is to serve. The bare service is the first.
#[derive(Default)]
pub(crate) struct Field<'f>(Vec<Candidate<'f>>);

struct Candidate<'f> {
    name: &'static str,
    request: Box<dyn Fn() -> Request<()> + 'f>,
    serve: Box<Serve<'f>>,
}

/// Serves a batch.
type Serve<'f> = dyn FnMut(&mut Vec<Request<()>>) + 'f;

impl<'f> Field<'f> {
    /// One more candidate.
    pub(crate) fn with<S>(
        mut self,
        name: &'static str,
        request: impl Fn() -> Request<()> + 'f,
        mut service: S,
    ) -> Self
    where
        S: Service<Request<()>> + 'f,
    {
        let serve = move |batch: &mut Vec<Request<()>>| {
            for request in batch.drain(..) {
                drop(black_box(once(service.call(request))));
            }
        };
        self.0.push(Candidate { name, request: Box::new(request), serve: Box::new(serve) });
        self
    }

    /// Measures them.
    pub(crate) fn race(mut self) -> Race {
        let (warm_up, measured, batch) = if is_thorough() { (200, 3000, 32) } else { (0, 1, 1) };
        let field = self.0.len();
        let (mut order, mut seed): (Vec<usize>, _) = ((0..field).collect(), 1);
        let mut requests = Vec::with_capacity(batch);
        let mut rounds = Vec::with_capacity(measured);
        for round in 0..warm_up + measured {
            let mut took = vec![0.0; field];
            shuffle(&mut order, &mut seed);
            for &at in &order {
                let Candidate { request, serve, .. } = &mut self.0[at];
                requests.extend(std::iter::repeat_with(request).take(batch));
                let start = Instant::now();
                serve(&mut requests);
                took[at] = start.elapsed().as_secs_f64() * 1e9 / batch as f64;
            }
            if round >= warm_up {
                rounds.push(took);
            }
        }
        Race { names: self.0.iter().map(|candidate| candidate.name).collect(), rounds }
    }
}

/// The outcome of a future that never has to wait.
pub(crate) fn once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// What every candidate took, round by round.
pub(crate) struct Race {
    names: Vec<&'static str>,
    /// Nanoseconds a request: by round, then by candidate.
    rounds: Vec<Vec<f64>>,
}

impl Race {
    /// What the bare service takes, in nanoseconds.
    pub(crate) fn bare(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|took| took[0]))
    }

    /// What a candidate takes beyond the bare service, in nanoseconds.
    pub(crate) fn overhead(&self, name: &str) -> Spread {
        let at = self.place(name);
        Spread::of(self.rounds.iter().map(|took| took[at] - took[0]))
    }

    /// The overhead of one as a multiple of another's.
    pub(crate) fn ratio(&self, one: &str, other: &str) -> Spread {
        let (one, other) = (self.place(one), self.place(other));
        Spread::of(self.rounds.iter().map(|took| (took[one] - took[0]) / (took[other] - took[0])))
    }

    /// What one takes beyond another, in nanoseconds.
    pub(crate) fn beyond(&self, one: &str, another: &str) -> Spread {
        let (one, another) = (self.place(one), self.place(another));
        Spread::of(self.rounds.iter().map(|took| took[one] - took[another]))
    }

    /// What one takes beyond another, as a multiple of a third one's overhead.
    pub(crate) fn ratio_beyond(&self, one: &str, another: &str, third: &str) -> Spread {
        let (one, another, third) = (self.place(one), self.place(another), self.place(third));
        Spread::of(self.rounds.iter().map(|took| (took[one] - took[another]) / (took[third] - took[0])))
    }

    /// Every candidate's overhead, one a line.
    pub(crate) fn print(&self) {
        println!("  {:<44} {}", self.names[0], self.bare().nanoseconds());
        for name in &self.names[1..] {
            println!("  {name:<44} {}", self.overhead(name).nanoseconds());
        }
    }

    fn place(&self, name: &str) -> usize {
        let place = self.names.iter().position(|known| *known == name);
        place.unwrap_or_else(|| unreachable!("no candidate {name}"))
    }
}

/// A median between its quartiles.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    lower: f64,
    pub(crate) median: f64,
    upper: f64,
}

impl Spread {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let quartile = |quarters: usize| sorted[(sorted.len() - 1) * quarters / 4];
        Self { lower: quartile(1), median: quartile(2), upper: quartile(3) }
    }

    pub(crate) fn nanoseconds(self) -> String {
        format!("{:>8.0} ns   ({:.0} to {:.0})", self.median, self.lower, self.upper)
    }

    pub(crate) fn requests(self) -> String {
        format!("{:>8.0} /s   ({:.0} to {:.0})", self.median, self.lower, self.upper)
    }
}

/// A ratio and what it is held to, if to anything.
pub(crate) struct Goal {
    pub(crate) work: &'static str,
    pub(crate) reached: Spread,
    pub(crate) bound: Option<Bound>,
}

/// On which side of the number the ratio is to be: costs below, yields above.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    /// The table at the end of a bench.
    pub(crate) fn print_all(goals: &[Self]) {
        if !is_thorough() {
            println!("\nOne request each: nothing was measured. `cargo bench` measures.");
            return;
        }
        println!(
            "\n{:<75} {:>7}   {:<18} {:>6}",
            "ratio, of overheads where not said", "median", "quartiles", "goal"
        );
        for Self { work, reached: Spread { lower, median, upper }, bound } in goals {
            let quartiles = format!("{lower:.2} to {upper:.2}");
            let (goal, verdict) = match bound {
                Some(bound) => (bound.to_string(), if bound.holds(*median) { "met" } else { "MISSED" }),
                None => (String::new(), ""),
            };
            println!("{work:<75} {median:>7.2}   {quartiles:<18} {goal:>6}  {verdict}");
        }
    }
}

impl Bound {
    fn holds(self, median: f64) -> bool {
        match self {
            Self::AtMost(most) => median <= most,
            Self::AtLeast(least) => median >= least,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "≤ {most:.2}"),
            Self::AtLeast(least) => write!(f, "≥ {least:.2}"),
        }
    }
}

/// Says what is measured, and on which processor.
pub(crate) fn headline(question: &str) {
    let said = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = said.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{question}\n{}, {cores} cores", model.map_or("unknown processor", |(_, name)| name));
}

/// Another order; the same ones in every run.
fn shuffle(order: &mut [usize], seed: &mut u64) {
    for last in (1..order.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, usize::try_from(*seed >> 33).unwrap_or_default() % (last + 1));
    }
}

/// Whether cargo asked for a measurement. A test run lets everything happen once.
pub(crate) fn is_thorough() -> bool {
    std::env::args().any(|argument| argument == "--bench")
        && !std::env::args().any(|argument| argument == "--test")
}

/// The first candidate of every field.
pub(crate) const BARE: &str = "bare service (all of its time)";
/// Says how far two like services are apart.
pub(crate) const AGAIN: &str = "bare service again (the noise)";
pub(crate) const OURS: &str = "tower-cookie-policy";
