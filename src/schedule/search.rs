//! How the best host is found: by a glance at all of them, or by an index for a class of which more pods come.

use super::glance::glance;
use super::index::Index;
use super::interned::at;
use super::offers::offer;
use super::{ClassId, Fleet, HostId};

/// How many hosts all indexes together may hold.
const INDEXED_MAX: usize = 4_000_000;

/// What is kept of the last search for a class.
#[derive(Clone, Debug, Default)]
pub(super) enum Search {
    /// Nothing.
    #[default]
    None,
    /// That there was one, and when.
    Glanced(Moment),
    /// An index.
    Indexed(Box<Kept>),
}

/// How much had changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    begun: u64,
    /// How many hosts had changed since.
    pub(super) seen: usize,
    /// Of the class.
    version: u32,
    /// Of the mix that scores are of.
    age: u64,
}

/// An index, and how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    index: Index,
    at: Moment,
    /// Whether it is in the list of those that are kept.
    listed: bool,
}

impl Moment {
    /// Whether less has changed since than there are hosts: then looking again at what has costs less than looking at everything.
    pub(super) fn is_near(&self, now: &Self, hosts: usize) -> bool {
        (self.begun, self.version, self.age) == (now.begun, now.version, now.age)
            && now.seen - self.seen <= hosts
    }
}

impl Fleet {
    /// The best of all hosts for a pod of a class; `None` when none has room for it.
    pub fn best(&mut self, class: ClassId) -> Option<HostId> {
        let last = std::mem::take(&mut self.searches[at(class.0)]);
        let version = self.census.classes[at(class.0)].version;
        let changes = &self.changes;
        let (begun, seen) = (changes.begun, changes.hosts.len());
        let now = Moment { begun, seen, version, age: self.demand.mix().age };
        let is_near = |moment: &Moment| moment.is_near(&now, self.loads.len());
        let view = self.view(class);
        let mut kept = match last {
            Search::Indexed(mut kept) if is_near(&kept.at) => {
                for host in &changes.hosts[kept.at.seen..] {
                    kept.index.refresh(view, *host);
                }
                kept
            }
            Search::Glanced(moment) if is_near(&moment) => {
                Box::new(Kept { index: Index::of(view), at: now, listed: false })
            }
            Search::None | Search::Glanced(_) | Search::Indexed(_) => {
                let mut offers = std::mem::take(&mut self.offers);
                // What hosts come to for amounts hangs on no class.
                let sized = Moment { version: 0, ..now };
                let points = offers.of(self.view(class), sized, &self.changes.hosts);
                let best = glance(self.view(class), |host| points[at(host)]);
                self.offers = offers;
                self.searches[at(class.0)] = Search::Glanced(now);
                return best.map(HostId);
            }
        };
        kept.at = now;
        let best = kept.index.best(view);
        self.keep(class, kept);
        best.map(HostId)
    }

    /// Keeps an index, and as many of the others as there is room for.
    fn keep(&mut self, class: ClassId, mut kept: Box<Kept>) {
        if !kept.listed {
            kept.listed = true;
            self.indexed.retain(|known| *known != class.0);
            self.indexed.push_back(class.0);
            if self.indexed.len() > (INDEXED_MAX / self.loads.len().max(1)).max(4) {
                let oldest = self.indexed.pop_front();
                oldest.map(|oldest| std::mem::take(&mut self.searches[at(oldest)]));
            }
        }
        self.searches[at(class.0)] = Search::Indexed(kept);
    }

    /// The best of the hosts that something besides does not keep the pod from.
    pub(super) fn best_of(&self, class: ClassId, keeps: impl Fn(usize) -> bool) -> Option<HostId> {
        let view = self.view(class);
        let best = glance(view, |host| offer(view, host).filter(|_| keeps(at(host))));
        best.map(HostId)
    }
}
