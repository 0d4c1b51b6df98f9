//! What a request did to its session's values, apart from them, so that it can be done once more to newer ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::record::Values;

/// Keys set and removed, perhaps after everything was cleared.
#[derive(Default)]
pub(super) struct Changes {
    cleared: bool,
    by_key: BTreeMap<Arc<str>, Option<Bytes>>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        !self.cleared && self.by_key.is_empty()
    }

    /// What is under the key, after these changes to `base`.
    pub(super) fn over<'v>(&'v self, base: Option<&'v Values>, key: &str) -> Option<&'v Bytes> {
        match self.by_key.get(key) {
            Some(changed) => changed.as_ref(),
            None if self.cleared => None,
            None => base?.get(key),
        }
    }

    /// All keys, after these changes to `base`.
    pub(super) fn keys_over(&self, base: Option<&Values>) -> Vec<Arc<str>> {
        let mut values = base.cloned().unwrap_or_default();
        self.apply(&mut values);
        values.keys().cloned().collect()
    }

    pub(super) fn set(&mut self, key: &str, value: Bytes) {
        self.by_key.insert(key.into(), Some(value));
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.by_key.insert(key.into(), None);
    }

    /// Whatever was there goes, and what these changes said of it.
    pub(super) fn clear(&mut self) {
        *self = Self { cleared: true, by_key: BTreeMap::new() };
    }

    pub(super) fn apply(&self, values: &mut Values) {
        if self.cleared {
            values.clear();
        }
        for (key, change) in &self.by_key {
            match change {
                Some(value) => values.insert(Arc::clone(key), value.clone()),
                None => values.remove(key),
            }
        }
    }
}
