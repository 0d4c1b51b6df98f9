//! T6: no value of a cookie and no key in any log, `Debug`, report or error.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::prelude::*;

use tower_cookie_policy::{Cookies, Key, KeyRing, Report};

use crate::support::{Answer, key, lines, request, serve, shop, with_lines};

thread_local! {
    /// What this thread's events say, while it listens. The subscriber is everyone's: one that only this thread had would
    /// be at the mercy of which thread meets an event first.
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Keeps what the subscriber prints of this thread's events.
struct Heard;

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that is logged on this thread, at every level, while this runs.
pub(crate) fn logged(run: impl FnOnce()) -> String {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let listening = dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some));
        let layer = tracing_subscriber::fmt::layer().with_writer(|| Heard).with_filter(listening);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    });
    HEARD.set(Some(Vec::new()));
    tracing::trace!("the least that is heard");
    run();
    let heard = String::from_utf8(HEARD.take().unwrap()).unwrap();
    assert!(heard.contains("the least that is heard"), "{heard}");
    heard
}

const SECRET: &str = "s3cr3t";

#[test]
fn nothing_secret_is_printed() {
    let mut printed = Vec::new();
    let logged = logged(|| printed = everything_printed());
    for event in ["request cookie refused", "response cookie suppressed"] {
        assert_eq!(logged.contains(event), cfg!(feature = "tracing"), "{logged}");
    }
    printed.push(logged);
    for text in printed {
        assert!(!text.contains(SECRET), "{text}");
        assert!(
            !text.contains("AftrB") && !text.contains("00010203") && !text.contains("[0, 1, 2, 3"),
            "{text}"
        );
    }
}

/// `Debug` and `Display` of everything public that has seen the secret.
fn everything_printed() -> Vec<String> {
    let builder = shop();
    let mut printed =
        vec![format!("{builder:?}"), format!("{:?}", key(0)), format!("{:?}", KeyRing::new(key(0)))];
    let policy = builder.build().unwrap();
    let layer = policy.layer();
    printed.push(format!("{policy:?} {layer:?} {:?} {:?}", policy.lint(), policy.declaration("en")));
    let issued = crate::support::order(&policy, |cookies| cookies.set("theme", SECRET).unwrap());
    let theme = crate::support::sent_back(&lines(&issued)[0]);
    let cookies = [
        format!(
            "{theme}; theme={SECRET}; ticket={SECRET}; {SECRET}; ={SECRET}; bad name={SECRET}; plain={SECRET}"
        ),
        format!(
            "%74heme={SECRET}; cart={SECRET}; cart={SECRET}2; stats={SECRET}; i18next={SECRET}; x={SECRET}"
        ),
    ];
    let inner = RefCell::new(Vec::new());
    let answer = serve(&policy, request(&cookies), |request| {
        let cookies = request.extensions().get::<Cookies>().unwrap();
        assert_eq!(cookies.get("theme"), Some(SECRET), "the secret did come in");
        let mut printed = inner.borrow_mut();
        printed.push(format!("{cookies:?} {:?}", cookies.refusals()));
        for (name, value) in
            [("x", SECRET), ("JSESSIONID", SECRET), ("plain", "s3cr3t;"), ("i18next", SECRET)]
        {
            let error = cookies.set(name, value).unwrap_err();
            printed.push(format!("{error} {error:?}"));
        }
        let error = cookies.choose_language(SECRET).unwrap_err();
        printed.push(format!("{error} {error:?}"));
        let raw = [
            "x=s3cr3t",
            "JSESSIONID=s3cr3t",
            "plain=a s3cr3t",
            "plain=s3cr3t; Max-Age=60",
            "s3cr3t",
            "=s3cr3t",
            "theme=s3cr3t",
        ];
        let own = [format!("font={}", SECRET.repeat(1000))];
        with_lines(with_lines(Answer::default(), &raw), &own)
    });
    printed.extend(inner.into_inner());
    let report = answer.extensions().get::<Report>().unwrap();
    assert!(report.refusals().len() > 8 && report.suppressions().len() > 6, "{report:?}");
    printed.push(format!("{report:?} {:?}", policy.counts()));
    let hex = "s3cr3t".repeat(11);
    printed.push(format!("{:?} {}", Key::from_hex(&hex), KeyRing::from_hex(&hex).unwrap_err()));
    printed.push(format!("{:?}", Key::from_bytes(SECRET.as_bytes())));
    printed
}

/// What leaves is marked so that HTTP/2 does not index it, and so that `Debug` of the headers does not print it.
#[test]
fn set_cookie_lines_are_sensitive() {
    let policy = shop().build().unwrap();
    let answer = crate::support::write(&policy, &["plain=s3cr3t"]);
    assert!(answer.headers()["set-cookie"].is_sensitive());
    assert!(!format!("{:?}", answer.headers()).contains(SECRET));
    let theme = crate::support::issue(&policy, "theme", SECRET);
    serve(&policy, request(&[theme]), |request| {
        assert!(request.headers()["cookie"].is_sensitive());
        Answer::default()
    });
}

#[test]
fn counts_add_up() {
    let policy = shop().build().unwrap();
    for _ in 0..3 {
        serve(&policy, request(&["theme=x; a b=1; stats=1"]), |_| {
            with_lines(Answer::default(), &["x=1", "y=1", "JSESSIONID=1"])
        });
    }
    let counts = policy.counts();
    let refused: Vec<_> = counts.refused.into_iter().collect();
    assert_eq!(refused, [("malformed", 3), ("no_consent", 3), ("unsigned", 3)]);
    let suppressed: Vec<_> = counts.suppressed.into_iter().collect();
    assert_eq!(suppressed, [("managed", 3), ("undeclared", 6)]);
}
