//! What does the layer cost beside what people use today? Ratios of what each adds to a bare service, and the goals.
//!
//! TS cookies are stripped but not verified yet: the first goal gets harder with that.

mod measure;
mod traffic;

use std::error::Error;
use std::hint::black_box;

use axum::extract::FromRequestParts;
use axum_extra::extract::cookie::{Cookie, CookieJar, Key, SignedCookieJar};
use http::Request;
use measure::{Field, Goal, headline, once};
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, Cookies, Integrity, KeyRing, Session, SignIn};
use tower_cookies::CookieManagerLayer;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use traffic::{
    admitted, answer, documented, documented_pairs, header, issued, knows_session, pairs_set, request,
    session_pair,
};

fn main() -> Result<(), Box<dyn Error>> {
    headline("peers: overhead over a bare service, nanoseconds a request, median and quartiles");
    let mut goals = vec![ten_documented()?];
    goals.extend(none()?);
    goals.push(one_signed_of_ten()?);
    goals.extend(ten_to_hundred()?);
    goals.push(session(
        "session read, memory store (TS not verified yet) / tower-sessions unsigned",
        0.7,
        false,
    )?);
    goals.push(session(
        "session write, memory store (TS not verified yet) / tower-sessions unsigned",
        0.8,
        true,
    )?);
    Goal::print_all(&goals);
    Ok(())
}

/// Ten documented cookies with their TS cookies, and the session cookie of tower-sessions, in one header for all.
fn ten_documented() -> Result<Goal, Box<dyn Error>> {
    let policy = documented()?;
    let session_key = Key::generate();
    let jar_key = Key::generate();
    let mut pairs = documented_pairs(&policy);
    pairs.extend(session_pair(&session_key));
    let cookies = header(&pairs)?;
    assert_eq!(
        (pairs.len(), admitted(&policy, &cookies)),
        (14, (10, 0)),
        "the TS cookies go, all else is good"
    );
    println!("\nten documented cookies and their TS cookies in, handler untouched ({} bytes)", cookies.len());

    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_signed(session_key);
    assert!(knows_session(&sessions, &cookies), "tower-sessions accepts its own cookie");
    let sent = || request(Some(&cookies));
    let race = Field::default()
        .with(BARE, sent, service_fn(untouched))
        .with(AGAIN, sent, service_fn(untouched))
        .with(OURS, sent, policy.layer().layer(service_fn(untouched)))
        .with(SIGNED_SESSIONS, sent, sessions.layer(service_fn(untouched)))
        .with(TOWER_COOKIES, sent, CookieManagerLayer::new().layer(service_fn(untouched)))
        .with("axum-extra CookieJar", sent, service_fn(|request| extracted::<CookieJar, _>(request, &())))
        .with(SIGNED_JAR, sent, service_fn(|request| extracted::<SignedCookieJar, _>(request, &jar_key)))
        .race();
    race.print();
    Ok(Goal {
        work: "ten documented cookies (TS not verified yet) / tower-sessions signed",
        reached: race.ratio(OURS, SIGNED_SESSIONS),
        most: Some(0.65),
    })
}

/// No cookies in, none out; servers commonly have put something into the request's extensions by then.
fn none() -> Result<[Goal; 2], Box<dyn Error>> {
    let policy = documented()?;
    let race = |extended: bool| {
        let sent = || {
            let mut request = request(None);
            if extended {
                request.extensions_mut().insert(Peer);
            }
            request
        };
        let race = Field::default()
            .with(BARE, sent, service_fn(untouched))
            .with(AGAIN, sent, service_fn(untouched))
            .with(OURS, sent, policy.layer().layer(service_fn(untouched)))
            .with(TOWER_COOKIES, sent, CookieManagerLayer::new().layer(service_fn(untouched)))
            .race();
        race.print();
        race.ratio(OURS, TOWER_COOKIES)
    };
    println!("\nno cookies in, none out, request extensions empty");
    let empty = race(false);
    println!("\nno cookies in, none out, one request extension there");
    let extended = race(true);
    Ok([
        Goal { work: "no cookies, empty extensions / tower-cookies", reached: empty, most: Some(1.0) },
        Goal { work: "no cookies, one extension there / tower-cookies", reached: extended, most: Some(1.0) },
    ])
}

/// Ten cookies, one of them signed by this crate and one by axum-extra: each reads its own.
fn one_signed_of_ten() -> Result<Goal, Box<dyn Error>> {
    let row = CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed);
    let policy = CookiePolicy::empty(KeyRing::generate()?).with(row).build()?;
    let key = Key::generate();
    let mut pairs: Vec<String> = (0..8).map(|at| format!("cookie-{at}=value-of-cookie-{at}")).collect();
    pairs.extend(issued(&policy, &[("theme", "dark")]));
    let jar = SignedCookieJar::new(key.clone()).add(Cookie::new("style", "dark"));
    let response = axum::response::IntoResponse::into_response(jar);
    pairs.extend(pairs_set(&response));
    let cookies = header(&pairs)?;
    assert_eq!((pairs.len(), admitted(&policy, &cookies)), (10, (10, 0)), "all of them are good");
    println!("\none signed cookie of ten read ({} bytes)", cookies.len());

    let ours = policy.layer().layer(service_fn(|request: Request<()>| {
        let (mut parts, ()) = request.into_parts();
        let handle = once(Cookies::from_request_parts(&mut parts, &()));
        assert_eq!(handle.as_ref().ok().and_then(|handle| handle.get("theme")), Some("dark"));
        answer()
    }));
    let theirs = service_fn(move |request: Request<()>| {
        let (mut parts, ()) = request.into_parts();
        let Ok(jar) = once(SignedCookieJar::<Key>::from_request_parts(&mut parts, &key));
        assert_eq!(jar.get("style").as_ref().map(Cookie::value), Some("dark"));
        answer()
    });
    let sent = || request(Some(&cookies));
    let race = Field::default()
        .with(BARE, sent, service_fn(untouched))
        .with(OURS, sent, ours)
        .with(SIGNED_JAR, sent, theirs)
        .race();
    race.print();
    Ok(Goal {
        work: "one signed cookie of ten read / axum-extra SignedCookieJar",
        reached: race.ratio(OURS, SIGNED_JAR),
        most: Some(0.5),
    })
}

/// Ten times the cookies, of each kind that costs differently.
fn ten_to_hundred() -> Result<Vec<Goal>, Box<dyn Error>> {
    let mut goals = Vec::new();
    let rows = ["signed-*", "guarded-*", "open-*"].into_iter().zip([
        Integrity::Signed,
        Integrity::Guarded,
        Integrity::Open,
    ]);
    let rows = rows.map(|(name, integrity)| CookieSpec::new(name, Basis::Requested).integrity(integrity));
    let policy =
        rows.fold(CookiePolicy::empty(KeyRing::generate()?), |policy, row| policy.with(row)).build()?;
    for (work, kinds) in [
        ("10 to 100 cookies, undeclared", &["other"][..]),
        ("10 to 100 cookies, open", &["open"]),
        ("10 to 100 cookies, guarded", &["guarded"]),
        ("10 to 100 cookies, signed", &["signed"]),
        ("10 to 100 cookies, two signed, three guarded, two open, three undeclared", &MIXED),
    ] {
        let (ten, hundred) =
            (header(&pairs_of(kinds, 10, &policy))?, header(&pairs_of(kinds, 100, &policy))?);
        assert_eq!(
            (admitted(&policy, &ten), admitted(&policy, &hundred)),
            ((10, 0), (100, 0)),
            "all are good"
        );
        let race = Field::default()
            .with(BARE, || request(Some(&ten)), service_fn(untouched))
            .with("ten", || request(Some(&ten)), policy.layer().layer(service_fn(untouched)))
            .with("hundred", || request(Some(&hundred)), policy.layer().layer(service_fn(untouched)))
            .race();
        println!("\n{work}");
        race.print();
        goals.push(Goal { work, reached: race.ratio("hundred", "ten"), most: Some(10.5) });
    }
    Ok(goals)
}

/// One value of a signed-in visitor's session read, or read and written, by the extractors of both.
fn session(work: &'static str, most: f64, writes: bool) -> Result<Goal, Box<dyn Error>> {
    let policy = CookiePolicy::broadcloud(KeyRing::generate()?).node("web-1").build()?;
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
    Ok(Goal { work, reached: race.ratio(OURS, SESSIONS), most: Some(most) })
}

fn pairs_of(kinds: &[&str], count: usize, policy: &CookiePolicy) -> Vec<String> {
    let pair = |at: usize| {
        let name = format!("{}-{at:02}", kinds[at % kinds.len()]);
        match name.starts_with("signed") {
            true => issued(policy, &[(&name, "value-of-this-cookie")]).concat(),
            false => format!("{name}=value-of-this-cookie"),
        }
    };
    (0..count).map(pair).collect()
}

async fn untouched(request: Request<()>) -> Result<traffic::Answer, std::convert::Infallible> {
    drop(black_box(request));
    answer().await
}

fn extracted<E, S>(
    request: Request<()>,
    state: &S,
) -> std::future::Ready<Result<traffic::Answer, std::convert::Infallible>>
where
    E: FromRequestParts<S>,
{
    let (mut parts, ()) = request.into_parts();
    drop(black_box(once(E::from_request_parts(&mut parts, state))));
    answer()
}

/// Stands for what a server puts into the extensions.
#[derive(Clone)]
struct Peer;

const BARE: &str = "bare service (all of its time)";
const AGAIN: &str = "bare service again (the noise)";
const OURS: &str = "tower-cookie-policy";
const SIGNED_SESSIONS: &str = "tower-sessions, signed";
const SESSIONS: &str = "tower-sessions, unsigned";
const TOWER_COOKIES: &str = "tower-cookies";
const SIGNED_JAR: &str = "axum-extra SignedCookieJar";
const MIXED: [&str; 10] =
    ["signed", "guarded", "open", "other", "guarded", "other", "signed", "open", "guarded", "other"];
