//! No false alarm: what honest browsers, servers and networks do is let in, under `Reject` too.

use tower_cookie_policy::{Action, CookiePolicy, CookieSpec, KeyRing, TestClock};

use super::jar::{Jar, MAIN, OF_CART, guarded, verifies};
use crate::support::{Answer, NOW, issue, key, lines, request, serve, visit};

/// Eight parallel responses inside a begun transaction, each of which sets another guarded cookie, in whatever order they
/// arrive: then all verify.
#[test]
fn parallel_responses_lose_nothing() {
    let policy = guarded().action(Action::Reject).build().unwrap();
    let begun = Jar::default().set(&policy, &["cart=3"]);
    let answers: Vec<Answer> =
        (0..8).map(|at| begun.answer(&policy, &[&format!("item_{at}=value-{at}")])).collect();
    for start in 0..8 {
        let mut jar = begun.clone();
        (0..8).for_each(|at| jar.keep(&answers[(start + at * 3) % 8]));
        verifies(&policy, &jar);
        assert_eq!(jar.seen(&policy).pairs.len(), 9);
    }
    // The same cookie by several: the one that the browser kept.
    let answers: Vec<Answer> = (0..8).map(|at| begun.answer(&policy, &[&format!("cart={at}")])).collect();
    let mut jar = begun;
    for answer in &answers {
        jar.keep(answer);
        verifies(&policy, &jar);
    }
}

/// After a restart the browser has what is persistent, and no TS.
#[test]
fn a_restarted_browser_is_no_alarm() {
    let policy = guarded().action(Action::Reject).build().unwrap();
    let theme = issue(&policy, "theme", "dark");
    let answer = serve(&policy, request(&[format!("{theme}; font=serif")]), |_| Answer::default());
    assert_eq!((answer.status().as_u16(), lines(&answer).len()), (200, 0));
    assert_eq!(visit(&policy, &[theme]).header(), "theme=dark");
}

fn server(keys: &[u8]) -> CookiePolicy {
    let ring =
        keys[1..].iter().fold(KeyRing::new(key(keys[0])), |ring, more| ring.accepting(key(*more)).unwrap());
    let rows = guarded().build().unwrap();
    let own = rows.specs().iter().skip(10).filter(|row| row.name().to_string() != "cookie_consent").cloned();
    let builder = CookiePolicy::broadcloud(ring).node("web-1").clock(TestClock::at(NOW).clock());
    own.fold(builder, |builder, row: CookieSpec| builder.with(row)).action(Action::Reject).build().unwrap()
}

/// A rolling deployment: the new key is accepted everywhere, then signs, then the old one is retired. The first one signs.
#[test]
fn a_rolling_deployment_is_no_alarm() {
    let (old, both) = (server(&[0]), server(&[0, 32]));
    let (turned, new) = (server(&[32, 0]), server(&[32]));
    for (step, (one, other)) in [(&old, &both), (&both, &turned), (&turned, &turned)].iter().enumerate() {
        for (first, second) in [(one, other), (other, one)] {
            let mut jar = Jar::default().set(first, &["cart=3"]);
            for server in [second, first, second] {
                verifies(server, &jar);
                jar = jar.set(server, &["item_1=4"]);
                verifies(first, &jar);
                verifies(second, &jar);
            }
            let signed = [issue(first, "theme", "dark"), issue(second, "draft", "dear")].join("; ");
            for server in [first, second] {
                assert_eq!(visit(server, &[&signed]).refusals, [], "step {step}");
            }
        }
    }
    // The key id in the token tells which one signed.
    let key_id = |jar: &Jar| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(jar.value(MAIN)).unwrap()[1];
    let started = |server: &CookiePolicy| key_id(&Jar::default().set(server, &["cart=3"]));
    assert_eq!((started(&both), started(&turned)), (started(&old), started(&new)));
    assert_ne!(started(&old), started(&new));
    // TS cookies under a previous key are not issued anew for it.
    let jar = Jar::default().set(&old, &["cart=3"]);
    assert_eq!(lines(&jar.answer(&turned, &[])), [""; 0]);
    let jar = jar.set(&turned, &["basket=4"]);
    assert_eq!(key_id(&jar), started(&old));
    verifies(&turned, &jar);
    // And under a retired one they are nothing, without an alarm.
    let answer = jar.answer(&new, &[]);
    assert_eq!(answer.status(), 200);
    assert_eq!(jar.seen(&new).reasons("cart"), ["no_transaction"]);
}

/// Addresses are nobody's: the same jar from wherever it comes, through whatever proxy.
#[test]
fn another_address_is_no_alarm() {
    let policy = guarded().action(Action::Reject).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for (name, value) in [("x-forwarded-for", "203.0.113.7"), ("via", "1.1 proxy"), ("user-agent", "another")]
    {
        let mut request = jar.request();
        request.headers_mut().insert(name, value.parse().unwrap());
        request.extensions_mut().insert(std::net::SocketAddr::from(([203, 0, 113, 7], 1)));
        assert_eq!(serve(&policy, request, |_| Answer::default()).status(), 200);
    }
}

/// What a script writes is open, and checked for its shape alone.
#[test]
fn a_script_may_write_what_is_open() {
    let policy = guarded().action(Action::Reject).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for (name, value) in [("i18next", "de"), ("i18next", "xx"), ("font", "serif"), ("other", "x")] {
        let written = jar.with(name, value);
        assert_eq!(written.answer(&policy, &[]).status(), 200, "{name}={value}");
        assert_eq!(written.seen(&policy).value("cart").as_deref(), Some("3"));
    }
    assert!(jar.find(OF_CART).is_some());
}
