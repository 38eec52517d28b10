//! A line of the table: a field, what becomes of it, and why.

use std::fmt;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// Hosts are made to be as it says, or the planner goes by it.
    Honoured,
    /// It is kept; what it asks for is not built yet.
    NotYet,
    /// It is kept; there is nothing here that it could speak of.
    NoEffect,
    /// Passing it over would do harm, so the object is not taken.
    Refused,
}

impl Support {
    /// Every answer, in the order in which they are counted.
    pub const ALL: [Self; 4] = [Self::Honoured, Self::NotYet, Self::NoEffect, Self::Refused];
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Honoured => "honoured",
            Self::NotYet => "not yet",
            Self::NoEffect => "no effect here",
            Self::Refused => "refused",
        })
    }
}

/// Whether a field that is there is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// A notice names it, or an error where it is refused.
    Said,
    /// The API server writes it into objects that it gives out: it is nobody's wish.
    Quiet,
}

/// What becomes of a field and of all that it holds, unless a longer path says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The field, below the place where its list of rules stands; `[]` is each element of a list.
    pub path: &'static str,
    /// What becomes of it.
    pub support: Support,
    /// Why, or how.
    pub why: &'static str,
    /// Whether it is spoken of.
    pub voice: Voice,
    /// Values that ask for what is done anyway; of a list, every element is one of them. Null, `false` and what is empty
    /// never ask for anything and are not here; of a mapping, the values count.
    pub same: &'static [&'static str],
}

impl Rule {
    const fn new(path: &'static str, support: Support, why: &'static str) -> Self {
        Self { path, support, why, voice: Voice::Said, same: &[] }
    }

    /// The rule with values that ask for nothing.
    #[must_use]
    pub(super) const fn unless(mut self, same: &'static [&'static str]) -> Self {
        self.same = same;
        self
    }
}

/// The field is carried out.
pub(super) const fn honoured(path: &'static str, why: &'static str) -> Rule {
    Rule::new(path, Support::Honoured, why)
}

/// The field is kept until what it asks for is built.
pub(super) const fn not_yet(path: &'static str, why: &'static str) -> Rule {
    Rule::new(path, Support::NotYet, why)
}

/// The field is kept and speaks of nothing that there is here.
pub(super) const fn no_effect(path: &'static str, why: &'static str) -> Rule {
    Rule::new(path, Support::NoEffect, why)
}

/// The object is not taken because of the field.
pub(super) const fn refused(path: &'static str, why: &'static str) -> Rule {
    Rule::new(path, Support::Refused, why)
}

/// The field is the API server's own.
pub(super) const fn of_the_server(path: &'static str) -> Rule {
    let mut rule =
        no_effect(path, "the API server writes it; it is left out when an object is read");
    rule.voice = Voice::Quiet;
    rule
}
