//! tower-sessions on the store that its argument names, driven by the bench `stores`.
//!
//! Each line of the input is a batch: `read` or `write`, how many requests, and how many at once. The answer is a line with the
//! nanoseconds that the batch took. It says `ready` first.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::str::FromStr;
use std::time::{Duration, Instant};

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::{Request, header};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike, Config, Pool};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let address = std::env::args().nth(1).ok_or("the store's address is missing")?;
    if let Some(path) = address.strip_prefix("sqlite:") {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let store = SqliteStore::new(SqlitePoolOptions::new().connect_with(options).await?);
        store.migrate().await?;
        serve(store).await
    } else if address.starts_with("postgres:") {
        let store = PostgresStore::new(sqlx::PgPool::connect(&address).await?);
        store.migrate().await?;
        serve(store).await
    } else {
        let pool = Pool::new(Config::from_url(&address)?, None, None, None, 4)?;
        pool.connect();
        pool.wait_for_connect().await?;
        serve(RedisStore::new(pool)).await
    }
}

async fn serve(store: impl SessionStore + Clone) -> Outcome<()> {
    let sessions = SessionManagerLayer::new(store).with_expiry(Expiry::OnInactivity(SECONDS));
    let service = sessions.layer(service_fn(handle));
    // As many sessions as there are requests at once, so that they do not wait for each other.
    let mut cookies = Vec::new();
    for _ in 0..MOST_AT_ONCE {
        let begun =
            service.clone().oneshot(request("begin", "")).await.map_err(|error| format!("{error:?}"))?;
        let set = begun.headers().get(header::SET_COOKIE).ok_or("no cookie is set")?.to_str()?;
        cookies.push(set.split(';').next().unwrap_or_default().to_owned());
    }
    say("ready")?;
    for line in stdin().lock().lines() {
        let line = line?;
        let [work, requests, at_once] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err("no batch".into());
        };
        let (requests, at_once) = (usize::from_str(requests)?, usize::from_str(at_once)?);
        let start = Instant::now();
        let mut visitors = Vec::new();
        for cookie in &cookies[..at_once] {
            let (service, work, cookie) = (service.clone(), work.to_owned(), cookie.clone());
            visitors.push(tokio::spawn(async move {
                for _ in 0..requests / at_once {
                    visit(service.clone(), &work, &cookie).await;
                }
            }));
        }
        for visitor in visitors {
            visitor.await?;
        }
        say(&start.elapsed().as_nanos().to_string())?;
    }
    Ok(())
}

async fn visit<S>(service: S, work: &str, cookie: &str)
where
    S: Service<Request<Body>, Response = Response>,
    S::Error: std::fmt::Debug,
{
    let response = service.oneshot(request(work, cookie)).await;
    assert!(response.is_ok_and(|response| response.status().is_success()), "a request failed");
}

async fn handle(request: Request<Body>) -> Result<Response, std::convert::Infallible> {
    let session = request.extensions().get::<Session>().cloned();
    let Some(session) = session else { unreachable!("there is a layer") };
    if request.uri().path() == "/begin" {
        assert!(
            session.insert("user", "alice").await.is_ok() && session.insert("count", 1_u64).await.is_ok()
        );
        return Ok(().into_response());
    }
    let Ok(Some(count)) = session.get::<u64>("count").await else { unreachable!("the session is there") };
    if request.uri().path() == "/write" {
        assert!(session.insert("count", count + 1).await.is_ok());
    }
    Ok(().into_response())
}

fn request(work: &str, cookie: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    let uri = format!("/{work}").parse();
    *request.uri_mut() = uri.unwrap_or_default();
    if let Ok(cookie) = cookie.parse()
        && !work.starts_with("begin")
    {
        request.headers_mut().insert(header::COOKIE, cookie);
    }
    request
}

fn say(word: &str) -> Outcome<()> {
    let mut out = stdout().lock();
    writeln!(out, "{word}")?;
    out.flush()?;
    Ok(())
}

const MOST_AT_ONCE: usize = 32;
const SECONDS: tower_sessions::cookie::time::Duration = tower_sessions::cookie::time::Duration::minutes(30);
