//! The rules of all stores.

use std::sync::atomic::{AtomicUsize, Ordering};

use redis::cluster::ClusterClient;
use tower_cookie_policy::store::{Created, Loaded, Owned, Rotated, StoredSeries, Updated};
use tower_cookie_policy::{
    RedisStore, RememberStore, SeriesKey, SeriesRecord, SessionKey, SessionRecord, SessionStore, StoreError,
    testing,
};

use super::server::Server;
use super::{address, prefix, unused};

async fn keeps_the_rules(store: &(impl SessionStore + RememberStore)) {
    testing::session_store(store).await;
    testing::remember_store(store).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn the_store_keeps_the_rules_and_again_with_what_was_left() {
    let (store, _) = unused().await;
    for _ in 0..2 {
        keeps_the_rules(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn two_machines_keep_the_rules_together() {
    let prefix = prefix();
    let mut machines = Vec::new();
    for _ in 0..2 {
        machines.push(RedisStore::connect(&address()).await.unwrap().prefix(&prefix).unwrap());
    }
    keeps_the_rules(&InTurn { machines, steps: AtomicUsize::new(0) }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn stores_with_other_prefixes_keep_the_rules_side_by_side() {
    let suites = [(); 2].map(|()| {
        tokio::spawn(async {
            let (store, _) = unused().await;
            keeps_the_rules(&store).await;
        })
    });
    for suite in suites {
        suite.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_cluster_keeps_the_rules() {
    let server = Server::cluster().await;
    let client = ClusterClient::new([server.address()]).unwrap();
    let store = RedisStore::on(client.get_async_connection().await.unwrap());
    keeps_the_rules(&store).await;
    keeps_the_rules(&store.prefix("other:").unwrap()).await;
}

/// Each step is another machine's.
struct InTurn {
    machines: Vec<RedisStore>,
    steps: AtomicUsize,
}

impl InTurn {
    fn next(&self) -> &RedisStore {
        &self.machines[self.steps.fetch_add(1, Ordering::Relaxed) % self.machines.len()]
    }
}

type Answer<T> = Result<T, StoreError>;

impl SessionStore for InTurn {
    async fn create(&self, key: &SessionKey, record: SessionRecord, now: u32) -> Answer<Created> {
        self.next().create(key, record, now).await
    }
    async fn load(&self, key: &SessionKey, now: u32) -> Answer<Loaded> {
        self.next().load(key, now).await
    }
    async fn update(&self, key: &SessionKey, at: u64, record: SessionRecord, now: u32) -> Answer<Updated> {
        self.next().update(key, at, record, now).await
    }
    async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32, now: u32) -> Answer<bool> {
        self.next().touch(key, seen, deadline, now).await
    }
    async fn rotate(
        &self,
        old: &SessionKey,
        at: u64,
        new: &SessionKey,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> Answer<Rotated> {
        self.next().rotate(old, at, new, record, grace, now).await
    }
    async fn delete(&self, key: &SessionKey, now: u32) -> Answer<bool> {
        self.next().delete(key, now).await
    }
    async fn list_owner(&self, owner: &str, now: u32) -> Answer<Vec<Owned>> {
        self.next().list_owner(owner, now).await
    }
    async fn epoch(&self, owner: &str) -> Answer<u64> {
        self.next().epoch(owner).await
    }
    async fn end_owner(&self, owner: &str, except: Option<&SessionKey>, now: u32) -> Answer<usize> {
        self.next().end_owner(owner, except, now).await
    }
    async fn purge(&self, now: u32, limit: usize) -> Answer<usize> {
        self.next().purge(now, limit).await
    }
}

impl RememberStore for InTurn {
    async fn create_series(&self, key: &SeriesKey, record: SeriesRecord, now: u32) -> Answer<bool> {
        self.next().create_series(key, record, now).await
    }
    async fn load_series(&self, key: &SeriesKey, now: u32) -> Answer<Option<StoredSeries>> {
        self.next().load_series(key, now).await
    }
    async fn update_series(
        &self,
        key: &SeriesKey,
        at: u64,
        record: SeriesRecord,
        now: u32,
    ) -> Answer<Updated> {
        self.next().update_series(key, at, record, now).await
    }
    async fn delete_series(&self, key: &SeriesKey, now: u32) -> Answer<bool> {
        self.next().delete_series(key, now).await
    }
    async fn end_series_of(&self, owner: &str, except: Option<(&SeriesKey, u64)>, now: u32) -> Answer<usize> {
        self.next().end_series_of(owner, except, now).await
    }
    async fn purge_series(&self, now: u32, limit: usize) -> Answer<usize> {
        self.next().purge_series(now, limit).await
    }
}
