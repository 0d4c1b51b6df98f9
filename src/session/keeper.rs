//! The stores as a policy asks them: whichever they are, each step within the deadline.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::id::SessionKey;
use super::queue::Queues;
use super::record::SessionRecord;
use super::remember::{RememberStore, SeriesKey, SeriesRecord, StoredSeries};
use super::store::{Created, Loaded, Owned, Rotated, SessionStore, StoreError, StoreErrorKind, Updated};
use crate::clock::{self, Within};
use crate::report;

/// A store without its type.
pub(crate) struct Store<S: ?Sized>(Arc<S>);

impl<S: ?Sized> Clone for Store<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: ?Sized> fmt::Debug for Store<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(..)")
    }
}

/// A policy's store. A step that fails is an event, whoever hears of it besides.
pub(crate) struct Keeper<S: ?Sized> {
    store: Store<S>,
    deadline: Duration,
    policy: Box<str>,
    /// Of who writes to one session.
    pub(super) queues: Queues,
}

/// The store of a policy's sessions.
pub(crate) type Sessions = dyn SessionSteps;

/// The store of a policy's remembered logins.
pub(crate) type Series = dyn SeriesSteps;

impl<S: ?Sized> Keeper<S> {
    pub(crate) fn new(store: Store<S>, deadline: Duration, policy: &str) -> Self {
        Self { store, deadline, policy: policy.into(), queues: Queues::default() }
    }

    /// How long one step may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    fn asking<'s, T>(&'s self, name: &'static str, step: Step<'s, T>) -> Asking<'s, T> {
        Asking { step: clock::within(self.deadline, step), name, policy: &self.policy }
    }
}

/// A step that the store was asked for.
pub(crate) struct Asking<'s, T> {
    step: Within<Step<'s, T>>,
    name: &'static str,
    policy: &'s str,
}

impl<T> Future for Asking<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = ready!(Pin::new(&mut self.step).poll(cx));
        let outcome = outcome.unwrap_or(Err(StoreError::new(StoreErrorKind::Timeout)));
        if let Err(error) = &outcome {
            report::store_failed(self.policy, self.name, error);
        }
        Poll::Ready(outcome)
    }
}

/// What a store does, without its type.
type Step<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

/// A trait's methods once more, for [`Keeper`] and for stores whose type was erased.
macro_rules! steps {
    ($boxed:ident of $store:ident: $($step:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        impl Keeper<dyn $boxed> {
            $(pub(crate) fn $step<'s>(&'s self, $($argument: $type),*) -> Asking<'s, $output> {
                self.asking(stringify!($step), self.store.0.$step($($argument),*))
            })*
        }

        impl Store<dyn $boxed> {
            pub(crate) fn new(store: Arc<impl $store>) -> Self {
                Self(store)
            }
        }

        pub(crate) trait $boxed: Send + Sync {
            $(fn $step<'s>(&'s self, $($argument: $type),*) -> Step<'s, $output>;)*
        }

        impl<S: $store> $boxed for S {
            $(fn $step<'s>(&'s self, $($argument: $type),*) -> Step<'s, $output> {
                Box::pin($store::$step(self, $($argument),*))
            })*
        }
    };
}

steps! {
    SessionSteps of SessionStore:
    create(key: &'s SessionKey, record: SessionRecord, now: u32) -> Created;
    load(key: &'s SessionKey, now: u32) -> Loaded;
    update(key: &'s SessionKey, expected: u64, record: SessionRecord, now: u32) -> Updated;
    touch(key: &'s SessionKey, seen: u32, deadline: u32, now: u32) -> bool;
    rotate(old: &'s SessionKey, expected: u64, new: &'s SessionKey, record: SessionRecord, grace: u32, now: u32) -> Rotated;
    delete(key: &'s SessionKey, now: u32) -> bool;
    list_owner(owner: &'s str, now: u32) -> Vec<Owned>;
    epoch(owner: &'s str) -> u64;
    end_owner(owner: &'s str, except: Option<&'s SessionKey>, now: u32) -> usize;
    purge(now: u32, limit: usize) -> usize;
}

steps! {
    SeriesSteps of RememberStore:
    create_series(key: &'s SeriesKey, record: SeriesRecord, now: u32) -> bool;
    load_series(key: &'s SeriesKey, now: u32) -> Option<StoredSeries>;
    update_series(key: &'s SeriesKey, expected: u64, record: SeriesRecord, now: u32) -> Updated;
    delete_series(key: &'s SeriesKey, now: u32) -> bool;
    end_series_of(owner: &'s str, except: Option<(&'s SeriesKey, u64)>, now: u32) -> usize;
    purge_series(now: u32, limit: usize) -> usize;
}
