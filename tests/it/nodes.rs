//! `bsloc`: which node a session is routed to.

use std::time::Duration;

use axum::body::Body;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, EXPIRES, ORIGIN, SET_COOKIE, VARY};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use tower::ServiceExt;
use tower_cookie_policy::{
    Action, Basis, BuildError, CookiePolicy, CookiePolicyBuilder, CookieSpec, Cookies, Finding, Integrity,
    KeyRing, Node, NodeState, RefusalReason, Role, RoutingError, Session, StoreErrorKind, inspect,
};

use crate::layers::tokio_stream;
use crate::session::staged::{Act, Staged};
use crate::session::support::answer;
use crate::support::{
    Answer, NOW, attributes, key, keys, lines, now, request, serve, visit, vouched, vouched_at, with_lines,
};
use crate::transaction::jar::{Jar, MAIN, OF_NODE, clocked, guarded, refused, verifies};

/// Labels of web-1 to web-3 under [`keys`], and of the first two under another key, computed by another implementation of HMAC
/// and HKDF (CPython's `hmac` and `hashlib`).
const WEB_1: &str = "JeKrPlkEubY";
const WEB_2: &str = "Nd2cE9nWT6g";
const WEB_3: &str = "BQ8BXETtvVY";
const WEB_1_OF_OLD: &str = "TaLJCoRKOrU";
const WEB_2_OF_OLD: &str = "t3RZChFhqCA";
/// Of web-1 under the policy `shop`.
const WEB_1_ELSEWHERE: &str = "lh9ozwBIcHk";

/// The site as web-1 sees it.
fn site() -> CookiePolicyBuilder {
    guarded().nodes([Node::new("web-1"), Node::draining("web-2"), Node::dead("web-3"), Node::new("web-4")])
}

/// A jar with this label, signed in a transaction of its own.
fn labelled(label: &str) -> Jar {
    let pairs = vouched_at(NOW, &[format!("bsloc={label}")]);
    let pairs = pairs.iter().map(|pair| pair.split_once('=').unwrap());
    Jar(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// What an answer says of the node.
fn said(answer: &Answer) -> Option<String> {
    let mut values = lines(answer).into_iter().filter_map(|line| {
        let value = line.strip_prefix("bsloc=")?.split(';').next().unwrap().to_owned();
        Some(value)
    });
    let first = values.next();
    assert_eq!(values.next(), None, "{:?}", lines(answer));
    first
}

/// What a plain request's answer says of the node.
fn routed(policy: &CookiePolicy, jar: &Jar) -> Option<String> {
    said(&jar.answer(policy, &[]))
}

/// The node that a handler hears of.
fn node(policy: &CookiePolicy, jar: &Jar) -> Option<(String, NodeState)> {
    let heard = std::cell::RefCell::new(None);
    serve(policy, jar.request(), |request| {
        *heard.borrow_mut() = request.extensions().get::<Cookies>().unwrap().node();
        Answer::default()
    });
    heard.into_inner().map(|node: Node| (node.name().to_owned(), node.state()))
}

/// The answer to a request whose handler does this with its session.
fn act(policy: &CookiePolicy, jar: &Jar, handler: impl AsyncFnOnce(Session)) -> Answer {
    now(answer(policy, jar.request(), async |session| (handler(session).await, Answer::default()))).1
}

#[test]
fn it_comes_with_the_session_on_every_status() {
    for status in [200, 204, 303, 304, 404, 500] {
        let policy = site().build().unwrap();
        let answer = now(answer(&policy, Request::new(()), async |session| {
            session.insert("note", "milk").await.unwrap();
            let mut answer = Answer::default();
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            ((), answer)
        }))
        .1;
        assert_eq!(said(&answer).as_deref(), Some(WEB_1), "{status}");
        let line = lines(&answer).into_iter().find(|line| line.starts_with("bsloc=")).unwrap();
        assert_eq!(attributes(&line), ["httponly", "path=/", "samesite=lax", "secure"]);
        let mut jar = Jar::default();
        jar.keep(&answer);
        verifies(&policy, &jar);
        assert_eq!(node(&policy, &jar), Some(("web-1".into(), NodeState::Live)));
        assert_eq!(routed(&policy, &jar), None, "it is there already");
    }
}

#[tokio::test]
async fn it_comes_with_the_session_of_a_stream() {
    async fn begin(session: Session) -> Body {
        session.insert("note", "milk").await.unwrap();
        let pieces = ["a", "b"].map(|piece| Ok::<_, std::io::Error>(http_body::Frame::data(piece.into())));
        Body::new(http_body_util::StreamBody::new(tokio_stream(pieces)))
    }
    let policy = site().build().unwrap();
    let app = Router::new().route("/", get(begin)).layer(policy.layer());
    let answer = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let set = answer.headers().get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    assert_eq!(set.filter(|line| line.starts_with(&format!("bsloc={WEB_1};"))).count(), 1);
}

/// Nobody gets it who has not come with one, before there is a session, whatever else is set or refused.
#[test]
fn without_a_session_nobody_gets_one() {
    let policy = site().build().unwrap();
    assert_eq!(lines(&Jar::default().answer(&policy, &[])), [""; 0]);
    let jar = Jar::default().set(&policy, &["cart=3"]);
    assert_eq!(jar.find("bsloc"), None);
    for header in
        ["JSESSIONID=0123456789ABCDEF0123456789ABCDEF", "cart=1; %62sloc=x; bslo=x; BSLOC=x", "bsloc"]
    {
        assert_eq!(said(&serve(&policy, request(&[header]), |_| Answer::default())), None, "{header}");
    }
    let looked =
        act(&policy, &Jar::default(), async |session| assert_eq!(session.user().await.unwrap(), None));
    assert_eq!(lines(&looked), [""; 0]);
    // A line of a handler's own does not leave.
    assert_eq!(said(&jar.answer(&policy, &["bsloc=JeKrPlkEubY", "bsloc=; Max-Age=0"])), None);
    let handle = crate::support::order(&policy, |cookies| {
        assert!(cookies.set("bsloc", WEB_1).is_err() && cookies.remove("bsloc").is_err());
    });
    assert_eq!(lines(&handle), [""; 0]);
}

/// The session is where it began, or went on under another id: the label follows it.
#[test]
fn the_label_follows_the_session() {
    let policy = site().build().unwrap();
    for (label, set) in
        [(WEB_1, None), (WEB_2, Some(WEB_1)), (WEB_3, Some(WEB_1)), ("abcdefgh_-1", Some(WEB_1))]
    {
        let jar = labelled(label);
        for begin in [true, false] {
            let answer = act(&policy, &jar, async |session| match begin {
                true => session.insert("note", "milk").await.unwrap(),
                false => session.sign_in("alice").await.unwrap(),
            });
            assert_eq!(said(&answer).as_deref(), set, "{label}");
            let mut jar = jar.clone();
            jar.keep(&answer);
            verifies(&policy, &jar);
            assert_eq!(node(&policy, &jar), Some(("web-1".into(), NodeState::Live)));
        }
    }
    let jar = Jar::default().signed_in(&policy, "alice");
    let renewed = act(&policy, &jar, async |session| session.renew().await.unwrap());
    assert_eq!(said(&renewed), None);
    // It is a hint about the way, so who signs out keeps it.
    let out = jar.signed_out(&policy);
    assert_eq!((out.names(), out.value("bsloc")), (vec!["bsloc".into(), MAIN.into(), OF_NODE.into()], WEB_1));
}

/// What comes, whether it is let in and as what node, or why not, and the label that the answer sets.
#[test]
fn a_label_that_leads_nowhere_is_issued_anew() {
    for action in [Action::Strip, Action::Reject, Action::Report] {
        let policy = site().action(action).build().unwrap();
        let elsewhere = CookiePolicy::broadcloud(keys()).id("shop").node("web-1").build().unwrap();
        let jar = |label| labelled(label);
        let admitted = [
            (jar(WEB_1), "web-1", NodeState::Live),
            (jar(WEB_2), "web-2", NodeState::Draining),
            (jar("RN6_IlMsouk").with("x", "y"), "web-4", NodeState::Live),
        ];
        for (jar, name, state) in admitted {
            assert_eq!(node(&policy, &jar), Some((name.into(), state)), "{jar:?}");
            assert_eq!(lines(&jar.answer(&policy, &[])), [""; 0], "{jar:?}");
        }
        for (jar, reason) in [
            (jar(WEB_3), "dead"),
            (jar("abcdefgh_-1"), "unknown"),
            (jar(WEB_1_OF_OLD), "unknown"),
            (jar(WEB_1_ELSEWHERE), "unknown"),
            (jar(&WEB_1.to_lowercase()), "unknown"),
            (jar(WEB_1).with("bsloc", WEB_2), "modified"),
            (jar(WEB_1).with("bsloc", &format!("\"{WEB_1}\"")), "modified"),
            (jar(WEB_1).with("bsloc", ""), "modified"),
            (jar(&format!("\"{WEB_1}\"")), "malformed"),
            (jar("n1"), "malformed"),
            (jar("JeKrPlkEubY%00"), "malformed"),
            (jar(WEB_1).with("bsloc", "\u{e4}"), "non_ascii"),
            (jar(WEB_1).with(OF_NODE, "x"), "malformed"),
            (jar(WEB_1).with(OF_NODE, ""), "malformed"),
            (jar(WEB_1).without(OF_NODE), "unsigned"),
            (jar(WEB_1).with(MAIN, labelled(WEB_1).value(MAIN)), "other_transaction"),
            (Jar(vec![("bsloc".into(), WEB_1.into())]), "unsigned"),
            (Jar::default().signed_in(&elsewhere, "alice").only(&["bsloc"]), "unsigned"),
        ] {
            refused(&policy, &jar, "bsloc", reason);
            let answer = jar.answer(&policy, &[]);
            assert_eq!(answer.status(), StatusCode::OK, "{action:?} {jar:?}");
            assert_eq!(said(&answer).as_deref(), Some(WEB_1), "{action:?} {jar:?}");
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
            assert!(!answer.headers().contains_key(VARY), "the handler has not asked");
            let mut after = jar.clone();
            after.keep(&answer);
            verifies(&policy, &after);
            assert_eq!(lines(&after.answer(&policy, &[])), [""; 0], "once is enough");
        }
    }
}

/// Where the main was lost no other begins for a label: it comes with the next session.
#[test]
fn a_lost_main_is_not_replaced_for_it() {
    for action in [Action::Strip, Action::Reject, Action::Report] {
        let policy = site().action(action).build().unwrap();
        for jar in [labelled(WEB_1).without(MAIN), labelled(WEB_1).with(MAIN, "x")] {
            refused(&policy, &jar, "bsloc", "no_transaction");
            let answer = jar.answer(&policy, &[]);
            assert_eq!((answer.status(), lines(&answer)), (StatusCode::OK, vec![]));
            let jar = jar.signed_in(&policy, "alice");
            assert_eq!(node(&policy, &jar), Some(("web-1".into(), NodeState::Live)));
        }
    }
}

/// What is beside the label stays what it was, and where a transaction goes on no other begins.
#[test]
fn nothing_beside_it_is_touched() {
    let policy = site().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "alice");
    let bad = jar.with("bsloc", WEB_2);
    let answer = bad.answer(&policy, &[]);
    let names: Vec<_> =
        lines(&answer).iter().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["bsloc", OF_NODE]);
    let mut after = bad.clone();
    after.keep(&answer);
    verifies(&policy, &after);
    assert_eq!((after.value(MAIN), after.user(&policy).as_deref()), (jar.value(MAIN), Some("alice")));
    // Together with what the handler sets, deletes, and with a sign-out.
    let mut after = bad.clone();
    after.keep(&bad.answer(&policy, &["cart=4", "theme=dark"]));
    assert_eq!((after.value("cart"), after.value("bsloc")), ("4", WEB_1));
    verifies(&policy, &after);
    let out = bad.signed_out(&policy);
    assert_eq!((out.value("bsloc"), out.find("JSESSIONID")), (WEB_1, None));
    verifies(&policy, &out);
}

/// One of several that is let in is enough.
#[test]
fn a_good_one_beside_bad_ones_is_enough() {
    let policy = site().build().unwrap();
    for good in [WEB_1, WEB_2] {
        for bad in [WEB_3, WEB_1, WEB_2, "x", "\"", "\u{e4}", ""] {
            for before in [true, false] {
                let jar = labelled(good).beside(&Jar(vec![("bsloc".into(), bad.into())]), before);
                assert!(node(&policy, &jar).is_some(), "{good} {bad}");
                assert_eq!(lines(&jar.answer(&policy, &[])), [""; 0], "{good} {bad}");
            }
        }
    }
    // Two that are genuine, of one transaction: one that is dead does not count, and two that do are none.
    let both = |one: &str, other: &str| vouched(&[format!("bsloc={one}"), format!("bsloc={other}")]);
    let seen = visit(&policy, &[both(WEB_3, WEB_2)]);
    assert_eq!((seen.value("bsloc").as_deref(), seen.reasons("bsloc")), (Some(WEB_2), vec!["dead"]));
    for action in [Action::Strip, Action::Reject] {
        let policy = site().action(action).build().unwrap();
        let seen = visit(&policy, &[both(WEB_1, WEB_2)]);
        assert_eq!((seen.value("bsloc"), seen.reasons("bsloc")), (None, vec!["duplicate", "duplicate"]));
        let answer = serve(&policy, request(&[both(WEB_1, WEB_2)]), |_| Answer::default());
        assert_eq!((answer.status(), said(&answer).as_deref()), (StatusCode::OK, Some(WEB_1)));
    }
}

/// A planted set makes the visitor's ambiguous. Were another transaction begun for the label, the planted one would be the only
/// one of a session from then on.
#[test]
fn an_ambiguity_is_not_settled_for_it() {
    let policy = site().build().unwrap();
    let theirs = Jar::default().signed_in(&policy, "attacker");
    for theirs in [theirs.clone(), theirs.with("bsloc", "\u{e4}"), theirs.with("bsloc", "x")] {
        for before in [true, false] {
            let mut own = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "victim");
            for _ in 0..3 {
                let answer = own.beside(&theirs, before).answer(&policy, &[]);
                assert_eq!(lines(&answer), [""; 0]);
                own.keep(&answer);
            }
            assert_eq!(own.beside(&theirs, before).user(&policy), None);
            assert_eq!(own.user(&policy).as_deref(), Some("victim"), "nothing of it was lost");
        }
    }
}

/// Where a cache may keep the response, or may have it, the label waits for another one.
#[test]
fn it_is_not_issued_anew_where_others_would_get_it() {
    let policy = site().build().unwrap();
    let ring = KeyRing::new(key(0)).accepting(key(32)).unwrap();
    let rolled = CookiePolicy::broadcloud(ring).node("web-1").clock(clocked().0.clock()).build().unwrap();
    let cases: [(u16, &'static str, &'static str, bool); 9] = [
        (200, "", "", true),
        (500, "", "", true),
        (200, "cache-control", "private, max-age=60", true),
        (200, "cache-control", "no-store", true),
        (304, "", "", false),
        (200, "cache-control", "public", false),
        (200, "cache-control", "max-age=60", false),
        (200, EXPIRES.as_str(), "Wed, 23 Dec 2026 17:43:12 GMT", false),
        (404, "cdn-cache-control", "max-age=60", false),
    ];
    for (policy, label) in [(&policy, WEB_3), (&policy, "n1"), (&rolled, WEB_1_OF_OLD)] {
        for (status, name, value, set) in cases {
            let answer = serve(policy, labelled(label).request(), |_| {
                let mut answer = Answer::default();
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                if !name.is_empty() {
                    answer
                        .headers_mut()
                        .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
                }
                answer
            });
            assert_eq!(said(&answer).as_deref(), set.then_some(WEB_1), "{label} {status} {name}: {value}");
            if !set && !name.is_empty() {
                assert_eq!(answer.headers()[name], value, "nothing else of it is changed");
            }
        }
    }
}

/// A request that is rejected, for something else, is answered for that alone.
#[test]
fn a_rejection_sets_none() {
    let policy = site().action(Action::Reject).build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "alice");
    let bad = jar.with("cart", "4").with("bsloc", WEB_2);
    let answer = bad.answer(&policy, &[]);
    assert_eq!((answer.status(), said(&answer)), (StatusCode::FORBIDDEN, None));
    let mut after = bad.clone();
    after.keep(&answer);
    assert_eq!(routed(&policy, &after).as_deref(), Some(WEB_1));
    // From elsewhere.
    let mut request = jar.with("bsloc", WEB_2).request();
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
    let answer = serve(&policy, request, |_| panic!("not asked"));
    assert_eq!((answer.status(), lines(&answer)), (StatusCode::FORBIDDEN, vec![]));
}

/// What the store has not confirmed is answered with 503 and without cookies, this one included; the next answer sets it.
#[test]
fn a_failure_sets_none() {
    let store = Staged::new();
    let policy = site().store(store.clone()).build().unwrap();
    store.plays(|_| Act::Refuse(StoreErrorKind::Unavailable));
    for jar in [Jar::default(), labelled(WEB_3)] {
        let answer = act(&policy, &jar, async |session| drop(session.insert("note", "milk").await));
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
        assert_eq!(routed(&policy, &jar).is_some(), jar != Jar::default());
    }
}

/// T31: after half a day the transaction is over, and the label comes with the next session, in another one.
#[test]
fn it_outlives_its_transaction() {
    let (clock, _) = clocked();
    let policy = site().clock(clock.clock()).build().unwrap();
    let mut jar = Jar::default().signed_in(&policy, "alice");
    clock.advance(Duration::from_secs(12 * 3600));
    refused(&policy, &jar.only(&["bsloc", MAIN, OF_NODE]), "bsloc", "expired");
    assert_eq!(lines(&jar.answer(&policy, &[])), [""; 0]);
    jar = jar.signed_in(&policy, "alice");
    assert_eq!(node(&policy, &jar), Some(("web-1".into(), NodeState::Live)));
}

/// Accept the new key everywhere, then sign with it: each node's visitors keep it, and get the new label from it.
#[test]
fn a_key_is_rolled_without_a_visitor_who_moves() {
    let at = |ring: KeyRing, own: &str| {
        let builder = CookiePolicy::broadcloud(ring).node(own).nodes(["web-1", "web-2"]);
        builder.clock(clocked().0.clock()).build().unwrap()
    };
    let before = KeyRing::new(key(32));
    let both = KeyRing::new(key(32)).accepting(key(0)).unwrap();
    let rolled = KeyRing::new(key(0)).accepting(key(32)).unwrap();
    let jar = Jar::default().signed_in(&at(before, "web-1"), "alice");
    assert_eq!(jar.value("bsloc"), WEB_1_OF_OLD);
    assert_eq!(routed(&at(both.clone(), "web-1"), &jar), None);
    // The new labels are known where they are not issued yet, so a node that is ahead leads nobody astray.
    let ahead = Jar::default().signed_in(&at(rolled.clone(), "web-1"), "alice");
    assert_eq!(ahead.value("bsloc"), WEB_1);
    assert_eq!(node(&at(both.clone(), "web-2"), &ahead), Some(("web-1".into(), NodeState::Live)));
    let policy = at(rolled.clone(), "web-1");
    assert_eq!(node(&policy, &jar), Some(("web-1".into(), NodeState::Live)));
    let mut after = jar.clone();
    after.keep(&jar.answer(&policy, &[]));
    assert_eq!(after.value("bsloc"), WEB_1);
    assert_eq!(after.value(MAIN), jar.value(MAIN), "the transaction is not begun anew for it");
    verifies(&policy, &after);
    // Another node honours it, and leaves it to its own.
    assert_eq!(routed(&at(rolled, "web-2"), &jar), None);
    for policy in [&policy, &at(both, "web-2")] {
        let lines = policy.haproxy_routing().unwrap();
        assert!(
            [WEB_1, WEB_1_OF_OLD, WEB_2, WEB_2_OF_OLD].iter().all(|label| lines.contains(label)),
            "{lines}"
        );
    }
    assert_eq!(policy.node_label("web-2").as_deref(), Some(WEB_2));
}

#[test]
fn labels_are_those_of_listed_nodes() {
    let policy = site().build().unwrap();
    for (name, label) in
        [("web-1", Some(WEB_1)), ("web-2", Some(WEB_2)), ("web-3", Some(WEB_3)), ("web-5", None), ("", None)]
    {
        assert_eq!(policy.node_label(name).as_deref(), label, "{name}");
    }
    let alone = guarded().build().unwrap();
    assert_eq!((alone.node_label("web-1").as_deref(), alone.node_label("web-2")), (Some(WEB_1), None));
    assert_eq!(guarded().nodes([""; 0]).build().unwrap().node_label("web-1").as_deref(), Some(WEB_1));
    let without = guarded().without("bsloc").build().unwrap();
    assert_eq!((without.node_label("web-1"), node(&without, &labelled(WEB_1))), (None, None));
    // A row of another name is the same row.
    let row = CookieSpec::new("__Host-at", Basis::essential("a test")).integrity(Integrity::Guarded);
    let renamed = site().without("bsloc").with(row.role(Role::Node)).build().unwrap();
    let jar = Jar::default().signed_in(&renamed, "alice");
    assert_eq!(jar.value("__Host-at"), WEB_1);
    assert_eq!(node(&renamed, &jar), Some(("web-1".into(), NodeState::Live)));
    assert!(renamed.haproxy_routing().unwrap().contains("req.cook(__Host-at)"));
}

/// Asked through the handle or the extractor, the answer varies by `Cookie`.
#[tokio::test]
async fn a_handler_hears_the_node() {
    async fn whoami(node: Option<Node>) -> Json<Option<String>> {
        Json(node.map(|node| node.name().to_owned()))
    }
    let policy = site().build().unwrap();
    let app = Router::new().route("/", get(whoami).merge(post(whoami))).layer(policy.layer());
    for (jar, body) in
        [(labelled(WEB_2), "\"web-2\""), (labelled(WEB_3), "null"), (Jar::default().with("x", "y"), "null")]
    {
        let request = Request::builder().header("cookie", jar.header()).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.headers()[VARY], "Cookie");
        let bytes = axum::body::to_bytes(answer.into_body(), 99).await.unwrap();
        assert_eq!(bytes, body.as_bytes());
    }
    let bare: Router = Router::new().route("/", get(whoami));
    let answer = bare.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let bytes = axum::body::to_bytes(answer.into_body(), 999).await.unwrap();
    assert!(
        String::from_utf8_lossy(&bytes).starts_with("the extractor `Option<Node>` needs the policy's layer")
    );
}

#[test]
fn inspection_says_why() {
    let policy = site().build().unwrap();
    for (label, finding) in [
        (WEB_2, Finding::Admitted),
        (WEB_3, Finding::Refused(RefusalReason::Dead)),
        ("abcdefgh_-1", Finding::Refused(RefusalReason::Unknown)),
    ] {
        let found = inspect(&policy, labelled(label).request().headers());
        let of_node = found.cookies().find(|cookie| cookie.name() == "bsloc").unwrap();
        assert_eq!(of_node.finding(), &finding, "{found}");
    }
    assert_eq!((RefusalReason::Dead.to_string().as_str(), policy.counts().refused.len()), ("dead", 0));
    labelled(WEB_3).answer(&policy, &[]);
    assert_eq!(policy.counts().refused.into_iter().collect::<Vec<_>>(), [("dead", 1)]);
}

/// T6: no label is printed, not even of those that the policy would issue.
#[test]
fn no_label_is_printed() {
    let policy = site().build().unwrap();
    let mut printed = vec![format!("{:?} {policy:?} {:?}", site(), policy.layer())];
    let jar = labelled(WEB_3).beside(&labelled(WEB_2), true);
    let answer = serve(&policy, jar.request(), |request| {
        assert!(!format!("{:?} {request:?}", request.extensions().get::<Cookies>()).contains("BQ8BXETtvVY"));
        let cookies = request.extensions().get::<Cookies>().unwrap();
        assert!(!format!("{cookies:?} {:?} {:?}", cookies.node(), cookies.refusals()).contains(WEB_2));
        with_lines(Answer::default(), &[format!("bsloc={WEB_1}")])
    });
    printed.push(format!("{:?} {:?}", answer.extensions(), answer.headers()));
    printed.push(format!("{:?}", inspect(&policy, jar.request().headers())));
    printed.push(policy.to_json().unwrap() + &policy.to_toml().unwrap());
    printed.push(policy.declaration("en").to_json());
    for text in printed {
        assert!(![WEB_1, WEB_2, WEB_3].iter().any(|label| text.contains(label)), "{text}");
    }
}

#[test]
fn a_list_that_cannot_be_is_quoted() {
    let preset = || CookiePolicy::broadcloud(keys()).node("web-1");
    let many = (0..1001).map(|at| format!("web-{at}"));
    let long = "n".repeat(256);
    type Is = fn(&BuildError) -> bool;
    let cases: Vec<(CookiePolicyBuilder, Is, Vec<&str>)> = vec![
        (
            preset().nodes(["web-2", "web-3"]),
            |e| matches!(e, BuildError::UnlistedNode { .. }),
            vec!["\"web-1\"", "[\"web-2\", \"web-3\"]"],
        ),
        (
            preset().nodes([Node::dead("web-1"), Node::new("web-2")]),
            |e| matches!(e, BuildError::DeadNode { .. }),
            vec!["\"web-1\"", "Node::draining("],
        ),
        (
            preset().nodes([Node::new("web-1"), Node::new("web-2"), Node::dead("web-2")]),
            |e| matches!(e, BuildError::DuplicateNode { .. }),
            vec!["\"web-2\""],
        ),
        (preset().nodes(["web-1", ""]), |e| matches!(e, BuildError::IllegalNode { .. }), vec!["\"\""]),
        (preset().nodes(["web-1", &long]), |e| matches!(e, BuildError::IllegalNode { .. }), vec![&long]),
        (preset().nodes(many), |e| matches!(e, BuildError::ManyNodes { .. }), vec!["1001", "1000"]),
        (
            CookiePolicy::broadcloud(keys()).nodes(["web-1"]),
            |e| matches!(e, BuildError::NoNode { .. }),
            vec!["\"bsloc\"", ".node("],
        ),
        (
            preset().without("bsloc").with(
                CookieSpec::new("at", Basis::essential("a test"))
                    .integrity(Integrity::Guarded)
                    .role(Role::Node)
                    .action(Action::Reject),
            ),
            |e| matches!(e, BuildError::UselessAction { .. }),
            vec!["\"at\"", "Reject", "issued anew"],
        ),
    ];
    for (builder, is, quoted) in cases {
        let error = builder.build().unwrap_err();
        assert!(is(&error), "{error}");
        for quote in quoted {
            assert!(error.to_string().contains(quote), "{quote} in {error}");
        }
    }
    let most = (0..1000).map(|at| format!("web-{at}"));
    assert!(preset().nodes(most).build().is_ok());
    assert!(preset().nodes([Node::draining("web-1")]).build().is_ok(), "it may be on its way out");
}

#[test]
fn a_list_survives_its_documents() {
    for (listed, toml) in [
        (vec![], ""),
        (vec![Node::new("web-1")], "nodes = [\"web-1\"]\n"),
        (
            vec![Node::new("web-1"), Node::draining("web-2"), Node::dead("web-3")],
            "nodes = [\"web-1\", { name = \"web-2\", state = \"draining\" }, { name = \"web-3\", state = \"dead\" }]\n",
        ),
        (vec![Node::draining("web-1"), Node::dead("web-2")], ""),
    ] {
        let policy = guarded().nodes(listed.clone()).build().unwrap();
        let (written, json) = (policy.to_toml().unwrap(), policy.to_json().unwrap());
        assert!(written.contains(toml), "{written}");
        assert_eq!(written.contains("nodes"), !listed.is_empty(), "{written}");
        for again in [CookiePolicy::from_toml(&written, keys()), CookiePolicy::from_json(&json, keys())] {
            let again = again.unwrap().build().unwrap();
            assert_eq!((again.to_toml().unwrap(), again.to_json().unwrap()), (written.clone(), json.clone()));
            for node in &listed {
                assert_eq!(again.node_label(node.name()), policy.node_label(node.name()));
            }
        }
    }
    for (list, field, said) in [
        ("[\"web-1\", { name = \"web-2\", state = \"idle\" }]", "nodes[1].state", "unknown variant `idle`"),
        ("[{ name = \"web-1\", weight = 3 }]", "nodes[0].weight", "unknown field `weight`"),
        ("[1]", "nodes[0]", "a node's name, or a table of its `name` and `state`"),
    ] {
        let error = CookiePolicy::from_toml(&format!("nodes = {list}"), keys()).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(error.to_string().contains(said) && error.line() == Some(1), "{error}");
    }
}

#[test]
fn haproxy_is_told_who_goes_where() {
    let ring = || KeyRing::new(key(0)).accepting(key(32)).unwrap();
    let nodes = [Node::new("web-1"), Node::draining("web-2"), Node::dead("web-3")];
    let preset = |own: &str| CookiePolicy::broadcloud(ring()).node(own);
    let lines = preset("web-1").nodes(nodes).build().unwrap().haproxy_routing().unwrap();
    let (said, rules): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.starts_with('#'));
    assert!(!said.is_empty() && said.iter().all(|line| line.len() < 128), "{lines}");
    assert_eq!(
        rules,
        [
            "use-server web-1 if { req.cook(bsloc) -m str -- JeKrPlkEubY TaLJCoRKOrU }",
            "use-server web-2 if { req.cook(bsloc) -m str -- Nd2cE9nWT6g t3RZChFhqCA }",
        ]
    );
    for (name, legal) in
        [("a.b:8_0-x", true), ("web 1", false), ("web{1}", false), ("w\u{e9}b", false), ("web\n1", false)]
    {
        let made = preset(name).build().unwrap().haproxy_routing();
        assert_eq!(made.is_ok(), legal, "{name}");
        if let Err(error) = made {
            assert_eq!(error, RoutingError::IllegalServer { node: name.to_owned() });
            assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
        }
    }
    let error = preset("web-1").without("bsloc").build().unwrap().haproxy_routing().unwrap_err();
    assert!(error.to_string().contains(".role(Role::Node)"), "{error}");
    let row = |name: &str| {
        CookieSpec::new(name, Basis::essential("a test")).integrity(Integrity::Guarded).role(Role::Node)
    };
    let odd = preset("web-1").without("bsloc").with(row("bs'loc")).build().unwrap();
    assert!(odd.haproxy_routing().unwrap_err().to_string().contains("\"bs'loc\""));
}

/// A line has at most 64 words there, so many keys are several lines.
#[test]
fn many_keys_are_several_lines() {
    let mut ring = KeyRing::new(key(0));
    for first in 1..=u8::MAX {
        // Of keys that have one id, the first one.
        ring = ring.clone().accepting(key(first)).unwrap_or(ring);
    }
    let policy = CookiePolicy::broadcloud(ring).node("web-1").build().unwrap();
    let lines = policy.haproxy_routing().unwrap();
    let rules: Vec<&str> = lines.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(rules.len() > 2, "{}", rules.len());
    assert!(
        rules.iter().all(|line| line.split(' ').count() <= 64 && line.starts_with("use-server web-1 if {"))
    );
    let firsts = rules[0].split(' ').nth(8);
    assert_eq!(firsts, Some(WEB_1));
}
