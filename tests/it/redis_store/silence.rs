//! A connection on which nothing comes any more, without a word.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tower_cookie_policy::testing::Sample;
use tower_cookie_policy::{RedisStore, SessionStore};

use super::server::Server;
use super::{NOW, created};

/// In front of a server. Connections can be made to go silent, for good; those that are made afterwards go through.
struct Proxy {
    port: u16,
    silent: Arc<AtomicUsize>,
}

impl Proxy {
    async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = Arc::new(AtomicUsize::new(0));
        let shared = Arc::clone(&silent);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let of = shared.load(Ordering::SeqCst);
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) =
                    TcpStream::connect(("127.0.0.1", server)).await.unwrap().into_split();
                tokio::spawn(forward(from_client, to_server, Arc::clone(&shared), of));
                tokio::spawn(forward(from_server, to_client, Arc::clone(&shared), of));
            }
        });
        Self { port, silent }
    }

    fn go_silent(&self) {
        self.silent.fetch_add(1, Ordering::SeqCst);
    }
}

async fn forward(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    silent: Arc<AtomicUsize>,
    of: usize,
) {
    let mut bytes = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        // Nothing is closed either: what comes is taken, and that is all.
        if silent.load(Ordering::SeqCst) == of && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn a_connection_that_goes_silent_is_left_however_short_the_patience() {
    let server = Server::start(&[]).await;
    let proxy = Proxy::before(server.port()).await;
    let store = RedisStore::connect(&format!("redis://127.0.0.1:{}", proxy.port)).await.unwrap();
    let session = created(&store, Sample::of("alice", NOW).record()).await;
    for at in 1..4 {
        proxy.go_silent();
        let began = Instant::now();
        // Nobody waits as long as the driver would.
        while !matches!(
            timeout(Duration::from_millis(600), store.touch(&session, NOW + at, NOW + 1800, NOW)).await,
            Ok(Ok(true))
        ) {
            assert!(began.elapsed() < Duration::from_secs(4), "it does not come back");
        }
    }
}

#[test]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
fn a_question_may_be_dropped_where_there_is_no_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_server, proxy, store) = runtime.block_on(async {
        let server = Server::start(&[]).await;
        let proxy = Proxy::before(server.port()).await;
        let store = RedisStore::connect(&format!("redis://127.0.0.1:{}", proxy.port)).await.unwrap();
        (server, proxy, store)
    });
    proxy.go_silent();
    let mut question = Box::pin(store.epoch("alice"));
    let patience = Duration::from_millis(600);
    assert!(runtime.block_on(async { timeout(patience, &mut question).await }).is_err());
    drop(question);
    assert_eq!(runtime.block_on(store.epoch("alice")).unwrap(), 0);
}
