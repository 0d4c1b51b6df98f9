//! Whatever happens to a jar: what is let in is what this server set for this jar's transaction, and nothing else.

use std::collections::HashSet;

use proptest::prelude::*;
use tower_cookie_policy::Action;

use super::jar::{Jar, MAIN, companion, guarded};

/// What may happen, to one of three browsers.
#[derive(Clone, Debug)]
enum Event {
    /// The server sets this cookie to a value that it never set before.
    Set(usize, usize),
    Delete(usize, usize),
    SignIn(usize),
    SignOut(usize),
    /// Somebody puts a pair of another browser's, of now or of some time ago, into this one: over its own, before or behind.
    Plant(usize, usize, u8),
    Tamper(usize, usize),
    Drop(usize, usize),
}

const NAMES: [&str; 3] = ["cart", "basket", "item_1"];

fn event() -> impl Strategy<Value = Event> {
    let (browser, name, pair) = (0..3_usize, 0..3_usize, 0..64_usize);
    prop_oneof![
        4 => (browser.clone(), name.clone()).prop_map(|(b, n)| Event::Set(b, n)),
        1 => (browser.clone(), name).prop_map(|(b, n)| Event::Delete(b, n)),
        1 => browser.clone().prop_map(Event::SignIn),
        1 => browser.clone().prop_map(Event::SignOut),
        5 => (browser.clone(), pair.clone(), 0..3_u8).prop_map(|(b, p, w)| Event::Plant(b, p, w)),
        1 => (browser.clone(), pair.clone()).prop_map(|(b, p)| Event::Tamper(b, p)),
        1 => (browser, pair).prop_map(|(b, p)| Event::Drop(b, p)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every value that is let in was set by the server, under the name that it has, in the transaction of the main that all
    /// others of the request were let in under.
    #[test]
    fn what_is_let_in_was_set_here_and_in_one_transaction(events in prop::collection::vec(event(), 1..40)) {
        let policy = guarded().action(Action::Strip).build().unwrap();
        let mut browsers = vec![Jar::default(); 3];
        // What the server set, and what was ever seen in a jar.
        let (mut set, mut ever) = (HashSet::new(), Vec::<(String, String)>::new());
        let mut values = 0;
        for event in events {
            match event {
                Event::Set(at, name) => {
                    values += 1;
                    let pair = format!("{}=v{values}", NAMES[name]);
                    set.insert((NAMES[name], format!("v{values}")));
                    browsers[at] = browsers[at].clone().set(&policy, &[&pair]);
                }
                Event::Delete(at, name) => {
                    let pair = format!("{}=; Max-Age=0", NAMES[name]);
                    browsers[at] = browsers[at].clone().set(&policy, &[&pair]);
                }
                Event::SignIn(at) => browsers[at] = browsers[at].clone().signed_in(&policy, "alice"),
                Event::SignOut(at) => browsers[at] = browsers[at].clone().signed_out(&policy),
                Event::Plant(at, pair, way) if !ever.is_empty() => {
                    let (name, value) = ever[pair % ever.len()].clone();
                    let planted = Jar(vec![(name.clone(), value.clone())]);
                    browsers[at] = match way {
                        0 => browsers[at].with(&name, &value),
                        1 => browsers[at].beside(&planted, true),
                        _ => browsers[at].beside(&planted, false),
                    };
                }
                Event::Tamper(at, pair) if !browsers[at].0.is_empty() => {
                    let pair = pair % browsers[at].0.len();
                    browsers[at].0[pair].1.push('x');
                }
                Event::Drop(at, pair) if !browsers[at].0.is_empty() => {
                    let pair = pair % browsers[at].0.len();
                    browsers[at].0.remove(pair);
                }
                _ => {}
            }
            for jar in &browsers {
                ever.extend(jar.0.iter().filter(|pair| !ever.contains(pair)).cloned().collect::<Vec<_>>());
                let mains: Vec<_> = jar.0.iter().filter(|(name, _)| name == MAIN).collect();
                let seen = jar.seen(&policy);
                // Of whatever was let in, each with the one main under which it was: alone with each main of the jar.
                let let_in: Vec<(&str, String)> =
                    NAMES.iter().filter_map(|name| Some((*name, seen.value(name)?))).collect();
                for (name, value) in &let_in {
                    prop_assert!(set.contains(&(*name, value.clone())), "{name}={value} was never set");
                    prop_assert_eq!(seen.pairs.iter().filter(|(known, _)| known == name).count(), 1);
                }
                let holds_all = |main: &str| {
                    let_in.iter().all(|(name, value)| {
                        let companion = companion_of(name);
                        jar.0.iter().filter(|(known, _)| *known == companion).any(|(_, token)| {
                            let alone = Jar(vec![
                                ((*name).to_owned(), value.clone()),
                                (MAIN.to_owned(), main.to_owned()),
                                (companion.clone(), token.clone()),
                            ]);
                            alone.seen(&policy).value(name).as_deref() == Some(value)
                        })
                    })
                };
                prop_assert!(let_in.is_empty() || mains.iter().any(|(_, main)| holds_all(main)), "one main holds them all");
            }
        }
    }
}

fn companion_of(name: &str) -> String {
    static KNOWN: std::sync::OnceLock<Vec<(String, String)>> = std::sync::OnceLock::new();
    let known =
        KNOWN.get_or_init(|| NAMES.iter().map(|name| ((*name).to_owned(), companion(name))).collect());
    known.iter().find(|(known, _)| known == name).unwrap().1.clone()
}
