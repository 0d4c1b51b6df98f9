//! Who writes to one session from this process, in turn, once two have collided.
//!
//! - Compare-and-swap lets one of many win and the others try again. Where many write to one session, and the store is slow, whoever
//!   is unlucky would run out of time first.
//! - So whoever has lost stands in the session's queue, and whoever comes while there is one stands behind. Nobody stands where nobody
//!   has lost, and no session's queue holds up another session.
//! - It is a courtesy within a process: what is right is still said by the store, to which other processes write as well.
//!
//! Who stands holds the view of the session that his request has, so that other tasks of the same request wait with him.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::id::SessionKey;

/// The queues of those sessions that have one.
#[derive(Default)]
pub(crate) struct Queues {
    formed: Mutex<HashMap<SessionKey, Queue>>,
    /// How many there are, for who only wants to know whether there is any.
    count: AtomicUsize,
}

#[derive(Default)]
struct Queue {
    /// How many stand there, the one included whose turn it is.
    standing: usize,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Queues {
    /// Whether somebody stands in this session's queue.
    pub(super) fn has_formed(&self, key: &SessionKey) -> bool {
        self.count.load(Ordering::Relaxed) > 0 && self.formed().contains_key(key)
    }

    /// Stands in this session's queue until it is the turn of whoever asks, which lasts as long as the place is held.
    pub(super) async fn stand(&self, key: &SessionKey) -> Place<'_> {
        let turn = {
            let mut formed = self.formed();
            let queue = formed.entry(*key).or_default();
            queue.standing += 1;
            let turn = Arc::clone(&queue.turn);
            self.count.store(formed.len(), Ordering::Relaxed);
            turn
        };
        let mut place = Place { queues: self, key: *key, turn: None, waited: false };
        place.turn = Arc::clone(&turn).try_lock_owned().ok();
        if place.turn.is_none() {
            place.waited = true;
            place.turn = Some(turn.lock_owned().await);
        }
        place
    }

    fn formed(&self) -> MutexGuard<'_, HashMap<SessionKey, Queue>> {
        self.formed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a queue. Whoever gives it up, for whatever reason, holds up nobody.
pub(super) struct Place<'q> {
    queues: &'q Queues,
    key: SessionKey,
    turn: Option<OwnedMutexGuard<()>>,
    /// Whether others had their turn before.
    pub(super) waited: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turn = None;
        let mut formed = self.queues.formed();
        if let Some(queue) = formed.get_mut(&self.key) {
            queue.standing -= 1;
            if queue.standing == 0 {
                formed.remove(&self.key);
            }
        }
        self.queues.count.store(formed.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::{Place, Queues, SessionKey};

    const KEY: SessionKey = SessionKey::from_bytes([7; 32]);
    /// It differs in its last byte alone.
    const OTHER: SessionKey = {
        let mut bytes = [7; 32];
        bytes[31] = 8;
        SessionKey::from_bytes(bytes)
    };

    fn poll<'q>(future: Pin<&mut impl Future<Output = Place<'q>>>) -> Poll<Place<'q>> {
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
        assert!(!queues.has_formed(&KEY) && queues.formed().is_empty());
    }

    #[test]
    fn a_session_has_a_queue_of_its_own() {
        let queues = Queues::default();
        let Poll::Ready(_first) = poll(pin!(queues.stand(&KEY))) else { panic!("nobody stands there") };
        assert!(!queues.has_formed(&OTHER));
        let Poll::Ready(other) = poll(pin!(queues.stand(&OTHER))) else { panic!("it is another session") };
        assert!(!other.waited);
    }
}
