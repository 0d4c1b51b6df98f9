//! Servers that tests start, and stop.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::{Client, cmd};
use tokio::time::sleep;

/// A Redis server on a free port of this machine, in a folder of its own.
pub(super) struct Server {
    process: Child,
    port: u16,
    folder: PathBuf,
    arguments: Vec<String>,
    password: Option<String>,
}

impl Server {
    pub(super) async fn start(arguments: &[&str]) -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("redis-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let password = arguments.iter().skip_while(|word| *word != "--requirepass").nth(1).cloned();
        let process = run(port, &folder, &arguments);
        let server = Self { process, port, folder, arguments, password };
        server.is_up().await;
        server
    }

    /// A cluster of one node, which has all slots.
    pub(super) async fn cluster() -> Self {
        let bus = free_port().to_string();
        let server = Self::start(&["--cluster-enabled", "yes", "--cluster-port", &bus]).await;
        let mut connection =
            Client::open(server.address()).unwrap().get_multiplexed_async_connection().await.unwrap();
        let slots = cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383).exec_async(&mut connection).await;
        slots.unwrap();
        loop {
            let info: String = cmd("CLUSTER").arg("INFO").query_async(&mut connection).await.unwrap();
            if info.contains("cluster_state:ok") {
                return server;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn address(&self) -> String {
        let password = self.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{password}127.0.0.1:{}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Ends it, without a word to those who are connected.
    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.unmarked();
    }

    /// Starts it again, empty, after [`kill`](Self::kill).
    pub(super) async fn again(&mut self) {
        self.process = run(self.port, &self.folder, &self.arguments);
        self.is_up().await;
    }

    async fn is_up(&self) {
        self.mark().map(|mark| std::fs::write(mark, "")).transpose().unwrap();
        let client = Client::open(self.address()).unwrap();
        for _ in 0..200 {
            if client.get_multiplexed_async_connection().await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("the server on port {} does not start", self.port);
    }

    /// The file that says that it runs, where somebody wants to know.
    fn mark(&self) -> Option<PathBuf> {
        Some(PathBuf::from(std::env::var_os("SERVERS")?).join(self.process.id().to_string()))
    }

    fn unmarked(&self) {
        if let Some(mark) = self.mark() {
            drop(std::fs::remove_file(mark));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        self.unmarked();
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn run(port: u16, folder: &PathBuf, arguments: &[String]) -> Child {
    let port = port.to_string();
    let fixed = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    Command::new("redis-server")
        .args(fixed)
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is to be installed")
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
