//! Each decision is recorded once, and what grants something has to be.

use std::future::{Future, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use tower_cookie_policy::receipt::{Event, Method, PurposeState};
use tower_cookie_policy::{
    CookiePolicy, MemoryReceipts, Receipt, ReceiptError, ReceiptErrorKind, ReceiptId, ReceiptSink,
};

use super::support::{consent_cookie, decide, granted, state, table, text};
use crate::support::{NOW, lines, now};

fn recorded() -> (MemoryReceipts, CookiePolicy) {
    let receipts = MemoryReceipts::new();
    let policy = table().controller("Example GmbH").receipts(receipts.clone()).build().unwrap();
    (receipts, policy)
}

#[test]
fn to_give_to_change_and_to_withdraw_are_one_record_each() {
    let (receipts, policy) = recorded();
    let given = consent_cookie(&decide(&policy, "", "decision=accept&source=banner"));
    let changed = consent_cookie(&decide(&policy, &given, "decision=save&statistics=on"));
    let withdrawn = consent_cookie(&decide(&policy, &changed, "decision=reject"));
    decide(&policy, &withdrawn, "decision=reject");
    let all = receipts.all();
    let events: Vec<(Event, Method)> =
        all.iter().map(|receipt| (receipt.event(), receipt.method())).collect();
    assert_eq!(
        events,
        [
            (Event::Given, Method::Banner),
            (Event::Changed, Method::Settings),
            (Event::Withdrawn, Method::Settings),
            (Event::Refused, Method::Settings)
        ]
    );
    assert_eq!(all[0].time(), u32::try_from(NOW).unwrap());
    assert_eq!(
        (all[0].previous(), all[1].previous(), all[2].previous()),
        (None, Some(all[0].id()), Some(all[1].id()))
    );
    assert_eq!((all[3].previous(), all[3].principal()), (None, None), "a refusal tells of nobody");
    assert_eq!(all[1].purposes()[1].state(), PurposeState::Withdrawn);
    assert_eq!(all[0].controller().name(), "Example GmbH");
    let cookies: Vec<&str> = all[0].purposes()[0].cookies().iter().map(|cookie| cookie.name()).collect();
    assert_eq!(cookies, ["stats", "stats_kept", "stats_now"]);
    assert_eq!(
        all[0].purposes()[0].hash(),
        policy.consent_hash(all[0].purposes()[0].category(), "en").unwrap()
    );
}

#[test]
fn a_grant_names_its_receipt_and_a_refusal_names_none() {
    let (receipts, policy) = recorded();
    let given = consent_cookie(&decide(&policy, "", "decision=accept"));
    let id = receipts.all()[0].id().to_string();
    assert!(given.contains(&format!("~en~{id}~")), "{given}");
    assert_eq!(state(&policy, "en", &given)["receipt"], id.as_str());
    assert!(text(super::support::get(&policy, "/cookies/consent", &given)).contains(&id));
    assert_eq!(granted(&policy, &given).len(), 2);
    let refused = decide(&policy, &given, "decision=reject");
    let id = receipts.all()[1].id().to_string();
    assert!(lines(&refused).iter().all(|line| !line.contains(&id)));
    assert_eq!(lines(&decide(&policy, "", "decision=reject"))[0], lines(&refused)[0], "whoever refuses");
}

/// A record proves what was shown, and says nothing of what was not.
#[test]
fn a_receipt_is_about_what_was_shown() {
    let (receipts, policy) = recorded();
    let all = consent_cookie(&decide(&policy, "", "decision=accept"));
    let again = decide(&policy, &all, "decision=accept&shown=statistics&source=banner");
    decide(&policy, &consent_cookie(&again), "decision=save&statistics=on&marketing=on");
    let receipts = receipts.all();
    let names = |at: usize| -> Vec<&str> {
        receipts[at].purposes().iter().map(|purpose| purpose.category().name()).collect()
    };
    assert_eq!((names(0), names(1)), (vec!["statistics", "marketing"], vec!["statistics"]));
    assert_eq!((receipts[1].event(), receipts[2].event()), (Event::Confirmed, Event::Confirmed));
    assert_eq!(receipts[1].previous(), Some(receipts[0].id()));
    assert_eq!(receipts[0].purposes()[0].about(), "Count and measure how the site is used.");
}

#[test]
fn a_receipt_is_found_by_its_id() {
    let (receipts, policy) = recorded();
    decide(&policy, "", "decision=accept");
    let receipt = receipts.all().remove(0);
    assert_eq!(now(policy.receipt(&receipt.id())).unwrap(), Some(receipt));
    let other: ReceiptId = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    assert_eq!(now(policy.receipt(&other)).unwrap(), None);
    assert_eq!(now(table().build().unwrap().receipt(&other)).unwrap(), None);
}

#[test]
fn what_was_not_taken_is_not_recorded() {
    let (receipts, policy) = recorded();
    for form in ["decision=accept&revision=AAAAAAAA", "decision=maybe", ""] {
        super::support::submit(&policy, "", form);
    }
    assert_eq!(receipts.all(), []);
}

/// A sink that can be switched off.
#[derive(Clone, Default)]
struct Faulty(Arc<AtomicBool>);

impl ReceiptSink for Faulty {
    fn append(&self, _: &Receipt) -> impl Future<Output = Result<(), ReceiptError>> + Send {
        ready(match self.0.load(Ordering::SeqCst) {
            true => Err(ReceiptError::new(ReceiptErrorKind::Unavailable)),
            false => Ok(()),
        })
    }

    async fn find(&self, _: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
        Ok(None)
    }

    async fn purge(&self, _: u32) -> Result<usize, ReceiptError> {
        Ok(0)
    }
}

#[test]
fn what_cannot_be_recorded_grants_nothing_and_a_withdrawal_counts_all_the_same() {
    let sink = Faulty::default();
    let policy = table().receipts(sink.clone()).build().unwrap();
    let some = consent_cookie(&decide(&policy, "", "decision=save&statistics=on"));
    let all = consent_cookie(&decide(&policy, "", "decision=accept"));
    sink.0.store(true, Ordering::SeqCst);
    for (cookies, form) in
        [("", "decision=accept"), (&some, "decision=accept"), ("", "decision=save&marketing=on")]
    {
        let answer = decide(&policy, cookies, form);
        assert_eq!((answer.status(), lines(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]), "{form}");
    }
    // What is taken back in the same breath is taken back, and nothing is prolonged.
    let answer = decide(&policy, &some, "decision=save&marketing=on");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(granted(&policy, &consent_cookie(&answer)), [""; 0]);
    let answer = decide(&policy, &some, "decision=save&statistics=on");
    assert_eq!((answer.status(), lines(&answer)), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
    assert!(text(answer).contains("could not be recorded"));
    for (cookies, form, left) in
        [("", "decision=reject", 0), (&all, "decision=reject", 0), (&all, "decision=save&statistics=on", 1)]
    {
        let answer = decide(&policy, cookies, form);
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{form}");
        assert_eq!(granted(&policy, &consent_cookie(&answer)).len(), left);
    }
}
