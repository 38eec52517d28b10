//! Classes: pods that are alike to the scheduler. What is worked out for one pod of a class holds for all of them.

use std::rc::Rc;

use super::company::Company;
use super::host_rules::HostRules;
use super::interned::{at, number_of};
use super::load::Share;
use super::pod_set::Traits;
use super::spread::Spread;
use crate::inventory::Scheduling;

/// Pods that are alike to the scheduler.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// What sets of pods choose them by.
    pub(super) traits: Traits,
    /// How hosts are chosen for them; `None` where no profile has the name that they say: nobody chooses any.
    pub(super) profile: Option<Scheduling>,
    /// What one of them takes of a host.
    pub(super) share: Share,
    /// One number for all classes that take the same of a host and have hosts chosen alike.
    pub(super) asks: u32,
    /// How hosts stand to them.
    pub(super) rules: Rc<HostRules>,
    /// One text for all pods that hosts stand alike to.
    pub(super) host_rules: Rc<str>,
    /// The sets that they are in.
    pub(super) sets: Vec<u32>,
    /// The counters that count them.
    pub(super) feeds: Vec<u32>,
    /// The counters that tell where they can go; what follows names them by their place here.
    pub(super) reads: Vec<u32>,
    /// Grows with `reads`.
    pub(super) version: u32,
    /// Whom they want to be with.
    pub(super) company: Company,
    /// How they are to be spread.
    pub(super) spread: Spread,
    /// Who goes before whom.
    pub(super) rank: Rank,
    /// The budgets that they are under.
    pub(super) guards: Vec<u32>,
    /// The numbers of those that are bound.
    pub(super) pods: Vec<u32>,
}

/// Who goes before whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// The pod's priority.
    pub(super) priority: i32,
    /// Whether it may take the place of others.
    pub(super) force: Force,
}

/// Whether a pod may take the place of pods of lower priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Force {
    /// It may not.
    Never,
    /// It may.
    Lower,
}

impl Class {
    /// Has a counter read; returns its place in `reads`.
    pub(super) fn read(&mut self, counter: u32) -> u32 {
        let place = self.reads.iter().position(|known| *known == counter);
        number_of(place.unwrap_or_else(|| {
            self.reads.push(counter);
            self.version += 1;
            self.reads.len() - 1
        }))
    }

    /// The counter at a place in `reads`.
    pub(super) fn counter(&self, read: u32) -> usize {
        at(self.reads[at(read)])
    }
}
