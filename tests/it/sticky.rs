//! The balancer in front of the layer: what it honours, writes and hides, over time and beside the policy.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use http::header::{CACHE_CONTROL, COOKIE, HeaderName, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use tower_cookie_policy::sticky::{Sticky, Target};
use tower_cookie_policy::{CookiePolicy, NodeState, TestClock};

use crate::support::{
    Answer, NOW, attributes, keys, lines, request, seen_by, sent_back, serve, shop, suppressed, visit,
    with_lines,
};

fn sticky() -> Sticky {
    Sticky::new("XRMINT").unwrap()
}

fn targets<const N: usize>(states: [NodeState; N]) -> [Target; N] {
    let mut number = 0;
    states.map(|state| {
        number += 1;
        let label = format!("n{number}");
        let target = match state {
            NodeState::Live => Target::new(label),
            NodeState::Draining => Target::draining(label),
            _ => Target::dead(label),
        };
        target.unwrap()
    })
}

/// What a proxy does: the balancer outside, the policy within it. The back end sets these lines.
fn proxied(policy: &CookiePolicy, sticky: &Sticky, cookies: &[&str], set: &[&str]) -> (Vec<String>, Answer) {
    let mut request = request(cookies);
    let choice = sticky.choose(request.headers(), &targets([NodeState::Live; 2])).unwrap();
    sticky.strip(request.headers_mut());
    let seen = std::cell::RefCell::new(Vec::new());
    let mut answer = serve(policy, request, |request| {
        *seen.borrow_mut() = seen_by(&request)
            .pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={}", value.escape_ascii()))
            .collect();
        with_lines(Answer::default(), set)
    });
    sticky.attach(&choice, answer.headers_mut());
    (seen.into_inner(), answer)
}

#[test]
fn its_cookie_leaves_beside_the_policys_and_comes_back_alone() {
    let (policy, sticky) = (shop().build().unwrap(), sticky());
    let (_, answer) = proxied(&policy, &sticky, &[], &["cart=tea", "XRMINT=n9", "XRMEXT=n9"]);
    let set = lines(&answer);
    assert_eq!(
        set.iter().map(|line| sent_back(line)).filter(|pair| !pair.starts_with("TS")).collect::<Vec<_>>(),
        ["cart=tea", "XRMINT=n1"]
    );
    assert_eq!(attributes(set.last().unwrap()), ["httponly", "path=/", "samesite=lax", "secure"]);
    assert_eq!(
        suppressed(&answer).into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["XRMINT", "XRMEXT"],
        "only the balancer sets it"
    );
    let jar: Vec<String> = set.iter().map(|line| sent_back(line)).collect();
    let (seen, answer) = proxied(&policy, &sticky, &[&jar.join("; ")], &[]);
    assert_eq!(seen, ["cart=tea"]);
    assert_eq!(lines(&answer), [""; 0]);
}

#[test]
fn within_the_layer_its_line_would_not_leave() {
    let policy = shop().build().unwrap();
    let choice = sticky().choose(&HeaderMap::new(), &targets([NodeState::Live])).unwrap();
    let answer = serve(&policy, request(&[""; 0]), |_| {
        let mut answer = Answer::default();
        sticky().attach(&choice, answer.headers_mut());
        answer
    });
    assert_eq!(lines(&answer), [""; 0]);
}

#[test]
fn a_name_is_legal_where_the_preset_has_a_row_for_it() {
    let policy = CookiePolicy::broadcloud(keys()).node("web-1").build().unwrap();
    let row = policy.specs().iter().find(|row| row.name().to_string() == "XRM*").unwrap();
    for name in [
        "XRMINT",
        "XRM0",
        "XRM",
        "XRMint",
        "xrmINT",
        "XRM-A",
        "XRMÄ",
        "XRMABCDEFGHIJKLMNOP",
        "XRMABCDEFGHIJKLMNOPQ",
        "XR",
    ] {
        assert_eq!(Sticky::new(name).is_ok(), row.name().matches(name), "{name}");
    }
}

#[test]
fn the_policy_takes_the_longest_that_is_written() {
    let policy = shop().build().unwrap();
    let sticky = Sticky::new("XRMABCDEFGHIJKLMNOP")
        .unwrap()
        .max_idle(Duration::from_secs(60))
        .max_life(Duration::from_secs(60));
    let target = Target::new("~".repeat(64)).unwrap();
    let choice = sticky.choose(&HeaderMap::new(), &[target]).unwrap();
    let pair = sent_back(choice.set_cookie().unwrap().to_str().unwrap());
    let seen = visit(&policy, &[&pair]);
    assert_eq!((seen.header(), seen.refusals.len()), (pair, 0));
}

#[test]
fn a_response_that_sets_it_is_for_one_visitor() {
    let choice = sticky().choose(&HeaderMap::new(), &targets([NodeState::Live])).unwrap();
    let again = sticky().choose(request(&["XRMINT=n1"]).headers(), &targets([NodeState::Live])).unwrap();
    for (before, after) in [
        (None, Some("no-store")),
        (Some("public, max-age=60"), Some("max-age=60, private")),
        (Some("private"), Some("private")),
        (Some("no-store"), Some("no-store")),
    ] {
        let mut headers = HeaderMap::new();
        headers.extend(before.map(|line| (CACHE_CONTROL, HeaderValue::from_static(line))));
        let untouched = headers.clone();
        sticky().attach(&again, &mut headers);
        assert_eq!(headers, untouched);
        sticky().attach(&choice, &mut headers);
        assert_eq!(headers.get(CACHE_CONTROL).map(|line| line.to_str().unwrap()), after);
    }
}

#[test]
fn what_the_back_end_sets_of_that_name_goes() {
    let again = sticky().choose(request(&["XRMINT=n1"]).headers(), &targets([NodeState::Live])).unwrap();
    let mut headers = HeaderMap::new();
    let kept = ["a=1; Path=/", "XRMINTX=1", "xrmint=1", "b=\u{e4}"];
    for line in [
        kept[0],
        "XRMINT=n9; Path=/",
        kept[1],
        " XRMINT = n9",
        kept[2],
        "XRMINT",
        "XRMINT=; Max-Age=0",
        kept[3],
    ] {
        headers.append(SET_COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    sticky().attach(&again, &mut headers);
    let left: Vec<&[u8]> = headers.get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes).collect();
    assert_eq!(left, kept.map(str::as_bytes));
}

#[test]
fn a_response_that_is_full_leaves_without_it() {
    let choice = sticky().choose(&HeaderMap::new(), &targets([NodeState::Live])).unwrap();
    let mut headers = HeaderMap::new();
    let mut number = 0;
    while headers
        .try_insert(HeaderName::try_from(format!("x-{number}")).unwrap(), HeaderValue::from_static(""))
        .is_ok()
    {
        number += 1;
    }
    sticky().attach(&choice, &mut headers);
    assert!(!headers.contains_key(SET_COOKIE));
}

/// A browser that asks every so often, and what becomes of its cookie.
#[test]
fn who_stays_is_sent_elsewhere_when_the_time_is_over() {
    let clock = TestClock::at(NOW);
    let sticky =
        sticky().clock(clock.clock()).max_idle(Duration::from_secs(600)).max_life(Duration::from_secs(3600));
    let targets = targets([NodeState::Live; 2]);
    let mut jar = String::new();
    let mut ask = |seconds| {
        clock.advance(Duration::from_secs(seconds));
        let choice = sticky.choose(request(&[&jar]).headers(), &targets).unwrap();
        if let Some(line) = choice.set_cookie() {
            jar = sent_back(line.to_str().unwrap());
        }
        (choice.index(), choice.is_new())
    };
    assert_eq!(ask(0), (0, true));
    // Six times nine minutes are within the hour, the seventh is not.
    for _ in 0..6 {
        assert_eq!(ask(540), (0, false));
    }
    assert_eq!(ask(540), (1, true));
    // From there the hour counts anew, and eleven minutes without a request are too long as well.
    assert_eq!(ask(540), (1, false));
    assert_eq!(ask(660), (0, true));
}

#[test]
fn threads_take_turns() {
    let (sticky, targets) = (sticky(), targets([NodeState::Live; 3]));
    let chosen: Vec<usize> = thread::scope(|scope| {
        let asking: Vec<_> = (0..6)
            .map(|_| {
                let (sticky, targets) = (sticky.clone(), &targets);
                scope.spawn(move || {
                    let place = |_| sticky.choose(&HeaderMap::new(), targets).unwrap().index();
                    (0..300).map(place).collect::<Vec<_>>()
                })
            })
            .collect();
        asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut counted = BTreeMap::new();
    for place in chosen {
        *counted.entry(place).or_insert(0) += 1;
    }
    assert_eq!(counted, BTreeMap::from([(0, 600), (1, 600), (2, 600)]));
}

#[test]
fn nothing_prints_a_label_that_came() {
    let choice = sticky().choose(request(&["XRMINT=secret"]).headers(), &targets([NodeState::Live])).unwrap();
    for printed in [format!("{choice:?}"), format!("{:?}", sticky())] {
        assert!(!printed.contains("secret") && !printed.contains("n1"), "{printed}");
    }
}

fn state() -> impl Strategy<Value = NodeState> {
    prop_oneof![Just(NodeState::Live), Just(NodeState::Draining), Just(NodeState::Dead)]
}

fn field() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "(XRMINT|xrmint|XRMIN|a) {0,2}={0,2}\t?(n[0-5]|\"n1\"|[a-z|+/A-Z0-9]{0,14})",
        2 => "XRMINT=n[1-4](\\|[A-Za-z0-9+/]{5}){0,3}",
        1 => "[ -~]{0,12}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join("; "))
}

proptest! {
    /// Whatever comes: the answer is a back end that can be used, and nobody behind the balancer sees its cookie.
    #[test]
    fn any_header_leads_to_a_back_end_that_can_be_used(
        fields in proptest::collection::vec(field(), 0..4),
        states in proptest::array::uniform4(state()),
        (idle, life) in (0_u64..3, 0_u64..3),
    ) {
        let sticky = sticky()
            .clock(TestClock::at(NOW).clock())
            .max_idle(Duration::from_secs(idle * 600))
            .max_life(Duration::from_secs(life * 600));
        let targets = targets(states);
        let mut request = request(&fields);
        match sticky.choose(request.headers(), &targets) {
            Some(choice) => {
                let state = states[choice.index()];
                prop_assert!(state == NodeState::Live || (state == NodeState::Draining && !choice.is_new()));
                prop_assert!(choice.is_new() || fields.concat().contains(targets[choice.index()].label()));
                if let Some(line) = choice.set_cookie() {
                    // What is written is honoured at once, and not written again.
                    let again = [sent_back(line.to_str().unwrap())];
                    let next = sticky.choose(crate::support::request(&again).headers(), &targets).unwrap();
                    prop_assert_eq!((next.index(), next.set_cookie()), (choice.index(), None));
                } else {
                    prop_assert!(!choice.is_new());
                }
            }
            None => prop_assert!(!states.contains(&NodeState::Live)),
        }
        let mut before = pieces(request.headers());
        before.retain(|piece| !names_it(piece));
        sticky.strip(request.headers_mut());
        prop_assert_eq!(pieces(request.headers()), before);
    }
}

/// What stands between the semicolons of all fields, blank pieces apart.
fn pieces(headers: &HeaderMap) -> Vec<String> {
    let fields = headers.get_all(COOKIE).iter().map(|field| field.to_str().unwrap());
    let pieces = fields.flat_map(|field| field.split(';')).map(|piece| piece.trim_matches([' ', '\t']));
    pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
}

fn names_it(piece: &str) -> bool {
    piece.split_once('=').is_some_and(|(name, _)| name.trim_matches([' ', '\t']) == "XRMINT")
}
