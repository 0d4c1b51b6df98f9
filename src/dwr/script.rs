//! Script texts: what a reply may be made of.
//!
//! - A value is JSON, and inside its texts everything is escaped that could end a script element or a line of script, or
//!   that the engine could take for one of its marks (`//#DWR-…`).
//! - Ids are letters, digits and `_` by then. Nothing else of a request is in a reply but as a value.

use std::fmt::Write;

use serde::Serialize;

/// A value as a script literal; `None` if JSON cannot say it.
pub(super) fn literal<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    let json = serde_json::to_string(value).ok()?;
    let Some(first) = json.find(is_risky) else { return Some(json) };
    // They can only be in texts, where the escaped form is the same character.
    let (safe, rest) = json.split_at(first);
    let mut literal = String::with_capacity(json.len() + 64);
    literal.push_str(safe);
    for character in rest.chars() {
        if is_risky(character) {
            let _ = write!(literal, "\\u{:04x}", u32::from(character));
        } else {
            literal.push(character);
        }
    }
    Some(literal)
}

/// A text in single quotes, as DWR writes those of its own exceptions.
pub(super) fn quoted(text: &str) -> String {
    let literal = literal(text).unwrap_or_default();
    let inner = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    format!("'{}'", inner.replace('\'', "\\u0027"))
}

fn is_risky(character: char) -> bool {
    matches!(character, '<' | '>' | '&' | '#' | '\u{2028}' | '\u{2029}' | '\u{7f}'..='\u{9f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{literal, quoted};

    #[test]
    fn values_are_safe_inside_script() {
        for (value, expected) in [
            ("", r#""""#),
            ("plain \u{fc}", "\"plain \u{fc}\""),
            ("</script><!--", r#""\u003c/script\u003e\u003c!--""#),
            ("*/ ]]>", r#""*/ ]]\u003e""#),
            ("a&b", r#""a\u0026b""#),
            ("\u{2028}\u{2029}", r#""\u2028\u2029""#),
            ("\r\n//#DWR-END#\r\n", r#""\r\n//\u0023DWR-END\u0023\r\n""#),
            ("\"'\\", r#""\"'\\""#),
            ("\0\u{1b}\u{7f}\u{85}\u{feff}", r#""\u0000\u001b\u007f\u0085\ufeff""#),
        ] {
            assert_eq!(literal(value).unwrap(), expected, "{value:?}");
            assert_eq!(serde_json::from_str::<String>(expected).unwrap(), value, "and it is the same text");
        }
    }

    #[test]
    fn keys_are_safe_too() {
        let map = BTreeMap::from([("</script>", [Some(1.5), None])]);
        assert_eq!(literal(&map).unwrap(), r#"{"\u003c/script\u003e":[1.5,null]}"#);
        assert_eq!(literal(&()).unwrap(), "null");
        assert_eq!(literal(&f64::NAN).unwrap(), "null");
        assert_eq!(literal(&BTreeMap::from([((1, 2), 3)])), None, "a key that is no text");
    }

    #[test]
    fn exceptions_are_quoted() {
        assert_eq!(quoted("GET Disallowed"), "'GET Disallowed'");
        assert_eq!(quoted("it's \"</a>\"\\"), r#"'it\u0027s \"\u003c/a\u003e\"\\'"#);
    }
}
