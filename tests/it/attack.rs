//! Attacks by a reviewer who had read the contract and not the code.
//!
//! What does not hold yet is ignored, with the reason.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{COOKIE, HOST, ORIGIN, REFERER, UPGRADE};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use tower_cookie_policy::{Action, CookiePolicy, Session, inspect};

use crate::session::support::answer;
use crate::support::{Answer, NOW, issue, lines, now, request, serve, with_lines};
use crate::transaction::jar::{Jar, MAIN, OF_CART, companion, guarded};

fn rejecting() -> CookiePolicy {
    guarded().action(Action::Reject).build().unwrap()
}

/// The names that an answer sets, and those that it deletes with a minus.
fn said(answer: &Answer) -> Vec<String> {
    let said = |line: &String| {
        let name = line.split('=').next().unwrap();
        if line.contains("Max-Age=0") { format!("-{name}") } else { name.to_owned() }
    };
    lines(answer).iter().map(said).collect()
}

/// The answer to a request whose handler does this with its session.
fn act(policy: &CookiePolicy, jar: &Jar, handler: impl AsyncFnOnce(Session)) -> Answer {
    let handler = async |session| (handler(session).await, Answer::default());
    now(answer(policy, jar.request(), handler)).1
}

/// What a sibling host can plant: everything but names with the prefix `__Host-`. It stays, whatever this host deletes.
fn planted(jar: Jar) -> Jar {
    Jar(jar.0.into_iter().filter(|(name, _)| !name.starts_with("__Host-")).collect())
}

/// After the visitor's own cookies, beside planted ones, have met the policy: the status of three requests in turn.
fn three_requests(policy: &CookiePolicy, own: &mut Jar, planted: &Jar) -> Vec<u16> {
    (0..3)
        .map(|_| {
            let answer = own.beside(planted, true).answer(policy, &[]);
            own.keep(&answer);
            answer.status().as_u16()
        })
        .collect()
}

/// Section 6 says that a planted set can make the visitor's ambiguous, and the docs that both count as none. Under `Reject` the
/// 403 deletes the visitor's set only, and the attacker's answers from then on.
#[test]
#[ignore = "defect: the 403 for Duplicate deletes the visitor's own set, and the planted session is let in"]
fn a_planted_session_is_not_taken_after_a_rejection() {
    let policy = rejecting();
    let mut own = Jar::default().set(&policy, &["cart=mine"]).signed_in(&policy, "victim");
    let theirs = planted(Jar::default().set(&policy, &["cart=evil"]).signed_in(&policy, "attacker"));
    three_requests(&policy, &mut own, &theirs);
    assert_ne!(own.beside(&theirs, true).user(&policy).as_deref(), Some("attacker"));
}

/// The same for a signed row, for which no transaction is needed.
#[test]
#[ignore = "defect: the 403 for Duplicate deletes the visitor's own value, and the planted one is let in"]
fn a_planted_signed_value_is_not_taken_after_a_rejection() {
    let policy = rejecting();
    let of = |value| {
        let pair = issue(&policy, "ticket", value);
        let (name, value) = pair.split_once('=').unwrap();
        Jar(vec![(name.to_owned(), value.to_owned())])
    };
    let (mut own, theirs) = (of("mine"), of("evil"));
    three_requests(&policy, &mut own, &theirs);
    assert_ne!(own.beside(&theirs, true).seen(&policy).value("ticket").as_deref(), Some("evil"));
}

/// "Forgeries alone never lock the true set out": here nothing that was planted is genuine.
#[test]
#[ignore = "defect: junk of another scope under a name that the visitor does not have answers 403 for ever"]
fn a_forgery_of_another_scope_locks_nobody_out() {
    let policy = rejecting();
    let own = Jar::default().set(&policy, &["cart=3"]).signed_in(&policy, "victim");
    let junk = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for theirs in [
        Jar(vec![junk("basket", "x"), junk(&companion("basket"), "x")]),
        Jar(vec![junk("ticket", &format!("x.{}", "A".repeat(35)))]),
        Jar(vec![junk("draft", "AAAA")]),
    ] {
        let statuses = three_requests(&policy, &mut own.clone(), &theirs);
        assert_eq!(statuses[1..], [200, 200], "{:?}", theirs.names());
    }
}

/// Nobody can plant `__Host-list`, and a planted set need not have it: it is enough that it has another guarded cookie.
#[test]
#[ignore = "defect: one guarded row without the prefix makes those with it deniable, where no session decides"]
fn a_host_cookie_is_not_drawn_into_an_ambiguity() {
    let policy = guarded().build().unwrap();
    let own = Jar::default().set(&policy, &["cart=mine", "__Host-list=mine"]);
    let theirs = planted(Jar::default().set(&policy, &["cart=evil"]));
    assert_eq!(own.beside(&theirs, true).seen(&policy).value("__Host-list").as_deref(), Some("mine"));
}

/// A row that becomes `Guarded` or `Signed` finds unsigned values, which are losses. One that becomes `Sealed` finds them, too.
#[test]
#[ignore = "defect: what was never sealed, or was plain with a dot, is Malformed and answers 403"]
fn values_from_before_a_row_was_protected_are_no_alarm() {
    let policy = rejecting();
    for cookies in ["cart=3", "theme=dark", "theme=v1.2", "draft=hello"] {
        let answer = serve(&policy, request(&[cookies]), |_| Answer::default());
        assert_eq!(answer.status(), StatusCode::OK, "{cookies}");
    }
}

/// Where a browser has one cookie of a name, one 403 is enough, whatever was tampered with.
#[test]
fn one_rejection_is_enough_within_one_scope() {
    let policy = rejecting();
    let good =
        Jar::default().set(&policy, &["cart=3", "item_a=1", "__Host-list=1"]).signed_in(&policy, "alice");
    let names = good.names();
    for chosen in 0..1_usize << names.len() {
        let mut jar = good.clone();
        for (_, name) in names.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1) {
            let value = jar.value(name).replace(|c: char| c.is_ascii_alphanumeric(), "0");
            jar = jar.with(name, &value);
        }
        let answer = jar.answer(&policy, &[]);
        jar.keep(&answer);
        assert_eq!(jar.answer(&policy, &[]).status(), StatusCode::OK, "{names:?} {chosen:b}");
        assert!(matches!(answer.status().as_u16(), 200 | 403));
    }
}

/// What a rotation signs, in every order of what ends and begins a session: what verified or was set, and nothing else.
#[test]
fn rotations_in_one_request_come_out_as_one() {
    let policy = guarded().build().unwrap();
    let begun = || Jar::default().set(&policy, &["cart=3", "__Host-list=1"]).signed_in(&policy, "alice");
    let (of_list, of_session) = (companion("__Host-list"), "TSde659670d");
    let both = |rest: &[&str]| -> BTreeSet<String> {
        [MAIN, OF_CART, &of_list].into_iter().chain(rest.iter().copied()).map(str::to_owned).collect()
    };
    let check = |jar: Jar, answer: Answer, set: BTreeSet<String>, user: Option<&str>| {
        assert_eq!(said(&answer).into_iter().collect::<BTreeSet<_>>(), set);
        assert_eq!(said(&answer).len(), set.len(), "each once");
        let mut after = jar.clone();
        after.keep(&answer);
        let seen = after.seen(&policy);
        assert_eq!(
            (seen.value("cart").as_deref(), seen.value("__Host-list").as_deref()),
            (Some("3"), Some("1"))
        );
        assert_eq!(seen.refusals, []);
        assert_eq!(after.user(&policy).as_deref(), user);
        // The old TS cookies speak for nothing under the new main.
        let stale =
            jar.with(MAIN, after.value(MAIN)).with("JSESSIONID", after.find("JSESSIONID").unwrap_or("x"));
        assert_eq!(stale.seen(&policy).pairs, [], "{:?}", stale.names());
    };
    let signed_in = ["JSESSIONID", of_session];
    let signed_out = ["-JSESSIONID", "-TSde659670d"];
    let jar = begun();
    let twice = act(&policy, &jar, async |session| {
        session.sign_in("bob").await.unwrap();
        session.sign_in("carol").await.unwrap();
    });
    check(jar, twice, both(&signed_in), Some("carol"));
    let jar = begun();
    let out_in = act(&policy, &jar, async |session| {
        session.sign_out().await.unwrap();
        session.sign_in("bob").await.unwrap();
    });
    check(jar, out_in, both(&signed_in), Some("bob"));
    let jar = begun();
    let renewed = act(&policy, &jar, async |session| {
        session.renew().await.unwrap();
        session.sign_in("bob").await.unwrap();
        session.renew().await.unwrap();
    });
    check(jar, renewed, both(&signed_in), Some("bob"));
    let jar = begun();
    let out = act(&policy, &jar, async |session| session.sign_out().await.unwrap());
    check(jar, out, both(&signed_out), None);
    // With an id that does not verify there is no session to end, and the cookie goes all the same.
    let jar = begun().with("JSESSIONID", &"F".repeat(32));
    let out = act(&policy, &jar, async |session| session.sign_out().await.unwrap());
    check(jar, out, both(&signed_out), None);
    let jar = Jar::default().set(&policy, &["cart=3", "__Host-list=1"]);
    let nothing = act(&policy, &jar, async |session| session.sign_out().await.unwrap());
    check(jar, nothing, both(&[]), None);
}

/// What was only reported or adopted is not signed by a rotation, nor is a withheld cookie, and never is one value signed for
/// another that stood beside it.
#[test]
fn a_rotation_launders_nothing() {
    let until = UNIX_EPOCH + Duration::from_secs(NOW + 100);
    let report = guarded().action(Action::Report).adopt_unsigned_until(until).build().unwrap();
    let good = Jar::default().set(&report, &["cart=3", "basket=4"]);
    let signed_in = |jar: &Jar| act(&report, jar, async |session| session.sign_in("alice").await.unwrap());
    let bad = good.with("cart", "9");
    let answer = signed_in(&bad);
    assert!(!said(&answer).contains(&OF_CART.to_owned()));
    let mut after = bad.clone();
    after.keep(&answer);
    assert_eq!(after.seen(&report).reasons("cart"), ["other_transaction"]);
    let adopted = Jar(vec![("cart".into(), "9".into()), ("basket".into(), "9".into())]);
    assert_eq!(adopted.seen(&report).refusals, []);
    assert_eq!(said(&signed_in(&adopted)), ["JSESSIONID", MAIN, "TSde659670d"]);
    // The verified one is signed again, not the last one of its name.
    let strip = guarded().build().unwrap();
    for before in [true, false] {
        let beside = good.beside(&Jar(vec![("cart".into(), "9".into())]), before);
        let answer = signed_in(&beside);
        let mut after = beside.clone();
        after.keep(&answer);
        let alone = Jar(vec![
            ("cart".into(), "9".into()),
            (MAIN.into(), after.value(MAIN).into()),
            (OF_CART.into(), after.value(OF_CART).into()),
        ]);
        assert_eq!(alone.seen(&strip).reasons("cart"), ["modified"]);
        assert_eq!(alone.with("cart", "3").seen(&strip).value("cart").as_deref(), Some("3"));
    }
}

/// The response that comes last has the main that stays, so what the *faster* of two first visits set is lost.
#[test]
fn the_slower_of_two_first_visits_keeps_its_cookies() {
    let policy = guarded().build().unwrap();
    let (fast, slow) =
        (Jar::default().answer(&policy, &["cart=1"]), Jar::default().answer(&policy, &["basket=2"]));
    let mut jar = Jar::default();
    jar.keep(&fast);
    jar.keep(&slow);
    let seen = jar.seen(&policy);
    assert_eq!(
        (seen.reasons("cart"), seen.value("basket").as_deref()),
        (vec!["other_transaction"], Some("2"))
    );
}

/// A deletion beside a cookie takes the companion of its own scope along and no other.
#[test]
fn a_deletion_elsewhere_leaves_the_companion() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for raw in [
        ["cart=5", "cart=; Max-Age=0; Path=/x"],
        ["cart=; Max-Age=0; Path=/x", "cart=5"],
        ["cart=; Max-Age=0", "cart=5"],
        ["cart=; Max-Age=0; Domain=example.com", "cart=5"],
    ] {
        let answer = jar.answer(&policy, &raw);
        assert!(said(&answer).contains(&OF_CART.to_owned()), "{raw:?}: {:?}", said(&answer));
    }
    let answer = jar.answer(&policy, &["cart=5", "cart=; Max-Age=0"]);
    assert_eq!(said(&answer), ["-cart", &format!("-{OF_CART}")]);
}

/// Where a request comes from, in spellings that fool laxer parsers.
#[test]
fn no_odd_spelling_is_our_own_origin() {
    let policy = guarded().allowed_origins(["https://pay.test"]).build().unwrap();
    let status = |host: &[&[u8]], target: &str, fields: &[(HeaderName, &[u8])]| {
        let mut request = Request::builder().method(Method::POST).uri(target).body(()).unwrap();
        for host in host {
            request.headers_mut().append(HOST, HeaderValue::from_bytes(host).unwrap());
        }
        for (name, value) in fields {
            request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
        serve(&policy, request, |_| Answer::default()).status().as_u16()
    };
    let site = HeaderName::from_static("sec-fetch-site");
    let shop: &[&[u8]] = &[b"shop.test"];
    for origin in [
        &b"https://shop.test:0"[..],
        b"https://shop.test:65536",
        b"https://shop.test:+443",
        b"https://shop.test:0443",
        b"https://shop.test:",
        b"https://shop.test/",
        b"https://shop.test?",
        b"https://shop.test#",
        b"NULL",
        b"",
        b"https://shop.test, https://shop.test",
        b"https://shop.test https://shop.test",
        b"https://shop.test@evil.test",
        b"https://evil@shop.test",
        b"https://shop.test.",
        b"https://shop.test\xff",
        b"\xa0https://shop.test",
        b"https:\\\\shop.test",
        b"https:shop.test",
        b"https:///shop.test",
        b"https://shop%2etest",
        b"https://shop\t.test",
        b"https://pay.test/",
        b"https://pay.test.evil",
        b"https://pay.test, https://evil.test",
    ] {
        assert_eq!(status(shop, "/", &[(ORIGIN, origin)]), 403, "{}", origin.escape_ascii());
    }
    for origin in
        [&b"https://shop.test"[..], b"HTTPS://SHOP.TEST", b"https://shop.test:443", b"https://pay.test"]
    {
        assert_eq!(status(shop, "/", &[(ORIGIN, origin)]), 200, "{}", origin.escape_ascii());
    }
    for value in [
        &b"same-origin, cross-site"[..],
        b"same-origin,none",
        b"",
        b"SAME-ORIGIN",
        b"same-origin;x",
        b"\"same-origin\"",
        b"same-origin\xff",
    ] {
        let fields = [(site.clone(), value), (ORIGIN, b"https://shop.test")];
        assert_eq!(status(shop, "/", &fields), 403, "{}", value.escape_ascii());
    }
    let twice = [(site.clone(), &b"same-origin"[..]), (site, b"same-origin")];
    assert_eq!(status(shop, "/", &twice), 403);
    let allowed_and_not = [(ORIGIN, &b"https://pay.test"[..]), (ORIGIN, b"https://evil.test")];
    assert_eq!(status(shop, "/", &allowed_and_not), 403);
    for referer in [
        &b"https://shop.test\\@evil.test/"[..],
        b"https://shop.test:x@evil.test/",
        b"https://a@shop.test/",
        b"about:client",
        b"/x",
        b"",
        b"https://shop.test, https://evil.test",
        b"//shop.test/",
    ] {
        assert_eq!(status(shop, "/", &[(REFERER, referer)]), 403, "{}", referer.escape_ascii());
    }
    // Hosts that are none of ours, beside an origin that says the same.
    for host in [
        &b""[..],
        b"a@shop.test",
        b"shop.test, shop.test",
        b"shop.test.",
        b"shop.test\xff",
        b"shop.test/",
        b"shop.test:65536",
        b"shop.test:0",
        b"shop.test:",
        b"[fe80::1%25eth0]",
        b"[0::1",
    ] {
        let origin = [b"https://", host].concat();
        assert_eq!(status(&[host], "/", &[(ORIGIN, &origin)]), 403, "{}", host.escape_ascii());
        assert_eq!(status(&[host], "/", &[(ORIGIN, b"https://shop.test")]), 403, "{}", host.escape_ascii());
    }
    assert_eq!(
        status(&[b"shop.test", b"shop.test"], "/", &[(ORIGIN, b"https://shop.test")]),
        403,
        "two hosts"
    );
    assert_eq!(status(&[], "/", &[(ORIGIN, b"https://shop.test")]), 403, "no host");
    assert_eq!(
        status(&[b"shop.test"], "http://real.test/", &[(ORIGIN, b"https://shop.test")]),
        403,
        "absolute form"
    );
    // Plain HTTP is our own on hosts that stay on the machine, and only there.
    for host in ["localhost", "a.localhost", "127.1.2.3", "[::1]", "localhost:3000"] {
        assert_eq!(
            status(&[host.as_bytes()], "/", &[(ORIGIN, format!("http://{host}").as_bytes())]),
            200,
            "{host}"
        );
    }
    for host in [
        "localhost.evil",
        "127.0.0.1.evil",
        "0.0.0.0",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "evillocalhost",
        "127.0.0.256",
        "127.0.0.01",
        "128.0.0.1",
    ] {
        assert_eq!(
            status(&[host.as_bytes()], "/", &[(ORIGIN, format!("http://{host}").as_bytes())]),
            403,
            "{host}"
        );
    }
}

/// A router that takes `\` for `/` is as lax as one that drops `;parameters`.
#[test]
#[ignore = "wish: a backslash, plain or encoded, is a way around a flow where the back end folds it into a slash"]
fn a_backslash_is_no_way_around_a_flow() {
    let policy = guarded().flow("/transfer", ["/account"]).build().unwrap();
    for path in ["/%5Ctransfer", "/transfer%5C", "/x/..%5Ctransfer"] {
        let answer = serve(&policy, Request::builder().uri(path).body(()).unwrap(), |_| Answer::default());
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

/// Requests, pages and `Set-Cookie` lines of whatever the dice make of true pieces: nothing panics, no session is let in but the
/// true one, the header and the handle say the same, and no TS cookie gets through. `ATTACK_ROUNDS` makes it longer.
#[test]
fn dice_find_no_way_in() {
    let rounds = std::env::var("ATTACK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1500);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let bound =
        |parts: &http::request::Parts| parts.headers.get("x-b").map_or(vec![], |v| v.as_bytes().to_vec());
    let until = UNIX_EPOCH + Duration::from_secs(NOW + 1);
    let policies = [Action::Strip, Action::Reject, Action::Report].map(|action| {
        let builder = guarded().binding(bound).action(action).adopt_unsigned_until(until);
        builder.flow("/transfer", ["/account"]).build().unwrap()
    });
    let jar = Jar::default()
        .set(&policies[0], &["cart=3", "item_a=1", "__Host-list=1"])
        .signed_in(&policies[0], "alice");
    let mut pieces: Vec<Vec<u8>> =
        jar.0.iter().flat_map(|(n, v)| [format!("{n}={v}"), n.clone(), v.clone()]).map(Into::into).collect();
    pieces.extend([issue(&policies[0], "theme", "dark").into(), issue(&policies[0], "draft", "x").into()]);
    pieces.extend(PIECES.iter().map(|piece| piece.as_bytes().to_vec()));
    for round in 0..rounds {
        let policy = &policies[dice.below(3)];
        let mut request = Request::new(());
        for _ in 0..dice.below(3) {
            if let Ok(field) = HeaderValue::from_bytes(&dice.text(&pieces, 14)) {
                request.headers_mut().append(COOKIE, field);
            }
        }
        if dice.below(3) == 0 {
            request.headers_mut().append(COOKIE, jar.header().parse().unwrap());
        }
        let others = [
            ORIGIN,
            REFERER,
            HOST,
            UPGRADE,
            HeaderName::from_static("sec-fetch-site"),
            HeaderName::from_static("x-b"),
        ];
        for name in others {
            for _ in 0..dice.below(8).saturating_sub(5) {
                if let Ok(field) = HeaderValue::from_bytes(&dice.text(&pieces, 5)) {
                    request.headers_mut().append(&name, field);
                }
            }
        }
        *request.method_mut() =
            [Method::GET, Method::POST, Method::HEAD, Method::CONNECT][dice.below(4)].clone();
        if let Ok(uri) = Uri::try_from([b"/".to_vec(), dice.text(&pieces, 5)].concat()) {
            *request.uri_mut() = uri;
        }
        let raw: Vec<_> = (0..dice.below(6)).map(|_| dice.text(&pieces, 6)).collect();
        let raw: Vec<_> = raw.into_iter().filter(|line| HeaderValue::from_bytes(line).is_ok()).collect();
        let inspected = inspect(policy, request.headers()).to_string();
        assert!(!inspected.contains(jar.value("JSESSIONID")) || raw_name(&request, jar.value("JSESSIONID")));
        let seen = std::cell::Cell::new(None);
        let answer = serve(policy, request, |request| {
            seen.set(Some(crate::support::seen_by(&request)));
            with_lines(Answer::default(), &raw)
        });
        for line in lines(&answer) {
            assert!(line.contains("; Max-Age=0") || line.contains("; SameSite="), "round {round}: {line}");
        }
        let Some(seen) = seen.take() else { continue };
        for (name, value) in &seen.pairs {
            assert!(!policy.transaction_names().contains(&name.as_str()), "round {round}: {name}");
            assert!(name != "JSESSIONID" || value == jar.value("JSESSIONID").as_bytes(), "round {round}");
        }
        let in_header =
            seen.fields.iter().flat_map(|field| field.split(|&byte| byte == b';')).filter_map(|pair| {
                let at = pair.iter().position(|&byte| byte == b'=')?;
                Some((
                    String::from_utf8_lossy(pair[..at].trim_ascii()).into_owned(),
                    pair[at + 1..].trim_ascii().to_vec(),
                ))
            });
        assert_eq!(in_header.collect::<Vec<_>>(), seen.pairs, "round {round}");
    }
}

/// Whether the dice made a name of this value, which is printed as names are.
fn raw_name(request: &Request<()>, value: &str) -> bool {
    let fields = request.headers().get_all(COOKIE).iter();
    let pairs = fields.flat_map(|field| field.as_bytes().split(|&byte| byte == b';'));
    pairs
        .filter_map(|pair| pair.split(|&byte| byte == b'=').next())
        .any(|name| name.windows(value.len()).any(|part| part == value.as_bytes()))
}

/// The same numbers each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn text(&mut self, pieces: &[Vec<u8>], most: usize) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..self.below(most) {
            let mut piece = pieces[self.below(pieces.len())].clone();
            if self.below(12) == 0 && !piece.is_empty() {
                let at = self.below(piece.len());
                piece[at] = u8::try_from(self.below(256)).unwrap();
            }
            if self.below(30) == 0 {
                piece.truncate(self.below(piece.len() + 1));
            }
            text.extend(piece);
            if self.below(3) == 0 {
                text.extend(b"; ");
            }
        }
        text
    }
}

const PIECES: &[&str] = &[
    "; ",
    ";",
    "=",
    "",
    " ",
    "\t",
    ",",
    "\"",
    "%",
    "%63art=1",
    "%54S017a625a=x",
    "item_",
    "item_=",
    "item_*=",
    "TS",
    "TS01",
    "d=",
    "; Max-Age=0",
    "; Max-Age=-1",
    "; Max-Age=99999999999999999999",
    "; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "; Expires=x",
    "; Path=/",
    "; Path=",
    "; Domain=",
    "; Domain=.x.",
    "; Secure",
    "; SameSite=None",
    "; Partitioned",
    "; HttpOnly=1",
    "cart",
    "cart=",
    "=cart",
    "JSESSIONID=",
    "\u{e9}",
    "A",
    "/",
    "\\",
    "..",
    "https://",
    "http://",
    "shop.test",
    ":",
    "@",
    "443",
    "[::1]",
    "[",
    "]",
    "null",
    "same-origin",
    "cross-site",
    "%2e",
    "%2F",
    "?",
    "#",
    "transfer",
    "account",
    "x.AfsAAAAA",
];
