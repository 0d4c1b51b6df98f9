//! Parameters of a call: a type, a colon, and what the engine made of the value.

use std::error::Error;
use std::fmt;

use percent_encoding::percent_decode_str;

/// A parameter of one of the plain types.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Parameter {
    /// `string:`, percent-decoded.
    Text(String),
    /// `number:`, which JavaScript has in 64 bits too.
    Number(f64),
    /// `boolean:`.
    Boolean(bool),
    /// `null:`.
    Null,
}

impl Parameter {
    pub(super) fn parse(raw: &str) -> Result<Self, ParameterError> {
        let (kind, value) = raw.split_once(':').ok_or(ParameterError::Malformed)?;
        match kind {
            "string" => decoded(value).map(Self::Text),
            "number" => number(value).map(Self::Number),
            "boolean" => match value {
                "true" => Ok(Self::Boolean(true)),
                "false" => Ok(Self::Boolean(false)),
                _ => Err(ParameterError::Malformed),
            },
            "null" if matches!(value, "null" | "") => Ok(Self::Null),
            "null" => Err(ParameterError::Malformed),
            _ => Err(ParameterError::Unsupported),
        }
    }
}

/// What `encodeURIComponent` made of a text: each percent sign begins a byte, and the bytes are UTF-8. A plus stays one.
fn decoded(value: &str) -> Result<String, ParameterError> {
    let begins_byte = |(at, _): (usize, &str)| {
        let digits = value.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !value.match_indices('%').all(begins_byte) {
        return Err(ParameterError::Malformed);
    }
    let text = percent_decode_str(value).decode_utf8().map_err(|_| ParameterError::Malformed)?;
    Ok(text.into_owned())
}

/// As JavaScript prints numbers; Rust reads more than that.
fn number(value: &str) -> Result<f64, ParameterError> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    let named = matches!(value, "NaN" | "Infinity" | "-Infinity");
    if !(named || value.bytes().all(plain)) {
        return Err(ParameterError::Malformed);
    }
    value.parse().map_err(|_| ParameterError::Malformed)
}

/// Why a call has no such parameter. It holds nothing of what was sent, so it may be told to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterError {
    /// The call has fewer parameters.
    Missing,
    /// It is of another type than was asked for.
    OtherType,
    /// It is not what the engine makes of a value of its type.
    Malformed,
    /// It is of a type that is not read here: dates, arrays, objects, references, XML.
    Unsupported,
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a parameter is missing",
            Self::OtherType => "a parameter is of another type",
            Self::Malformed => "a parameter is malformed",
            Self::Unsupported => "a parameter is of a type that is not supported",
        })
    }
}

impl Error for ParameterError {}

#[cfg(test)]
mod tests {
    use super::Parameter::{self, Boolean, Null, Number, Text};
    use super::ParameterError::{Malformed, Unsupported};

    #[test]
    fn plain_types_are_read() {
        for (raw, expected) in [
            ("string:arg", Ok(Text("arg".to_owned()))),
            ("string:", Ok(Text(String::new()))),
            ("string:a%20b+c%2B%25", Ok(Text("a b+c+%".to_owned()))),
            ("string:%C3%BC%e2%80%a8%F0%9F%98%80", Ok(Text("\u{fc}\u{2028}\u{1f600}".to_owned()))),
            ("string:a:b", Ok(Text("a:b".to_owned()))),
            ("string:%0A%00", Ok(Text("\n\0".to_owned()))),
            ("string:\u{fc}", Ok(Text("\u{fc}".to_owned()))),
            ("string:%", Err(Malformed)),
            ("string:%2", Err(Malformed)),
            ("string:%zz", Err(Malformed)),
            ("string:%u00fc", Err(Malformed)),
            ("string:%C3", Err(Malformed)),
            ("string:%\u{fc}", Err(Malformed)),
            ("number:1", Ok(Number(1.0))),
            ("number:-1.5", Ok(Number(-1.5))),
            ("number:1e+21", Ok(Number(1e21))),
            ("number:5e-324", Ok(Number(5e-324))),
            ("number:-Infinity", Ok(Number(f64::NEG_INFINITY))),
            ("number:inf", Err(Malformed)),
            ("number:nan", Err(Malformed)),
            ("number:", Err(Malformed)),
            ("number:1e", Err(Malformed)),
            ("number:0x10", Err(Malformed)),
            ("number: 1", Err(Malformed)),
            ("boolean:true", Ok(Boolean(true))),
            ("boolean:false", Ok(Boolean(false))),
            ("boolean:1", Err(Malformed)),
            ("boolean:TRUE", Err(Malformed)),
            ("null:null", Ok(Null)),
            ("null:", Ok(Null)),
            ("null:x", Err(Malformed)),
            ("reference:c0-e1", Err(Unsupported)),
            ("array:[reference:c0-e1]", Err(Unsupported)),
            ("Object_Object:{a:reference:c0-e1}", Err(Unsupported)),
            ("Date:1795455792000", Err(Unsupported)),
            ("STRING:a", Err(Unsupported)),
            (":a", Err(Unsupported)),
            ("string", Err(Malformed)),
            ("", Err(Malformed)),
        ] {
            assert_eq!(Parameter::parse(raw), expected, "{raw:?}");
        }
        assert!(matches!(Parameter::parse("number:NaN"), Ok(Number(number)) if number.is_nan()));
    }
}
