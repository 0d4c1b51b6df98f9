//! What is said of a connection: never its password.

use std::error::Error;

use tower_cookie_policy::{RedisStore, SessionStore};

use super::NOW;
use super::server::{Server, free_port};

/// All that an error and its causes say.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut words = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    words
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Redis server: tests/run.sh starts one"]
async fn no_error_tells_the_password() {
    let server = Server::start(&["--requirepass", "hunter2"]).await;
    let (port, nobody) = (server.port(), free_port());
    for (address, due) in [
        (format!("redis://:hunter3@127.0.0.1:{port}"), "the server refuses (WRONGPASS)"),
        (format!("redis://hunter3:hunter3@127.0.0.1:{port}"), "the server refuses (WRONGPASS)"),
        (format!("redis://127.0.0.1:{port}"), "the server refuses (NOAUTH)"),
        (format!("redis://:hunter3@127.0.0.1:{nobody}"), "the connection was refused"),
        (format!("redis://:hunter3@127.0.0.1:{port}/hunter3"), "configuration"),
        (format!("redis://:hunter3@127.0.0.1:{port}/?protocol=hunter3"), "configuration"),
        (format!("http://:hunter3@127.0.0.1:{port}"), "configuration"),
        ("hunter3".to_owned(), "configuration"),
        ("redis://:hunter3@:port".to_owned(), "configuration"),
        (String::new(), "configuration"),
        (format!("rediss://:hunter3@127.0.0.1:{port}"), "configuration"),
    ] {
        let words = words(&RedisStore::connect(&address).await.unwrap_err());
        assert!(words.contains(due), "{address}: {words}");
        assert!(!words.contains("hunter"), "{address}: {words}");
    }
    let store = RedisStore::connect(&server.address()).await.unwrap();
    let shown = format!("{store:?}");
    assert_eq!(shown, "RedisStore { prefix: \"{cookie-policy:}\", .. }");
    drop(server);
    let error = store.epoch("alice").await.unwrap_err();
    let other = store.end_owner("alice", None, NOW).await.unwrap_err();
    for words in [words(&error), words(&other)] {
        assert!(!words.contains("hunter") && !words.contains("alice"), "{words}");
    }
}
