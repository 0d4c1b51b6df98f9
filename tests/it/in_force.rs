//! The cookies in force: each with its row, and the time that it has left.

use std::cell::RefCell;
use std::time::Duration;

use tower_cookie_policy::{
    Action, Basis, CookiePolicy, CookiePolicyBuilder, CookieSpec, Cookies, Integrity, KeyRing, Lifetime,
    TestClock,
};

use crate::support::{
    Answer, NOW, issue, key, keys, lines, order, request, sent_back, serve, shop, vouched, with_lines, write,
};

/// Name, row and integrity of a cookie in force, and the seconds that it has left.
type Line = (String, String, Integrity, Option<u64>);

/// The cookies in force of a request with these `Cookie` fields.
fn in_force<T: AsRef<[u8]>>(policy: &CookiePolicy, cookies: &[T]) -> Vec<Line> {
    let found = RefCell::new(Vec::new());
    let answer = serve(policy, request(cookies), |request| {
        *found.borrow_mut() =
            request.extensions().get::<Cookies>().unwrap().in_force().iter().map(line).collect();
        Answer::default()
    });
    let vary = if policy.categories().is_empty() { "Cookie" } else { "Cookie, Sec-GPC" };
    assert_eq!(answer.headers()["vary"], vary);
    found.into_inner()
}

fn line(cookie: &tower_cookie_policy::InForce<'_>) -> Line {
    let left = cookie.remaining().map(|left| left.as_secs());
    (cookie.name().to_owned(), cookie.spec().name().to_string(), cookie.integrity(), left)
}

fn of(name: &str, row: &str, integrity: Integrity, left: Option<u64>) -> Line {
    (name.to_owned(), row.to_owned(), integrity, left)
}

fn clocked() -> (TestClock, CookiePolicyBuilder) {
    let clock = TestClock::at(NOW);
    let policy = shop().clock(clock.clock());
    (clock, policy)
}

/// What a response sets, as a browser sends it back.
fn jar(answer: &Answer) -> Vec<String> {
    lines(answer).iter().map(|line| sent_back(line)).collect()
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

#[test]
fn who_brings_no_cookie_has_none_in_force() {
    let policy = shop().build().unwrap();
    assert_eq!(in_force::<&str>(&policy, &[]), []);
    assert_eq!(in_force(&policy, &["_ga=1; cart=3; theme=dark; TS017a625a=x"]), [], "none of these holds");
}

#[test]
fn each_is_told_with_its_row_in_the_tables_order() {
    let (clock, policy) = clocked();
    let policy = policy.build().unwrap();
    let theme = issue(&policy, "theme", "dark");
    let draft = sent_back(&lines(&write(&policy, &["draft=hello"]))[0]);
    let visitor = sent_back(&lines(&order(&policy, |cookies| drop(cookies.visitor_id())))[0]);
    let guarded = vouched(&["cart=3"]);
    clock.advance(Duration::from_secs(HOUR));
    let header =
        format!("{draft}; plain=1; XRMINT=a; x=1; {theme}; i18next=de; XRMEXT=b; {guarded}; {visitor}");
    let left = 11 * HOUR;
    assert_eq!(
        in_force(&policy, &[header]),
        [
            of("OFBiz.Visitor", "OFBiz.Visitor", Integrity::Signed, Some(365 * DAY - HOUR)),
            of("i18next", "i18next", Integrity::Open, None),
            of("XRMINT", "XRM*", Integrity::Open, None),
            of("XRMEXT", "XRM*", Integrity::Open, None),
            of("TS017a625a", "TS*", Integrity::Signed, Some(left)),
            of("cart", "cart", Integrity::Guarded, Some(left)),
            of("theme", "theme", Integrity::Signed, Some(365 * DAY - HOUR)),
            of("draft", "draft", Integrity::Sealed, Some(left)),
            of("plain", "plain", Integrity::Open, None),
        ]
    );
}

#[test]
fn the_last_second_is_a_second_and_then_it_is_over() {
    let (clock, policy) = clocked();
    let policy = policy.build().unwrap();
    let header = format!("{}; {}", vouched(&["cart=3"]), issue(&policy, "ticket", "7"));
    clock.advance(Duration::from_secs(12 * HOUR - 1));
    let left: Vec<_> =
        in_force(&policy, &[&header]).into_iter().map(|(name, .., left)| (name, left)).collect();
    let one = |name: &str| (name.to_owned(), Some(1));
    assert_eq!(left, [one("TS017a625a"), one("cart"), one("ticket")]);
    clock.advance(Duration::from_secs(1));
    assert_eq!(in_force(&policy, &[&header]), []);
}

#[test]
fn a_row_that_became_shorter_ends_what_is_out_there_sooner() {
    let theme =
        |lifetime| CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed).lifetime(lifetime);
    let clock = TestClock::at(NOW);
    let policy =
        |lifetime| CookiePolicy::empty(keys()).with(theme(lifetime)).clock(clock.clock()).build().unwrap();
    let cookie = issue(&policy(Lifetime::YEAR), "theme", "dark");
    clock.advance(Duration::from_secs(DAY));
    let left = |lifetime| in_force(&policy(lifetime), &[&cookie]).first().and_then(|(.., left)| *left);
    assert_eq!(left(Lifetime::YEAR), Some(364 * DAY));
    assert_eq!(left(Lifetime::days(90)), Some(89 * DAY));
    assert_eq!(left(Lifetime::days(2)), Some(DAY));
    assert_eq!(left(Lifetime::days(1)), None, "it is over");
}

#[test]
fn a_cookie_that_was_set_for_less_has_less_left() {
    let policy = shop().build().unwrap();
    let short = jar(&order_raw(&policy, "ticket=1; Max-Age=60"));
    assert_eq!(in_force(&policy, &short), [of("ticket", "ticket", Integrity::Signed, Some(12 * HOUR))]);
    let row = CookieSpec::new("seat", Basis::essential("a test")).integrity(Integrity::Signed);
    let policy = shop().with(row.lifetime(Lifetime::days(30))).build().unwrap();
    let short = jar(&order_raw(&policy, "seat=1; Max-Age=60"));
    assert_eq!(in_force(&policy, &short), [of("seat", "seat", Integrity::Signed, Some(60))]);
}

fn order_raw(policy: &CookiePolicy, line: &str) -> Answer {
    write(policy, &[line])
}

#[test]
fn a_transaction_counts_from_when_it_started_whatever_is_set_in_it_later() {
    let (clock, policy) = clocked();
    let policy = policy.absolute_limit(Duration::from_secs(2 * HOUR)).build().unwrap();
    let mut cookies = jar(&write(&policy, &["cart=3"]));
    clock.advance(Duration::from_secs(HOUR));
    let later =
        serve(&policy, request(&[cookies.join("; ")]), |_| with_lines(Answer::default(), &["cart=4"]));
    cookies.retain(|cookie| cookie.starts_with("TS01"));
    cookies.extend(jar(&later));
    assert_eq!(
        in_force(&policy, &[cookies.join("; ")]),
        [
            of("TS017a625a", "TS*", Integrity::Signed, Some(HOUR)),
            of("cart", "cart", Integrity::Guarded, Some(HOUR))
        ]
    );
}

#[test]
fn of_a_guarded_cookie_that_nothing_vouches_for_nothing_is_promised() {
    let policy = shop().action(Action::Report).build().unwrap();
    let cookies = vouched(&["cart=3"]).replace("cart=3", "cart=4");
    assert_eq!(
        in_force(&policy, &[cookies]),
        [
            of("TS017a625a", "TS*", Integrity::Signed, Some(12 * HOUR)),
            of("cart", "cart", Integrity::Guarded, None)
        ]
    );
    let until = std::time::UNIX_EPOCH + Duration::from_secs(NOW + DAY);
    let policy = shop().adopt_unsigned_until(until).build().unwrap();
    assert_eq!(in_force(&policy, &["cart=3"]), [of("cart", "cart", Integrity::Guarded, None)]);
}

#[test]
fn what_is_refused_withheld_or_undeclared_is_not_in_force() {
    let policy = shop().build().unwrap();
    let theme = issue(&policy, "theme", "dark");
    for (cookies, expected) in [
        (vec![theme.replace("dark", "evil")], vec![]),
        (vec!["stats=1; promo_x=1; x=1; %70lain=1".to_owned()], vec![]),
        (vec![vouched(&["cart=3"]).replace("cart=3", "cart=4")], vec!["TS017a625a"]),
        (vec!["plain=1".to_owned(), "x=2".to_owned(), theme.clone()], vec!["theme", "plain"]),
    ] {
        let names: Vec<_> = in_force(&policy, &cookies).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, expected, "{cookies:?}");
    }
}

/// Each signed value keeps its own time, whatever stands between them and however often they come.
#[test]
fn times_are_not_mixed_up() {
    let row = |name: &str, days| {
        let row = CookieSpec::new(name, Basis::essential("a test")).integrity(Integrity::Signed);
        row.lifetime(Lifetime::days(days))
    };
    let sealed = CookieSpec::new("deep_*", Basis::essential("a test")).integrity(Integrity::Sealed);
    let policy = shop();
    let policy = (1..=9).fold(policy, |policy, days| policy.with(row(&format!("s{days}"), days)));
    let policy = policy.with(row("p_*", 20)).with(sealed.lifetime(Lifetime::days(50))).build().unwrap();
    let mut header = Vec::new();
    let mut expected = Vec::new();
    for days in (1..=9_u32).rev() {
        let name = format!("s{days}");
        header.push(format!("{name}=forged; between=1; plain=2"));
        header.push(issue(&policy, &name, "1"));
        header.push(issue(&policy, &name, "1"));
        expected.push((name, Some(u64::from(days) * DAY)));
    }
    for (name, days) in [("p_a", 20), ("deep_x", 50), ("p_b", 20)] {
        header.push(issue(&policy, name, "1"));
        expected.push((name.to_owned(), Some(days * DAY)));
    }
    expected.push(("plain".to_owned(), None));
    let mut found: Vec<_> =
        in_force(&policy, &[header.join("; ")]).into_iter().map(|(name, .., left)| (name, left)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_value_under_a_previous_key_ends_when_it_always_did() {
    let clock = TestClock::at(NOW);
    let policy = |ring| shop_of(ring, &clock);
    let theme = issue(&policy(keys()), "theme", "dark");
    clock.advance(Duration::from_secs(DAY));
    let rolled = policy(KeyRing::new(key(32)).accepting(key(0)).unwrap());
    let reissued = sent_back(&lines(&serve(&rolled, request(&[&theme]), |_| Answer::default()))[0]);
    assert_ne!(reissued, theme);
    for cookie in [theme, reissued] {
        let expected = of("theme", "theme", Integrity::Signed, Some(364 * DAY));
        assert_eq!(in_force(&rolled, &[cookie]), [expected]);
    }
}

fn shop_of(ring: KeyRing, clock: &TestClock) -> CookiePolicy {
    let theme =
        CookieSpec::new("theme", Basis::Requested).integrity(Integrity::Signed).lifetime(Lifetime::YEAR);
    CookiePolicy::empty(ring).with(theme).clock(clock.clock()).build().unwrap()
}

#[test]
fn what_this_response_sets_is_in_force_from_the_next_request_on() {
    let policy = shop().build().unwrap();
    let found = RefCell::new(Vec::new());
    let answer = serve(&policy, request::<&str>(&[]), |request| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        cookies.set("theme", "dark").unwrap();
        let _ = cookies.visitor_id().unwrap();
        *found.borrow_mut() = cookies.in_force().iter().map(line).collect();
        with_lines(Answer::default(), &["cart=3"])
    });
    assert_eq!(found.into_inner(), []);
    let names: Vec<_> =
        in_force(&policy, &[jar(&answer).join("; ")]).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["OFBiz.Visitor", "TS017a625a", "cart", "theme"]);
}

#[test]
fn no_value_is_in_it() {
    let policy = shop().build().unwrap();
    let header =
        format!("{}; plain=s3cr3t; {}", issue(&policy, "theme", "s3cr3t"), vouched(&["cart=s3cr3t"]));
    serve(&policy, request(&[header]), |request| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        let text = format!("{:?}", cookies.in_force());
        assert!(text.contains("theme") && text.contains("cart") && !text.contains("s3cr3t"), "{text}");
        Answer::default()
    });
}
