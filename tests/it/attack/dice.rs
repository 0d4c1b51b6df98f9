//! What dice make of true pieces.

use std::time::{Duration, UNIX_EPOCH};

use http::header::{COOKIE, HOST, ORIGIN, REFERER, UPGRADE};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use tower_cookie_policy::{Action, inspect};

use crate::support::{Answer, NOW, issue, lines, seen_by, serve, with_lines};
use crate::transaction::jar::{Jar, guarded};

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
            seen.set(Some(seen_by(&request)));
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
