//! The back ends, and which of them can be reached.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::uri::Authority;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tower_cookie_policy::{Availability, StickyError, Target};

use crate::options::Backend;

/// How long a connection may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);

/// The back ends of the command line, in its order.
pub(crate) struct Farm {
    backends: Vec<Backend>,
    targets: Mutex<Vec<Target>>,
    probe: Duration,
}

impl Farm {
    pub(crate) fn new(backends: &[Backend], probe: Duration) -> Result<Arc<Self>, StickyError> {
        let target = |backend: &Backend| Ok(Target::new(&backend.label)?.in_state(reached(backend)));
        let targets = Mutex::new(backends.iter().map(target).collect::<Result<_, _>>()?);
        Ok(Arc::new(Self { backends: backends.to_vec(), targets, probe }))
    }

    /// All of them, as they are now.
    pub(crate) fn targets(&self) -> Vec<Target> {
        self.lock().clone()
    }

    /// Where the back end in this place is. Cookies name places, and addresses are known to the gateway alone.
    pub(crate) fn authority(&self, place: usize) -> &Authority {
        &self.backends[place].authority
    }

    pub(crate) fn label(&self, place: usize) -> &str {
        &self.backends[place].label
    }

    /// A failed connection takes the back end out until one succeeds, which is tried every so often.
    pub(crate) fn bury(self: &Arc<Self>, place: usize) {
        if self.put(place, Availability::Dead) == Availability::Dead {
            return;
        }
        eprintln!("gateway: back end {:?} cannot be reached", self.label(place));
        let farm = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                sleep(farm.probe).await;
                if farm.answers(place).await {
                    farm.put(place, reached(&farm.backends[place]));
                    eprintln!("gateway: back end {:?} is back", farm.label(place));
                    return;
                }
            }
        });
    }

    async fn answers(&self, place: usize) -> bool {
        let authority = self.authority(place);
        let host = authority.host().trim_matches(['[', ']']);
        let connecting = TcpStream::connect((host, authority.port_u16().unwrap_or(80)));
        timeout(CONNECT, connecting).await.is_ok_and(|connection| connection.is_ok())
    }

    /// Puts a back end into a state, and returns the one before.
    fn put(&self, place: usize, availability: Availability) -> Availability {
        let target = &mut self.lock()[place];
        let before = target.availability();
        *target = target.clone().in_state(availability);
        before
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Target>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of a back end that can be reached.
fn reached(backend: &Backend) -> Availability {
    if backend.drains { Availability::Draining } else { Availability::Live }
}
