//! Where the stores are.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

/// A store of each kind.
pub(crate) struct Places {
    folder: PathBuf,
    all: [Place; 3],
}

/// A store, by name and address.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) address: String,
}

impl Places {
    /// Those that the environment names, and a file.
    pub(crate) fn given() -> Result<Self, Box<dyn Error>> {
        let server = |name: &str| {
            env::var(name)
                .map_err(|_| format!("{name} does not say where the server is; see the bench's first lines"))
        };
        let folder = env::temp_dir().join(format!("stores-{}", std::process::id()));
        let all = [
            Place { name: "sqlite", address: format!("sqlite:{}", folder.display()) },
            Place { name: "postgres", address: server("COOKIE_TEST_POSTGRES")? },
            Place { name: "redis", address: server("COOKIE_TEST_REDIS")? },
        ];
        fs::create_dir(&folder)?;
        Ok(Self { folder, all })
    }

    pub(crate) fn all(&self) -> &[Place] {
        &self.all
    }

    /// Another file.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn redis(&self) -> &str {
        &self.all[2].address
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}
