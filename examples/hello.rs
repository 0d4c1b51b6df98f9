//! COOKIE_KEYS=$(openssl rand -hex 32) cargo run --example hello
//!
//! The smallest program on axum: it answers with the visitor's language, and no undeclared cookie leaves it.

use axum::{Router, routing::get};
use tower_cookie_policy::{CookiePolicy, KeyRing, Locale};

async fn home(locale: Locale) -> String {
    locale.to_string()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = KeyRing::from_env("COOKIE_KEYS")?;
    let policy = CookiePolicy::broadcloud(keys).node("web-1").build()?;
    let app = Router::new().route("/", get(home)).layer(policy.layer());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
