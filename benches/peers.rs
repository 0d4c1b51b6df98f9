//! What does the layer cost beside what people use today? Ratios of what each adds to a bare service, and the goals.
//!
//! - The last row needs `wrk` and is left out without it.

mod consented;
mod floor_of;
mod loopback;
mod measure;
mod sessions;
mod traffic;

use std::error::Error;
use std::hint::black_box;

use axum::extract::FromRequestParts;
use axum_extra::extract::cookie::{Cookie, CookieJar, Key, SignedCookieJar};
use floor_of::Floor;
use http::Request;
use loopback::under_wrk;
use measure::{AGAIN, BARE, Bound, Field, Goal, OURS, headline, once};
use sessions::session;
use tower::{Layer, service_fn};
use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, Cookies, Integrity, KeyRing};
use tower_cookies::CookieManagerLayer;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use traffic::{
    admitted, answer, documented, documented_pairs, header, issued, knows_session, pairs_set, request,
    session_pair, untouched,
};

fn main() -> Result<(), Box<dyn Error>> {
    headline("peers: overhead over a bare service, nanoseconds a request, median and quartiles");
    let mut goals = Vec::from(ten_documented()?);
    goals.extend(consented::asking_for_consent()?);
    goals.extend(none()?);
    let (alone, preset) = (sessions::alone()?, sessions::documented()?);
    for (policy, writes, most, work) in [
        (&alone, false, Some(0.7), "session read, memory store / tower-sessions unsigned"),
        (&alone, true, Some(0.8), "session write, memory store / tower-sessions unsigned"),
        (&preset, false, None, "session read, with the preset's four cookies / the same"),
        (&preset, true, None, "session write, with the preset's four cookies / the same"),
    ] {
        goals.push(session(work, policy, most, writes)?);
    }
    goals.push(one_signed_of_ten()?);
    goals.extend(ten_to_hundred()?);
    let policy = documented()?;
    goals.extend(under_wrk(&policy, &header(&documented_pairs(&policy))?)?);
    Goal::print_all(&goals);
    Ok(())
}

/// Ten documented cookies with their TS cookies, and the session cookie of tower-sessions, in one header for all. The floor
/// steps over that one and we let it pass, which costs us a little more: `floor` measures without it.
fn ten_documented() -> Result<[Goal; 2], Box<dyn Error>> {
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
    let floor = Floor::new(policy.id(), cookies.as_bytes());
    assert!(floor.holds(cookies.as_bytes()), "every documented cookie is genuine");
    let sent = || request(Some(&cookies));
    let race = Field::default()
        .with(BARE, sent, service_fn(untouched))
        .with(AGAIN, sent, service_fn(untouched))
        .with(FLOOR, sent, floor.service())
        .with(OURS, sent, policy.layer().layer(service_fn(untouched)))
        .with(SIGNED_SESSIONS, sent, sessions.layer(service_fn(untouched)))
        .with(TOWER_COOKIES, sent, CookieManagerLayer::new().layer(service_fn(untouched)))
        .with("axum-extra CookieJar", sent, service_fn(|request| extracted::<CookieJar, _>(request, &())))
        .with(SIGNED_JAR, sent, service_fn(|request| extracted::<SignedCookieJar, _>(request, &jar_key)))
        .race();
    race.print();
    Ok([
        Goal {
            work: "ten documented cookies / tower-sessions signed",
            reached: race.ratio(OURS, SIGNED_SESSIONS),
            bound: Some(Bound::AtMost(0.65)),
        },
        Goal {
            work: "ten documented cookies / their floor",
            reached: race.ratio(OURS, FLOOR),
            bound: Some(Bound::AtMost(1.4)),
        },
    ])
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
        Goal {
            work: "no cookies, empty extensions / tower-cookies",
            reached: empty,
            bound: Some(Bound::AtMost(1.0)),
        },
        Goal {
            work: "no cookies, one extension there / tower-cookies",
            reached: extended,
            bound: Some(Bound::AtMost(1.0)),
        },
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
        bound: Some(Bound::AtMost(0.5)),
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
        goals.push(Goal { work, reached: race.ratio("hundred", "ten"), bound: Some(Bound::AtMost(10.5)) });
    }
    Ok(goals)
}

/// So many cookies of these kinds in turn; what the policy protects it has issued, in one transaction.
fn pairs_of(kinds: &[&str], count: usize, policy: &CookiePolicy) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|at| format!("{}-{at:02}", kinds[at % kinds.len()])).collect();
    let is_protected = |name: &&String| name.starts_with("signed") || name.starts_with("guarded");
    let (ordered, plain): (Vec<&String>, Vec<&String>) = names.iter().partition(is_protected);
    let orders: Vec<(&str, &str)> = ordered.iter().map(|name| (name.as_str(), VALUE)).collect();
    let mut pairs: Vec<String> = plain.iter().map(|name| format!("{name}={VALUE}")).collect();
    pairs.extend(issued(policy, &orders));
    pairs
}

const VALUE: &str = "value-of-this-cookie";

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

const FLOOR: &str = "the floor: what has to be done";
const SIGNED_SESSIONS: &str = "tower-sessions, signed";
const TOWER_COOKIES: &str = "tower-cookies";
const SIGNED_JAR: &str = "axum-extra SignedCookieJar";
const MIXED: [&str; 10] =
    ["signed", "guarded", "open", "other", "guarded", "other", "signed", "open", "guarded", "other"];
