//! How often does a request allocate, beyond what the bare service does? Apart from `peers`, since counting takes time.

mod measure;
mod traffic;

use std::error::Error;
use std::hint::black_box;

use axum_extra::extract::cookie::Key;
use http::{HeaderValue, Request};
use measure::{headline, once};
use tower::{Layer, Service, service_fn};
use tower_cookies::CookieManagerLayer;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use traffic::{documented, documented_pairs, header, request, session_pair, untouched};

fn main() -> Result<(), Box<dyn Error>> {
    headline("allocations: how many a request makes beyond the bare service's, with their bytes");
    let policy = documented()?;
    let key = Key::generate();
    let mut pairs = documented_pairs(&policy);
    pairs.extend(session_pair(&key));
    let cookies = header(&pairs)?;
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_signed(key);
    for (work, cookies, extended, most) in [
        ("no cookies, request extensions empty", None, false, Some(3)),
        ("no cookies, one request extension there", None, true, Some(3)),
        ("ten documented cookies and their TS cookies", Some(&cookies), true, None),
    ] {
        println!("\n{work}");
        let bare = allocations(&mut service_fn(untouched), cookies, extended);
        let print = |name: &str, (count, bytes): (u64, u64)| {
            println!("  {name:<24} {:>3} allocations, {:>5} bytes", count - bare.0, bytes - bare.1);
            count - bare.0
        };
        let ours = allocations(&mut policy.layer().layer(service_fn(untouched)), cookies, extended);
        let ours = print("tower-cookie-policy", ours);
        let theirs =
            allocations(&mut CookieManagerLayer::new().layer(service_fn(untouched)), cookies, extended);
        print("tower-cookies", theirs);
        print(
            "tower-sessions, signed",
            allocations(&mut sessions.layer(service_fn(untouched)), cookies, extended),
        );
        if let Some(most) = most {
            println!("  goal: at most {most}, {}", if ours <= most { "met" } else { "MISSED" });
        }
    }
    Ok(())
}

/// Allocations and their bytes while a service serves one request, after it served another.
fn allocations<S>(service: &mut S, cookies: Option<&HeaderValue>, extended: bool) -> (u64, u64)
where
    S: Service<Request<()>>,
{
    let sent = || {
        let mut request = request(cookies);
        if extended {
            request.extensions_mut().insert(Peer);
        }
        request
    };
    drop(once(service.call(sent())));
    let request = sent();
    let made = allocation_counter::measure(|| drop(black_box(once(service.call(request)))));
    (made.count_total, made.bytes_total)
}

/// Stands for what a server puts into the extensions.
#[derive(Clone)]
struct Peer;
