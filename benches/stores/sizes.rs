//! What each step costs by how many sessions there are, and what a session takes in Redis.

use std::error::Error;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::runtime::Runtime;
use tower_cookie_policy::testing::{Sample, key};
use tower_cookie_policy::{RedisStore, SessionKey, SessionStore, SqlStore};

use crate::measure::Spread;
use crate::places::Places;

/// Prints a table for SQLite and one for Redis.
pub(crate) fn by_size(runtime: &Runtime, places: &Places) -> Result<(), Box<dyn Error>> {
    let mut tables = [Table::default(), Table::default()];
    let mut per_session = Vec::new();
    for size in SIZES {
        let file = places.file(&format!("sessions-{size}.db"));
        runtime.block_on(async {
            // Filled without waiting for the disk; measured as it is used.
            let options = SqliteConnectOptions::new()
                .filename(&file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Off);
            let pool = SqlitePoolOptions::new().connect_with(options).await?;
            let filling = SqlStore::on_sqlite(pool.clone());
            filling.migrate().await?;
            let known = fill(filling, size).await?;
            pool.close().await;
            measure(&SqlStore::sqlite(&file).await?, &known, &mut tables[0]).await?;

            let before = used_memory(places.redis()).await?;
            let store = RedisStore::connect(places.redis()).await?.prefix(&format!("s{size}:"))?;
            let known = fill(store.clone(), size).await?;
            let taken = used_memory(places.redis()).await?.saturating_sub(before);
            per_session.push(taken as f64 / size as f64);
            measure(&store, &known, &mut tables[1]).await
        })?;
    }
    for (store, table) in ["SQLite", "Redis"].into_iter().zip(&tables) {
        table.print(store);
    }
    println!("\nused_memory of Redis for a signed-in session with a value of 20 bytes, ten of one user");
    for (size, bytes) in SIZES.into_iter().zip(per_session) {
        println!("  {size:>9} sessions {bytes:>10.0} bytes each");
    }
    Ok(())
}

/// Ten sessions of each user, made by many tasks at once. Some of their keys.
async fn fill<S: SessionStore>(store: S, size: usize) -> Result<Vec<SessionKey>, Box<dyn Error>> {
    let (store, now) = (Arc::new(store), now());
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            let mut known = Vec::new();
            for at in (task..size).step_by(TASKS) {
                let key = key();
                store.create(&key, record(&owner(at / 10), now, &*store).await, now).await?;
                if known.len() < SAMPLES {
                    known.push(key);
                }
            }
            Ok::<_, tower_cookie_policy::StoreError>(known)
        }));
    }
    let mut known = Vec::new();
    for task in tasks {
        known.extend(task.await??);
    }
    Ok(known)
}

async fn record<S: SessionStore>(owner: &str, now: u32, store: &S) -> tower_cookie_policy::SessionRecord {
    let epoch = store.epoch(owner).await.unwrap_or_default();
    Sample::of(owner, now)
        .epoch(epoch)
        .deadline(now + 43_200)
        .value("note", r#""twenty bytes or so.""#)
        .record()
}

/// Each step so many times, on sessions all over.
async fn measure<S: SessionStore>(
    store: &S,
    known: &[SessionKey],
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let now = now();
    let each = |at: usize| known[at * (known.len() / SAMPLES).max(1) % known.len()];
    let (mut made, mut moved) = (Vec::new(), Vec::new());
    for step in STEPS {
        let mut took = Vec::with_capacity(SAMPLES);
        for at in 0..SAMPLES {
            let (one, another, owner) = (each(at), key(), owner(1_000_000 + at / 10));
            let fresh = record(&owner, now, store).await;
            let present = match store.load(&one, now).await? {
                tower_cookie_policy::store::Loaded::Live(stored) => stored,
                _ => return Err("a session is gone".into()),
            };
            let start = Instant::now();
            match step {
                "create" => {
                    store.create(&another, fresh, now).await?;
                    made.push(another);
                }
                "load" => drop(store.load(&one, now).await?),
                "update" => {
                    store.update(&one, present.revision, (*present.record).clone(), now).await?;
                }
                "touch" => {
                    store.touch(&one, now + 1, now + 43_201, now).await?;
                }
                "rotate" => {
                    store.rotate(&made[at], 1, &another, fresh, 10, now).await?;
                    moved.push(another);
                }
                "delete" => {
                    store.delete(&moved[at], now).await?;
                }
                "epoch" => {
                    store.epoch(&owner).await?;
                }
                "list_owner, ten" => drop(store.list_owner(&self::owner(at % 100), now).await?),
                "end_owner, one" => {
                    let key = key();
                    let name = self::owner(2_000_000 + at);
                    store.create(&key, record(&name, now, store).await, now).await?;
                    let start = Instant::now();
                    store.end_owner(&name, None, now).await?;
                    took.push(start.elapsed().as_secs_f64() * 1e9);
                    continue;
                }
                _ => {
                    store.purge(now, 500).await?;
                }
            }
            took.push(start.elapsed().as_secs_f64() * 1e9);
        }
        table.0.entry(step).push(Spread::of(took.into_iter()).median);
    }
    Ok(())
}

/// Medians by step and size.
#[derive(Default)]
struct Table(Entries);

#[derive(Default)]
struct Entries(Vec<(&'static str, Vec<f64>)>);

impl Entries {
    fn entry(&mut self, step: &'static str) -> &mut Vec<f64> {
        let at = self.0.iter().position(|(known, _)| *known == step).unwrap_or_else(|| {
            self.0.push((step, Vec::new()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

impl Table {
    fn print(&self, store: &str) {
        let sizes: String = SIZES.iter().map(|size| format!("{size:>12}")).collect();
        println!("\n{store}: microseconds a step, median, by number of sessions\n  {:<18}{sizes}", "");
        for (step, medians) in &self.0.0 {
            let medians: String = medians.iter().map(|median| format!("{:>12.0}", median / 1e3)).collect();
            println!("  {step:<18}{medians}");
        }
    }
}

async fn used_memory(address: &str) -> Result<u64, Box<dyn Error>> {
    let mut connection = redis::Client::open(address)?.get_multiplexed_async_connection().await?;
    let said: redis::InfoDict = redis::cmd("INFO").arg("memory").query_async(&mut connection).await?;
    Ok(said.get("used_memory").ok_or("Redis does not tell")?)
}

fn owner(at: usize) -> String {
    format!("user-{at}")
}

fn now() -> u32 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
}

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const SAMPLES: usize = 300;
const TASKS: usize = 64;
const STEPS: [&str; 10] = [
    "create",
    "load",
    "update",
    "touch",
    "rotate",
    "delete",
    "epoch",
    "list_owner, ten",
    "end_owner, one",
    "purge, none due",
];
