//! The body of a request: lines of `key=value`, as DWR 3 writes them.
//!
//! - The caps come first: bytes, lines and `callCount` are looked at before anything is kept.
//! - A line ends with LF or CR LF and is split at its first `=`. Empty lines do not count.
//! - Fields that are not known here, such as request attributes (`a-…`) and the parts of composite parameters, are passed
//!   over, but no field may come twice.
//! - Time is linear in the body's length.

use std::collections::HashSet;

use super::call::Call;
use super::error::BatchError;

/// A batch of calls that was read and **not yet checked**. [`check`](Self::check) makes an [`Exchange`](super::Exchange) of
/// it, whose calls can be answered.
pub(super) struct Batch {
    pub(super) envelope: Envelope,
    script_session: String,
    pub(super) calls: Vec<Call>,
}

/// What a reply needs of its batch: ids of letters, digits and `_`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) batch: Option<String>,
    pub(super) instance: Option<String>,
    /// Whether the page takes scripts that others have for it.
    pub(super) inserts: bool,
}

impl Batch {
    /// The batch that a body is.
    pub(super) fn parse(body: &[u8]) -> Result<Self, BatchError> {
        let text = capped(body)?;
        let count = call_count(text)?;
        let mut seen = HashSet::with_capacity(text.lines().count());
        let mut fields = Fields { calls: vec![Parts::default(); count], ..Fields::default() };
        for (line, pair) in lines(text) {
            if pair.contains('&') {
                return Err(BatchError::Form { line });
            }
            let (key, value) = pair.split_once('=').ok_or(BatchError::NoPair { line })?;
            if !seen.insert(key) {
                return Err(BatchError::Duplicate { line });
            }
            fields.take(key, value).ok_or(BatchError::Stray { line })?;
        }
        fields.into_batch()
    }

    /// The id that the browser should have as a cookie too: what stands before the first `/`.
    pub(super) fn claimed(&self) -> &str {
        self.script_session.split_once('/').map_or("", |(id, _)| id)
    }
}

impl Envelope {
    /// As far as it can be told of a body that is no batch.
    pub(super) fn of(body: &[u8]) -> Self {
        let Ok(text) = capped(body) else { return Self::default() };
        let value = |name| {
            let found =
                lines(text).find_map(|(_, pair)| pair.split_once('=').filter(|(key, _)| *key == name));
            found.map(|(_, value)| value)
        };
        let id = |name| value(name).filter(|id| is_id(id)).map(str::to_owned);
        Self { batch: id("batchId"), instance: id("instanceId"), inserts: value(INSERTS).is_some() }
    }
}

/// The known fields, as they come.
#[derive(Default)]
struct Fields<'b> {
    batch: Option<&'b str>,
    instance: Option<&'b str>,
    page: Option<&'b str>,
    script_session: Option<&'b str>,
    inserts: bool,
    calls: Vec<Parts<'b>>,
}

#[derive(Clone, Default)]
struct Parts<'b> {
    script: Option<&'b str>,
    method: Option<&'b str>,
    id: Option<&'b str>,
    parameters: Vec<(usize, &'b str)>,
}

impl<'b> Fields<'b> {
    /// `None` if it is a field of no call.
    fn take(&mut self, key: &'b str, value: &'b str) -> Option<()> {
        match key {
            "batchId" => self.batch = Some(value),
            "instanceId" => self.instance = Some(value),
            "page" => self.page = Some(value),
            "scriptSessionId" => self.script_session = Some(value),
            INSERTS => self.inserts = true,
            _ => {
                let Some((call, name)) = key.strip_prefix('c').and_then(|rest| rest.split_once('-')) else {
                    return Some(());
                };
                if call.is_empty() || !call.bytes().all(|digit| digit.is_ascii_digit()) {
                    return Some(());
                }
                let parts = self.calls.get_mut(number(call)?)?;
                match name {
                    "scriptName" => parts.script = Some(value),
                    "methodName" => parts.method = Some(value),
                    "id" => parts.id = Some(value),
                    _ => {
                        if let Some(at) = name.strip_prefix("param") {
                            parts.parameters.push((number(at)?, value));
                        }
                    }
                }
            }
        }
        Some(())
    }

    fn into_batch(self) -> Result<Batch, BatchError> {
        let given = |value: Option<&'b str>, field| value.ok_or(BatchError::Missing { field, call: None });
        let id = |value, field| match given(value, field) {
            Ok(id) if !is_id(id) => Err(BatchError::Illegal { field, call: None }),
            given => given.map(|id| Some(id.to_owned())),
        };
        let envelope = Envelope {
            batch: id(self.batch, "batchId")?,
            instance: id(self.instance, "instanceId")?,
            inserts: self.inserts,
        };
        // Where the page says that it is: whoever sends the batch says so, and nobody checks it.
        given(self.page, "page")?;
        let script_session = given(self.script_session, "scriptSessionId")?.to_owned();
        let calls = self.calls.into_iter().enumerate().map(|(at, parts)| parts.into_call(at));
        Ok(Batch { envelope, script_session, calls: calls.collect::<Result<_, _>>()? })
    }
}

impl Parts<'_> {
    fn into_call(mut self, at: usize) -> Result<Call, BatchError> {
        let call = Some(at);
        let given = |value: Option<&str>, field, is_legal: fn(&str) -> bool| match value {
            None => Err(BatchError::Missing { field, call }),
            Some(value) if !is_legal(value) => Err(BatchError::Illegal { field, call }),
            Some(value) => Ok(value.to_owned()),
        };
        let script = given(self.script, "scriptName", is_script)?;
        let method = given(self.method, "methodName", is_identifier)?;
        let id = given(self.id, "id", is_id)?;
        self.parameters.sort_unstable_by_key(|&(at, _)| at);
        if self.parameters.iter().enumerate().any(|(at, &(number, _))| at != number) {
            return Err(BatchError::Missing { field: "param", call });
        }
        let parameters = self.parameters.into_iter().map(|(_, value)| value.to_owned());
        Ok(Call::new(script, method, id, parameters.collect()))
    }
}

/// The text of a body within the caps.
fn capped(body: &[u8]) -> Result<&str, BatchError> {
    if body.len() > LONGEST_BODY {
        return Err(BatchError::Oversized);
    }
    if memchr::memchr_iter(b'\n', body).count() > MOST_LINES {
        return Err(BatchError::TooManyLines);
    }
    std::str::from_utf8(body).map_err(|_| BatchError::NotUtf8)
}

/// The lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.is_empty())
}

/// The engine writes it first; it is looked for everywhere, so that its cap holds before a call is kept.
fn call_count(text: &str) -> Result<usize, BatchError> {
    let count = lines(text).find_map(|(_, line)| line.strip_prefix("callCount="));
    let count = count.ok_or(BatchError::Missing { field: "callCount", call: None })?;
    if count.is_empty() || count.starts_with('0') || !count.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(BatchError::CallCount);
    }
    count.parse().ok().filter(|count| *count <= MOST_CALLS).ok_or(BatchError::TooManyCalls)
}

/// A number in its one spelling.
fn number(digits: &str) -> Option<usize> {
    let legal = (1..=4).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !legal || (digits.len() > 1 && digits.starts_with('0')) { None } else { digits.parse().ok() }
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// An identifier of JavaScript, as far as ASCII goes.
fn is_identifier(text: &str) -> bool {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$');
    (1..=LONGEST_NAME).contains(&text.len())
        && text.bytes().next().is_some_and(starts)
        && text.bytes().all(|byte| starts(byte) || byte.is_ascii_digit())
}

/// Scripts may be in packages, so dots are between identifiers.
fn is_script(text: &str) -> bool {
    text.len() <= LONGEST_NAME && text.split('.').all(is_identifier)
}

/// The most bytes that a body may have: 1 MiB.
pub const LONGEST_BODY: usize = 1 << 20;
/// The most calls that a batch may have, which is DWR's own default (`maxCallCount`).
pub const MOST_CALLS: usize = 20;
/// The most lines that a body may have.
pub const MOST_LINES: usize = 4096;
/// The most characters of an id or a name.
pub(super) const LONGEST_NAME: usize = 128;
/// The page that takes scripts which others have for it says so by this field.
const INSERTS: &str = "nextReverseAjaxIndex";

#[cfg(test)]
mod tests;
