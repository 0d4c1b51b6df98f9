//! What does a session cost beside one of tower-sessions, both in memory? Each reads its own cookies.

use std::error::Error;
use std::hint::black_box;

use axum::extract::FromRequestParts;
use http::Request;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookieSpec, Cookies, Integrity, KeyRing, Role, Session, SignIn,
};
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::measure::{AGAIN, BARE, Bound, Field, Goal, OURS, once};
use crate::traffic::{answer, header, pairs_set, request, untouched};

/// A table with a session and nothing else, as theirs is.
pub(crate) fn alone() -> Result<CookiePolicy, Box<dyn Error>> {
    let row =
        CookieSpec::new("id", Basis::essential("a bench")).role(Role::Session).integrity(Integrity::Guarded);
    Ok(CookiePolicy::empty(KeyRing::generate()?).with(row).build()?)
}

/// The documented table, whose sessions bring four cookies: an id, a UUID, a sealed user id and a node's label.
pub(crate) fn documented() -> Result<CookiePolicy, Box<dyn Error>> {
    Ok(CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?)
}

/// One value of a signed-in visitor's session read, or read and written, by the extractors of both.
pub(crate) fn session(
    work: &'static str,
    policy: &CookiePolicy,
    most: Option<f64>,
    writes: bool,
) -> Result<Goal, Box<dyn Error>> {
    let ours = move |request: Request<()>| async move {
        let (mut parts, ()) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, &()).await;
        let Ok(session) = session else { unreachable!("there is a layer") };
        let count = session.get::<u64>("count").await.unwrap_or_default().unwrap_or_default();
        if writes {
            assert!(session.insert("count", &(count + 1)).await.is_ok());
        }
        black_box(count);
        answer().await
    };
    let theirs = move |request: Request<()>| async move {
        let (mut parts, ()) = request.into_parts();
        let session = tower_sessions::Session::from_request_parts(&mut parts, &()).await;
        let Ok(session) = session else { unreachable!("there is a layer") };
        let count = session.get::<u64>("count").await.unwrap_or_default().unwrap_or_default();
        if writes {
            assert!(session.insert("count", count + 1).await.is_ok());
        }
        black_box(count);
        answer().await
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let begun = once(
        policy
            .layer()
            .layer(service_fn(async |request: Request<()>| {
                let session = request.extensions().get::<Cookies>().and_then(Cookies::session);
                let Some(session) = session else { unreachable!("the table has a session") };
                assert!(session.sign_in(SignIn::new("alice").claim("count", &1)).await.is_ok());
                answer().await
            }))
            .call(request(None)),
    )?;
    let ours_sent = header(&pairs_set(&begun))?;
    let begun = once(
        sessions
            .layer(service_fn(async |request: Request<()>| {
                let session = request.extensions().get::<tower_sessions::Session>();
                let Some(session) = session else { unreachable!("there is a layer") };
                assert!(
                    session.insert("user", "alice").await.is_ok() && session.insert("count", 1).await.is_ok()
                );
                answer().await
            }))
            .call(request(None)),
    )?;
    let theirs_sent = header(&pairs_set(&begun))?;
    println!("\n{work}");
    let race = Field::default()
        .with(BARE, || request(Some(&ours_sent)), service_fn(untouched))
        .with(AGAIN, || request(Some(&theirs_sent)), service_fn(untouched))
        .with(OURS, || request(Some(&ours_sent)), policy.layer().layer(service_fn(ours)))
        .with(SESSIONS, || request(Some(&theirs_sent)), sessions.layer(service_fn(theirs)))
        .race();
    race.print();
    Ok(Goal { work, reached: race.ratio(OURS, SESSIONS), bound: most.map(Bound::AtMost) })
}

const SESSIONS: &str = "tower-sessions, unsigned";
