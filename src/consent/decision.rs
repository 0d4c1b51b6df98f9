//! A decision as it was submitted: read from a form or from JSON, and held against what is asked today.
//!
//! Pure functions: what becomes of the decision is the service's business.

use serde::Deserialize;

use crate::policy::{Asking, Categories};
use crate::value::consent::{Standing, hour_of};

/// What a visitor has submitted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Submitted {
    pub(super) decision: Decision,
    /// The revision of what was shown; empty where nothing says.
    pub(super) revision: String,
    /// The names of the categories that were shown; empty for all.
    pub(super) shown: Vec<String>,
    /// Where the visitor comes from; a path of this site.
    pub(super) return_to: String,
    pub(super) method: Method,
}

/// A decision in the visitor's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Accept,
    Reject,
    /// These categories, by name.
    Save(Vec<String>),
}

/// On what the visitor decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Banner,
    Settings,
    Api,
}

/// What is no decision, for the visitor to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoDecision(pub(super) &'static str);

impl Submitted {
    /// From the fields of a form. Fields that are not known are passed over; one that counts may come once. A category is ticked by
    /// `on` and nothing else: one that says something else besides is not.
    pub(super) fn of_form(body: &[u8]) -> Result<Self, NoDecision> {
        let (mut decision, mut revision, mut return_to, mut source) = (None, None, None, None);
        let (mut shown, mut ticked, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in form_urlencoded::parse(body) {
            let once = |field: &mut Option<String>| match field.replace(value.to_string()) {
                Some(_) => Err(NoDecision("a field of the form comes twice")),
                None => Ok(()),
            };
            match &*name {
                "decision" => once(&mut decision)?,
                "revision" => once(&mut revision)?,
                "return_to" => once(&mut return_to)?,
                "source" => once(&mut source)?,
                "shown" => shown.push(value.into_owned()),
                category if value == "on" => ticked.push(category.to_owned()),
                category => other.push(category.to_owned()),
            }
        }
        ticked.retain(|category| !other.contains(category));
        let method = if source.as_deref() == Some("banner") { Method::Banner } else { Method::Settings };
        Ok(Self {
            decision: Decision::of(decision.as_deref(), ticked)?,
            revision: revision.unwrap_or_default(),
            shown,
            return_to: own_path(return_to.as_deref()),
            method,
        })
    }

    /// From a JSON object: `{"decision": "save", "granted": ["statistics"], "revision": "…"}`.
    pub(super) fn of_json(body: &[u8]) -> Result<Self, NoDecision> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            decision: Option<String>,
            granted: Option<Vec<String>>,
            #[serde(default)]
            revision: String,
        }
        let body: Body = serde_json::from_slice(body).map_err(|_| {
            NoDecision("the body is no JSON object with `decision`, `granted` and `revision`")
        })?;
        let is_saved = body.decision.as_deref() == Some("save");
        if is_saved != body.granted.is_some() {
            return Err(NoDecision("`granted` goes with `save`, and with nothing else"));
        }
        Ok(Self {
            decision: Decision::of(body.decision.as_deref(), body.granted.unwrap_or_default())?,
            revision: body.revision,
            shown: Vec::new(),
            return_to: "/".to_owned(),
            method: Method::Api,
        })
    }
}

impl Decision {
    fn of(word: Option<&str>, ticked: Vec<String>) -> Result<Self, NoDecision> {
        match word {
            Some("accept") => Ok(Self::Accept),
            Some("reject") => Ok(Self::Reject),
            Some("save") => Ok(Self::Save(ticked)),
            _ => Err(NoDecision("`decision` is `accept`, `reject` or `save`")),
        }
    }
}

/// What a decision comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) granted: Categories,
    /// What is decided by now, either way.
    pub(super) answered: Categories,
    /// What of it was decided here.
    pub(super) shown: Categories,
    /// From when it counts, in Unix seconds. What was decided before and goes on is not prolonged by it.
    pub(super) from: u32,
}

/// What is taken of a decision that could not be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Whole,
    /// What it takes back, and not what it allows.
    Part,
    Nothing,
}

impl Outcome {
    /// What is left of it where it could not be recorded, after what was decided before. Who takes something back need not wait for our
    /// records; what is allowed has to be recorded to count, and is not prolonged.
    pub(super) fn unrecorded(self, before: Standing) -> (Taken, Self) {
        if self.granted.is_empty() {
            return (Taken::Whole, self);
        }
        let granted = self.granted.and(before.granted);
        let taken = match (granted == before.granted, granted == self.granted) {
            (true, _) => Taken::Nothing,
            (false, true) => Taken::Whole,
            (false, false) => Taken::Part,
        };
        let from = match before.decided {
            Some(before) if !granted.is_empty() => before.min(self.from),
            _ => self.from,
        };
        (taken, Self { granted, from, ..self })
    }

    /// What the visitor has decided by it.
    pub(super) fn standing(self) -> Standing {
        Standing { granted: self.granted, answered: self.answered, decided: Some(self.from), signal: false }
    }
}

impl Submitted {
    /// Whether a script grants what is no category. A form may have other fields, and a script nothing to gain from them.
    pub(super) fn is_mistaken(&self, asking: &Asking) -> bool {
        match &self.decision {
            Decision::Save(names) if self.method == Method::Api => {
                names.iter().any(|name| asking.number(name.as_bytes()).is_none())
            }
            _ => false,
        }
    }

    /// What it comes to, after what was decided before.
    ///
    /// - It is about what was shown. What was not stays as it was decided before, or open.
    /// - What a signal switches off was shown as off, so nobody can have granted it here; who did so before will find it granted
    ///   without the signal.
    /// - Who refuses all refuses all.
    pub(super) fn outcome(&self, asking: &Asking, before: Standing, is_signalled: bool, now: u32) -> Outcome {
        let now = hour_of(now);
        let named = |names: &[String]| {
            let mut named = Categories::default();
            let numbers = names.iter().filter_map(|name| asking.number(name.as_bytes()));
            numbers.for_each(|number| named.insert(number));
            named
        };
        let shown = if self.shown.is_empty() { asking.all() } else { named(&self.shown) };
        let shown = if is_signalled { shown.without(asking.sold()) } else { shown };
        let chosen = match &self.decision {
            Decision::Reject => {
                let all = asking.all();
                return Outcome { granted: Categories::default(), answered: all, shown: all, from: now };
            }
            Decision::Accept => shown,
            Decision::Save(names) => shown.and(named(names)),
        };
        let kept = before.answered.without(shown);
        Outcome {
            granted: chosen.with(before.granted.and(kept)),
            answered: shown.with(kept),
            shown,
            from: before.decided.filter(|_| !kept.is_empty()).map_or(now, |before| before.min(now)),
        }
    }
}

/// A path of this site, as it was asked for; `/` instead of anything that a browser could take for another address (WHATWG URL:
/// it reads `\` as `/`, and drops tabs and line breaks).
pub(super) fn own_path(asked: Option<&str>) -> String {
    let is_own = |path: &&str| {
        let rest = path.strip_prefix('/').unwrap_or("/");
        path.len() <= LONGEST_PATH
            && !rest.starts_with(['/', '\\'])
            && path.bytes().all(|byte| byte.is_ascii_graphic())
    };
    asked.filter(is_own).unwrap_or("/").to_owned()
}

/// Longer addresses are no page's.
const LONGEST_PATH: usize = 2048;

#[cfg(test)]
mod tests {
    use super::{Decision, Method, Submitted, own_path};

    #[test]
    fn only_a_path_of_this_site_is_returned_to() {
        for path in
            ["/", "/a", "/a/b?c=d&e=%2F%2Fevil", "/a#b", "/a//b", "/?u=https://evil.example", "/.//evil"]
        {
            assert_eq!(own_path(Some(path)), path);
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "evil",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/a b",
            "/a\r\nSet-Cookie: x=1",
            "/\u{0}",
            "/\u{e4}",
            "/\u{ff0f}evil.example",
            "?a",
            "#a",
        ] {
            assert_eq!(own_path(Some(other)), "/", "{other:?}");
        }
        assert_eq!(own_path(Some(&format!("/{}", "a".repeat(2048)))), "/");
        assert_eq!(own_path(None), "/");
    }

    #[test]
    fn a_form_says_what_was_decided() {
        let of = |form: &str| Submitted::of_form(form.as_bytes());
        let save = of(
            "decision=save&statistics=on&maps=on&maps=off&marketing=off&x=1&revision=abc&return_to=%2Fcart",
        )
        .unwrap();
        assert_eq!(save.decision, Decision::Save(vec!["statistics".into()]));
        assert_eq!((&*save.revision, &*save.return_to, save.method), ("abc", "/cart", Method::Settings));
        assert_eq!(of("decision=reject&source=banner").unwrap().method, Method::Banner);
        for wrong in [
            "",
            "decision=",
            "decision=Accept",
            "revision=a",
            "decision=accept&decision=reject",
            "\u{0}=\u{1}",
        ] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn json_says_what_was_decided() {
        let of = |json: &str| Submitted::of_json(json.as_bytes());
        let save = of(r#"{"decision":"save","granted":["statistics"],"revision":"r"}"#).unwrap();
        assert_eq!(save.decision, Decision::Save(vec!["statistics".into()]));
        for wrong in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"decision":1}"#,
            r#"{"decision":"accept"} x"#,
            r#"{"decision":"save"}"#,
            r#"{"decision":"accept","granted":["statistics"]}"#,
            r#"{"decision":"accept","more":1}"#,
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
