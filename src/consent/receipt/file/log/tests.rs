use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::{Lines, Log, is_torn, put};

/// A new place for a file, gone with its folder when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("log-{name}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("receipts.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_torn_line_is_ended_before_the_next_one() {
    let folder = Folder::new("torn");
    let log = Log::open(&folder.file()).unwrap();
    log.append(b"{\"a\":1}\n").unwrap();
    // What another process leaves behind that crashes while this one runs.
    OpenOptions::new().append(true).open(folder.file()).unwrap().write_all(b"{\"b\":").unwrap();
    log.append(b"{\"c\":3}\n").unwrap();
    assert_eq!(fs::read(folder.file()).unwrap(), b"{\"a\":1}\n{\"b\":\n{\"c\":3}\n");
    let mut lines = Lines::of(&folder.file()).unwrap();
    assert_eq!(lines.next().unwrap(), Some(&b"{\"a\":1}"[..]));
}

/// A device that has no room, where there is one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let mut full = OpenOptions::new().append(true).read(true).open("/dev/full").unwrap();
    assert_eq!(put(&mut full, b"{}\n").unwrap_err().kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn an_empty_file_has_no_torn_line() {
    let folder = Folder::new("empty");
    drop(Log::open(&folder.file()).unwrap());
    let mut file = super::for_appending(&folder.file()).unwrap();
    assert!(!is_torn(&mut file).unwrap());
    file.write_all(b"x").unwrap();
    assert!(is_torn(&mut file).unwrap());
}
