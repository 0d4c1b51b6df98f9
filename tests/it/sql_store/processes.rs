//! Several processes on one file.

use std::process::Command;

use tower_cookie_policy::store::{Loaded, Updated};
use tower_cookie_policy::testing::Sample;
use tower_cookie_policy::{SessionKey, SessionStore, SqlStore};

use super::{NOW, Place, created};

const PROCESSES: u64 = 4;
const WRITES: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_lose_no_write() {
    let place = Place::file();
    let store = place.store().await;
    let key = created(&store, "anna").await;
    let hex: String = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let others = (0..PROCESSES).map(|_| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "sql_store::processes::one_of_several"]);
        command.env("COOKIE_TEST_FILE", place.path()).env("COOKIE_TEST_KEY", &hex).spawn().unwrap()
    });
    for mut other in others.collect::<Vec<_>>() {
        assert!(other.wait().unwrap().success());
    }
    let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { panic!("it is gone") };
    assert_eq!(stored.revision, 1 + PROCESSES * WRITES);
    assert_eq!(stored.record.seen(), NOW + u32::try_from(WRITES).unwrap());
}

/// One of those processes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it is started by several_processes_lose_no_write"]
async fn one_of_several() {
    let Ok(path) = std::env::var("COOKIE_TEST_FILE") else { return };
    let hex = std::env::var("COOKIE_TEST_KEY").unwrap();
    let key = SessionKey::from_bytes(std::array::from_fn(|at| {
        u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()
    }));
    let store = SqlStore::sqlite(path).await.unwrap();
    for write in 1..=u32::try_from(WRITES).unwrap() {
        assert!(store.touch(&key, NOW + write, NOW + 1800, NOW).await.unwrap());
        loop {
            let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { panic!("it is gone") };
            let record = Sample::of("anna", NOW).record();
            if store.update(&key, stored.revision, record, NOW).await.unwrap() == Updated::Yes {
                break;
            }
        }
    }
}
