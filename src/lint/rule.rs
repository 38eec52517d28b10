//! What a rule is.

use super::found::Found;
use super::pods::{Contained, Workload};
use super::set::Set;
use crate::document::Severity;
use crate::manifest::ReadObject;

/// A rule of good practice.
#[derive(Debug)]
pub struct Rule {
    /// Its name, which is the code of its findings.
    pub id: &'static str,
    /// Whether it is used when nobody says anything, and how loud.
    pub usual: Usual,
    /// What it finds, in a few words.
    pub finds: &'static str,
    /// Why that is worth a word, in a sentence.
    pub why: &'static str,
    /// What to type to mend it.
    pub fix: &'static str,
    /// How it looks for it.
    pub(super) check: Check,
}

/// Whether a rule is used when nobody says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// It is, with this severity.
    On(Severity),
    /// It is not, for this reason.
    Off(&'static str),
}

/// What a rule looks at.
#[derive(Debug)]
pub(super) enum Check {
    /// Each object for itself.
    Object(fn(&ReadObject, &mut Found)),
    /// Each object that asks for pods.
    Pods(fn(&Workload<'_>, &mut Found)),
    /// Each container of each object that asks for pods.
    Container(fn(&Contained<'_>, &mut Found)),
    /// All objects together.
    Set(fn(&Set<'_>, &mut Found)),
}

impl Rule {
    /// Looks for what the rule finds.
    pub(super) fn run(&self, set: &Set<'_>, found: &mut Found) {
        match self.check {
            Check::Object(check) => set.read().iter().for_each(|read| check(read, found)),
            Check::Pods(check) => set.workloads().for_each(|workload| check(&workload, found)),
            Check::Container(check) => set
                .workloads()
                .for_each(|workload| workload.containers().for_each(|one| check(&one, found))),
            Check::Set(check) => check(set, found),
        }
    }
}
