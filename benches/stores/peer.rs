//! tower-sessions, in its own process.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::places::Place;

/// The program, and what it says.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    pub(crate) fn on(place: &Place) -> Result<Self, Box<dyn Error>> {
        let address = match place.address.strip_prefix("sqlite:") {
            Some(folder) => format!("sqlite:{folder}/peer.db"),
            None => place.address.clone(),
        };
        let mut child =
            Command::new(built()?).arg(address).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are piped")
        };
        let mut peer = Self { child, input, output: BufReader::new(output) };
        match peer.line()?.as_str() {
            "ready" => Ok(peer),
            said => Err(format!("the peer says {said:?}").into()),
        }
    }

    /// What a batch took, in nanoseconds.
    pub(crate) fn batch(
        &mut self,
        work: &str,
        requests: usize,
        at_once: usize,
    ) -> Result<f64, Box<dyn Error>> {
        writeln!(self.input, "{work} {requests} {at_once}")?;
        Ok(self.line()?.parse()?)
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, which is built where it is not.
fn built() -> Result<PathBuf, Box<dyn Error>> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/tower_sessions");
    let target = package.join("../../target/peer");
    let target = env::var_os("CARGO_TARGET_DIR").map_or(target, |target| PathBuf::from(target).join("peer"));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .status()?;
    if !built.success() {
        return Err("the peer does not build".into());
    }
    Ok(target.join("release/tower-sessions-peer"))
}
