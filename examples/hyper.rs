//! COOKIE_KEYS=$(openssl rand -hex 32) cargo run --example hyper
//!
//! The same program without axum: hyper serves a tower service, and the handle lies in the request's extensions.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};
use tower_cookie_policy::{CookiePolicy, Cookies, KeyRing};

async fn home(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let cookies = request.extensions().get::<Cookies>();
    let locale = cookies.and_then(|cookies| cookies.locale(request.headers()));
    let text = locale.map_or_else(|| "no language".to_owned(), |locale| locale.to_string());
    Ok(Response::new(Full::from(text)))
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
