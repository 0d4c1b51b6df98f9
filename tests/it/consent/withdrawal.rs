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
    let mut places: Vec<String> = lines(&answer)
        .iter()
        .filter(|line| line.starts_with("stats=;"))
        .map(|line| {
            let kept = line
                .split("; ")
                .filter(|part| ["Path", "Domain", "Partitioned"].iter().any(|name| part.starts_with(name)));
            let mut kept: Vec<&str> = kept.collect();
            kept.sort_unstable();
            kept.join(" ")
        })
        .collect();
    places.sort();
    let mut due: Vec<String> = [
        "Domain=example.com Path=/",
        "Path=/old",
        "Domain=shop.example.com Path=/shop",
        "Domain=www.example.com Path=/shop",
        "Path=/shop",
    ]
    .iter()
    .flat_map(|place| {
        [
            (*place).to_owned(),
            place
                .replace("Path", "Partitioned Path")
                .replace("Domain=example.com Partitioned", "Domain=example.com Partitioned"),
        ]
    })
    .collect();
    for place in &mut due {
        let mut parts: Vec<&str> = place.split(' ').collect();
        parts.sort_unstable();
        *place = parts.join(" ");
    }
    due.sort();
    assert_eq!(places, due);
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
