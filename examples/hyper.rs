//! COOKIE_KEYS=$(openssl rand -hex 32) cargo run --example hyper
//!
//! Without axum: hyper serves a tower service, and the handle lies in the request's extensions. The visitor's session
//! counts the visits.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};
use tower_cookie_policy::{CookiePolicy, Cookies, KeyRing, Session, SessionError};

async fn home(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() != "/" {
        // Browsers ask for an icon besides, which is no visit.
        return Ok(answer(StatusCode::NOT_FOUND, ""));
    }
    let cookies = request.extensions().get::<Cookies>();
    Ok(match cookies.and_then(Cookies::session) {
        Some(session) => visits(&session).await.unwrap_or_else(|error| {
            eprintln!("session: {error}");
            answer(error.status(), "")
        }),
        None => answer(StatusCode::INTERNAL_SERVER_ERROR, ""),
    })
}

/// Counts the visits, also those that come at the same time.
async fn visits(session: &Session) -> Result<Response<Full<Bytes>>, SessionError> {
    let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
    Ok(answer(StatusCode::OK, format!("visit {visits}\n")))
}

fn answer(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = KeyRing::from_env("COOKIE_KEYS")?;
    let policy = CookiePolicy::broadcloud(keys).node("web-1").build()?;
    let service = ServiceBuilder::new().layer(policy.layer()).service(service_fn(home));
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                eprintln!("connection: {error}");
            }
        });
    }
}
