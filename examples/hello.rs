//! COOKIE_KEYS=$(openssl rand -hex 32) cargo run --example hello
//!
//! The smallest program on axum: it answers with the visitor's language and who is signed in, and no undeclared cookie
//! leaves it.

use axum::{Router, routing::get};
use tower_cookie_policy::{CookiePolicy, KeyRing, Locale, Session, SessionError};

async fn home(session: Session, locale: Locale) -> Result<String, SessionError> {
    Ok(format!("{locale} {:?}", session.user().await?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = KeyRing::from_env("COOKIE_KEYS")?;
    let policy = CookiePolicy::broadcloud(keys).node("web-1").build()?;
    let app = Router::new().route("/", get(home)).layer(policy.layer());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
