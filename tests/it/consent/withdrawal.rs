//! What is withdrawn is deleted and read no more, from the same response on.

use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use tower_cookie_policy::{Basis, Category, CookieSpec};

use super::support::{accepted, consent_cookie, decide, decided, refused, set_and_deleted, table};
use crate::support::{Answer, lines, order, request, sent_back, serve, visit, with_lines};

#[test]
fn the_response_to_a_withdrawal_deletes_what_came_and_every_exact_name() {
    let policy = table().build().unwrap();
    let consent = accepted(&policy);
    let set = serve(&policy, request(&[&consent]), |_| {
        with_lines(Answer::default(), &["stats_now=1", "stats_kept=1"])
    });
    let mut jar: Vec<String> = lines(&set).iter().map(|line| sent_back(line)).collect();
    jar.extend(["promo_a=1".into(), "promo_b.c=2".into(), "plain=3".into(), consent]);
    let answer = decide(&policy, &jar.join("; "), "decision=reject");
    let (set, deleted) = set_and_deleted(&answer);
    assert_eq!(set, ["cookie_consent"]);
    let companion =
        deleted.iter().find(|name| name.starts_with("TS")).expect("the companion goes along").clone();
    assert_eq!(
        deleted,
        [
            companion,
            "promo_a".into(),
            "promo_b.c".into(),
            "stats".into(),
            "stats_kept".into(),
            "stats_now".into()
        ]
    );
    let after = consent_cookie(&answer);
    jar.pop();
    jar.push(after);
    let seen = visit(&policy, &[jar.join("; ")]);
    let names: Vec<&str> = seen.pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["plain", "cookie_consent"], "also if the browser kept them");
}

#[test]
fn what_goes_on_being_granted_stays() {
    let policy = table().build().unwrap();
    let jar = format!("stats=1; promo_a=1; {}", accepted(&policy));
    let (_, deleted) = set_and_deleted(&decide(&policy, &jar, "decision=save&statistics=on"));
    assert_eq!(deleted, ["promo_a"]);
    let (_, deleted) = set_and_deleted(&decide(&policy, &jar, "decision=accept"));
    assert_eq!(deleted, [""; 0]);
}

#[test]
fn each_path_and_domain_in_which_it_may_lie_is_deleted() {
    let row = CookieSpec::new("stats", Basis::Consent(Category::Statistics))
        .path("/shop")
        .domain("shop.example.com")
        .also_at("/", Some("example.com"))
        .also_at("/old", None);
    let policy =
        table().without("stats").domain("www.example.com").with(row).without("stats_now").build().unwrap();
    let answer = decide(&policy, &format!("stats=1; {}", accepted(&policy)), "decision=reject");
    let place = |line: &str| {
        let named = |part: &&str| ["Path", "Domain"].iter().any(|name| part.starts_with(name));
        let mut parts: Vec<&str> = line.split("; ").filter(named).collect();
        parts.sort_unstable();
        parts.join(" ")
    };
    let lines = lines(&answer);
    let deletions = || lines.iter().filter(|line| line.starts_with("stats=;"));
    let mut due = [
        "Domain=example.com Path=/",
        "Domain=shop.example.com Path=/shop",
        "Domain=www.example.com Path=/shop",
        "Path=/old",
        "Path=/shop",
    ];
    due.sort_unstable();
    for partitioned in [false, true] {
        let of_kind = deletions().filter(|line| line.contains("; Partitioned") == partitioned);
        let mut places: Vec<String> = of_kind.map(|line| place(line)).collect();
        places.sort();
        assert_eq!(places, due, "partitioned: {partitioned}");
    }
}

#[test]
fn what_turns_up_after_a_refusal_is_deleted_when_it_is_seen() {
    let policy = table().build().unwrap();
    let answer = serve(&policy, request(&[format!("promo_a=1; plain=1; {}", refused(&policy))]), |_| {
        Answer::default()
    });
    let (set, deleted) = set_and_deleted(&answer);
    assert_eq!((set, deleted), (vec![], vec!["promo_a".to_owned()]));
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    let undecided = serve(&policy, request(&["promo_a=1"]), |_| Answer::default());
    assert_eq!(lines(&undecided), [""; 0], "who has not decided has refused nothing");
    let some = decided(&policy, "decision=save&marketing=on");
    assert_eq!(
        lines(&serve(&policy, request(&[format!("promo_a=1; {some}")]), |_| Answer::default())),
        [""; 0]
    );
}

/// A header that is too long for a proxy in front would be no response at all.
#[test]
fn many_strays_go_in_several_responses() {
    let policy = table().build().unwrap();
    let mut left: Vec<String> = (0..60).map(|number| format!("promo_{number}=1")).collect();
    let withdrawn =
        decide(&policy, &format!("{}; {}", left.join("; "), accepted(&policy)), "decision=reject");
    let length: usize = lines(&withdrawn).iter().map(|line| "set-cookie: ".len() + line.len() + 2).sum();
    assert!(length < 3800, "{length}");
    let consent = consent_cookie(&withdrawn);
    let mut answer = withdrawn;
    for responses in 1.. {
        let (_, deleted) = set_and_deleted(&answer);
        left.retain(|pair| !deleted.iter().any(|name| pair.starts_with(&format!("{name}="))));
        if left.is_empty() {
            assert!(responses > 1);
            break;
        }
        assert!(responses < 10, "{left:?}");
        let jar = format!("{}; {consent}", left.join("; "));
        answer = serve(&policy, request(&[jar]), |_| Answer::default());
    }
}

#[test]
fn a_large_table_leaves_room_for_the_decision() {
    let rows = (0..40).map(|number| {
        CookieSpec::new(format!("counted_{number}").as_str(), Basis::Consent(Category::Statistics))
    });
    let policy = rows
        .fold(table().domain("example.com").without("stats_now"), |table, row| {
            table.with(row.also_at("/old", None))
        })
        .build()
        .unwrap();
    let jar = format!("promo_a=1; counted_39=1; {}", accepted(&policy));
    let answer = decide(&policy, &jar, "decision=reject");
    let length: usize = lines(&answer).iter().map(|line| "set-cookie: ".len() + line.len() + 2).sum();
    assert!(length < 3800, "{length}");
    assert!(lines(&answer)[0].starts_with("cookie_consent=1~"), "it goes first");
    let (_, deleted) = set_and_deleted(&answer);
    assert!(
        deleted.contains(&"promo_a".to_owned()) && deleted.contains(&"counted_39".to_owned()),
        "{deleted:?}"
    );
    assert_eq!(crate::support::suppressed(&answer), []);
}

/// A second one in another place would verify as well and differ, for 180 days.
#[test]
fn a_decision_counts_alone() {
    let before = table().without("stats_now").build().unwrap();
    let after = table().without("stats_now").domain("example.com").build().unwrap();
    let old = accepted(&before);
    let answer = decide(&after, &old, "decision=reject");
    let places: Vec<String> =
        lines(&answer).into_iter().filter(|line| line.starts_with("cookie_consent=")).collect();
    assert_eq!(places.len(), 2, "{places:?}");
    assert!(places[0].contains("Domain=example.com") && places[0].contains("Max-Age=15552000"), "{places:?}");
    assert!(places[1].starts_with("cookie_consent=;") && !places[1].contains("Domain"), "{places:?}");
    let host = table()
        .without("stats_now")
        .domain("example.com")
        .without("promo_*")
        .with(CookieSpec::new("__Host-promo", Basis::Consent(Category::Marketing)))
        .build()
        .unwrap();
    assert_eq!(
        crate::support::suppressed(&decide(&host, "", "decision=reject")),
        [],
        "nothing is said twice"
    );
}

#[test]
fn what_turns_up_with_a_picture_stays_until_there_is_a_page() {
    let policy = table().build().unwrap();
    for (dest, goes) in [("document", true), ("image", false), ("empty", false), ("script", false)] {
        let mut request = request(&[format!("promo_a=1; {}", refused(&policy))]);
        request.headers_mut().insert("sec-fetch-dest", HeaderValue::from_static(dest));
        let answer = serve(&policy, request, |_| Answer::default());
        assert_eq!(lines(&answer).is_empty(), !goes, "{dest}");
    }
}

#[test]
fn a_value_that_was_refused_for_its_bytes_is_deleted_as_well() {
    let policy = table().build().unwrap();
    let mut request = super::support::request(
        http::Method::POST,
        "/cookies/consent",
        "",
        &format!("decision=reject&revision={}", super::support::revision(&policy, "en")),
    );
    let value = HeaderValue::from_bytes(b"promo_a=\xff; stats_kept=x").unwrap();
    request.headers_mut().insert(http::header::COOKIE, value);
    let (_, deleted) = set_and_deleted(&super::support::ask(&policy, request));
    assert!(deleted.contains(&"promo_a".to_owned()), "{deleted:?}");
}

#[test]
fn a_response_that_is_for_all_or_no_response_of_its_own_deletes_nothing() {
    let policy = table().build().unwrap();
    let jar = [format!("promo_a=1; {}", refused(&policy))];
    let public = serve(&policy, request(&jar), |_| {
        let mut answer = Answer::default();
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        answer
    });
    assert_eq!(
        (lines(&public), public.headers()[CACHE_CONTROL].to_str().unwrap()),
        (vec![], "public, max-age=60")
    );
    let unchanged = serve(&policy, request(&jar), |_| {
        let mut answer = Answer::default();
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer
    });
    assert_eq!(lines(&unchanged), [""; 0]);
}

#[test]
fn a_handler_may_delete_without_any_consent() {
    let policy = table().build().unwrap();
    let answer = order(&policy, |cookies| cookies.remove("stats").unwrap());
    assert_eq!(set_and_deleted(&answer).1, ["stats"]);
}
