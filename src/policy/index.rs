//! From a name to its row.

use std::borrow::Cow;

use memchr::memchr3;
use percent_encoding::percent_decode;

use super::NamePattern;
use super::name::{LONGEST, trim};
use crate::wire;

const DECODERS_IN_A_ROW: usize = 3;

/// Names to rows: exact names by length and bytes, then the few patterns.
#[derive(Debug, Default)]
pub(crate) struct NameIndex {
    /// By length, then as declared.
    exact: Vec<Exact>,
    /// Where the names of each length start in `exact`, and the end.
    starts: Vec<usize>,
    patterns: Vec<(NamePattern, usize)>,
}

/// One name, and whose it is.
#[derive(Debug)]
struct Exact {
    name: Box<str>,
    ends: Ends,
    found: Found,
}

/// The first and the last eight bytes, which are the whole name if it has no more than sixteen: names of one length that
/// differ mostly differ here, and numbers are compared sooner than bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends(u64, u64);

impl Ends {
    #[inline]
    fn of(name: &[u8]) -> Self {
        match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => Self(u64::from_ne_bytes(*first), u64::from_ne_bytes(*last)),
            _ => Self(name.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0),
        }
    }
}

/// Whose a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This row's.
    Row(usize),
    /// The TS main's of this policy.
    Main,
    /// The TS companion's of this guarded row.
    Companion(usize),
    /// It starts like a pattern and does not fit.
    Misshapen,
    /// Nobody's.
    Undeclared,
}

impl NameIndex {
    /// The rows' names, each with whether it stands for the TS cookies, whose own names are computed and follow: the main's,
    /// and the companions' of these rows.
    pub(crate) fn new<'r>(
        rows: impl Iterator<Item = (&'r NamePattern, bool)>,
        transaction: Vec<String>,
        guarded: impl Iterator<Item = usize>,
    ) -> Self {
        let mut index = Self::default();
        for (row, (name, computed)) in rows.enumerate() {
            match name {
                _ if computed => {}
                NamePattern::Exact(name) => index.push(name, Found::Row(row)),
                NamePattern::Prefix(..) => index.patterns.push((name.clone(), row)),
            }
        }
        let found = [Found::Main].into_iter().chain(guarded.map(Found::Companion));
        transaction.iter().zip(found).for_each(|(name, found)| index.push(name, found));
        index.exact.sort_by_key(|exact| exact.name.len());
        index.starts = (0..=LONGEST + 1)
            .map(|length| index.exact.partition_point(|exact| exact.name.len() < length))
            .collect();
        index
    }

    fn push(&mut self, name: &str, found: Found) {
        self.exact.push(Exact { name: name.into(), ends: Ends::of(name.as_bytes()), found });
    }

    /// The computed names, the main's (the one shorter by a character) first.
    pub(crate) fn transaction(&self) -> Vec<&str> {
        let computed = |exact: &&Exact| matches!(exact.found, Found::Main | Found::Companion(_));
        self.exact.iter().filter(computed).map(|exact| &*exact.name).collect()
    }

    /// The main's name; empty where nothing is guarded.
    pub(crate) fn main(&self) -> &str {
        self.exact.iter().find(|exact| exact.found == Found::Main).map_or("", |exact| &exact.name)
    }

    /// Whether a parser that decodes names, even one behind another, would take this undeclared name for a declared
    /// or a TS cookie's.
    pub(crate) fn is_alias(&self, name: &[u8]) -> bool {
        let mut name = Cow::Borrowed(name);
        for _ in 0..DECODERS_IN_A_ROW {
            if !name.contains(&b'%') {
                return false;
            }
            name = percent_decode(&name).collect::<Vec<u8>>().into();
            if self.find(&name) != Found::Undeclared || wire::name::is_transactional(&name) {
                return true;
            }
        }
        false
    }

    /// Whether a parser that splits at commas (RFC 2109, which a pair `$Version=1` in front asks for) or at blanks would find a
    /// declared or a TS cookie inside this value, for which nothing speaks.
    #[inline]
    pub(crate) fn is_hidden_in(&self, value: &[u8]) -> bool {
        memchr3(b',', b' ', b'\t', value).is_some_and(|at| self.is_behind(&value[at..]))
    }

    #[cold]
    fn is_behind(&self, value: &[u8]) -> bool {
        let ends = |&byte: &u8| byte == b'=' || is_separator(&byte);
        let places = value.iter().enumerate().filter(|(_, byte)| is_separator(byte)).map(|(at, _)| at + 1);
        places.map(|from| &value[from..]).any(|rest| {
            let (name, behind) = rest.split_at(rest.iter().position(ends).unwrap_or(rest.len()));
            trim(behind).starts_with(b"=")
                && (self.find(name) != Found::Undeclared
                    || wire::name::is_transactional(name)
                    || self.is_alias(name))
        })
    }

    /// Whether an undeclared name is refused when it comes in, since it starts like a pattern or is an alias.
    pub(crate) fn is_passing_for_another(&self, name: &[u8]) -> bool {
        self.find(name) == Found::Misshapen || self.is_alias(name)
    }

    pub(crate) fn find(&self, name: &[u8]) -> Found {
        let of_length = match self.starts.get(name.len()..name.len() + 2) {
            Some(&[start, end]) => &self.exact[start..end],
            _ => &[],
        };
        let ends = Ends::of(name);
        let is_whole = name.len() <= 2 * size_of::<u64>();
        let same = |exact: &&Exact| exact.ends == ends && (is_whole || exact.name.as_bytes() == name);
        if let Some(exact) = of_length.iter().find(same) {
            return exact.found;
        }
        let pattern =
            self.patterns.iter().find(|(pattern, _)| name.starts_with(pattern.literal().as_bytes()));
        match pattern {
            Some((NamePattern::Prefix(prefix, tail), row))
                if name.len() <= LONGEST && tail.allows(&name[prefix.len()..]) =>
            {
                Found::Row(*row)
            }
            Some(_) => Found::Misshapen,
            None => Found::Undeclared,
        }
    }
}

fn is_separator(byte: &u8) -> bool {
    matches!(byte, b',' | b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::{Found, NameIndex};
    use crate::policy::{Characters, NamePattern, Tail};

    #[test]
    fn names_find_their_row() {
        let names = ["cart", "XRM*", "promo_*", "a", "cert"].map(|name| match NamePattern::from(name) {
            NamePattern::Prefix(prefix, _) if prefix == "XRM" => {
                NamePattern::Prefix(prefix, Tail::new(Characters::UpperAlphanumeric, 16))
            }
            name => name,
        });
        let index = NameIndex::new(
            names.iter().map(|name| (name, false)),
            vec!["TS017a625a".into(), "TSfe73894ad".into()],
            [0].into_iter(),
        );
        for (name, found) in [
            ("cart", Found::Row(0)),
            ("cert", Found::Row(4)),
            ("a", Found::Row(3)),
            ("XRMINT", Found::Row(1)),
            ("XRMINT0123456789", Found::Row(1)),
            ("XRM", Found::Misshapen),
            ("XRMlower", Found::Misshapen),
            ("XRM01234567890123456", Found::Misshapen),
            ("promo_summer", Found::Row(2)),
            ("promo_", Found::Misshapen),
            ("TS017a625a", Found::Main),
            ("TSfe73894ad", Found::Companion(0)),
            ("TS017a625b", Found::Undeclared),
            ("Cart", Found::Undeclared),
            ("carts", Found::Undeclared),
            ("", Found::Undeclared),
        ] {
            assert_eq!(index.find(name.as_bytes()), found, "{name}");
        }
        assert_eq!(index.find(&[b'x'; 4000]), Found::Undeclared);
        assert_eq!(index.find(&[b'x'; 255]), Found::Undeclared);
        assert_eq!(index.find(&[b'x'; 256]), Found::Undeclared);
    }
}
