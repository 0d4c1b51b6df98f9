//! A store on trial for one rule, at one moment.

use std::fmt;
use std::ops::Deref;

use super::{SampleSeries, series_key};
use crate::clock::Clock;
use crate::session::{RememberStore, SeriesKey, SeriesRecord, Updated};
use crate::testing::rule::Rule;
use crate::testing::trial::unknown;

/// A store, the rule it is held to, and the time. Its steps are the store's, where they do not fail.
pub(super) struct Trial<'s, S> {
    store: &'s S,
    rule: Rule,
    pub(super) now: u32,
}

impl<'s, S: RememberStore> Trial<'s, S> {
    pub(super) fn new(store: &'s S, rule: &'static str) -> Self {
        Self { store, rule: Rule::new("remember store", rule), now: Clock::system().now() }
    }

    /// The same trial, so many seconds later.
    pub(super) fn after(&self, seconds: u32) -> Self {
        Self { now: self.now.saturating_add(seconds), ..*self }
    }

    /// The same trial, so many seconds earlier.
    pub(super) fn before(&self, seconds: u32) -> Self {
        Self { now: self.now.saturating_sub(seconds), ..*self }
    }

    /// The same trial at that time.
    pub(super) fn at(&self, now: u32) -> Self {
        Self { now, ..*self }
    }

    /// A login of this owner that begins now.
    pub(super) fn of(&self, owner: &str) -> SampleSeries {
        SampleSeries::of(owner, self.now)
    }

    /// A login of an owner whom nobody knows.
    pub(super) fn record(&self) -> SeriesRecord {
        self.of(&unknown()).record()
    }

    /// Another record of the same owner, with the same end.
    pub(super) fn again(&self, record: &SeriesRecord) -> SampleSeries {
        self.of(record.owner()).epoch(record.epoch()).ends(record.ends())
    }

    /// Keeps a record under a new key.
    pub(super) async fn kept(&self, record: &SeriesRecord) -> SeriesKey {
        let key = series_key();
        self.is("create_series", self.create(&key, record).await, true);
        key
    }

    pub(super) async fn create(&self, key: &SeriesKey, record: &SeriesRecord) -> bool {
        self.done("create_series", self.store.create_series(key, record.clone(), self.now).await)
    }

    pub(super) async fn load(&self, key: &SeriesKey) -> Found {
        match self.done("load_series", self.store.load_series(key, self.now).await) {
            Some(stored) => Found::Series(stored.revision, stored.record),
            None => Found::Nothing,
        }
    }

    pub(super) async fn update(&self, key: &SeriesKey, expected: u64, record: &SeriesRecord) -> Updated {
        let record = record.clone();
        self.done("update_series", self.store.update_series(key, expected, record, self.now).await)
    }

    pub(super) async fn delete(&self, key: &SeriesKey) -> bool {
        self.done("delete_series", self.store.delete_series(key, self.now).await)
    }

    pub(super) async fn end_all(&self, owner: &str) -> usize {
        self.done("end_series_of", self.store.end_series_of(owner, None, self.now).await)
    }

    pub(super) async fn end_others(&self, owner: &str, spared: &SeriesKey, epoch: u64) -> usize {
        let except = Some((spared, epoch));
        self.done("end_series_of", self.store.end_series_of(owner, except, self.now).await)
    }

    pub(super) async fn purge(&self, limit: usize) -> usize {
        self.done("purge_series", self.store.purge_series(self.now, limit).await)
    }
}

impl<S> Deref for Trial<'_, S> {
    type Target = Rule;

    fn deref(&self) -> &Rule {
        &self.rule
    }
}

/// What is under a key, to compare.
#[derive(PartialEq)]
pub(super) enum Found {
    Nothing,
    Series(u64, SeriesRecord),
}

/// What can tell two sample records apart. Nothing in them is a secret.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Series(revision, record) = self else { return f.write_str("Nothing") };
        let owner = record.owner.chars().take(80).collect::<String>();
        write!(f, "Series({revision}, {{ owner: {owner:?}, epoch: {}, ", record.epoch)?;
        write!(f, "started: {}, ends: {}, current: ", record.started, record.ends)?;
        record.current.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ", successor: {:?}, ", record.successor.map(|successor| successor.at))?;
        write!(f, "superseded: {}, stolen: {:?} }})", record.superseded.len(), record.stolen)
    }
}
