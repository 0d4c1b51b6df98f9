//! One call of a batch, and its answer.

use std::fmt;

use serde::Serialize;

use super::parameter::{Parameter, ParameterError};
use super::reply::Exception;
use super::script;

/// A call of a checked batch. It is answered with [`answer`](Self::answer) or [`fail`](Self::fail), and the last of these
/// counts; a call that gets neither is one of a method that there is not.
pub struct Call {
    script: String,
    method: String,
    id: String,
    parameters: Vec<String>,
    outcome: Option<Outcome>,
}

/// What the browser hears of a call.
pub(super) enum Outcome {
    /// A script literal.
    Value(String),
    Exception(Exception),
}

impl Call {
    pub(super) fn new(script: String, method: String, id: String, parameters: Vec<String>) -> Self {
        Self { script, method, id, parameters, outcome: None }
    }

    /// The script that it is for, such as `Portal`.
    #[must_use]
    pub fn script(&self) -> &str {
        &self.script
    }

    /// Its method, such as `echo`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// How many parameters it has.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters.len()
    }

    /// The parameter at this place, from 0.
    ///
    /// # Errors
    /// [`ParameterError`] if there is none, or none of a plain type: dates, arrays, objects and references are not read.
    pub fn parameter(&self, at: usize) -> Result<Parameter, ParameterError> {
        Parameter::parse(self.parameters.get(at).ok_or(ParameterError::Missing)?)
    }

    /// The text at this place, from 0.
    ///
    /// # Errors
    /// Those of [`parameter`](Self::parameter), and [`ParameterError::OtherType`] if it is no text.
    pub fn text(&self, at: usize) -> Result<String, ParameterError> {
        match self.parameter(at)? {
            Parameter::Text(text) => Ok(text),
            _ => Err(ParameterError::OtherType),
        }
    }

    /// Answers with a value, which the page's callback gets. One that JSON cannot say, such as a map whose keys are no
    /// texts, is answered as a failure.
    ///
    /// In script a key `__proto__` is no key like others: do not answer with maps whose keys visitors make up.
    pub fn answer<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.outcome = Some(match script::literal(value) {
            Some(literal) => Outcome::Value(literal),
            None => Outcome::Exception(Exception::FAILED),
        });
    }

    /// Answers with an exception, whose message the page's error handler gets.
    pub fn fail(&mut self, message: &str) {
        let message = message.to_owned().into();
        self.outcome = Some(Outcome::Exception(Exception { message, ..Exception::FAILED }));
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Whether the engine sends it for itself.
    pub(super) fn is_system(&self) -> bool {
        self.script == SYSTEM
    }

    /// Whether it asks for an id.
    pub(super) fn asks_for_id(&self) -> bool {
        self.is_system() && self.method == "generateId"
    }

    /// Answers what the engine sends for itself. `id` is the script session's.
    pub(super) fn answer_system(&mut self, id: &str) {
        match self.method.as_str() {
            _ if !self.is_system() => {}
            "generateId" => self.answer(id),
            "pageLoaded" | "pageUnloaded" | "checkHeartbeat" => self.answer(&()),
            _ => {}
        }
    }
}

/// What is called, and nothing of what with.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = &self.parameters.len();
        f.debug_struct("Call")
            .field("script", &self.script)
            .field("method", &self.method)
            .field("parameters", parameters)
            .finish_non_exhaustive()
    }
}

const SYSTEM: &str = "__System";
