//! The best host for one pod, by one look at every host that keeps nothing: for a class that is placed now and then, an index would
//! cost more than it saves.

use std::collections::BTreeMap;

use super::host_rules::BARRED;
use super::interned::number_of;
use super::layout::{Column, Layout, View};
use super::score::{Bounds, Raw};

/// Up to so many keys are looked through one by one.
const LISTED: usize = 16;

/// The best host of those of one key.
struct Best {
    key: Vec<u32>,
    score: u64,
    host: u32,
}

/// The best host of each key.
#[derive(Default)]
struct Bests {
    all: Vec<Best>,
    by_key: BTreeMap<Vec<u32>, usize>,
}

/// The best of the hosts that have an offer, which is what of their points follows from how full they are: the one with the most
/// points in all, and among those the first by name.
pub(super) fn glance(view: View<'_>, offer: impl Fn(u32) -> Option<u64>) -> Option<u32> {
    let layout = Layout::of(view);
    let columns: Vec<Column<'_>> = layout.columns(view).collect();
    let mut bests = Bests::default();
    let mut key = Vec::new();
    for (place, kind) in view.class.rules.kind.iter().enumerate() {
        let host = number_of(place);
        if *kind == BARRED {
            continue;
        }
        let Some(points) = offer(host) else { continue };
        key.clear();
        key.push(*kind);
        key.extend(columns.iter().map(|column| column.of(host)));
        bests.take(&key, points, host);
    }
    bests.best(view, &layout)
}

impl Bests {
    /// Takes in a host; hosts come in the order of their names.
    fn take(&mut self, key: &[u32], score: u64, host: u32) {
        let known = if self.all.len() <= LISTED {
            // Part by part: comparing so few numbers as bytes would be a call for each.
            self.all.iter().position(|best| best.key.iter().eq(key))
        } else {
            self.by_key.get(key).copied()
        };
        match known.map(|known| &mut self.all[known]) {
            Some(best) if best.score < score => (best.score, best.host) = (score, host),
            Some(_) => {}
            None => {
                self.by_key.insert(key.to_vec(), self.all.len());
                self.all.push(Best { key: key.to_vec(), score, host });
            }
        }
    }

    fn best(&self, view: View<'_>, layout: &Layout) -> Option<u32> {
        let raw = |best: &Best| layout.raw(view, &best.key);
        let found: Vec<(&Best, Raw)> =
            self.all.iter().filter_map(|best| Some((best, raw(best)?))).collect();
        let mut bounds = Bounds::default();
        for (_, raw) in &found {
            bounds.widen(raw);
        }
        let points = |raw: &Raw| bounds.points(raw).sum(&view.profile.weights);
        let scored = found.iter().map(|(best, raw)| (best.score + points(raw), best.host));
        let best = scored.reduce(|one, other| {
            let is_better = other.0 > one.0 || (other.0 == one.0 && other.1 < one.1);
            if is_better { other } else { one }
        });
        best.map(|(_, host)| host)
    }
}
