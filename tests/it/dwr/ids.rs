//! `__System.generateId`: how an engine comes by its id.

use super::support::{ID, OTHER, alice, batch, call, echo, generate, is_ok, of_browser, post, set};
use crate::session::support::{Browser, about_session, clocked, policy, staged};

#[tokio::test]
async fn a_new_id_is_told_and_set_alike() {
    let policy = policy();
    let got = post(&policy, &[""; 0], &generate()).await;
    let id = got.id();
    let (cookie, attributes) = set(&got);
    assert_eq!(cookie, format!("DWRSESSIONID={id}"));
    assert_eq!(
        attributes,
        ["path=/", "samesite=lax", "secure"],
        "scripts read it, and it ends with the browser"
    );
    assert_eq!((id.len(), &id[28..]), (35, "1ejw09q"), "by the policy's clock");
    assert!(got.asked.is_empty() && is_ok(&got) && about_session(&got.answer).is_empty());
    let other = post(&policy, &[""; 0], &generate()).await.id();
    assert_ne!(id[..28], other[..28]);
    assert!(post(&policy, &[cookie], &echo(&id)).await.passes());
}

/// One that a browser has is told once more, and no second one is set.
#[tokio::test]
async fn an_id_that_is_there_is_told_again() {
    let policy = policy();
    for (cookies, expected) in [
        (vec![format!("DWRSESSIONID={ID}")], ID),
        (vec![format!("DWRSESSIONID={ID}-2")], "KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cX-2"),
        (vec![format!("DWRSESSIONID={ID}; DWRSESSIONID={OTHER}")], ID),
        // What is no id is no cookie.
        (vec![format!("DWRSESSIONID=\"{ID}\"; DWRSESSIONID={OTHER}")], OTHER),
    ] {
        let got = post(&policy, &cookies, &generate()).await;
        assert_eq!((got.id().as_str(), got.cookie()), (expected, vec![]), "{cookies:?}");
    }
    for wrong in [
        "",
        "x",
        "\"\"",
        &ID.replace('!', "+"),
        &ID.replace('~', "/"),
        &ID.replace('!', "%21"),
        &"a".repeat(5000),
    ] {
        let got = post(&policy, &[format!("DWRSESSIONID={wrong}")], &generate()).await;
        assert_ne!(got.id(), wrong);
        assert_eq!(set(&got).0, format!("DWRSESSIONID={}", got.id()));
    }
}

#[tokio::test]
async fn it_is_exempt_alone_and_not_beside_others() {
    let policy = policy();
    let asks = || call(0, "__System", "generateId", &[]);
    for calls in [
        vec![asks(), call(1, "Portal", "echo", &["string:hello"])],
        vec![call(0, "Portal", "echo", &["string:hello"]), call(1, "__System", "generateId", &[])],
        vec![asks(), call(1, "__System", "pageLoaded", &[])],
        vec![call(0, "__System", "pageLoaded", &[])],
        vec![call(0, "Portal", "generateId", &[])],
        vec![call(0, "__system", "generateId", &[])],
    ] {
        let got = post(&policy, &[""; 0], &batch("", &calls)).await;
        assert!(got.is_refused() && got.cookie().is_empty(), "{calls:?}: {}", got.script());
    }
    // Beside others it tells the id that has passed.
    let calls = [asks(), call(1, "Portal", "echo", &["string:hello"])];
    let got = post(&policy, &[format!("DWRSESSIONID={ID}")], &batch(ID, &calls)).await;
    let script = got.script();
    assert!(script.contains(&format!("handleCallback(\"1\",\"0\",\"{ID}\");")), "{script}");
    assert!(script.contains("handleCallback(\"1\",\"1\",\"hello\");") && got.cookie().is_empty(), "{script}");
}

/// Several of them are as exempt as one, and are told one id.
#[tokio::test]
async fn a_batch_of_nothing_else_is_exempt() {
    let policy = policy();
    for count in [1, 2, 20] {
        let calls: Vec<_> = (0..count).map(|at| call(at, "__System", "generateId", &[])).collect();
        let got = post(&policy, &[""; 0], &batch("", &calls)).await;
        let id = set(&got).0.replace("DWRSESSIONID=", "");
        for at in 0..count {
            let told = format!("handleCallback(\"1\",\"{at}\",\"{id}\");");
            assert!(got.script().contains(&told), "{}", got.script());
        }
        assert!(got.denial.is_none() && got.asked.is_empty());
    }
}

/// Asking for an id begins no session and binds none.
#[tokio::test]
async fn it_writes_no_session() {
    let (_, store, policy) = staged();
    store.count_all();
    post(&policy, &[""; 0], &generate()).await.id();
    post(&policy, &[format!("DWRSESSIONID={ID}")], &generate()).await.id();
    assert_eq!(store.behind.len(), 0);
    let mut browser = alice(&policy).await;
    store.count_all();
    of_browser(&policy, &mut browser, &[], &generate()).await.id();
    of_browser(&policy, &mut browser, &[ID], &generate()).await.id();
    assert_eq!((store.count("update"), store.count("create")), (0, 0));
    // So the first batch binds, whichever id that has.
    assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.passes());
}

/// A session has one id: whoever lost it is told it again, however often and in however many tabs.
#[tokio::test]
async fn a_lost_id_is_told_again() {
    let policy = policy();
    for mut browser in [Browser::visitor(&policy).await, alice(&policy).await] {
        assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
        for lost in [&[][..], &[], &[OTHER], &[OTHER, "AAAA"]] {
            let got = of_browser(&policy, &mut browser, lost, &generate()).await;
            assert_eq!((got.id().as_str(), set(&got).0), (ID, format!("DWRSESSIONID={ID}")), "{lost:?}");
            assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
            assert!(of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await.is_refused());
        }
        for there in [&[ID][..], &[OTHER, ID], &[ID, OTHER]] {
            let got = of_browser(&policy, &mut browser, there, &generate()).await;
            assert_eq!((got.id().as_str(), got.cookie()), (ID, vec![]), "{there:?}");
        }
    }
}

/// Nothing is written for it, and an id that was renewed a moment ago is enough.
#[tokio::test]
async fn telling_it_again_takes_no_write() {
    let (_, store, policy) = staged();
    let mut browser = alice(&policy).await;
    assert!(of_browser(&policy, &mut browser, &[ID], &echo(ID)).await.passes());
    let mut old = browser.clone();
    browser.does(&policy, async |session| session.renew().await).await;
    store.count_all();
    for browser in [&mut browser, &mut old] {
        assert_eq!(of_browser(&policy, browser, &[], &generate()).await.id(), ID);
    }
    assert_eq!((store.count("load"), store.count_all()), (2, 0));
}

/// Two tabs of a session that is bound to none ask at once, and one of them binds its id before the other's answer writes
/// over the cookie. A page with that cookie is refused, and told the session's id in its place.
#[tokio::test]
async fn a_cookie_that_was_written_over_is_mended() {
    let policy = policy();
    let mut browser = alice(&policy).await;
    let one = of_browser(&policy, &mut browser, &[], &generate()).await.id();
    let other = of_browser(&policy, &mut browser, &[], &generate()).await.id();
    assert_ne!(one, other);
    assert!(of_browser(&policy, &mut browser, &[&one], &echo(&one)).await.passes());
    let got = of_browser(&policy, &mut browser, &[&other], &echo(&other)).await;
    assert!(got.is_refused());
    assert_eq!(set(&got).0, format!("DWRSESSIONID={one}"));
    assert!(of_browser(&policy, &mut browser, &[&one], &echo(&one)).await.passes());
    // What has the id already, or is refused for its cookie, is told nothing.
    for (ids, claimed) in [(&[one.as_str(), &other][..], &other), (&[&other], &one), (&[], &one)] {
        let got = of_browser(&policy, &mut browser, ids, &echo(claimed)).await;
        assert!(got.is_refused() && got.cookie().is_empty(), "{ids:?}");
    }
}

/// A row whose issuer is the page's script leaves the cookie to the engine.
#[tokio::test]
async fn a_row_of_the_scripts_is_left_to_them() {
    use tower_cookie_policy::{Basis, CookieSpec, Issuer, Role};
    let row = CookieSpec::new("DWRSESSIONID", Basis::essential("a test"))
        .role(Role::ScriptSession)
        .readable_by_script()
        .issuer(Issuer::Script);
    let policy = clocked().1.without("DWRSESSIONID").with(row).build().unwrap();
    let got = post(&policy, &[""; 0], &generate()).await;
    let id = got.id();
    assert!(got.cookie().is_empty());
    assert!(post(&policy, &[format!("DWRSESSIONID={id}")], &echo(&id)).await.passes());
    let mut browser = alice(&policy).await;
    assert!(of_browser(&policy, &mut browser, &[&id], &echo(&id)).await.passes());
    let got = of_browser(&policy, &mut browser, &[OTHER], &echo(OTHER)).await;
    assert!(got.is_refused() && got.cookie().is_empty());
    let got = of_browser(&policy, &mut browser, &[OTHER], &generate()).await;
    assert!(got.id() == id && got.cookie().is_empty());
}

/// A table without the row is a mistake of the program's, and is told so.
#[tokio::test]
async fn without_a_row_there_is_an_error() {
    let policy = clocked().1.without("DWRSESSIONID").build().unwrap();
    for body in [generate(), echo(ID)] {
        let got = post(&policy, &[""; 0], &body).await;
        assert_eq!(got.answer.status(), 500);
        assert!(got.error.unwrap().to_string().contains("Role::ScriptSession"));
    }
    let mut browser = Browser::default();
    assert!(of_browser(&policy, &mut browser, &[], "rubbish").await.denial.is_some());
}
