//! Rules about steps that are dropped half-way, as at a policy's deadline.

use std::pin::pin;

use futures_util::future::select;

use super::series_key;
use super::trial::{Found, Trial};
use crate::session::RememberStore;
use crate::testing::moving::put_off;
use crate::testing::trial::unknown;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    let rule = |rule| Trial::new(store, rule);
    created(rule("a series whose creation was dropped half-way ends with its owner's others")).await;
    updated(rule("an update that is dropped half-way leaves the one record or the other")).await;
}

async fn created(t: Trial<'_, impl RememberStore>) {
    for polls in polls() {
        let (owner, key) = (unknown(), series_key());
        let _ = select(pin!(t.create(&key, &t.of(&owner).record())), pin!(put_off(polls))).await;
        let mut found = Found::Nothing;
        // What was dropped may take a moment to be undone, or done.
        for _ in 0..MOST_LOOKS {
            t.end_all(&owner).await;
            found = t.load(&key).await;
            if found == Found::Nothing {
                break;
            }
            put_off(1).await;
        }
        t.is("load_series after end_series_of", found, Found::Nothing);
    }
}

async fn updated(t: Trial<'_, impl RememberStore>) {
    for polls in polls() {
        let before = t.record();
        let after = t.again(&before).successor(t.now).record();
        let key = t.kept(&before).await;
        let _ = select(pin!(t.update(&key, 1, &after)), pin!(put_off(polls))).await;
        let (before, after) = (Found::Series(1, before), Found::Series(2, after));
        let mut found = t.load(&key).await;
        for _ in 0..MOST_LOOKS {
            if found == before || found == after {
                break;
            }
            put_off(1).await;
            found = t.load(&key).await;
        }
        t.holds(found == before || found == after, &format!("load_series answered {found:?}"));
    }
}

/// After how many polls a step is dropped.
fn polls() -> impl Iterator<Item = u32> {
    (0..17).map(|doubled| (1 << doubled) / 2)
}

const MOST_LOOKS: usize = 1000;
