//! A receipt as it is written: the sections and names of ISO/IEC TS 27560:2023, clause 6.3.
//!
//! - What has no name there (`state`, `hash`, `method`, `previous_record_id`, …) has one of ours beside the others.
//! - What says the same in every receipt is written, and not read.
//! - A record of another schema is refused as a whole. [`Head`] reads of it what has to be known of every record.

use cookie::time::OffsetDateTime;
use cookie::time::format_description::well_known::Rfc3339;
use serde::{Deserialize, Serialize};

use super::controller::{self, Controller};
use super::event::{Event, Method};
use super::id::ReceiptId;
use super::purpose::{Purpose, PurposeCookie, PurposeState};
use super::{Decided, Receipt};
use crate::policy::Category;

/// The schema that is written and read here.
const SCHEMA: &str = "tower-cookie-policy/1";

#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    schema_version: String,
    record_id: ReceiptId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_record_id: Option<ReceiptId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pii_principal_id: Option<ReceiptId>,
    pii_processing: Processing,
    party_identification: Parties,
    event: Happened,
}

#[derive(Serialize, Deserialize)]
struct Processing {
    privacy_notice: Notice,
    language: String,
    purposes: Vec<WrittenPurpose>,
}

#[derive(Serialize, Deserialize)]
struct Notice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    policy: String,
    revision: String,
}

#[derive(Serialize, Deserialize)]
struct WrittenPurpose {
    purpose: String,
    #[serde(default)]
    purpose_description: String,
    purpose_type: Category,
    #[serde(skip_deserializing)]
    lawful_basis: &'static str,
    state: PurposeState,
    hash: String,
    pii_information: Vec<PurposeCookie>,
    #[serde(skip_deserializing)]
    pii_controllers: [&'static str; 1],
    #[serde(skip_deserializing)]
    storage_locations: [&'static str; 1],
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<String>,
    recipient_third_parties: Vec<String>,
    withdrawal_method: String,
}

#[derive(Serialize, Deserialize)]
struct Parties {
    pii_controllers: [Controller; 1],
}

#[derive(Serialize, Deserialize)]
struct Happened {
    event_time: Time,
    validity_duration: u32,
    #[serde(skip_deserializing)]
    entity_id: String,
    #[serde(skip_deserializing)]
    event_type: &'static str,
    event_state: Event,
    method: Method,
    global_privacy_control: bool,
}

/// What a log has to know of each of its records, of whichever schema.
#[derive(Deserialize)]
pub(super) struct Head {
    record_id: ReceiptId,
    event: HeadEvent,
}

#[derive(Deserialize)]
struct HeadEvent {
    event_time: Time,
}

impl Head {
    pub(super) fn id(&self) -> ReceiptId {
        self.record_id
    }

    /// Unix seconds.
    pub(super) fn time(&self) -> u32 {
        self.event.event_time.0
    }
}

/// A receipt on one line, its end included.
pub(super) fn line(receipt: &Receipt) -> Vec<u8> {
    // Strings, numbers and lists under text keys: there is no such value that JSON cannot say.
    let mut line = serde_json::to_vec(receipt).unwrap_or_else(|_| unreachable!("a receipt is plain data"));
    line.push(b'\n');
    line
}

impl From<Receipt> for Written {
    fn from(Receipt { id, decided }: Receipt) -> Self {
        let jurisdiction = decided.controller.country().map(str::to_owned);
        let purpose = |purpose: Purpose| WrittenPurpose {
            purpose: purpose.title,
            purpose_description: purpose.about,
            purpose_type: purpose.category,
            lawful_basis: "consent",
            state: purpose.state,
            hash: purpose.hash,
            pii_information: purpose.cookies,
            pii_controllers: [controller::id()],
            storage_locations: ["the visitor's device"],
            jurisdiction: jurisdiction.clone(),
            recipient_third_parties: purpose.third_parties,
            withdrawal_method: purpose.withdrawal,
        };
        Self {
            schema_version: SCHEMA.to_owned(),
            record_id: id,
            previous_record_id: decided.previous,
            pii_principal_id: decided.principal,
            pii_processing: Processing {
                privacy_notice: Notice {
                    address: decided.notice,
                    policy: decided.policy,
                    revision: decided.revision,
                },
                language: decided.language,
                purposes: decided.purposes.into_iter().map(purpose).collect(),
            },
            party_identification: Parties { pii_controllers: [decided.controller] },
            event: Happened {
                event_time: Time(decided.time),
                validity_duration: decided.validity,
                entity_id: decided.principal.map_or_else(|| "anonymous".to_owned(), String::from),
                event_type: "expressed",
                event_state: decided.event,
                method: decided.method,
                global_privacy_control: decided.global_privacy_control,
            },
        }
    }
}

impl TryFrom<Written> for Receipt {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        if written.schema_version != SCHEMA {
            return Err(format!("the receipt is not of the schema `{SCHEMA}`"));
        }
        let Processing { privacy_notice, language, purposes } = written.pii_processing;
        let [controller] = written.party_identification.pii_controllers;
        let purpose = |purpose: WrittenPurpose| Purpose {
            category: purpose.purpose_type,
            title: purpose.purpose,
            about: purpose.purpose_description,
            state: purpose.state,
            hash: purpose.hash,
            cookies: purpose.pii_information,
            third_parties: purpose.recipient_third_parties,
            withdrawal: purpose.withdrawal_method,
        };
        let decided = Decided {
            previous: written.previous_record_id,
            principal: written.pii_principal_id,
            notice: privacy_notice.address,
            policy: privacy_notice.policy,
            revision: privacy_notice.revision,
            language,
            controller,
            purposes: purposes.into_iter().map(purpose).collect(),
            event: written.event.event_state,
            method: written.event.method,
            time: written.event.event_time.0,
            validity: written.event.validity_duration,
            global_privacy_control: written.event.global_privacy_control,
        };
        Ok(Self { id: written.record_id, decided })
    }
}

/// Unix seconds, written as RFC 3339 has them.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Time(u32);

impl From<Time> for String {
    fn from(time: Time) -> Self {
        let time = OffsetDateTime::from_unix_timestamp(i64::from(time.0)).ok();
        // The 32 bits end in 2106, long before the years of RFC 3339 do.
        time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| unreachable!("a time before 2107"))
    }
}

impl TryFrom<String> for Time {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time = OffsetDateTime::parse(&text, &Rfc3339).ok();
        let seconds = time.and_then(|time| u32::try_from(time.unix_timestamp()).ok());
        seconds.map(Self).ok_or("the time is none of RFC 3339 from 1970 to 2106")
    }
}
