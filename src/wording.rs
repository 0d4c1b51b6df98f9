//! The words that are not the rows' own: of the declaration, the banner and the form, in German and English, and as replaced.
//!
//! - Each text has a key. A policy may say another text for a key, in one of the two languages or in one more; what one more
//!   language leaves out is English.
//! - A category has the keys `category.NAME` for its title and `category.NAME.text` for what it is about.

mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::policy::{Category, Lifetime};

pub(crate) use table::Words;

/// Texts by their keys, as a policy gives them.
pub(crate) type Given = BTreeMap<String, String>;

/// The words of every language that there are words in: English first.
#[derive(Clone, Debug)]
pub(crate) struct Wording(Vec<Arc<Words>>);

impl Wording {
    /// With these texts, by language and key. An `Err` quotes what there is not.
    pub(crate) fn new(
        texts: &BTreeMap<String, Given>,
        is_category: impl Fn(&str) -> bool,
    ) -> Result<Self, (String, String)> {
        let mut all = vec![Words::english(), Words::german()];
        for (language, given) in texts {
            let known = all.iter().position(|words| words.language.eq_ignore_ascii_case(language));
            let at = known.unwrap_or_else(|| {
                all.push(Words { language: language.clone(), ..Words::english() });
                all.len() - 1
            });
            for (key, text) in given {
                if !all[at].replace(key, text, &is_category) {
                    return Err((language.clone(), key.clone()));
                }
            }
        }
        Ok(Self(all.into_iter().map(Arc::new).collect()))
    }

    /// The words of this language, or of the one that it is a variant of, else the English ones.
    pub(crate) fn of(&self, language: &str) -> &Arc<Words> {
        &self.0[self.index(language)]
    }

    /// Their place in the list.
    pub(crate) fn index(&self, language: &str) -> usize {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        let is = |tag: &str| self.0.iter().position(|words| words.language.eq_ignore_ascii_case(tag));
        is(language).or_else(|| is(primary)).unwrap_or_default()
    }

    pub(crate) fn all(&self) -> &[Arc<Words>] {
        &self.0
    }
}

impl Words {
    fn replace(&mut self, key: &str, text: &str, is_category: impl Fn(&str) -> bool) -> bool {
        let Some(named) = key.strip_prefix("category.") else {
            return !Self::OF_CATEGORIES.contains(&key) && self.put(key, text);
        };
        let known = is_category(named.strip_suffix(".text").unwrap_or(named));
        if known {
            self.categories.insert(named.to_owned(), text.to_owned());
        }
        known
    }

    /// The keys that a policy may say other texts for, those of categories apart.
    pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
        Self::KEYS.iter().copied().filter(|key| !Self::OF_CATEGORIES.contains(key))
    }

    /// What a policy says of a category itself: its title, and what it is about. Empty for what is the crate's.
    pub(crate) fn given(&self, category: &Category) -> (&str, &str) {
        let given = |key: &str| self.categories.get(key).map_or("", String::as_str);
        (given(category.name()), given(&format!("{category}.text")))
    }

    /// Those of the crate's own categories, which have keys like those of all others.
    const OF_CATEGORIES: [&str; 8] = [
        "essential",
        "essential_text",
        "preferences",
        "preferences_text",
        "statistics",
        "statistics_text",
        "marketing",
        "marketing_text",
    ];

    /// A category's title, by its name.
    pub(crate) fn category<'n>(&'n self, name: &'n str) -> &'n str {
        match (self.categories.get(name), name) {
            (Some(title), _) => title,
            (None, "essential") => &self.essential,
            (None, "preferences") => &self.preferences,
            (None, "statistics") => &self.statistics,
            (None, "marketing") => &self.marketing,
            (None, other) => other,
        }
    }

    /// What the essential ones are about.
    #[cfg(feature = "pages")]
    pub(crate) fn about_essential(&self) -> &str {
        self.categories.get("essential.text").map_or(&self.essential_text, String::as_str)
    }

    /// What a category is about; empty where nobody has said it.
    #[cfg(feature = "pages")]
    pub(crate) fn about(&self, category: &Category) -> &str {
        match (self.categories.get(&format!("{category}.text")), category) {
            (Some(text), _) => text,
            (None, Category::Preferences) => &self.preferences_text,
            (None, Category::Statistics) => &self.statistics_text,
            (None, Category::Marketing) => &self.marketing_text,
            (None, Category::Other(_)) => "",
        }
    }

    /// A lifetime in the greatest unit that it is whole in; years have 365 days, and 30 days are a month.
    pub(crate) fn duration(&self, lifetime: Lifetime) -> String {
        let Some(seconds) = lifetime.max_age() else { return self.until_closed.to_string() };
        let units = SECONDS.iter().zip(self.units()).enumerate();
        let whole = |&(at, (&unit, _)): &(usize, (&u32, _))| {
            // 90 days are said as such: only the two documented units are said as year and month.
            seconds >= unit && seconds.is_multiple_of(unit) && (at > 1 || seconds == unit)
        };
        let (_, (unit, (one, many))) =
            units.clone().find(whole).unwrap_or((5, (&1, (&self.second, &self.seconds))));
        match seconds / unit {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        }
    }

    /// Singular and plural of year, month, day, hour, minute, second.
    fn units(&self) -> [(&Cow<'static, str>, &Cow<'static, str>); 6] {
        [
            (&self.year, &self.years),
            (&self.month, &self.months),
            (&self.day, &self.days),
            (&self.hour, &self.hours),
            (&self.minute, &self.minutes),
            (&self.second, &self.seconds),
        ]
    }

    /// How many others receive data.
    #[cfg(feature = "pages")]
    pub(crate) fn third_parties(&self, count: usize) -> String {
        match count {
            0 => self.no_third_party.to_string(),
            1 => self.one_third_party.to_string(),
            many => self.many_third_parties.replace("{count}", &many.to_string()),
        }
    }
}

/// Seconds of year, month, day, hour, minute, second.
const SECONDS: [u32; 6] = [31_536_000, 2_592_000, 86_400, 3_600, 60, 1];

#[cfg(test)]
mod tests {
    use super::Wording;
    use crate::policy::Lifetime;

    #[test]
    fn durations_in_words() {
        let wording = Wording::new(&Default::default(), |_| false).unwrap();
        for (lifetime, en, de) in [
            (Lifetime::Session, "Until the browser is closed", "Bis der Browser geschlossen wird"),
            (Lifetime::YEAR, "1 year", "1 Jahr"),
            (Lifetime::MONTH, "1 month", "1 Monat"),
            (Lifetime::days(90), "90 days", "90 Tage"),
            (Lifetime::seconds(7200), "2 hours", "2 Stunden"),
            (Lifetime::seconds(90), "90 seconds", "90 Sekunden"),
            (Lifetime::seconds(1), "1 second", "1 Sekunde"),
        ] {
            assert_eq!(wording.of("en-GB").duration(lifetime), en);
            assert_eq!(wording.of("de_AT").duration(lifetime), de);
        }
    }
}
