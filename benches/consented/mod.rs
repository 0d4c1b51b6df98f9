//! What does it cost to ask for consent? The ten documented cookies under a table that asks for it, and under one that does not.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{Basis, Category, CookiePolicy, CookieSpec};

use crate::measure::{AGAIN, BARE, Bound, Field, Goal, OURS, once};
use crate::traffic::{
    admitted, documented, documented_pairs, documented_table, header, pairs_set, request, untouched,
};

/// The documented cookies alone, and with a decision among them, which is one signed cookie more.
pub(crate) fn asking_for_consent() -> Result<[Goal; 2], Box<dyn Error>> {
    let policy = documented()?;
    let asking = documented_table()?
        .with(CookieSpec::new("stats", Basis::Consent(Category::Statistics)))
        .with(CookieSpec::new("promo_*", Basis::Consent(Category::Marketing)))
        .build()?;
    let mut pairs = documented_pairs(&policy);
    let undecided = header(&pairs)?;
    pairs.push(accepted(&asking)?);
    pairs.push("stats=1".to_owned());
    let decided = header(&pairs)?;
    assert_eq!(
        (admitted(&asking, &undecided), admitted(&asking, &decided)),
        ((9, 0), (11, 0)),
        "all are good"
    );
    println!("\nten documented cookies and their TS cookies in, under a table that asks for consent");
    let (without, with) = (|| request(Some(&undecided)), || request(Some(&decided)));
    let race = Field::default()
        .with(BARE, without, service_fn(untouched))
        .with(AGAIN, without, service_fn(untouched))
        .with(OURS, without, policy.layer().layer(service_fn(untouched)))
        .with(ASKING, without, asking.layer().layer(service_fn(untouched)))
        .with(DECIDED, with, asking.layer().layer(service_fn(untouched)))
        .race();
    race.print();
    Ok([
        Goal {
            work: "ten documented cookies, table asks for consent / does not",
            reached: race.ratio(ASKING, OURS),
            bound: Some(Bound::AtMost(1.05)),
        },
        Goal {
            work: "the same with a decision and what it allows / without both",
            reached: race.ratio(DECIDED, OURS),
            bound: None,
        },
    ])
}

/// The cookie of a visitor who has accepted all.
fn accepted(policy: &CookiePolicy) -> Result<String, Box<dyn Error>> {
    let mut service = policy.layer().layer(policy.consent_service());
    let mut send = |method, accept, body: String| -> Result<_, Box<dyn Error>> {
        let mut request = Request::new(Full::<Bytes>::from(body));
        (*request.method_mut(), *request.uri_mut()) = (method, "/cookies/consent".parse()?);
        request.headers_mut().insert("accept", HeaderValue::from_static(accept));
        let Ok(response) = once(service.call(request));
        Ok(response)
    };
    let Ok(state) = once(send(Method::GET, "application/json", String::new())?.into_body().collect());
    let state: serde_json::Value = serde_json::from_slice(&state.to_bytes())?;
    let revision = state["revision"].as_str().unwrap_or_default();
    let decision = send(Method::POST, "text/html", format!("decision=accept&revision={revision}"))?;
    Ok(pairs_set(&decision).pop().ok_or("the decision sets its cookie")?)
}

const ASKING: &str = "ours, asking for consent";
const DECIDED: &str = "ours, with a decision";
