//! What is wrong with a body, and why a batch is not carried out. Neither holds anything of what was sent but places.

use std::error::Error;
use std::fmt;

use super::batch::{LONGEST_BODY, LONGEST_NAME, MOST_CALLS, MOST_LINES};

/// Why a body is no batch. It names fields and places, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchError {
    /// More than [`LONGEST_BODY`] bytes.
    Oversized,
    /// The body could not be read to its end.
    Unreadable,
    /// The body is not UTF-8.
    NotUtf8,
    /// More than [`MOST_LINES`] lines.
    TooManyLines,
    /// A line with `&`, as forms in a frame send them; that way of sending is not spoken here.
    Form {
        /// The line, from 1.
        line: usize,
    },
    /// A line without `=`.
    NoPair {
        /// The line, from 1.
        line: usize,
    },
    /// A field that was there before.
    Duplicate {
        /// The line, from 1.
        line: usize,
    },
    /// A field of a call beyond `callCount`, or with an illegal number.
    Stray {
        /// The line, from 1.
        line: usize,
    },
    /// `callCount` is no number from 1.
    CallCount,
    /// `callCount` is beyond [`MOST_CALLS`].
    TooManyCalls,
    /// A field that has to be there is not.
    Missing {
        /// The field, without its call.
        field: &'static str,
        /// The call, from 0, if it is a field of one.
        call: Option<usize>,
    },
    /// A field whose value is not of its kind: ids are letters, digits and `_`, names are identifiers.
    Illegal {
        /// The field, without its call.
        field: &'static str,
        /// The call, from 0, if it is a field of one.
        call: Option<usize>,
    },
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_call = |f: &mut fmt::Formatter<'_>, call: &Option<usize>| match call {
            Some(call) => write!(f, " of call {call}"),
            None => Ok(()),
        };
        match self {
            Self::Oversized => write!(f, "the body has more than {LONGEST_BODY} bytes"),
            Self::Unreadable => f.write_str("the body could not be read"),
            Self::NotUtf8 => f.write_str("the body is not UTF-8"),
            Self::TooManyLines => write!(f, "the body has more than {MOST_LINES} lines"),
            Self::Form { line } => write!(f, "line {line} has more than one pair"),
            Self::NoPair { line } => write!(f, "line {line} is no pair"),
            Self::Duplicate { line } => write!(f, "line {line} has a field that was there before"),
            Self::Stray { line } => write!(f, "line {line} has a field of no call"),
            Self::CallCount => f.write_str("callCount is no number from 1"),
            Self::TooManyCalls => write!(f, "callCount is beyond {MOST_CALLS}"),
            Self::Missing { field, call } => {
                write!(f, "there is no {field}")?;
                of_call(f, call)
            }
            Self::Illegal { field, call } => {
                write!(f, "illegal {field}")?;
                of_call(f, call)?;
                write!(f, ": 1 to {LONGEST_NAME} characters of its kind")
            }
        }
    }
}

impl Error for BatchError {}

/// Why no call of a request is carried out. It is for the server's log: the browser hears less.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// The method is not `POST`.
    Method,
    /// The body is no batch.
    Batch(BatchError),
    /// No cookie with the id came, or none was let in.
    NoCookie,
    /// No cookie has the id that the batch has.
    OtherCookie,
    /// The session is bound to another id, or can be bound to none any more.
    OtherSession,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("the method is not POST"),
            Self::Batch(error) => write!(f, "the body is no batch: {error}"),
            Self::NoCookie => f.write_str("no cookie with the script session's id came"),
            Self::OtherCookie => f.write_str("no cookie has the id that the batch has"),
            Self::OtherSession => f.write_str("the session is bound to another id"),
        }
    }
}
