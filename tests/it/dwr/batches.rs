//! Batches of several calls, what the engine sends for itself, and what replies are made of.

use http::Method;
use proptest::prelude::*;
use tower_cookie_policy::dwr::{BatchError, Denial, Reply};

use super::support::{ID, ask, batch, call, echo, is_ok, post};
use crate::session::support::policy;
use crate::support::{Answer, now};

fn cookies() -> Vec<String> {
    vec![format!("DWRSESSIONID={ID}")]
}

#[tokio::test]
async fn each_call_has_its_answer() {
    let policy = policy();
    let calls = [
        call(0, "Portal", "echo", &["string:a%20b"]),
        call(1, "__System", "pageLoaded", &[]),
        call(2, "__System", "checkHeartbeat", &[]),
        call(3, "__System", "pageUnloaded", &["boolean:false"]),
        call(4, "__System", "shutDown", &[]),
        call(5, "Portal", "erase", &[]),
        call(6, "org.example.Portal", "echo", &["string:x"]),
        call(7, "Portal", "echo", &[]),
        call(8, "Portal", "echo", &["number:1"]),
        call(9, "Portal", "echo", &["reference:c9-e1"]),
        call(10, "Portal", "echo", &["string:%"]),
    ];
    let got = post(&policy, &cookies(), &batch(ID, &calls)).await;
    let unknown =
        r#"{"javaClassName":"java.lang.NoSuchMethodException","message":"There is no such method."}"#;
    let failed = |message: &str| {
        format!("{{\"javaClassName\":\"java.lang.Throwable\",\"message\":\"a parameter is {message}\"}}")
    };
    let expected = [
        ("Callback", "\"a b\"".to_owned()),
        ("Callback", "null".to_owned()),
        ("Callback", "null".to_owned()),
        ("Callback", "null".to_owned()),
        ("Exception", unknown.to_owned()),
        ("Exception", unknown.to_owned()),
        ("Exception", unknown.to_owned()),
        ("Exception", failed("missing")),
        ("Exception", failed("of another type")),
        ("Exception", failed("of a type that is not supported")),
        ("Exception", failed("malformed")),
    ];
    let expected = expected.iter().enumerate();
    let expected = expected
        .map(|(at, (kind, data))| format!("dwr.engine.remote.handle{kind}(\"1\",\"{at}\",{data});\n"));
    assert_eq!(
        got.script(),
        format!(
            "throw 'allowScriptTagRemoting is false.';\n//#DWR-REPLY\n//#DWR-START#\n(function(){{\nif(!window.dwr)return;\n\
             var dwr=window.dwr._[0];\n{}}})();\n//#DWR-END#\n",
            expected.collect::<String>()
        )
    );
    // What the engine sends for itself is nothing that the application hears of.
    let portal = ["Portal.echo", "Portal.erase", "org.example.Portal.echo"];
    assert_eq!(got.asked[..3], portal);
    assert!(got.asked.iter().all(|asked| portal.contains(&asked.as_str())) && got.asked.len() == 7);
    assert!(got.cookie().is_empty());
}

#[tokio::test]
async fn the_reply_is_for_the_engine_that_asked() {
    let policy = policy();
    for (from, to, has) in [
        ("instanceId=0", "instanceId=3", "var dwr=window.dwr._[3];\n"),
        ("instanceId=0", "instanceId=document", "var dwr=window.dwr._[\"document\"];\n"),
        ("batchId=1", "batchId=abc_9", "handleCallback(\"abc_9\",\"0\",\"hello\");\n"),
        ("c0-id=0", "c0-id=x7", "handleCallback(\"1\",\"x7\",\"hello\");\n"),
        (
            "batchId=1",
            "nextReverseAjaxIndex=0\nbatchId=1",
            ".';\n//#DWR-INSERT\n//#DWR-REPLY\n//#DWR-START#\n",
        ),
        ("batchId=1", "batchId=1", ".';\n//#DWR-REPLY\n//#DWR-START#\n"),
    ] {
        let got = post(&policy, &cookies(), &echo(ID).replace(from, to)).await;
        assert!(got.script().contains(has), "{to:?}: {}", got.script());
    }
}

/// What comes back inside a script ends no script, no line and no reply.
#[tokio::test]
async fn what_is_echoed_stays_a_text() {
    let policy = policy();
    for (sent, comes_back) in [
        ("%3C%2Fscript%3E%3Cscript%3Ealert(1)", r#""\u003c/script\u003e\u003cscript\u003ealert(1)""#),
        ("</script>", r#""\u003c/script\u003e""#),
        ("*%2F%20%2F*", r#""*/ /*""#),
        ("%E2%80%A8%E2%80%A9", r#""\u2028\u2029""#),
        ("\u{2028}", r#""\u2028""#),
        ("%22)%3Balert(1)%3B(%22", r#""\");alert(1);(\"""#),
        ("%5C%22", r#""\\\"""#),
        ("%0A%2F%2F%23DWR-END%23%0D%0A", r#""\n//\u0023DWR-END\u0023\r\n""#),
        ("'%26", r#""'\u0026""#),
        ("%00", r#""\u0000""#),
    ] {
        let body = batch(ID, &[call(0, "Portal", "echo", &[&format!("string:{sent}")])]);
        let got = post(&policy, &cookies(), &body).await;
        assert_eq!(got.statement(), format!("handleCallback(\"1\",\"0\",{comes_back});"), "{sent:?}");
    }
}

/// The reply for those who read bodies themselves.
#[test]
fn a_body_that_was_not_read_to_its_end_has_a_reply() {
    let answer: Answer = Reply::from(BatchError::Oversized).into();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/javascript; charset=utf-8");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rubbish_is_refused_and_nothing_else(body in prop::collection::vec(any::<u8>(), 0..600)) {
        let got = now(ask(&policy(), Method::POST, &cookies(), &body));
        prop_assert!(matches!(got.denial, Some(Denial::Batch(_))) && is_ok(&got));
    }

    #[test]
    fn near_batches_do_no_harm(lines in prop::collection::vec(near_line(), 0..30)) {
        let body = lines.join("\n");
        let got = now(post(&policy(), &cookies(), &body));
        let ends = got.script().ends_with("\n//#DWR-END#\n");
        prop_assert!(is_ok(&got) && got.asked.len() <= 20 && ends);
    }
}

fn near_line() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec![
        "callCount",
        "c0-scriptName",
        "c0-methodName",
        "c0-id",
        "c0-param0",
        "c0-param1",
        "c1-id",
        "batchId",
        "instanceId",
        "page",
        "scriptSessionId",
        "c",
        "c-",
        "c0-",
        "a-x",
        "",
    ]);
    let values = prop_oneof![
        Just("1".to_owned()),
        Just("2".to_owned()),
        Just("Portal".to_owned()),
        Just("string:%E2%80%A8".to_owned()),
        ".{0,12}",
    ];
    (keys, prop::sample::select(vec!["=", "", "==", "&"]), values)
        .prop_map(|(key, sign, value)| format!("{key}{sign}{value}"))
}
