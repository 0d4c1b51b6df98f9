//! Against the table of what HAProxy does, which was seen to do it.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use super::{Sticky, StickyError, Target};
use crate::clock::TestClock;
use crate::value::node::NodeState;

const NOW: u64 = 1_795_455_792;

fn sticky() -> Sticky {
    Sticky::new("XRMINT").unwrap().clock(TestClock::at(NOW).clock())
}

fn request(fields: &[&str]) -> HeaderMap {
    let line = |field: &&str| (COOKIE, HeaderValue::from_bytes(field.as_bytes()).unwrap());
    fields.iter().map(line).collect()
}

/// `n1` and `n3` are live, `n2` drains, `n4` is dead.
fn targets() -> [Target; 4] {
    [
        Target::new("n1").unwrap(),
        Target::draining("n2").unwrap(),
        Target::new("n3").unwrap(),
        Target::dead("n4").unwrap(),
    ]
}

/// Which place was chosen, and the value that is set.
fn chosen(sticky: &Sticky, fields: &[&str]) -> (usize, Option<String>) {
    let choice = sticky.choose_with(&request(fields), &targets(), |_| 2).unwrap();
    let value = |line: &HeaderValue| {
        let value = line.to_str().unwrap().strip_prefix("XRMINT=").unwrap();
        value.strip_suffix("; Path=/; HttpOnly; Secure; SameSite=Lax").unwrap().to_owned()
    };
    (choice.index(), choice.set_cookie().map(value))
}

#[test]
fn names_are_those_of_the_table() {
    for name in ["XRMINT", "XRM0", "XRMABCDEFGHIJKLMNOP", "XRMXRM"] {
        assert_eq!(Sticky::new(name).unwrap().name(), name);
    }
    for name in [
        "",
        "XRM",
        "XRMint",
        "xrmINT",
        "XRMABCDEFGHIJKLMNOPQ",
        "XRM_INT",
        " XRMINT",
        "XRMINT ",
        "XRMÄ",
        "SRV",
    ] {
        let error = Sticky::new(name).unwrap_err();
        assert_eq!(error, StickyError::IllegalName { name: name.to_owned() });
        assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
    }
}

#[test]
fn targets_are_in_one_of_three_states() {
    for (target, state) in [
        (Target::new("n1"), NodeState::Live),
        (Target::draining("n1"), NodeState::Draining),
        (Target::dead("n1"), NodeState::Dead),
    ] {
        let target = target.unwrap();
        assert_eq!((target.label(), target.state()), ("n1", state));
        assert_eq!(format!("{target:?}"), format!("Target {{ label: \"n1\", state: {state:?} }}"));
    }
}

#[test]
fn labels_are_values_without_bars() {
    for label in ["n", "web-1", "!~#", "a=b", &"n".repeat(64)] {
        assert_eq!(Target::new(label).unwrap().label(), label);
    }
    for label in ["", "a|b", "a b", "a;b", "a,b", "\"a\"", "a\\b", "ä", "a\n", &"n".repeat(65)] {
        for target in [Target::new(label), Target::draining(label), Target::dead(label)] {
            let error = target.unwrap_err();
            assert_eq!(error, StickyError::IllegalLabel { label: label.to_owned() });
            assert!(error.to_string().contains(&format!("{label:?}")), "{error}");
        }
    }
}

#[test]
fn what_cannot_be_honoured_is_chosen_anew() {
    for (fields, index, set) in [
        // Live or draining: nothing is set.
        (&["XRMINT=n1"][..], 0, None),
        (&["XRMINT=n2"], 1, None),
        (&["a=1; XRMINT=n1; b=2"], 0, None),
        (&["a=1", "XRMINT=n1"], 0, None),
        (&["\t XRMINT =\tn1 "], 0, None),
        // Dead, unknown, forged, empty, quoted, in another case, encoded, of another name, none.
        (&["XRMINT=n4"], 2, Some("n3")),
        (&["XRMINT=n9"], 2, Some("n3")),
        (&["XRMINT=127.0.0.1:80"], 2, Some("n3")),
        (&["XRMINT="], 2, Some("n3")),
        (&["XRMINT"], 2, Some("n3")),
        (&["XRMINT=\"n1\""], 2, Some("n3")),
        (&["XRMINT=N1"], 2, Some("n3")),
        (&["XRMINT=%6e1"], 2, Some("n3")),
        (&["XRMINT=n1,n2"], 2, Some("n3")),
        (&["xrmint=n1"], 2, Some("n3")),
        (&["XRMIN=n1; XRMINTT=n1; %58RMINT=n1"], 2, Some("n3")),
        (&["XRMINT=\u{fc}"], 2, Some("n3")),
        (&[], 2, Some("n3")),
        // Of several the first that can be honoured.
        (&["XRMINT=n1; XRMINT=n2"], 0, None),
        (&["XRMINT=n4; XRMINT=n9", "XRMINT=n2; XRMINT=n1"], 1, None),
        (&["XRMINT=n4; XRMINT=n9"], 2, Some("n3")),
        // A quote opens nothing.
        (&["a=\"; XRMINT=n1; \""], 0, None),
    ] {
        assert_eq!(chosen(&sticky(), fields), (index, set.map(str::to_owned)), "{fields:?}");
    }
}

#[test]
fn only_so_many_are_tried() {
    let header = format!("{}XRMINT=n1", "XRMINT=x; ".repeat(7));
    assert_eq!(chosen(&sticky(), &[&header]).0, 0);
    let header = format!("{}XRMINT=n1", "XRMINT=x; ".repeat(8));
    assert_eq!(chosen(&sticky(), &[&header]).0, 2);
}

#[test]
fn dates_are_read_and_written() {
    let idle = sticky().max_idle(Duration::from_secs(600));
    let both = idle.clone().max_life(Duration::from_secs(14_400));
    let life = sticky().max_life(Duration::from_secs(14_400));
    // `awR7M` is now, `awR7L` four seconds ago, `awR4z` 612, `awRHA` 13 360 and `awQ3A` 17 456.
    for (sticky, value, index, set) in [
        (&sticky(), "n1|awR7M", 0, None),
        (&sticky(), "n1|awR7L|awR7L", 0, Some("n1")),
        (&sticky(), "n1|AAAAB", 0, Some("n1")),
        (&idle, "n1", 0, Some("n1|awR7M")),
        (&idle, "n2", 1, Some("n2|awR7M")),
        (&idle, "n1|awR7M", 0, None),
        (&idle, "n1|awR7L", 0, Some("n1|awR7M")),
        (&idle, "n1|awR4z", 2, Some("n3|awR7M")),
        (&idle, "n4|awR7M", 2, Some("n3|awR7M")),
        (&idle, "n1|!!!!!", 0, Some("n1|awR7M")),
        (&life, "n1|awR4z|awR7L", 0, Some("n1|awR7M|awR7L")),
        (&both, "n1|awR7M|awRHA", 0, None),
        (&both, "n1|awR7L|awRHA", 0, Some("n1|awR7M|awRHA")),
        (&both, "n1|awR7M|awQ3A", 2, Some("n3|awR7M|awR7M")),
        (&both, "n1|awR4z|awR4z", 2, Some("n3|awR7M|awR7M")),
        (&both, "", 2, Some("n3|awR7M|awR7M")),
    ] {
        assert_eq!(chosen(sticky, &[&format!("XRMINT={value}")]), (index, set.map(str::to_owned)), "{value}");
    }
    // One whose time is over does not stand in the way of the next.
    assert_eq!(chosen(&idle, &["XRMINT=n2|awR4z; XRMINT=n1|awR7M"]), (0, None));
}

#[test]
fn no_time_is_no_limit_and_the_longest_is_68_years() {
    let none = sticky().max_idle(Duration::from_millis(999)).max_life(Duration::ZERO);
    assert_eq!(chosen(&none, &["XRMINT=n1"]), (0, None));
    let long = sticky().max_idle(Duration::MAX);
    assert_eq!(chosen(&long, &["XRMINT=n1|FbnLM"]), (0, Some("n1|awR7M".to_owned())));
}

#[test]
fn the_live_ones_take_turns_and_clones_do_together() {
    let sticky = sticky();
    let turns: Vec<usize> = (0..6)
        .map(|turn| {
            let sticky = if turn % 3 == 0 { sticky.clone() } else { sticky.clone().max_idle(Duration::ZERO) };
            sticky.choose(&HeaderMap::new(), &targets()).unwrap().index()
        })
        .collect();
    assert_eq!(turns, [0, 2, 0, 2, 0, 2]);
    sticky.turns.store(usize::MAX, std::sync::atomic::Ordering::Relaxed);
    for _ in 0..4 {
        let choice = sticky.choose(&HeaderMap::new(), &targets()).unwrap();
        assert!(choice.is_new() && [0, 2].contains(&choice.index()));
    }
}

#[test]
fn the_caller_may_choose_among_the_live_ones() {
    let pick = |answer: usize| {
        let choice = sticky().choose_with(&HeaderMap::new(), &targets(), |live| {
            assert_eq!(live, [0, 2]);
            answer
        });
        choice.unwrap().index()
    };
    assert_eq!([0, 2, 1, 3, 99].map(pick), [0, 2, 0, 0, 0]);
    // And is not asked where the cookie says it.
    let choice = sticky().choose_with(&request(&["XRMINT=n2"]), &targets(), |_| unreachable!());
    assert_eq!(choice.unwrap().index(), 1);
}

#[test]
fn without_a_live_one_a_new_visitor_has_none() {
    let targets = [Target::draining("n1").unwrap(), Target::dead("n2").unwrap()];
    let choose = |fields: &[&str]| sticky().choose(&request(fields), &targets).map(|choice| choice.index());
    assert_eq!(choose(&["XRMINT=n1"]), Some(0));
    assert_eq!(choose(&["XRMINT=n2"]), None);
    assert_eq!(choose(&[]), None);
    assert!(sticky().choose(&request(&["XRMINT=n1"]), &[]).is_none());
}

#[test]
fn of_two_with_one_label_the_first_that_can_be_used_is_meant() {
    let targets = [Target::dead("n1").unwrap(), Target::new("n1").unwrap()];
    assert_eq!(sticky().choose(&request(&["XRMINT=n1"]), &targets).unwrap().index(), 1);
}

#[test]
fn stripping_leaves_the_others_alone() {
    for (before, after) in [
        (&["XRMINT=n1"][..], &[][..]),
        (&["a=1; XRMINT=n1; b=\"2\""], &["a=1; b=\"2\""]),
        (&["XRMINT=n1; XRMINT=n2; a=1"], &["a=1"]),
        (&["a=1; b=2", "XRMINT=n1", "c=3;XRMINT=x"], &["a=1; b=2", "c=3"]),
        (&["XRMINT =n1;;"], &[]),
        // Nothing of that name: not a byte changes.
        (
            &["a=1;b=2;; c", "xrmint=n1; XRMINTX=n1; XRMINT"],
            &["a=1;b=2;; c", "xrmint=n1; XRMINTX=n1; XRMINT"],
        ),
        (&["XRMINT=n1; \u{e4}=\u{f6}; c"], &["\u{e4}=\u{f6}; c"]),
        (&[], &[]),
    ] {
        let mut headers = request(before);
        sticky().strip(&mut headers);
        assert_eq!(headers, request(after), "{before:?}");
    }
}

#[test]
fn secure_can_be_dropped() {
    let choice = sticky().danger_allow_http().choose(&HeaderMap::new(), &targets()).unwrap();
    assert_eq!(choice.set_cookie().unwrap(), "XRMINT=n1; Path=/; HttpOnly; SameSite=Lax");
}

#[test]
fn no_value_is_printed() {
    let choice = sticky().choose(&HeaderMap::new(), &targets()).unwrap();
    assert_eq!(format!("{choice:?}"), "Choice { index: 0, is_new: true, set_cookie: Some(Sensitive) }");
    assert_eq!(format!("{:?}", sticky()), "Sticky { name: \"XRMINT\", .. }");
}
