//! Injected time: the only file that asks the system for it.
//!
//! - Every decision that depends on time takes it from the policy's [`Clock`].
//! - One request is judged at one moment; the response half asks again, because handlers take their time.
//! - The wire carries unsigned 32-bit Unix seconds, so that is the unit here too (it lasts until 2106).
//! - Waiting has its own clock, Tokio's: a deadline is about this process, not about the visitor's day.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pin_project_lite::pin_project;

/// Where a policy takes the time from. The default is the system's clock.
///
/// ```
/// use tower_cookie_policy::{Clock, CookiePolicy, KeyRing};
///
/// let keys = KeyRing::generate()?;
/// let policy = CookiePolicy::empty(keys).clock(Clock::from_fn(|| 1_795_455_792)).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Injected(Arc<dyn Fn() -> u64 + Send + Sync>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that answers what `unix_seconds` returns: seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_fn(unix_seconds: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Source::Injected(Arc::new(unix_seconds)))
    }

    /// Unix seconds, held at the ends of the 32 bits that the wire has for them.
    pub(crate) fn now(&self) -> u32 {
        let seconds = match &self.0 {
            Source::System => system_seconds(),
            Source::Injected(read) => read(),
        };
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }

    /// Unix milliseconds. An injected clock has whole seconds only.
    pub(crate) fn now_millis(&self) -> u64 {
        match &self.0 {
            Source::System => u64::try_from(system_time().as_millis()).unwrap_or(u64::MAX),
            Source::Injected(read) => read().saturating_mul(1000),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Clock(system)",
            Source::Injected(_) => "Clock(injected)",
        })
    }
}

/// A clock that stands still until it is moved, for tests and laboratories.
///
/// ```
/// use std::time::Duration;
/// use tower_cookie_policy::TestClock;
///
/// let clock = TestClock::at(1_795_455_792);
/// assert_eq!(clock.advance(Duration::from_secs(8)), 1_795_455_800);
/// ```
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// A clock that shows this many seconds since 1970.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix_seconds)))
    }

    /// Moves the clock forward by whole seconds and returns what it shows then.
    #[expect(clippy::must_use_candidate, reason = "most callers only want it moved")]
    pub fn advance(&self, by: Duration) -> u64 {
        let later = |shown: u64| shown.saturating_add(by.as_secs());
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |shown| Some(later(shown))).map_or(0, later)
    }

    /// The [`Clock`] for [`CookiePolicyBuilder::clock`](crate::CookiePolicyBuilder::clock) that shows this time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let shown = Arc::clone(&self.0);
        Clock::from_fn(move || shown.load(Ordering::SeqCst))
    }

    /// The system's time, running on, plus what this clock has been advanced since it was made with
    /// [`at(0)`](Self::at): a clock that can be moved forward while it runs.
    #[must_use]
    pub fn running(&self) -> Clock {
        let ahead = Arc::clone(&self.0);
        Clock::from_fn(move || system_seconds().saturating_add(ahead.load(Ordering::SeqCst)))
    }
}

fn system_seconds() -> u64 {
    system_time().as_secs()
}

/// The time since 1970. A system clock before that is read as 1970: everything signed is then from the future, and refused.
fn system_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// What the future comes to, or `None` after `limit`. A future that has nothing to wait for needs no timer and no runtime.
pub(crate) fn within<F: Future>(limit: Duration, future: F) -> Within<F> {
    Within { future, limit, timer: None }
}

pin_project! {
    /// See [`within`]. It holds its future once, and a timer only where it waits, since these nest.
    pub(crate) struct Within<F> {
        #[pin]
        future: F,
        limit: Duration,
        timer: Option<Pin<Box<tokio::time::Sleep>>>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Some(output));
        }
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(*this.limit)));
        timer.as_mut().poll(cx).map(|()| None)
    }
}

/// How long something lasts, by this process alone.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) struct Stopwatch(std::time::Instant);

#[cfg(any(feature = "postgres", feature = "redis"))]
impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Waits.
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Runs both until one of them is done.
pub(crate) async fn first<F: Future, G: Future>(one: F, other: G) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match (one.as_mut().poll(cx), other.as_mut().poll(cx)) {
        (Poll::Pending, Poll::Pending) => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
}
