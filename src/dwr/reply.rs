//! The reply: a script that the engine evaluates, with status 200 whatever became of the calls.

use std::borrow::Cow;
use std::fmt::{self, Write};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response};

use super::batch::Envelope;
use super::call::{Call, Outcome};
use super::error::{BatchError, Denial};
use super::script;

/// What the browser's engine evaluates. It becomes an [`http::Response`] by `into()`, and with axum it is a response.
#[derive(Clone)]
pub struct Reply(Bytes);

/// What the engine hands to an error handler, as DWR names it.
#[derive(Clone, Debug)]
pub(super) struct Exception {
    pub(super) name: &'static str,
    pub(super) message: Cow<'static, str>,
}

impl Exception {
    /// A method did not do what it was asked.
    pub(super) const FAILED: Self = Self::new("java.lang.Throwable", "Error");
    const UNKNOWN: Self = Self::new("java.lang.NoSuchMethodException", "There is no such method.");
    const GET: Self = Self::new(SECURITY, "GET Disallowed");
    const CSRF: Self = Self::new(SECURITY, "CSRF Security Error (see server log for details).");

    const fn new(name: &'static str, message: &'static str) -> Self {
        Self { name, message: Cow::Borrowed(message) }
    }

    fn of(denial: &Denial) -> Self {
        match denial {
            Denial::Method => Self::GET,
            Denial::Batch(error) => Self {
                name: "org.directwebremoting.extend.ServerException",
                message: error.to_string().into(),
            },
            Denial::NoCookie | Denial::OtherCookie | Denial::OtherSession => Self::CSRF,
        }
    }
}

impl Reply {
    /// The answers of all calls.
    pub(super) fn of_calls(envelope: &Envelope, calls: &[Call]) -> Self {
        let batch = envelope.batch.as_deref().unwrap_or_default();
        let mut statements = String::new();
        for call in calls {
            let (name, data) = match call.outcome() {
                Some(Outcome::Value(literal)) => ("handleCallback", Cow::Borrowed(literal.as_str())),
                Some(Outcome::Exception(exception)) => ("handleException", thrown(exception).into()),
                None => ("handleException", thrown(&Exception::UNKNOWN).into()),
            };
            let _ = writeln!(statements, "dwr.engine.remote.{name}(\"{batch}\",\"{}\",{data});", call.id());
        }
        Self::of_statements(envelope, &statements)
    }

    /// No call was carried out.
    pub(super) fn of_denial(envelope: &Envelope, denial: &Denial) -> Self {
        let Exception { name, message } = Exception::of(denial);
        let message = script::quoted(&message);
        // A batch without a legal id is the one that the engine waits for.
        let batch = envelope.batch.as_ref().map_or_else(String::new, |batch| format!(", '{batch}'"));
        let statement = format!(
            "dwr.engine.remote.handleBatchException({{ name:'{name}', message:{message} }}{batch});\n"
        );
        Self::of_statements(envelope, &statement)
    }

    fn of_statements(envelope: &Envelope, statements: &str) -> Self {
        let insert = if envelope.inserts { "//#DWR-INSERT\n" } else { "" };
        let instance = match envelope.instance.as_deref() {
            None => "0".to_owned(),
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => number.to_owned(),
            // In quotes, since else it would be a variable of whatever page evaluates this.
            Some(name) => format!("\"{name}\""),
        };
        let script = format!(
            "throw 'allowScriptTagRemoting is false.';\n{insert}//#DWR-REPLY\n//#DWR-START#\n(function(){{\n\
             if(!window.dwr)return;\nvar dwr=window.dwr._[{instance}];\n{statements}}})();\n//#DWR-END#\n"
        );
        Self(script.into())
    }
}

/// To a body that is no batch, where something else than [`Exchange::begin`](super::Exchange::begin) found that out: whoever
/// reads the body up to [`LONGEST_BODY`](super::LONGEST_BODY) answers a longer one with [`BatchError::Oversized`].
impl From<BatchError> for Reply {
    fn from(error: BatchError) -> Self {
        Self::of_denial(&Envelope::default(), &Denial::Batch(error))
    }
}

/// Status 200, a script that nobody keeps and nobody takes for something else.
impl<B: From<Bytes>> From<Reply> for Response<B> {
    fn from(Reply(script): Reply) -> Self {
        let mut response = Self::new(B::from(script));
        for (name, value) in [
            (CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// Nothing of what is answered, which may be an id.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("bytes", &self.0.len()).finish_non_exhaustive()
    }
}

/// An exception as a call's data.
fn thrown(exception: &Exception) -> String {
    let message = script::literal(exception.message.as_ref()).unwrap_or_default();
    format!("{{\"javaClassName\":\"{}\",\"message\":{message}}}", exception.name)
}

const SECURITY: &str = "java.lang.SecurityException";
