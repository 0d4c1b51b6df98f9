//! What a visitor is asked and has decided, as scripts get it.

use serde::Serialize;

use crate::consent::text;
use crate::policy::{Asking, CookiePolicy};
use crate::value::consent::Standing;

/// The state as scripts get it.
#[derive(Serialize)]
pub(super) struct State<'s> {
    decided: bool,
    /// Unix seconds.
    decided_at: Option<u32>,
    granted: Vec<&'s str>,
    global_privacy_control: bool,
    language: &'s str,
    revision: String,
    receipt: Option<&'s str>,
    categories: Vec<CategoryState<'s>>,
}

/// One category.
#[derive(Serialize)]
struct CategoryState<'s> {
    name: &'s str,
    title: &'s str,
    hash: String,
    /// `null` while there is no decision on what is shown today.
    granted: Option<bool>,
    cookies: Vec<String>,
    third_parties: Vec<&'s str>,
}

impl<'s> State<'s> {
    pub(super) fn of(
        policy: &'s CookiePolicy,
        asking: &'s Asking,
        standing: Standing,
        receipt: Option<&'s str>,
        language: &str,
    ) -> Self {
        let wording = policy.wording();
        let (number, words) = (wording.index(language), wording.of(language));
        let categories = asking.categories().iter().enumerate().map(|(category, named)| CategoryState {
            name: named.name(),
            title: words.category(named.name()),
            hash: text(asking.hash(category, number)),
            granted: standing.answered.contains(category).then(|| standing.granted.contains(category)),
            cookies: policy.rows_of(named).map(|row| row.name().to_string()).collect(),
            third_parties: policy.third_parties(named),
        });
        Self {
            decided: standing.open(asking).is_empty(),
            decided_at: standing.decided,
            granted: asking.those(standing.granted).map(|(_, named)| named.name()).collect(),
            global_privacy_control: standing.signal,
            language: &words.language,
            revision: text(asking.revision(number)),
            receipt: receipt.filter(|number| !number.is_empty()),
            categories: categories.collect(),
        }
    }
}
