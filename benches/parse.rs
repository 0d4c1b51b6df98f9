//! What does the request half cost beside the least that people do: splitting the header's text at `;` and at `=`?
//!
//! - The layer runs with a table without rows, so that nothing is verified: it parses, looks each name up, keeps all.
//! - What it costs without any cookie is printed too. The second group of ratios is without that.

mod measure;
mod traffic;

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;

use http::header::COOKIE;
use http::{HeaderValue, Request};
use measure::{BARE, Field, Goal, headline};
use tower::{Layer, service_fn};
use tower_cookie_policy::{CookiePolicy, KeyRing};
use traffic::{Answer, admitted, answer, header, request, untouched};

fn main() -> Result<(), Box<dyn Error>> {
    headline("parse: the request half over a bare service, nanoseconds a request, median and quartiles");
    let policy = CookiePolicy::empty(KeyRing::generate()?).build()?;
    let mut goals = Vec::new();
    for (count, whole, marginal) in [
        (1, "1 cookie, layer / split scan", "1 cookie, layer without its fixed cost / split scan"),
        (10, "10 cookies, layer / split scan", "10 cookies, layer without its fixed cost / split scan"),
        (100, "100 cookies, layer / split scan", "100 cookies, layer without its fixed cost / split scan"),
    ] {
        let pairs: Vec<String> =
            (0..count).map(|at| format!("cookie-{at:02}=value-of-this-cookie")).collect();
        let cookies = header(&pairs)?;
        assert_eq!(admitted(&policy, &cookies), (count, 0), "all of them are good");
        assert_eq!(split(&cookies), count, "the scan sees them all");
        println!("\n{count} cookies ({} bytes)", cookies.len());
        let sent = || request(Some(&cookies));
        let race = Field::default()
            .with(BARE, sent, service_fn(untouched))
            .with("split scan", sent, service_fn(scanned))
            .with("layer, no cookie", || request(None), policy.layer().layer(service_fn(untouched)))
            .with("layer", sent, policy.layer().layer(service_fn(untouched)))
            .race();
        race.print();
        goals.push(Goal { work: whole, reached: race.ratio("layer", "split scan"), bound: None });
        let beyond_fixed = race.ratio_beyond("layer", "layer, no cookie", "split scan");
        goals.push(Goal { work: marginal, reached: beyond_fixed, bound: None });
    }
    goals.sort_by_key(|goal| goal.work.contains("fixed"));
    Goal::print_all(&goals);
    Ok(())
}

async fn scanned(request: Request<()>) -> Result<Answer, Infallible> {
    black_box(request.headers().get(COOKIE).map(split));
    drop(black_box(request));
    answer().await
}

/// How many pairs there are, each split into name and value.
fn split(cookies: &HeaderValue) -> usize {
    let pairs = cookies.to_str().unwrap_or_default().split(';').filter_map(|pair| pair.split_once('='));
    let mut count = 0;
    for pair in pairs {
        black_box(pair);
        count += 1;
    }
    count
}
