//! What stands in the database, and what is said of it.

use axum::Router;
use axum::routing::{get, post};
use tower_cookie_policy::testing::{Browser, TestClock};
use tower_cookie_policy::{CookiePolicy, KeyRing, Session, SessionError, SignIn};

use super::{NOW, Place};

on_both! {
    the_database_has_no_id_that_a_cookie_has
}

async fn sign_in(session: Session) -> Result<&'static str, SessionError> {
    session.sign_in(SignIn::new("anna")).await?;
    Ok("welcome")
}

async fn whoami(session: Session) -> Result<String, SessionError> {
    Ok(session.user().await?.unwrap_or_else(|| "nobody".to_owned()))
}

async fn the_database_has_no_id_that_a_cookie_has(place: &Place) {
    let store = place.store().await;
    let clock = TestClock::at(NOW.into());
    let policy = CookiePolicy::broadcloud(KeyRing::generate().unwrap()).node("web-1").clock(clock.clock());
    let policy = policy.store(store.clone()).build().unwrap();
    let app =
        Router::new().route("/login", post(sign_in)).route("/whoami", get(whoami)).layer(policy.layer());
    let mut browser = Browser::new(app, &clock);
    browser.post("/login", &[("user", "anna")]).await;
    assert_eq!(browser.get("/whoami").await.text(), "anna");
    let id = browser.cookie("JSESSIONID").unwrap().to_owned();
    assert_eq!(id.len(), 32, "{id}");
    let bytes = match place {
        Place::File(path) => {
            let mut bytes = std::fs::read(path).unwrap();
            bytes.extend(std::fs::read(path.with_extension("db-wal")).unwrap());
            bytes
        }
        #[cfg(feature = "postgres")]
        Place::Schema(_) => {
            let rows = "SELECT encode(record, 'escape') || encode(key, 'escape') || owner FROM cookie_policy_sessions";
            place.texts(rows).await.concat().into_bytes()
        }
    };
    assert!(contains(&bytes, b"anna"), "that was not read");
    assert!(!contains(&bytes, id.as_bytes()));
    let half: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect();
    assert!(!contains(&bytes, &half));
    assert!(!format!("{store:?}").contains("cookie"), "{store:?}");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
