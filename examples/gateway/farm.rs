//! The back ends, and which of them can be reached.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::uri::Authority;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tower_cookie_policy::sticky::{StickyError, Target};

use crate::options::Backend;

/// How long a connection may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);

/// The back ends of the command line, in its order.
pub(crate) struct Farm {
    places: Vec<Place>,
    /// Which of them are left out, in the same order.
    buried: Mutex<Vec<bool>>,
    probe: Duration,
}

/// A back end, and what the balancer is told of it: that it can be reached, or that it cannot.
struct Place {
    backend: Backend,
    reached: Target,
    dead: Target,
}

impl Farm {
    pub(crate) fn new(backends: &[Backend], probe: Duration) -> Result<Arc<Self>, StickyError> {
        let places: Vec<Place> = backends.iter().map(Place::of).collect::<Result<_, _>>()?;
        let buried = Mutex::new(vec![false; places.len()]);
        Ok(Arc::new(Self { places, buried, probe }))
    }

    /// All of them, as they are now.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let buried = self.lock();
        let states = self.places.iter().zip(buried.iter());
        states
            .map(|(place, buried)| if *buried { place.dead.clone() } else { place.reached.clone() })
            .collect()
    }

    /// Where the back end in this place is. Cookies name places, and addresses are known to the gateway alone.
    pub(crate) fn authority(&self, place: usize) -> &Authority {
        &self.places[place].backend.authority
    }

    pub(crate) fn label(&self, place: usize) -> &str {
        &self.places[place].backend.label
    }

    /// A failed connection takes the back end out until one succeeds, which is tried every so often.
    pub(crate) fn bury(self: &Arc<Self>, place: usize) {
        if self.put(place, true) {
            return;
        }
        eprintln!("gateway: back end {:?} cannot be reached", self.label(place));
        let farm = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                sleep(farm.probe).await;
                if farm.answers(place).await {
                    farm.put(place, false);
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

    /// Leaves a back end out or takes it in again, and returns whether it was left out before.
    fn put(&self, place: usize, buried: bool) -> bool {
        std::mem::replace(&mut self.lock()[place], buried)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<bool>> {
        self.buried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn of(backend: &Backend) -> Result<Self, StickyError> {
        let label = &backend.label;
        let reached = if backend.drains { Target::draining(label)? } else { Target::new(label)? };
        Ok(Self { backend: backend.clone(), reached, dead: Target::dead(label)? })
    }
}
