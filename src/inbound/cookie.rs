//! A cookie of the request on its way through: what came, what it is to the handler, and what becomes of it.

use super::parse::Pair;
use crate::report::RefusalReason;
use crate::wire::Period;

/// A cookie and what becomes of it. It is kept small, since there are many of them and they are moved about.
pub(super) struct Cookie<'h> {
    /// From the name's first byte to the last one of the value that came.
    pub(super) text: &'h [u8],
    pub(super) name_end: u32,
    pub(super) value_start: u32,
    /// What the value is to the handler.
    pub(super) value: Value,
    /// Its row, if it is declared.
    pub(super) row: Option<u32>,
    /// The period of a genuine value that is signed or sealed.
    pub(super) period: Option<Period>,
    /// Whether such a value has to be issued anew under the present key.
    pub(super) is_stale: bool,
    /// Whether it needs a consent that there is not.
    pub(super) is_withheld: bool,
    pub(super) fate: Fate,
}

/// What a value is to the handler.
pub(super) enum Value {
    AsItCame,
    /// So many bytes of it, without the signature.
    Cut(u32),
    /// What was sealed in it.
    Opened(Vec<u8>),
}

impl<'h> Cookie<'h> {
    pub(super) fn of(pair: &Pair<'h>) -> Self {
        let Pair { text, name_end, value_start, flaw } = *pair;
        let fate = flaw.map_or(Fate::Passing, Fate::refused);
        let (value, row, period) = (Value::AsItCame, None, None);
        Self { text, name_end, value_start, value, row, period, is_stale: false, is_withheld: false, fate }
    }

    /// Empty where there is none, or none that is a token.
    pub(super) fn name(&self) -> &'h [u8] {
        &self.text[..self.name_end as usize]
    }

    /// The value as it came.
    pub(super) fn came(&self) -> &'h [u8] {
        &self.text[self.value_start as usize..]
    }

    /// The value, without a signature, and opened.
    pub(super) fn value(&self) -> &[u8] {
        match &self.value {
            Value::AsItCame => self.came(),
            Value::Cut(length) => &self.came()[..*length as usize],
            Value::Opened(value) => value,
        }
    }

    /// `name=value`, where it stands like this in what came: what is left without a signature is the start of it.
    pub(super) fn verbatim(&self) -> Option<&'h [u8]> {
        let end = match self.value {
            Value::AsItCame => self.text.len(),
            Value::Cut(length) => (self.value_start + length) as usize,
            Value::Opened(_) => return None,
        };
        (self.value_start == self.name_end + 1).then(|| &self.text[..end])
    }

    /// The number of its row, if it is declared.
    pub(super) fn row(&self) -> Option<usize> {
        self.row.map(|row| row as usize)
    }
}

/// What becomes of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is let in, and nothing has to speak for it.
    Passing,
    /// It is let in: a MAC speaks for it.
    Verified,
    /// It is let in without a companion, while the policy adopts.
    Adopted,
    /// It is let in though it does not verify, and reported.
    Reported(RefusalReason),
    /// It is refused and reported. One that is alarming may answer for the whole request.
    Refused { reason: RefusalReason, alarming: bool },
    /// It is the same as another that was let in.
    Spare,
    /// It is this policy's own TS cookie, which no handler sees.
    Own,
}

impl Fate {
    pub(super) fn refused(reason: RefusalReason) -> Self {
        Self::Refused { reason, alarming: false }
    }

    /// Whether the handler sees the cookie.
    pub(super) fn is_let_in(self) -> bool {
        matches!(self, Self::Passing | Self::Verified | Self::Adopted | Self::Reported(_))
    }
}
