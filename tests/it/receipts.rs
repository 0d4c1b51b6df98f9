//! Receipts through the public door: what is read and refused, and the sinks.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use serde_json::{Value, json};
use tower_cookie_policy::receipt::IllegalReceiptId;
use tower_cookie_policy::{
    JsonLinesReceipts, MemoryReceipts, Receipt, ReceiptErrorKind, ReceiptId, ReceiptSink,
};

/// 23 November 2026.
const NOW: u32 = 1_795_443_792;

/// The id with this number, in the digits of base64url that have no spare bits.
fn id(number: u32) -> String {
    format!("{number:021}A")
}

/// A receipt as it is written.
fn written(number: u32, time: &str) -> Value {
    json!({
        "schema_version": "tower-cookie-policy/1",
        "record_id": id(number),
        "pii_principal_id": id(number),
        "pii_processing": {
            "privacy_notice": { "policy": "shop", "revision": "5f0c9a" },
            "language": "en",
            "purposes": [{
                "purpose": "Statistics",
                "purpose_type": "statistics",
                "state": "granted",
                "hash": "b41d77",
                "pii_information": [{ "pii_type": "visits", "purpose": "Counts.", "retention_period": 60 }],
                "recipient_third_parties": [],
                "withdrawal_method": "/privacy",
            }],
        },
        "party_identification": { "pii_controllers": [{ "party_name": "Example GmbH" }] },
        "event": {
            "event_time": time,
            "validity_duration": 15_552_000,
            "event_state": "given",
            "method": "banner",
            "global_privacy_control": false,
        },
    })
}

/// One from `NOW`.
fn receipt(number: u32) -> Receipt {
    serde_json::from_value(written(number, "2026-11-23T14:23:12Z")).unwrap()
}

/// One from a year before.
fn old_receipt(number: u32) -> Receipt {
    serde_json::from_value(written(number, "2025-11-23T15:23:12+01:00")).unwrap()
}

/// A place for a file, gone with its folder when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("receipts-{name}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("receipts.jsonl")
    }

    fn open(&self) -> JsonLinesReceipts {
        JsonLinesReceipts::open(self.file()).unwrap()
    }

    /// The numbers of the receipts in the file, in order. Every line is one.
    fn numbers(&self) -> Vec<u32> {
        let text = fs::read_to_string(self.file()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        let number = |line| {
            let receipt: Receipt = serde_json::from_str(line).unwrap();
            receipt.id().to_string()[..21].parse().unwrap()
        };
        text.lines().map(number).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a future on a thread's own runtime, as a process of its own would.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn an_id_has_one_spelling() {
    let text = "AAECAwQFBgcICQoLDA0ODw";
    assert_eq!(text.parse::<ReceiptId>().unwrap().to_string(), text);
    for wrong in ["", "AAECAwQFBgcICQoLDA0OD", "AAECAwQFBgcICQoLDA0ODx", "AAECAwQFBgcICQoLDA0ODw==", "AAE/"] {
        assert!(matches!(wrong.parse::<ReceiptId>(), Err(IllegalReceiptId { .. })), "{wrong:?}");
    }
}

#[test]
fn what_is_no_receipt_is_refused() {
    let refused = |path: &str, value: Value| {
        let mut written = written(1, "2026-11-23T14:23:12Z");
        *written.pointer_mut(path).unwrap() = value;
        let error = serde_json::from_value::<Receipt>(written).unwrap_err().to_string();
        assert!(!error.contains(&id(1)), "{error}");
    };
    refused("/schema_version", json!("tower-cookie-policy/2"));
    refused("/record_id", json!("short"));
    refused("/event/event_time", json!("2026-11-23"));
    refused("/event/event_time", json!("1969-12-31T23:59:59Z"));
    refused("/event/event_time", json!("2106-02-07T06:28:16Z"));
    refused("/event/event_state", json!("perhaps"));
    refused("/event/validity_duration", json!(-1));
    refused("/party_identification/pii_controllers", json!([]));
    refused("/pii_processing", json!(null));
}

#[test]
fn a_later_field_is_passed_over() {
    let mut later = written(1, "2026-11-23T14:23:12Z");
    later["event"]["weather"] = json!("fair");
    assert_eq!(serde_json::from_value::<Receipt>(later).unwrap(), receipt(1));
}

#[test]
fn memory_gives_up_the_oldest() {
    let receipts = MemoryReceipts::new().capacity(2);
    run(async {
        for number in 1..=3 {
            receipts.append(&receipt(number)).await.unwrap();
        }
        assert_eq!(receipts.all(), [receipt(2), receipt(3)]);
        assert_eq!(receipts.find(&receipt(1).id()).await.unwrap(), None);
        receipts.append(&old_receipt(4)).await.unwrap();
        assert_eq!(receipts.purge(NOW).await.unwrap(), 1);
        assert_eq!(receipts.all(), [receipt(3)]);
    });
    assert_eq!(receipts.clone().capacity(0).all().len(), 1, "there is room for one at least");
}

#[test]
fn what_was_appended_is_found_by_whoever_opens_the_file() {
    let folder = Folder::new("found");
    run(async {
        let receipts = folder.open();
        receipts.append(&receipt(1)).await.unwrap();
        receipts.append(&receipt(2)).await.unwrap();
        for sink in [receipts.clone(), receipts, folder.open()] {
            assert_eq!(sink.find(&receipt(2).id()).await.unwrap(), Some(receipt(2)));
            assert_eq!(sink.find(&receipt(3).id()).await.unwrap(), None);
        }
    });
    assert_eq!(folder.numbers(), [1, 2]);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("mode");
    let mode = || fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777;
    run(async {
        let receipts = folder.open();
        assert_eq!(mode(), 0o600);
        receipts.append(&old_receipt(1)).await.unwrap();
        assert_eq!(receipts.purge(NOW).await.unwrap(), 1);
        assert_eq!(mode(), 0o600);
        // Who wants it otherwise is not overruled.
        fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o640)).unwrap();
        receipts.append(&old_receipt(2)).await.unwrap();
        assert_eq!(receipts.purge(NOW).await.unwrap(), 1);
        assert_eq!(mode(), 0o640);
    });
}

#[test]
fn sixty_four_at_once_append_whole_lines() {
    let folder = Folder::new("threads");
    thread::scope(|scope| {
        for first in 0..64 {
            let folder = &folder;
            // Half of them share a sink with others, half have one as another process has it.
            scope.spawn(move || {
                let receipts = folder.open();
                let append = |number| {
                    let receipts = receipts.clone();
                    async move { receipts.append(&receipt(number)).await.unwrap() }
                };
                run(async {
                    for number in (first * 8..first * 8 + 8).step_by(2) {
                        tokio::join!(append(number), append(number + 1));
                    }
                });
            });
        }
    });
    let mut numbers = folder.numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..512).collect::<Vec<_>>());
}

#[test]
fn a_purge_among_appends_loses_nothing() {
    let folder = Folder::new("purge");
    let (running, purged) = (AtomicBool::new(true), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let receipts = folder.open();
                while running.load(Ordering::SeqCst) {
                    let dropped = u32::try_from(run(receipts.purge(NOW)).unwrap()).unwrap();
                    purged.fetch_add(dropped, Ordering::SeqCst);
                }
            });
        }
        let writers: Vec<_> = (0..8)
            .map(|first| {
                let folder = &folder;
                scope.spawn(move || {
                    let receipts = folder.open();
                    for number in first * 20..first * 20 + 20 {
                        run(receipts.append(&receipt(number))).unwrap();
                        run(receipts.append(&old_receipt(1000 + number))).unwrap();
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        running.store(false, Ordering::SeqCst);
    });
    let left = run(folder.open().purge(NOW)).unwrap();
    assert_eq!(purged.into_inner() + u32::try_from(left).unwrap(), 160);
    let mut numbers = folder.numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..160).collect::<Vec<_>>());
}

#[test]
fn what_a_crash_cut_off_harms_no_other_line() {
    let folder = Folder::new("torn");
    run(async {
        folder.open().append(&receipt(1)).await.unwrap();
        let whole = fs::read(folder.file()).unwrap();
        let line = serde_json::to_vec(&receipt(2)).unwrap();
        for cut in [1, 30, line.len() / 2, line.len() - 1] {
            fs::write(folder.file(), [&whole[..], &line[..cut]].concat()).unwrap();
            let receipts = folder.open();
            receipts.append(&receipt(3)).await.unwrap();
            for number in [1, 3] {
                assert_eq!(receipts.find(&receipt(number).id()).await.unwrap(), Some(receipt(number)));
            }
            assert_eq!(receipts.find(&receipt(2).id()).await.unwrap(), None, "it was confirmed to nobody");
            let text = fs::read_to_string(folder.file()).unwrap();
            assert_eq!(text.lines().count(), 3);
        }
    });
}

#[test]
fn what_is_no_receipt_is_kept_and_told_of() {
    let folder = Folder::new("corrupt");
    run(async {
        let receipts = folder.open();
        receipts.append(&old_receipt(1)).await.unwrap();
        let mut text = fs::read(folder.file()).unwrap();
        text.extend_from_slice(b"\xff not ours\n");
        // A receipt of a later version has an end, too.
        let mut later = written(2, "2025-11-23T14:23:12Z");
        later["schema_version"] = json!("tower-cookie-policy/2");
        text.extend_from_slice(format!("{later}\n").as_bytes());
        fs::write(folder.file(), text).unwrap();

        assert_eq!(receipts.find(&receipt(1).id()).await.unwrap(), Some(old_receipt(1)));
        let error = receipts.find(&receipt(2).id()).await.unwrap_err();
        assert_eq!(error.kind(), ReceiptErrorKind::Corrupt);
        let error = receipts.find(&receipt(3).id()).await.unwrap_err();
        assert_eq!(error.kind(), ReceiptErrorKind::Corrupt);

        assert_eq!(receipts.purge(NOW).await.unwrap(), 2);
        assert_eq!(fs::read(folder.file()).unwrap(), b"\xff not ours\n");
        assert_eq!(receipts.purge(NOW).await.unwrap(), 0);
    });
}

#[test]
fn no_half_line_is_left_where_the_room_ends() {
    const CHILD: &str = "RECEIPTS_WITHOUT_ROOM";
    if let Some(folder) = std::env::var_os(CHILD) {
        // No file may be longer than 4 KiB here, and what would be is written as far as there is room.
        let receipts = JsonLinesReceipts::open(PathBuf::from(folder).join("receipts.jsonl")).unwrap();
        let error = (0..100).find_map(|number| run(receipts.append(&receipt(number))).err()).unwrap();
        assert_eq!(error.kind(), ReceiptErrorKind::Unavailable);
        assert!(run(receipts.append(&receipt(100))).is_err());
        return;
    }
    let folder = Folder::new("full");
    let name = "receipts::no_half_line_is_left_where_the_room_ends";
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" --exact \"$1\" >/dev/null 2>&1"])
        .arg(std::env::current_exe().unwrap())
        .arg(name)
        .env(CHILD, &folder.0)
        .status();
    assert!(child.unwrap().success());
    let before = folder.numbers();
    assert!(before.len() > 1 && before == (0..u32::try_from(before.len()).unwrap()).collect::<Vec<_>>());
    run(folder.open().append(&receipt(7))).unwrap();
    assert_eq!(folder.numbers(), [&before[..], &[7]].concat());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused() {
    let folder = Folder::new("device");
    let pipe = folder.0.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [PathBuf::from("/dev/full"), folder.0.clone(), folder.0.join("none/receipts.jsonl"), pipe] {
        let error = JsonLinesReceipts::open(path).unwrap_err();
        assert_eq!(error.kind(), ReceiptErrorKind::Unavailable);
    }
    assert!(!PathBuf::from("/dev/full.lock").exists());
}

#[cfg(unix)]
#[test]
fn two_names_are_one_file() {
    let folder = Folder::new("link");
    let receipts = folder.open();
    let link = folder.0.join("link");
    std::os::unix::fs::symlink(folder.file(), &link).unwrap();
    run(async {
        let linked = JsonLinesReceipts::open(&link).unwrap();
        linked.append(&old_receipt(1)).await.unwrap();
        receipts.append(&receipt(2)).await.unwrap();
        assert_eq!(linked.purge(NOW).await.unwrap(), 1);
    });
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(folder.numbers(), [2]);
}

#[test]
fn without_a_runtime_it_is_an_error() {
    let folder = Folder::new("runtime");
    let outcome = crate::support::now(folder.open().append(&receipt(1)));
    assert_eq!(outcome.unwrap_err().kind(), ReceiptErrorKind::Unavailable);
}
