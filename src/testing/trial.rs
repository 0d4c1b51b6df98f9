//! A store on trial for one rule, at one moment.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::rule::Rule;
use super::sample::{Sample, text};
use crate::clock::Clock;
use crate::session::{
    Created, Loaded, Owned, Rotated, SessionKey, SessionRecord, SessionStore, Stored, Updated,
};

/// A store, the rule it is held to, and the time. Its steps are the store's, where they do not fail.
pub(super) struct Trial<'s, S> {
    store: &'s S,
    rule: Rule,
    pub(super) now: u32,
}

impl<'s, S: SessionStore> Trial<'s, S> {
    pub(super) fn new(store: &'s S, rule: &'static str) -> Self {
        Self { store, rule: Rule::new("session store", rule), now: Clock::system().now() }
    }

    /// The same trial, so many seconds later.
    pub(super) fn after(&self, seconds: u32) -> Self {
        Self { now: self.now.saturating_add(seconds), ..*self }
    }

    /// The same trial, so many seconds earlier.
    pub(super) fn before(&self, seconds: u32) -> Self {
        Self { now: self.now.saturating_sub(seconds), ..*self }
    }

    /// An owner whom nobody knows.
    pub(super) async fn owner(&self) -> Owner {
        self.named(unknown()).await
    }

    /// The owner of this name, as of now.
    pub(super) async fn named(&self, name: String) -> Owner {
        let epoch = self.epoch(&name).await;
        Owner { name, epoch }
    }

    /// A record of this owner, with a value that no other has.
    pub(super) fn of(&self, owner: &Owner) -> Sample {
        Sample::of(owner, self.now).epoch(owner.epoch).value("sample", format!("\"{}\"", text()))
    }

    /// Another record of the same owner and epoch.
    pub(super) fn again(&self, record: &SessionRecord) -> Sample {
        let name = record.owner().unwrap_or_default().to_owned();
        self.of(&Owner { name, epoch: record.epoch() })
    }

    /// A record of an owner whom nobody knows.
    pub(super) async fn record(&self) -> SessionRecord {
        self.of(&self.owner().await).record()
    }

    /// So many records, each of another owner.
    pub(super) async fn records(&self, count: usize) -> Vec<SessionRecord> {
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            records.push(self.record().await);
        }
        records
    }

    /// Keeps a record under a new key.
    pub(super) async fn kept(&self, record: &SessionRecord) -> SessionKey {
        let key = super::key();
        self.is("create", self.create(&key, record).await, Created::Yes);
        key
    }

    pub(super) async fn create(&self, key: &SessionKey, record: &SessionRecord) -> Created {
        self.done("create", self.store.create(key, record.clone(), self.now).await)
    }

    pub(super) async fn load(&self, key: &SessionKey) -> Found {
        match self.done("load", self.store.load(key, self.now).await) {
            Loaded::Absent => Found::Absent,
            Loaded::Live(stored) => Found::live(stored),
            Loaded::Rotated(stored) => Found::Rotated(stored.revision, Arc::unwrap_or_clone(stored.record)),
            Loaded::Ended => Found::Ended,
        }
    }

    pub(super) async fn update(&self, key: &SessionKey, expected: u64, record: &SessionRecord) -> Updated {
        self.done("update", self.store.update(key, expected, record.clone(), self.now).await)
    }

    pub(super) async fn touch(&self, key: &SessionKey, seen: u32, deadline: u32) -> bool {
        self.done("touch", self.store.touch(key, seen, deadline, self.now).await)
    }

    pub(super) async fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: &SessionRecord,
        grace: u32,
    ) -> Rotated {
        let record = record.clone();
        self.done("rotate", self.store.rotate(old, expected, new, record, grace, self.now).await)
    }

    pub(super) async fn delete(&self, key: &SessionKey) -> bool {
        self.done("delete", self.store.delete(key, self.now).await)
    }

    /// The owner's list, by key.
    pub(super) async fn list(&self, owner: &str) -> Vec<Listed> {
        let owned = self.done("list_owner", self.store.list_owner(owner, self.now).await);
        Listed::sorted(owned.into_iter().map(|Owned { key, record }| (key, Arc::unwrap_or_clone(record))))
    }

    pub(super) async fn epoch(&self, owner: &str) -> u64 {
        self.done("epoch", self.store.epoch(owner).await)
    }

    pub(super) async fn end_owner(&self, owner: &str, except: Option<&SessionKey>) -> usize {
        self.done("end_owner", self.store.end_owner(owner, except, self.now).await)
    }

    pub(super) async fn purge(&self, limit: usize) -> usize {
        self.done("purge", self.store.purge(self.now, limit).await)
    }
}

impl<S> Deref for Trial<'_, S> {
    type Target = Rule;

    fn deref(&self) -> &Rule {
        &self.rule
    }
}

/// An owner, and the epoch in which sessions may be opened.
pub(super) struct Owner {
    name: String,
    pub(super) epoch: u64,
}

impl Deref for Owner {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

/// A name that nobody has.
pub(super) fn unknown() -> String {
    format!("owner-{}", text())
}

/// What is under a key, to compare.
#[derive(PartialEq)]
pub(super) enum Found {
    Absent,
    Live(u64, SessionRecord),
    Rotated(u64, SessionRecord),
    Ended,
}

impl Found {
    fn live(stored: Stored) -> Self {
        Self::Live(stored.revision, Arc::unwrap_or_clone(stored.record))
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Live(..))
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Live(revision, record) => {
                f.debug_tuple("Live").field(revision).field(&Shown(record)).finish()
            }
            Self::Rotated(revision, record) => {
                f.debug_tuple("Rotated").field(revision).field(&Shown(record)).finish()
            }
            Self::Ended => f.write_str("Ended"),
        }
    }
}

/// A session in a list, to compare.
#[derive(PartialEq)]
pub(super) struct Listed(SessionKey, SessionRecord);

impl Listed {
    pub(super) fn sorted(sessions: impl IntoIterator<Item = (SessionKey, SessionRecord)>) -> Vec<Self> {
        let mut listed: Vec<_> = sessions.into_iter().map(|(key, record)| Self(key, record)).collect();
        listed.sort_by_key(|listed| listed.0);
        listed
    }
}

impl Listed {
    pub(super) fn is(&self, key: &SessionKey) -> bool {
        self.0 == *key
    }

    pub(super) fn epoch(&self) -> u64 {
        self.1.epoch()
    }
}

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(&self.1).fmt(f)
    }
}

/// What can tell two sample records apart. Nothing in them is a secret.
struct Shown<'r>(&'r SessionRecord);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(record) = self;
        let owner = record.owner.as_ref().map(|owner| owner.chars().take(80).collect::<String>());
        write!(f, "{{ owner: {owner:?}, epoch: {}, handle: {:?}, ", record.epoch, record.handle)?;
        write!(f, "seen: {}, deadline: {}, bytes: {} }}", record.seen, record.deadline, record.size())
    }
}
