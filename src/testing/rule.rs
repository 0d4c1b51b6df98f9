//! A rule, and what is said where a store breaks it.

use std::error::Error;
use std::fmt;

use crate::session::StoreError;

/// A rule as the end of a sentence, and what kind of store is held to it.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    kind: &'static str,
    words: &'static str,
}

impl Rule {
    pub(super) fn new(kind: &'static str, words: &'static str) -> Self {
        Self { kind, words }
    }

    /// Holds the store to an answer.
    pub(super) fn is<T: PartialEq + fmt::Debug>(&self, step: &str, answer: T, due: T) {
        if answer != due {
            self.broken(format_args!("{step} answered {answer:?} where {due:?} was due"));
        }
    }

    /// Holds the store to something else that can be seen.
    pub(super) fn holds(&self, holds: bool, otherwise: &str) {
        if !holds {
            self.broken(format_args!("{otherwise}"));
        }
    }

    /// Holds the store to one answer that is `due`, and finds its place; the others are among `others`.
    pub(super) fn only<T: PartialEq + fmt::Debug>(&self, answers: &[T], due: T, others: &[T]) -> usize {
        let winners = answers.iter().filter(|answer| **answer == due).count();
        self.is("the number of those who succeeded", winners, 1);
        let odd = answers.iter().find(|answer| **answer != due && !others.contains(answer));
        self.holds(odd.is_none(), &format!("one of the others was answered {odd:?}"));
        answers.iter().position(|answer| *answer == due).unwrap_or_default()
    }

    /// What a step came to, which may not fail.
    pub(super) fn done<T>(&self, step: &str, outcome: Result<T, StoreError>) -> T {
        outcome.unwrap_or_else(|error| {
            let cause = error.source().map(|cause| format!(" ({cause})")).unwrap_or_default();
            self.broken(format_args!("{step} failed: {error}{cause}"))
        })
    }

    #[expect(clippy::panic, reason = "a broken rule is a failed test")]
    fn broken(&self, how: fmt::Arguments<'_>) -> ! {
        panic!("the {} breaks the rule that {}: {how}", self.kind, self.words)
    }
}
