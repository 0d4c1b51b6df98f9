//! The portal's own look at the time, by the clock that its policy goes by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tower_cookie_policy::TestClock;

/// The system's time, and under `--lab` what the clock was moved forward by.
#[derive(Clone)]
pub(crate) struct Watch(Option<TestClock>);

impl Watch {
    pub(crate) fn new(clock: Option<TestClock>) -> Self {
        Self(clock)
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        system + self.0.as_ref().map_or(0, |clock| clock.advance(Duration::ZERO))
    }
}
