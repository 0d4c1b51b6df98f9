//! Who writes to one session from this process, in turn, once two have collided.
//!
//! - Compare-and-swap lets one of many win and the others try again. Where many write to one session, and the store is slow, whoever is
//!   unlucky would be out of time before it is his turn.
//! - So whoever has lost stands in a queue, and whoever comes while one has formed stands behind. Nobody stands where nobody has lost.
//! - It is a courtesy within a process: what is right is still said by the store, to which other processes write as well.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use super::id::SessionKey;

/// Queues for all sessions; some have one in common, and then wait for each other.
pub(crate) struct Queues([Queue; QUEUES]);

#[derive(Default)]
struct Queue {
    /// How many stand there, the one included whose turn it is.
    standing: AtomicUsize,
    turn: Mutex<()>,
}

impl Queues {
    /// Whether somebody stands in this session's queue.
    pub(super) fn has_formed(&self, key: &SessionKey) -> bool {
        self.of(key).standing.load(Ordering::Relaxed) > 0
    }

    /// Stands in this session's queue until it is the turn of whoever asks, which lasts as long as the place is held.
    pub(super) async fn stand(&self, key: &SessionKey) -> Place<'_> {
        let queue = self.of(key);
        queue.standing.fetch_add(1, Ordering::Relaxed);
        let mut place = Place { queue, turn: None, waited: false };
        place.turn = queue.turn.try_lock().ok();
        if place.turn.is_none() {
            place.waited = true;
            place.turn = Some(queue.turn.lock().await);
        }
        place
    }

    fn of(&self, key: &SessionKey) -> &Queue {
        &self.0[usize::from(key.as_bytes()[0]) % QUEUES]
    }
}

impl Default for Queues {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Queue::default()))
    }
}

/// A place in a queue. Whoever gives it up, for whatever reason, holds up nobody.
pub(super) struct Place<'q> {
    queue: &'q Queue,
    turn: Option<MutexGuard<'q, ()>>,
    /// Whether others had their turn before.
    pub(super) waited: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turn = None;
        self.queue.standing.fetch_sub(1, Ordering::Relaxed);
    }
}

const QUEUES: usize = 64;

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{Place, Queues, SessionKey};

    const KEY: SessionKey = SessionKey::from_bytes([7; 32]);

    fn poll<'q>(future: std::pin::Pin<&mut impl Future<Output = Place<'q>>>) -> Poll<Place<'q>> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn turns_come_in_order_and_whoever_leaves_holds_up_nobody() {
        let queues = Queues::default();
        assert!(!queues.has_formed(&KEY));
        let Poll::Ready(first) = poll(pin!(queues.stand(&KEY))) else { panic!("nobody stands there") };
        assert!(!first.waited && queues.has_formed(&KEY));
        let (mut second, mut fourth) = (pin!(queues.stand(&KEY)), pin!(queues.stand(&KEY)));
        {
            let mut third = pin!(queues.stand(&KEY));
            assert!(poll(second.as_mut()).is_pending() && poll(third.as_mut()).is_pending());
            assert!(poll(fourth.as_mut()).is_pending());
        }
        drop(first);
        assert!(poll(fourth.as_mut()).is_pending());
        let Poll::Ready(second) = poll(second) else { panic!("it is the second one's turn") };
        assert!(second.waited);
        drop(second);
        assert!(poll(fourth).is_ready());
        assert!(!queues.has_formed(&KEY));
    }
}
