//! What a decision becomes, and how a policy asks its sink.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{
    Controller, Decided, Event, MemoryReceipts, Method, Purpose, PurposeCookie, PurposeState, Receipt,
    ReceiptError, ReceiptErrorKind, ReceiptId, ReceiptSink, Receipts, json,
};
use crate::policy::Category;

/// 23 November 2026.
const NOW: u32 = 1_795_443_792;
const DAY: u32 = 86_400;

fn purpose(category: Category, state: PurposeState) -> Purpose {
    let cookie = |name: &str, lifetime| PurposeCookie {
        name: name.to_owned(),
        purpose: "Counts \"visits\",\nand more.".to_owned(),
        lifetime,
    };
    Purpose {
        category,
        title: "Z\u{e4}hlen".to_owned(),
        about: String::new(),
        state,
        hash: "b41d77".to_owned(),
        cookies: vec![cookie("visits", Some(2_592_000)), cookie("visit", None)],
        third_parties: vec!["Example Analytics Ltd".to_owned()],
        withdrawal: "/privacy/cookies".to_owned(),
    }
}

/// A decision with this outcome for statistics and that one for marketing.
fn decided(statistics: PurposeState, marketing: PurposeState) -> Decided {
    Decided {
        previous: None,
        principal: None,
        notice: None,
        policy: "shop".to_owned(),
        revision: "5f0c9a".to_owned(),
        language: "de-CH".to_owned(),
        controller: Controller::new("Example GmbH").address("Berlin").contact("mail").jurisdiction("DE"),
        purposes: vec![purpose(Category::Statistics, statistics), purpose(Category::Marketing, marketing)],
        event: Event::Given,
        method: Method::Banner,
        time: NOW,
        validity: 180 * DAY,
        global_privacy_control: true,
    }
}

fn granted() -> Decided {
    decided(PurposeState::Granted, PurposeState::Refused)
}

/// The paths of all fields, elements of lists as `[]`.
fn paths(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| walk(value, &format!("{path}.{name}"), paths));
            }
            Value::Array(elements) if elements.iter().any(Value::is_object) => {
                elements.iter().for_each(|element| walk(element, &format!("{path}[]"), paths));
            }
            _ => {
                paths.insert(path[1..].to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(value, "", &mut found);
    found
}

#[test]
fn what_is_written_is_read() {
    let states = [PurposeState::Granted, PurposeState::Refused, PurposeState::Withdrawn];
    for (event, method) in [
        (Event::Given, Method::Banner),
        (Event::Refused, Method::Settings),
        (Event::Changed, Method::Api),
        (Event::Withdrawn, Method::Settings),
    ] {
        for (state, time) in states.into_iter().zip([0, NOW, u32::MAX]) {
            let previous = Some(ReceiptId::random().unwrap());
            let decided = Decided { previous, event, method, time, ..decided(state, PurposeState::Refused) };
            let receipt = Receipt::new(decided).unwrap();
            let line = json::line(&receipt);
            assert_eq!(serde_json::from_slice::<Receipt>(&line).unwrap(), receipt);
            assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "it is one line");
        }
    }
}

/// Those that the TS calls mandatory. `retention_period` stands with each cookie.
#[test]
fn the_mandatory_fields_of_the_standard_are_there() {
    let written = serde_json::to_value(Receipt::new(granted()).unwrap()).unwrap();
    let there = paths(&written);
    let purpose = "pii_processing.purposes[]";
    let party = "party_identification.pii_controllers[]";
    for field in [
        "schema_version",
        "record_id",
        "pii_principal_id",
        "pii_processing.privacy_notice.policy",
        "pii_processing.privacy_notice.revision",
        "pii_processing.language",
        &format!("{purpose}.purpose"),
        &format!("{purpose}.lawful_basis"),
        &format!("{purpose}.pii_information[].pii_type"),
        &format!("{purpose}.pii_information[].retention_period"),
        &format!("{purpose}.pii_controllers"),
        &format!("{purpose}.storage_locations"),
        &format!("{purpose}.jurisdiction"),
        &format!("{purpose}.recipient_third_parties"),
        &format!("{purpose}.withdrawal_method"),
        &format!("{party}.party_id"),
        &format!("{party}.party_address"),
        &format!("{party}.party_name"),
        &format!("{party}.party_contact"),
        &format!("{party}.party_type"),
        "event.event_time",
        "event.validity_duration",
        "event.entity_id",
        "event.event_type",
        "event.event_state",
    ] {
        assert!(there.contains(field), "{field}");
    }
    assert_eq!(written["event"]["event_time"], "2026-11-23T14:23:12Z");
    assert_eq!(written["event"]["entity_id"], written["pii_principal_id"]);
}

/// R30: nothing but what stands here is recorded, so neither an address nor a user agent.
#[test]
fn no_field_tells_who_decided() {
    let previous = Some(ReceiptId::random().unwrap());
    let receipt = Receipt::new(Decided { previous, ..granted() }).unwrap();
    let written = serde_json::to_value(receipt).unwrap();
    let all: Vec<_> = paths(&written).into_iter().collect();
    assert_eq!(
        all,
        [
            "event.entity_id",
            "event.event_state",
            "event.event_time",
            "event.event_type",
            "event.global_privacy_control",
            "event.method",
            "event.validity_duration",
            "party_identification.pii_controllers[].jurisdiction",
            "party_identification.pii_controllers[].party_address",
            "party_identification.pii_controllers[].party_contact",
            "party_identification.pii_controllers[].party_id",
            "party_identification.pii_controllers[].party_name",
            "party_identification.pii_controllers[].party_type",
            "pii_principal_id",
            "pii_processing.language",
            "pii_processing.privacy_notice.policy",
            "pii_processing.privacy_notice.revision",
            "pii_processing.purposes[].hash",
            "pii_processing.purposes[].jurisdiction",
            "pii_processing.purposes[].lawful_basis",
            "pii_processing.purposes[].pii_controllers",
            "pii_processing.purposes[].pii_information[].pii_type",
            "pii_processing.purposes[].pii_information[].purpose",
            "pii_processing.purposes[].pii_information[].retention_period",
            "pii_processing.purposes[].purpose",
            "pii_processing.purposes[].purpose_description",
            "pii_processing.purposes[].purpose_type",
            "pii_processing.purposes[].recipient_third_parties",
            "pii_processing.purposes[].state",
            "pii_processing.purposes[].storage_locations",
            "pii_processing.purposes[].withdrawal_method",
            "previous_record_id",
            "record_id",
            "schema_version",
        ]
    );
}

/// R12.
#[test]
fn who_only_refuses_has_no_pseudonym() {
    let known = Some(ReceiptId::random().unwrap());
    let refused = decided(PurposeState::Refused, PurposeState::Refused);
    let receipt = Receipt::new(Decided { principal: known, ..refused }).unwrap();
    assert_eq!(receipt.principal(), None);
    let written = serde_json::to_value(receipt).unwrap();
    assert!(written.get("pii_principal_id").is_none());
    assert_eq!(written["event"]["entity_id"], "anonymous");
    for state in [PurposeState::Granted, PurposeState::Withdrawn] {
        let first = Receipt::new(decided(state, PurposeState::Refused)).unwrap();
        assert_eq!(first.principal(), Some(first.id()));
        let next = Decided { principal: known, ..decided(PurposeState::Refused, state) };
        assert_eq!(Receipt::new(next).unwrap().principal(), known);
    }
}

#[test]
fn debug_is_short_and_tells_no_number() {
    let receipt = Receipt::new(granted()).unwrap();
    let shown = format!("Receipt {{ event: Given, time: {NOW}, .. }}");
    assert_eq!(format!("{receipt:?} {:?}", receipt.id()), format!("{shown} ReceiptId(..)"));
}

#[tokio::test]
async fn what_was_kept_for_three_years_goes() {
    let sink = MemoryReceipts::new();
    let receipts = Receipts::new(sink.clone(), Duration::from_secs(1));
    for time in [NOW, NOW + 1] {
        receipts.append(&Receipt::new(Decided { time, ..granted() }).unwrap()).await.unwrap();
    }
    let [first, second] = <[Receipt; 2]>::try_from(sink.all()).unwrap();
    let over = NOW + 1095 * DAY + 1;
    assert_eq!(receipts.purge(over - 1).await.unwrap(), 0);
    assert_eq!(receipts.purge(over).await.unwrap(), 1);
    assert_eq!(receipts.find(&first.id()).await.unwrap(), None);
    assert_eq!(receipts.find(&second.id()).await.unwrap(), Some(second));
    let receipts = receipts.retention(Duration::from_secs(u64::MAX));
    assert_eq!(receipts.purge(u32::MAX).await.unwrap(), 0, "kept for ever");
    let receipts = receipts.retention(Duration::ZERO);
    assert_eq!(receipts.purge(NOW + 2).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_does_not_answer_is_an_error() {
    struct Silent;

    impl ReceiptSink for Silent {
        async fn append(&self, _: &Receipt) -> Result<(), ReceiptError> {
            pending().await
        }

        async fn find(&self, _: &ReceiptId) -> Result<Option<Receipt>, ReceiptError> {
            pending().await
        }

        async fn purge(&self, _: u32) -> Result<usize, ReceiptError> {
            pending().await
        }
    }

    let receipts = Arc::new(Receipts::new(Silent, Duration::from_secs(2)));
    let receipt = Receipt::new(granted()).unwrap();
    let outcomes = [
        receipts.append(&receipt).await.err(),
        receipts.find(&receipt.id()).await.err(),
        receipts.purge(NOW).await.err(),
    ];
    for outcome in outcomes {
        assert_eq!(outcome.unwrap().kind(), ReceiptErrorKind::Timeout);
    }
}
