//! The check of the cookie: raw, any of them, and never none.

use http::{Method, StatusCode};
use tower_cookie_policy::StoreErrorKind;
use tower_cookie_policy::dwr::{BatchError, Denial};

use super::support::{CSRF, ID, OTHER, alice, ask, batch, call, echo, generate, is_ok, of_browser, post};
use crate::session::staged::Act;
use crate::session::support::{Browser, policy, staged};

#[tokio::test]
async fn the_id_has_to_come_as_a_cookie_too() {
    use Denial::{NoCookie, OtherCookie};
    let policy = policy();
    let cookie = |value: &str| vec![format!("DWRSESSIONID={value}")];
    let changed = |from, to| ID.replacen(from, to, 1);
    for (cookies, claimed, denial) in [
        (cookie(ID), ID.to_owned(), None),
        (cookie(&format!("{ID}-2")), format!("{ID}-2"), None),
        // Any one of several is enough, in whichever order, and however many fields.
        (vec![format!("DWRSESSIONID={OTHER}; DWRSESSIONID={ID}")], ID.to_owned(), None),
        (vec![format!("DWRSESSIONID={ID}; DWRSESSIONID={OTHER}")], ID.to_owned(), None),
        ([cookie(OTHER), cookie(ID)].concat(), ID.to_owned(), None),
        (vec![], ID.to_owned(), Some(NoCookie)),
        (vec![format!("i18next=de; dwrsessionid={ID}")], ID.to_owned(), Some(NoCookie)),
        (cookie(OTHER), ID.to_owned(), Some(OtherCookie)),
        (cookie(ID), OTHER.to_owned(), Some(OtherCookie)),
        (cookie(ID), String::new(), Some(OtherCookie)),
        (cookie(ID), ID.to_lowercase(), Some(OtherCookie)),
        (cookie(ID), ID[..34].to_owned(), Some(OtherCookie)),
        (cookie(ID), format!("{ID}1"), Some(OtherCookie)),
        (cookie(ID), format!("{ID} "), Some(OtherCookie)),
        (cookie(ID), format!(" {ID}"), Some(OtherCookie)),
        // Neither side is decoded, unquoted or mended.
        (cookie(ID), changed("!", "%21"), Some(OtherCookie)),
        (cookie(ID), changed("!", "+"), Some(OtherCookie)),
        (cookie(ID), format!("\"{ID}\""), Some(OtherCookie)),
        (cookie(&changed("!", "%21")), ID.to_owned(), Some(NoCookie)),
        (cookie(&format!("\"{ID}\"")), ID.to_owned(), Some(NoCookie)),
        // What has not an id's shape is not let in, so that it is not even equal to itself.
        (cookie(&changed("!", "%21")), changed("!", "%21"), Some(NoCookie)),
        (cookie(&format!("\"{ID}\"")), format!("\"{ID}\""), Some(NoCookie)),
        (cookie(&changed("!", "+")), changed("!", "+"), Some(NoCookie)),
        (cookie("x"), "x".to_owned(), Some(NoCookie)),
        (cookie(""), String::new(), Some(NoCookie)),
    ] {
        let got = post(&policy, &cookies, &echo(&claimed)).await;
        assert_eq!(got.denial, denial, "{cookies:?} {claimed:?}");
        assert!(
            is_ok(&got) && if denial.is_none() { got.passes() } else { got.is_refused() },
            "{}",
            got.script()
        );
    }
    // Where DWR has `~`, standard base64 has the slash that ends the id.
    let slash = ID.replace('~', "/");
    assert_eq!(post(&policy, &cookie(ID), &echo(&slash)).await.denial, Some(OtherCookie));
}

#[tokio::test]
async fn without_a_page_there_is_no_id() {
    let policy = policy();
    let body = echo(ID).replace("/yOxw09q-iqnVLfv83", "");
    assert!(post(&policy, &[format!("DWRSESSIONID={ID}")], &body).await.is_refused());
}

#[tokio::test]
async fn a_refusal_says_what_dwr_says() {
    let policy = policy();
    let got = post(&policy, &[""; 0], &echo(ID)).await;
    assert_eq!(
        got.script(),
        format!(
            "throw 'allowScriptTagRemoting is false.';\n//#DWR-REPLY\n//#DWR-START#\n(function(){{\nif(!window.dwr)return;\n\
             var dwr=window.dwr._[0];\ndwr.engine.remote.handleBatchException({CSRF}, '1');\n}})();\n//#DWR-END#\n"
        )
    );
    let headers = got.answer.headers();
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["vary"], "Cookie");
}

#[tokio::test]
async fn only_post_is_taken() {
    let policy = policy();
    let cookies = [format!("DWRSESSIONID={ID}")];
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "post", "CHECKOUT"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for body in [echo(ID), generate()] {
            let got = ask(&policy, method.clone(), &cookies, body.as_bytes()).await;
            assert_eq!((got.denial.clone(), is_ok(&got)), (Some(Denial::Method), true), "{method}");
            let expected =
                "handleBatchException({ name:'java.lang.SecurityException', message:'GET Disallowed' });";
            assert_eq!(got.statement(), expected);
            assert!(got.asked.is_empty() && got.cookie().is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_no_batch_is_refused_by_script() {
    let policy = policy();
    let cookies = [format!("DWRSESSIONID={ID}")];
    let named = "{ name:'org.directwebremoting.extend.ServerException', message:";
    for (body, error, batch) in [
        (echo(ID).replace("callCount=1", "callCount=100000"), BatchError::TooManyCalls, ", '1'"),
        (echo(ID).replace("callCount=1", "callCount=-1"), BatchError::CallCount, ", '1'"),
        (echo(ID).replace("batchId=1", "batchId=');alert(1);('"), illegal("batchId"), ""),
        (echo(ID).replace("instanceId=0", "instanceId=0];alert(1);["), illegal("instanceId"), ", '1'"),
        (String::new(), BatchError::Missing { field: "callCount", call: None }, ""),
        (format!("{}{}", echo(ID), "x".repeat(2 << 20)), BatchError::Oversized, ""),
        (format!("{}{}", echo(ID), "\n".repeat(5000)), BatchError::TooManyLines, ""),
        (echo(ID).replace('\n', "&\n"), BatchError::Form { line: 1 }, ""),
    ] {
        // With the line's own ampersand `callCount` is no number any more.
        let error = if body.starts_with("callCount=1&") { BatchError::CallCount } else { error };
        let got = post(&policy, &cookies, &body).await;
        let statement = got.statement();
        assert_eq!(got.denial, Some(Denial::Batch(error.clone())));
        assert_eq!(statement, format!("handleBatchException({named}'{error}' }}{batch});"));
        assert!(is_ok(&got) && got.asked.is_empty() && !statement.contains("alert"));
    }
    let got = ask(&policy, Method::POST, &cookies, b"callCount=1\nbatchId=\xff\n").await;
    assert_eq!(got.denial, Some(Denial::Batch(BatchError::NotUtf8)));
}

fn illegal(field: &'static str) -> BatchError {
    BatchError::Illegal { field, call: None }
}

/// A store that is down is a 503 like everywhere, and nothing is written.
#[tokio::test]
async fn a_store_that_is_down_is_a_503() {
    let (_, store, policy) = staged();
    let mut browser = alice(&policy).await;
    for body in [echo(ID), generate()] {
        store.plays(|_| Act::Refuse(StoreErrorKind::Unavailable));
        let got = of_browser(&policy, &mut browser, &[ID], &body).await;
        assert_eq!(got.answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(got.error.is_some() && got.cookie().is_empty());
    }
    // One that fails at the writing of the first binding, too.
    store.plays(|step| if step == "update" { Act::Refuse(StoreErrorKind::Unavailable) } else { Act::Pass });
    let got = of_browser(&policy, &mut browser, &[ID], &echo(ID)).await;
    assert_eq!(got.answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    // Who has no session is not asked for one, and so nothing fails.
    store.plays(|_| Act::Refuse(StoreErrorKind::Unavailable));
    assert!(of_browser(&policy, &mut Browser::default(), &[ID], &echo(ID)).await.passes());
}

/// T6: nothing of ids, parameters and addresses in what can be printed.
#[tokio::test]
async fn nothing_secret_is_printed() {
    let policy = policy();
    let secret = "s3cr3t";
    let cookies = [format!("DWRSESSIONID={ID}")];
    let mut printed = String::new();
    let one = batch(OTHER, &[call(0, "Portal", "echo", &["string:s3cr3t"])]);
    for body in [
        one.clone(),
        one.replace("page=%2Fapp", "page=s3cr3t").replace("callCount=1", "callCount=s3cr3t"),
        one.replace("batchId=1", "batchId=s3cr3t-"),
        one.replace("echo", "s3cr3t-"),
        one.replace("Portal", "s3cr3t-"),
        format!("{one}s3cr3t"),
        format!("{one}s3cr3t=1\ns3cr3t=2"),
        format!("{one}s3cr3t=1&s3cr3t=2"),
    ] {
        let got = post(&policy, &cookies, &body).await;
        let denial = got.denial.clone().unwrap();
        printed += &format!("{denial} {denial:?} {}", got.script());
    }
    assert!(!printed.contains(secret) && !printed.contains(ID) && !printed.contains(OTHER), "{printed}");
    let got = post(&policy, &cookies, &echo(ID)).await;
    assert!(!format!("{:?}", got.answer.headers()).contains(ID));
}
