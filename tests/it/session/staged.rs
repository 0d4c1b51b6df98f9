//! A store that does what a test tells it to: wait, refuse, hang, answer late, lie.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};

use tokio::task::yield_now;
use tower_cookie_policy::store::{Created, Loaded, Owned, Rotated, StoredSeries, Updated};
use tower_cookie_policy::{
    MemoryStore, RememberStore, SeriesKey, SeriesRecord, SessionKey, SessionRecord, SessionStore, StoreError,
    StoreErrorKind,
};

/// How a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// As in the store behind.
    Pass,
    /// As in the store behind, after letting others go first, and again before the answer.
    Slow,
    /// It is refused with this error, and not done.
    Refuse(StoreErrorKind),
    /// It is never done.
    Hang,
    /// It is done, and never answered.
    Late,
}

type Play = dyn Fn(&str) -> Act + Send + Sync;
type Lie = dyn Fn(Loaded) -> Loaded + Send + Sync;

/// A memory store on a stage.
#[derive(Clone)]
pub(crate) struct Staged {
    pub(crate) behind: MemoryStore,
    play: Arc<Mutex<Arc<Play>>>,
    lie: Arc<Mutex<Arc<Lie>>>,
    asked: Arc<Mutex<Asked>>,
}

/// What the store was asked.
#[derive(Default)]
struct Asked {
    steps: HashMap<&'static str, usize>,
    /// Every byte that it would have to keep.
    kept: Vec<u8>,
}

impl Staged {
    pub(crate) fn new() -> Self {
        Self {
            behind: MemoryStore::new(),
            play: Arc::new(Mutex::new(Arc::new(|_: &str| Act::Pass))),
            lie: Arc::new(Mutex::new(Arc::new(|loaded| loaded))),
            asked: Arc::default(),
        }
    }

    /// From now on a step goes as `play` says of its name.
    pub(crate) fn plays(&self, play: impl Fn(&str) -> Act + Send + Sync + 'static) {
        *self.play.lock().unwrap() = Arc::new(play);
    }

    /// From now on what is loaded is said to be this.
    pub(crate) fn lies(&self, lie: impl Fn(Loaded) -> Loaded + Send + Sync + 'static) {
        *self.lie.lock().unwrap() = Arc::new(lie);
    }

    /// How often a step was asked for since the last call.
    pub(crate) fn count(&self, step: &str) -> usize {
        self.asked.lock().unwrap().steps.remove(step).unwrap_or_default()
    }

    /// How many steps were asked for since the last call.
    pub(crate) fn count_all(&self) -> usize {
        std::mem::take(&mut self.asked.lock().unwrap().steps).values().sum()
    }

    /// Everything that it was ever given to keep.
    pub(crate) fn kept(&self) -> Vec<u8> {
        self.asked.lock().unwrap().kept.clone()
    }

    async fn act<T>(
        &self,
        step: &'static str,
        given: &[&[u8]],
        inner: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let act = {
            let mut asked = self.asked.lock().unwrap();
            *asked.steps.entry(step).or_default() += 1;
            given.iter().for_each(|bytes| asked.kept.extend_from_slice(bytes));
            Arc::clone(&self.play.lock().unwrap())(step)
        };
        match act {
            Act::Pass => inner.await,
            Act::Slow => {
                yield_now().await;
                let outcome = inner.await;
                yield_now().await;
                outcome
            }
            Act::Refuse(kind) => Err(StoreError::caused(kind, "refused by the test")),
            Act::Hang => pending().await,
            Act::Late => {
                drop(inner.await);
                pending().await
            }
        }
    }
}

impl SessionStore for Staged {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Result<Created, StoreError> {
        let bytes = record.to_bytes();
        self.act("create", &[key.as_bytes(), &bytes], self.behind.create(key, record, now)).await
    }

    async fn load(&self, key: &SessionKey, now: u32) -> Result<Loaded, StoreError> {
        let loaded = self.act("load", &[key.as_bytes()], self.behind.load(key, now)).await?;
        let lie = Arc::clone(&self.lie.lock().unwrap());
        Ok(lie(loaded))
    }

    async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let bytes = record.to_bytes();
        let update = self.behind.update(key, expected, record, now);
        self.act("update", &[key.as_bytes(), &bytes], update).await
    }

    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Result<bool, StoreError> {
        self.act("touch", &[key.as_bytes()], self.behind.touch(key, seen, deadline, now)).await
    }

    async fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> Result<Rotated, StoreError> {
        let bytes = record.to_bytes();
        let rotate = self.behind.rotate(old, expected, new, record, grace, now);
        self.act("rotate", &[old.as_bytes(), new.as_bytes(), &bytes], rotate).await
    }

    async fn delete(&self, key: &SessionKey, now: u32) -> Result<bool, StoreError> {
        self.act("delete", &[key.as_bytes()], self.behind.delete(key, now)).await
    }

    async fn list_owner(&self, owner: &str, now: u32) -> Result<Vec<Owned>, StoreError> {
        self.act("list_owner", &[owner.as_bytes()], self.behind.list_owner(owner, now)).await
    }

    async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        self.act("epoch", &[owner.as_bytes()], self.behind.epoch(owner)).await
    }

    async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        self.act("end_owner", &[owner.as_bytes()], self.behind.end_owner(owner, except, now)).await
    }

    async fn purge(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        self.act("purge", &[], self.behind.purge(now, limit)).await
    }
}

impl RememberStore for Staged {
    async fn create_series(
        &self,
        key: &SeriesKey,
        record: SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        let bytes = record.to_bytes();
        let create = self.behind.create_series(key, record, now);
        self.act("create_series", &[key.as_bytes(), &bytes], create).await
    }

    async fn load_series(&self, key: &SeriesKey, now: u32) -> Result<Option<StoredSeries>, StoreError> {
        self.act("load_series", &[key.as_bytes()], self.behind.load_series(key, now)).await
    }

    async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let bytes = record.to_bytes();
        let update = self.behind.update_series(key, expected, record, now);
        self.act("update_series", &[key.as_bytes(), &bytes], update).await
    }

    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Result<bool, StoreError> {
        self.act("delete_series", &[key.as_bytes()], self.behind.delete_series(key, now)).await
    }

    async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let end = self.behind.end_series_of(owner, except, now);
        self.act("end_series_of", &[owner.as_bytes()], end).await
    }

    async fn purge_series(&self, now: u32, limit: usize) -> Result<usize, StoreError> {
        self.act("purge_series", &[], self.behind.purge_series(now, limit)).await
    }
}
