//! The binding hook: a transaction is one device's.

use http::request::Parts;
use tower_cookie_policy::{CookiePolicy, inspect};

use super::jar::{Jar, MAIN, guarded};
use crate::support::{Answer, lines, request, seen_by, serve, with_lines};

#[derive(Clone)]
struct Device(&'static str);

fn bound() -> CookiePolicy {
    let of_device = |parts: &Parts| {
        parts.extensions.get::<Device>().map_or_else(Vec::new, |device| device.0.as_bytes().to_vec())
    };
    guarded().binding(of_device).build().unwrap()
}

fn on(
    policy: &CookiePolicy,
    device: Option<&'static str>,
    jar: &Jar,
    raw: &[&str],
) -> (Vec<(String, String)>, Answer) {
    let mut request = jar.request();
    request.extensions_mut().extend(device.map(Device).map_or_else(http::Extensions::new, |device| {
        let mut extensions = http::Extensions::new();
        extensions.insert(device);
        extensions
    }));
    let refusals = std::cell::RefCell::new(Vec::new());
    let answer = serve(policy, request, |request| {
        *refusals.borrow_mut() = seen_by(&request).refusals;
        with_lines(Answer::default(), raw)
    });
    (refusals.into_inner(), answer)
}

/// A copied jar is nothing on another device, and neither is one that was made without a device.
#[test]
fn a_copied_jar_is_refused_on_another_device() {
    let policy = bound();
    let mut jar = Jar::default();
    jar.keep(&on(&policy, Some("a"), &jar, &["cart=3"]).1);
    assert_eq!(on(&policy, Some("a"), &jar, &[]).0, []);
    for other in [Some("b"), Some(""), None] {
        let (refusals, answer) = on(&policy, other, &jar, &[]);
        assert_eq!(refusals, [("cart".to_owned(), "no_transaction".to_owned())], "{other:?}");
        assert_eq!(lines(&answer), [""; 0]);
    }
    // The next guarded cookie starts a transaction of that device.
    let mut copied = jar.clone();
    copied.keep(&on(&policy, Some("b"), &jar, &["basket=4"]).1);
    assert_ne!(copied.value(MAIN), jar.value(MAIN));
    let (refusals, _) = on(&policy, Some("b"), &copied, &[]);
    assert_eq!(refusals, [("cart".to_owned(), "other_transaction".to_owned())]);
    // The transaction says nothing of the device to who reads it: both have one length and another tag.
    assert_eq!(copied.value(MAIN).len(), 40);
}

/// An empty answer binds to nothing in particular: the same as without a hook.
#[test]
fn an_empty_binding_is_none() {
    let (with, without) = (bound(), guarded().build().unwrap());
    let jar = Jar::default().set(&without, &["cart=3"]);
    assert_eq!(on(&with, None, &jar, &[]).0, []);
    let mut jar = Jar::default();
    jar.keep(&on(&with, None, &jar, &["cart=3"]).1);
    assert_eq!(jar.seen(&without).refusals, []);
}

/// The hook is asked once a request, with the request's parts, whether or not there are cookies; the body stays the body.
#[test]
fn the_hook_is_asked_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let hook = move |parts: &Parts| {
        count.fetch_add(1, Ordering::SeqCst);
        parts.uri.path().as_bytes().to_vec()
    };
    let policy = guarded().binding(hook).build().unwrap();
    let request = request(&["a=1"]).map(|()| "the body");
    serve(&policy, request, |request| {
        assert_eq!(*request.body(), "the body");
        Answer::default()
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // The offline look asks it with what it has.
    let jar = Jar::default().set(&policy, &["cart=3"]);
    let found = inspect(&policy, jar.request().headers()).to_string();
    assert!(found.contains("cart: admitted"), "{found}");
}
