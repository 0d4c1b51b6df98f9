//! Rules about what is in a record.

use super::trial::{Found, Trial};
use super::{Sample, key};
use crate::session::{Rotated, SessionRecord, SessionStore, Updated};

pub(super) async fn hold<S: SessionStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    odd(rule("values with any character under any key come back as they were")).await;
    many(rule("a hundred values come back as they were")).await;
    large(rule("a record of a mebibyte comes back as it was")).await;
    late(rule("times up to the last one in 32 bits come back as they were")).await;
}

async fn odd(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let sample = ODD.iter().fold(t.of(&owner), |sample, odd| sample.value(odd, json(odd)));
    // Every character of the first planes' beginnings, those included that end strings and lines.
    let all: String = (0..0x800).chain(0x1_f600..0x1_f700).filter_map(char::from_u32).collect();
    comes_back(&t, &sample.value("all", json(&all)).record()).await;
    // Values are bytes to a store: it has no reason to read them.
    comes_back(&t, &t.of(&owner).value("bytes", (0..=255).collect::<Vec<u8>>()).record()).await;
}

async fn many(t: Trial<'_, impl SessionStore>) {
    let owner = t.owner().await;
    let values = (0..100).map(|at| (format!("key-{at}"), format!("[{at},null,{{\"at\":\"{at}\"}}]")));
    let sample = values.fold(t.of(&owner), |sample, (key, value)| sample.value(&key, value));
    comes_back(&t, &sample.record()).await;
}

async fn large(t: Trial<'_, impl SessionStore>) {
    let sample = Sample::anonymous(t.now);
    let letters = MEBIBYTE - sample.clone().value("large", "\"\"").record().size();
    let record = sample.value("large", format!("\"{}\"", "x".repeat(letters))).record();
    t.is("the size of the record", record.size(), MEBIBYTE);
    comes_back(&t, &record).await;
}

async fn late(t: Trial<'_, impl SessionStore>) {
    let sample = t.of(&t.owner().await);
    let last = sample.clone().seen(u32::MAX).deadline(u32::MAX).record();
    let key = t.kept(&last).await;
    t.is("load", t.load(&key).await, Found::Live(1, last.clone()));
    t.is("the length of list_owner", t.list(last.owner().unwrap_or_default()).await.len(), 1);
    let key = t.kept(&sample.record()).await;
    t.is("touch", t.touch(&key, u32::MAX, u32::MAX).await, true);
    t.is("load", t.load(&key).await, Found::Live(1, last));
}

/// Created, updated and rotated, it is the same record.
async fn comes_back(t: &Trial<'_, impl SessionStore>, record: &SessionRecord) {
    let plain = match record.owner() {
        Some(_) => t.again(record).record(),
        None => Sample::anonymous(t.now).record(),
    };
    let created = t.kept(record).await;
    t.is("load of what was created", t.load(&created).await, Found::Live(1, record.clone()));
    let updated = t.kept(&plain).await;
    t.is("update", t.update(&updated, 1, record).await, Updated::Yes);
    t.is("load of what was updated", t.load(&updated).await, Found::Live(2, record.clone()));
    let (old, new) = (t.kept(&plain).await, key());
    t.is("rotate", t.rotate(&old, 1, &new, record, 10).await, Rotated::Yes);
    t.is("load of what was rotated", t.load(&new).await, Found::Live(2, record.clone()));
    t.is("load of the old key", t.load(&old).await, Found::Rotated(2, record.clone()));
}

fn json(text: &str) -> Vec<u8> {
    serde_json::to_vec(text).unwrap_or_default()
}

/// What is something else to databases, formats and shells.
const ODD: [&str; 12] = [
    "",
    " ",
    "\0",
    "null",
    "a\0b",
    "it's",
    "\"\\\"",
    "$1 ?1 :x",
    "%_*?[a]",
    "日本語",
    "e\u{301}",
    "\r\n\u{2028}",
];
const MEBIBYTE: usize = 1 << 20;
