//! The file itself, by calls that block.
//!
//! - It is opened for each step, since another process may have put another one in its place.
//! - Writers hold the lock of a file beside it, which nobody ever replaces; readers hold none. Of a line that is being
//!   written they see a part, which is no receipt yet.
//! - Whatever stands in the file stays in it, but receipts whose time is over.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::consent::receipt::Receipt;
use crate::consent::receipt::error::{ReceiptError, ReceiptErrorKind};
use crate::consent::receipt::id::ReceiptId;
use crate::consent::receipt::json::Head;

/// A file of receipts.
pub(super) struct Log {
    file: PathBuf,
    lock: PathBuf,
}

impl Log {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // To open a pipe is to wait for its other end, and what a device takes is gone.
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file"));
        }
        drop(for_appending(path)?);
        // Links are followed once, so that all names of the file have one lock, and a purge replaces no link.
        let file = fs::canonicalize(path)?;
        let log = Self { lock: beside(&file, ".lock"), file };
        let _lock = log.locked()?;
        let mut file = for_appending(&log.file)?;
        if is_torn(&mut file)? {
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        sync_folder(&log.file)?;
        Ok(log)
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Puts a line at the end.
    pub(super) fn append(&self, line: &[u8]) -> Result<(), ReceiptError> {
        let append = || {
            let _lock = self.locked()?;
            let mut file = for_appending(&self.file)?;
            put(&mut file, line)
        };
        append().map_err(ReceiptError::unavailable)
    }

    /// The receipt with this id.
    pub(super) fn find(&self, id: ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
        let mut lines = Lines::of(&self.file).map_err(ReceiptError::unavailable)?;
        let mut corrupt = None;
        while let Some(line) = lines.next().map_err(ReceiptError::unavailable)? {
            match serde_json::from_slice::<Head>(line) {
                Ok(head) if head.id() == id => {
                    let receipt = serde_json::from_slice(line);
                    return receipt.map(Some).map_err(self::corrupt);
                }
                Ok(_) => {}
                // A line that was cut off was never confirmed.
                Err(error) if error.is_eof() => {}
                Err(error) => corrupt = Some(error),
            }
        }
        corrupt.map_or(Ok(None), |error| Err(self::corrupt(error)))
    }

    /// Drops the receipts from before this time. How many.
    pub(super) fn purge(&self, before: u32) -> Result<usize, ReceiptError> {
        let purge = || {
            // Most of the time nothing is due. To see that takes no lock.
            let mut lines = Lines::of(&self.file)?;
            loop {
                match lines.next()? {
                    Some(line) if is_over(line, before) => return self.rewrite(before),
                    Some(_) => {}
                    None => return Ok(0),
                }
            }
        };
        purge().map_err(ReceiptError::unavailable)
    }

    /// Puts a file with the rest in the place of this one.
    fn rewrite(&self, before: u32) -> io::Result<usize> {
        let _lock = self.locked()?;
        let new = beside(&self.file, ".purged");
        let rewrite = || {
            let dropped = copy_rest(&self.file, &new, before)?;
            fs::rename(&new, &self.file)?;
            sync_folder(&self.file)?;
            Ok(dropped)
        };
        let outcome = rewrite();
        if outcome.is_err() {
            // The next one does it, if this one cannot.
            let _ = fs::remove_file(&new);
        }
        outcome
    }

    /// The lock that writers hold, until this is dropped.
    fn locked(&self) -> io::Result<File> {
        let lock = for_appending(&self.lock)?;
        loop {
            match lock.lock() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return outcome.map(|()| lock),
            }
        }
    }
}

/// Writes a line and waits for the disk. What cannot be written whole is taken back.
fn put(file: &mut File, line: &[u8]) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut write = || {
        if is_torn(file)? {
            // Another process crashed since the file was opened here.
            file.write_all(&[b"\n", line].concat())?;
        } else {
            file.write_all(line)?;
        }
        file.sync_data()
    };
    let written = write();
    if written.is_err() {
        // Should this fail too, the next line finds a torn one before it, and ends it.
        let _ = file.set_len(length);
    }
    written
}

/// Whether the last line has no end.
fn is_torn(file: &mut File) -> io::Result<bool> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut byte)?;
    Ok(byte != *b"\n")
}

/// Copies what is not over to a new file, and waits for the disk. How many receipts were left out.
fn copy_rest(from: &Path, to: &Path, before: u32) -> io::Result<usize> {
    // One is here if the last purge crashed.
    fs::remove_file(to)
        .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    let new = private(OpenOptions::new().write(true).create_new(true)).open(to)?;
    new.set_permissions(fs::metadata(from)?.permissions())?;
    let (mut lines, mut rest, mut dropped) = (Lines::of(from)?, BufWriter::new(new), 0);
    while let Some(line) = lines.next()? {
        if is_over(line, before) {
            dropped += 1;
        } else {
            rest.write_all(line)?;
            rest.write_all(b"\n")?;
        }
    }
    rest.into_inner()?.sync_all()?;
    Ok(dropped)
}

/// Whether a line is a receipt from before this time, of whichever schema. What is none has no time, and stays.
fn is_over(line: &[u8], before: u32) -> bool {
    serde_json::from_slice::<Head>(line).is_ok_and(|head| head.time() < before)
}

/// The lines of a file, without their ends.
struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufReader::with_capacity(1 << 16, File::open(path)?), line: Vec::new() })
    }

    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        if self.file.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(self.line.strip_suffix(b"\n").unwrap_or(&self.line)))
    }
}

fn for_appending(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).append(true).create(true)).open(path)
}

/// The owner's alone, where the system knows that.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The file of this name, and this after it.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

/// Waits until the folder has a file's name on the disk; elsewhere than on Unix a folder cannot be opened for that.
fn sync_folder(file: &Path) -> io::Result<()> {
    if cfg!(unix)
        && let Some(folder) = file.parent()
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Where in the line, and not what stands there.
fn corrupt(cause: serde_json::Error) -> ReceiptError {
    ReceiptError::caused(
        ReceiptErrorKind::Corrupt,
        format!("a line is no receipt from column {} on", cause.column()),
    )
}

#[cfg(test)]
mod tests;
