//! How far is the layer from what cannot be left out, when ten documented cookies and their TS cookies come in?
//!
//! - The floor runs around the same handler as the layer and checks the same header; see `floor_of` for what it does.
//! - It is taken apart, too: how much of it is the scan, the decoding, each MAC and the opening.
//! - The TS cookies are genuine, but the layer does not verify them yet: its ratio grows with that.

mod floor_of;
mod measure;
mod traffic;

use std::error::Error;

use floor_of::{Floor, Part};
use http::HeaderValue;
use measure::{AGAIN, BARE, Bound, Field, Goal, OURS, headline};
use tower::{Layer, service_fn};
use traffic::{GUARDED, SEALED, SIGNED, admitted, documented, documented_pairs, header, request, untouched};

fn main() -> Result<(), Box<dyn Error>> {
    headline("floor: what has to be done, over a bare service, nanoseconds a request, median and quartiles");
    let policy = documented()?;
    let pairs = documented_pairs(&policy);
    let cookies = header(&pairs)?;
    assert_eq!(
        (pairs.len(), admitted(&policy, &cookies)),
        (13, (9, 0)),
        "the TS cookies go, all else is good"
    );
    let floor = Floor::new(policy.id(), cookies.as_bytes());
    assert!(floor.holds(cookies.as_bytes()), "every cookie is genuine");
    for name in [GUARDED.as_slice(), &SIGNED, &[SEALED], &policy.transaction_names()].concat() {
        assert!(!floor.holds(changed(&cookies, name).as_bytes()), "a change of {name} is noticed");
    }
    println!("\nten documented cookies and their TS cookies in, handler untouched ({} bytes)", cookies.len());

    let sent = || request(Some(&cookies));
    let race = Field::default()
        .with(BARE, sent, service_fn(untouched))
        .with(AGAIN, sent, service_fn(untouched))
        .with(FLOOR, sent, floor.service())
        .with(OURS, sent, policy.layer().layer(service_fn(untouched)))
        .race();
    race.print();

    println!("\nthe floor's parts");
    let parts = PARTS.iter().fold(Field::default().with(BARE, sent, service_fn(untouched)), |field, part| {
        field.with(part.0, sent, floor.service_of(part.1))
    });
    let parts = parts.with(FLOOR, sent, floor.service()).race();
    for (name, part) in PARTS {
        let before = match part {
            Part::Scan => BARE,
            Part::Decoding => PARTS[0].0,
            _ => PARTS[1].0,
        };
        println!("  {name:<44} {}", parts.beyond(name, before).nanoseconds());
    }
    println!("  {:<44} {}", "all of it", parts.overhead(FLOOR).nanoseconds());

    Goal::print_all(&[Goal {
        work: "ten documented cookies / the floor",
        reached: race.ratio(OURS, FLOOR),
        bound: Some(Bound::AtMost(1.4)),
    }]);
    Ok(())
}

/// The header with another first character of this cookie's value.
fn changed(cookies: &HeaderValue, name: &str) -> String {
    let start = format!("{name}=");
    let pair = |pair: &str| match pair.strip_prefix(&start) {
        Some(value) => format!("{start}{}{}", if value.starts_with('B') { 'C' } else { 'B' }, &value[1..]),
        None => pair.to_owned(),
    };
    let text = cookies.to_str().unwrap_or_default();
    text.split("; ").map(pair).collect::<Vec<String>>().join("; ")
}

const FLOOR: &str = "the floor";
const PARTS: [(&str, Part); 9] = [
    ("scan", Part::Scan),
    ("base64url", Part::Decoding),
    ("HMAC of the TS main", Part::Main),
    ("HMAC of JSESSIONID's companion", Part::Companion(0)),
    ("HMAC of X-Appia-UUID's companion", Part::Companion(1)),
    ("HMAC of bsloc's companion", Part::Companion(2)),
    ("HMAC of root.autoUserLoginId", Part::Signed(0)),
    ("HMAC of OFBiz.Visitor", Part::Signed(1)),
    ("AEAD of X-Appia-ExtAuth", Part::Opening),
];
