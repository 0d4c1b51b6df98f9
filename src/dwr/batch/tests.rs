//! Bodies as the engine writes them, and as it does not.

use std::time::{Duration, Instant};

use super::{Batch, BatchError, Envelope, LONGEST_BODY, MOST_CALLS, MOST_LINES};

/// As captured from the engine.
const GENERATE: &str = "callCount=1\nc0-scriptName=__System\nc0-methodName=generateId\nc0-id=0\nbatchId=0\ninstanceId=0\n\
     page=%2Fapp%2Fpage.html\nscriptSessionId=\n";
const HELLO: &str = "callCount=1\nnextReverseAjaxIndex=0\nc0-scriptName=Demo\nc0-methodName=hello\nc0-id=0\n\
     c0-param0=string:arg\nbatchId=1\ninstanceId=0\npage=%2Fapp%2Fpage.html\n\
     scriptSessionId=KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cXyz/yOxw09q-iqnVLfv83\n";

fn parsed(body: &str) -> Batch {
    Batch::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn captured_bodies_are_read() {
    let generate = parsed(GENERATE);
    assert_eq!((generate.calls.len(), generate.claimed()), (1, ""));
    assert_eq!((generate.calls[0].script(), generate.calls[0].method()), ("__System", "generateId"));
    let hello = parsed(HELLO);
    assert_eq!(hello.claimed(), "KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cXyz");
    assert_eq!((hello.calls[0].script(), hello.calls[0].method()), ("Demo", "hello"));
    assert_eq!(hello.calls[0].text(0).unwrap(), "arg");
    assert_eq!(hello.calls[0].parameter_count(), 1);
    let (batch, instance) = (Some("1".to_owned()), Some("0".to_owned()));
    assert_eq!(hello.envelope, Envelope { batch, instance, inserts: true });
    assert_eq!(Envelope::of(HELLO.as_bytes()), hello.envelope);
    assert!(!generate.envelope.inserts);
}

#[test]
fn lines_may_end_in_two_ways_and_come_in_any_order() {
    let mut reversed: Vec<&str> = HELLO.lines().collect();
    reversed.reverse();
    for body in [HELLO.replace('\n', "\r\n"), format!("\n\n{HELLO}\n"), reversed.join("\n")] {
        let batch = parsed(&body);
        assert_eq!(batch.calls[0].text(0).unwrap(), "arg", "{body:?}");
        assert_eq!(batch.claimed(), "KdLF0zW5CsfDYDeuaBMuYbz0IMn!~7Aa5cXyz");
    }
}

/// The id is what stands before the first slash, and nothing where there is none, as in DWR.
#[test]
fn the_id_is_what_stands_before_the_first_slash() {
    for (session, claimed) in
        [("", ""), ("a", ""), ("a/", "a"), ("/a", ""), ("a/b/c", "a"), ("a=b/c", "a=b"), ("\"a\"/b", "\"a\"")]
    {
        let batch = parsed(&GENERATE.replace("scriptSessionId=", &format!("scriptSessionId={session}")));
        assert_eq!(batch.claimed(), claimed, "{session:?}");
    }
}

#[test]
fn what_is_no_batch_says_why() {
    use BatchError::*;
    let missing = |field, call| Missing { field, call };
    let illegal = |field, call| Illegal { field, call };
    for (from, to, expected) in [
        ("callCount=1", "callCount=0", CallCount),
        ("callCount=1", "callCount=-1", CallCount),
        ("callCount=1", "callCount=+1", CallCount),
        ("callCount=1", "callCount=01", CallCount),
        ("callCount=1", "callCount=1.0", CallCount),
        ("callCount=1", "callCount=", CallCount),
        ("callCount=1", "callCount= 1", CallCount),
        ("callCount=1", "callCount=21", TooManyCalls),
        ("callCount=1", "callCount=100000", TooManyCalls),
        ("callCount=1", "callCount=99999999999999999999999999", TooManyCalls),
        ("callCount=1", "callCount=2", missing("scriptName", Some(1))),
        ("callCount=1\n", "", missing("callCount", None)),
        ("callCount=1", "callCount=1\ncallCount=1", Duplicate { line: 2 }),
        ("batchId=1\n", "", missing("batchId", None)),
        ("batchId=1", "batchId=", illegal("batchId", None)),
        ("batchId=1", "batchId=1-2", illegal("batchId", None)),
        ("batchId=1", "batchId=');alert('", illegal("batchId", None)),
        ("batchId=1", "batchId=\u{e4}", illegal("batchId", None)),
        ("instanceId=0\n", "", missing("instanceId", None)),
        ("instanceId=0", "instanceId=0]", illegal("instanceId", None)),
        ("page=", "pages=", missing("page", None)),
        ("scriptSessionId=", "scriptSession=", missing("scriptSessionId", None)),
        ("c0-scriptName=Demo\n", "", missing("scriptName", Some(0))),
        ("c0-scriptName=Demo", "c0-scriptName=", illegal("scriptName", Some(0))),
        ("c0-scriptName=Demo", "c0-scriptName=../Demo", illegal("scriptName", Some(0))),
        ("c0-scriptName=Demo", "c0-scriptName=org..Demo", illegal("scriptName", Some(0))),
        ("c0-scriptName=Demo", "c0-scriptName=1Demo", illegal("scriptName", Some(0))),
        ("c0-methodName=hello\n", "", missing("methodName", Some(0))),
        ("c0-methodName=hello", "c0-methodName=a.b", illegal("methodName", Some(0))),
        ("c0-methodName=hello", "c0-methodName=h\u{e9}llo", illegal("methodName", Some(0))),
        ("c0-methodName=hello", "c0-methodName=a b", illegal("methodName", Some(0))),
        ("c0-id=0\n", "", missing("id", Some(0))),
        ("c0-id=0", "c0-id=\"", illegal("id", Some(0))),
        ("c0-id=0", "c0-id=0\nc0-id=0", Duplicate { line: 6 }),
        ("c0-id=0", "c0-id=0\nc1-id=0", Stray { line: 6 }),
        ("c0-id=0", "c0-id=0\nc00-id=0", Stray { line: 6 }),
        ("c0-id=0", "c0-id=0\nc99999999999999999999-id=0", Stray { line: 6 }),
        ("c0-param0=", "c0-param1=", missing("param", Some(0))),
        ("c0-param0=", "c0-param00=", Stray { line: 6 }),
        ("c0-param0=", "c0-param99999=", Stray { line: 6 }),
        ("c0-param0=", "c0-param=", Stray { line: 6 }),
        ("c0-id=0", "c0-id=0&a=b", Form { line: 5 }),
        ("c0-id=0", "c0-id", NoPair { line: 5 }),
    ] {
        let body = HELLO.replacen(from, to, 1);
        assert_ne!(body, HELLO, "{from:?}");
        assert_eq!(Batch::parse(body.as_bytes()).err(), Some(expected), "{to:?}");
    }
    assert_eq!(Batch::parse(b"").err(), Some(missing("callCount", None)));
    assert_eq!(Batch::parse(b"callCount=1\n\xff=1\n").err(), Some(NotUtf8));
    let form = GENERATE.replace('\n', "&");
    assert_eq!(Batch::parse(form.as_bytes()).err(), Some(CallCount), "all on one line");
}

#[test]
fn the_caps_are_exact() {
    let call = |at| format!("c{at}-scriptName=A\nc{at}-methodName=b\nc{at}-id={at}\n");
    let rest = "batchId=1\ninstanceId=0\npage=/\nscriptSessionId=\n";
    let most: String = (0..MOST_CALLS).map(call).collect();
    assert_eq!(parsed(&format!("callCount={MOST_CALLS}\n{most}{rest}")).calls.len(), MOST_CALLS);
    let body = format!("callCount=1\n{}{rest}", call(0));
    let padding = |bytes: usize| format!("{body}x={}", "y".repeat(bytes - body.len() - 2));
    assert!(Batch::parse(padding(LONGEST_BODY).as_bytes()).is_ok());
    assert_eq!(Batch::parse(padding(LONGEST_BODY + 1).as_bytes()).err(), Some(BatchError::Oversized));
    let lines = body.lines().count();
    let blank = |more: usize| format!("{body}{}", "\n".repeat(more - lines));
    assert!(Batch::parse(blank(MOST_LINES).as_bytes()).is_ok());
    assert_eq!(Batch::parse(blank(MOST_LINES + 1).as_bytes()).err(), Some(BatchError::TooManyLines));
}

#[test]
fn unknown_fields_are_passed_over() {
    let body = format!(
        "{HELLO}a-token=1\nwindowName=x\nc0-e1=string:a\ncolour=red\nc-id=0\ncolour-x=1\n__proto__=1\n=\n"
    );
    assert_eq!(parsed(&body).calls.len(), 1);
}

#[test]
fn of_a_broken_body_only_legal_ids_are_kept() {
    for (body, batch, instance) in [
        ("batchId=7\ninstanceId=0\nrubbish", Some("7"), Some("0")),
        ("batchId=7'\ninstanceId=0\n", None, Some("0")),
        ("batchId=\ninstanceId=]\n", None, None),
        ("", None, None),
    ] {
        let envelope = Envelope::of(body.as_bytes());
        assert_eq!((envelope.batch.as_deref(), envelope.instance.as_deref()), (batch, instance), "{body:?}");
    }
    assert_eq!(Envelope::of(&vec![b'x'; LONGEST_BODY + 1]), Envelope::default());
}

#[test]
fn nothing_of_a_batch_is_printed() {
    assert!(!format!("{:?}", parsed(HELLO).calls).contains("arg"));
}

/// Sixteen times the body takes some sixteen times as long, and not 256 times. Far from both, so that no busy machine
/// matters.
#[test]
fn time_is_linear() {
    let head = GENERATE;
    let fill: [fn(usize) -> String; 4] = [
        |bytes| "=".repeat(bytes),
        |bytes| format!("c0-param0=string:{}", "%41".repeat(bytes / 3)),
        |bytes| (0..bytes / 256).map(|at| format!("c0-param{at}={}\n", "x".repeat(240))).collect(),
        |bytes| (0..bytes / 256).map(|at| format!("{at}{}=\n", "k".repeat(250))).collect(),
    ];
    for fill in fill {
        let time = |bytes: usize| {
            let body = format!("{head}{}", fill(bytes));
            assert!(body.len() <= LONGEST_BODY);
            let tries = (0..5).map(|_| {
                let start = Instant::now();
                assert!(Batch::parse(body.as_bytes()).is_ok());
                start.elapsed()
            });
            tries.min().unwrap()
        };
        let (small, large) = (time(60_000), time(960_000));
        assert!(large < small * 100 + Duration::from_millis(20), "{small:?} {large:?}");
    }
}
