//! What every host comes to for pods that ask for the same, whatever else tells them apart.
//!
//! Whether a host has room and how full it would be follows from what is asked for alone, and much of a fleet asks for the same few
//! amounts: a class that is placed for the first time finds here what others of its size have had worked out.

use super::interned::{at, number_of};
use super::layout::View;
use super::score::own;
use super::search::Moment;

/// How many different amounts are kept; the one that was asked for longest ago makes room.
const KEPT: usize = 16;

/// What hosts come to, by what is asked for; the last one that was asked for is last.
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    kept: Vec<Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    /// The number of what is asked for, and of how hosts are chosen.
    asks: u32,
    at: Moment,
    /// By host: its points, or that it has no room.
    points: Vec<Option<u64>>,
}

/// What of a host's score follows from how full it is; `None` where it has no room.
pub(super) fn offer(view: View<'_>, host: u32) -> Option<u64> {
    view.loads[at(host)].fits(&view.class.share).then(|| own(view, host))
}

impl Offers {
    /// By host, what it comes to for a class now; `changed` are all hosts that changed, in order.
    pub(super) fn of(&mut self, view: View<'_>, now: Moment, changed: &[u32]) -> &[Option<u64>] {
        let asks = view.class.asks;
        let known = self.kept.iter().position(|kept| kept.asks == asks);
        let known = known.map(|place| self.kept.remove(place));
        let kept = match known.filter(|kept| kept.at.is_near(&now, view.loads.len())) {
            Some(mut kept) => {
                for host in &changed[kept.at.seen..] {
                    kept.points[at(*host)] = offer(view, *host);
                }
                Kept { at: now, ..kept }
            }
            None => {
                let hosts = 0..number_of(view.loads.len());
                let points = hosts.map(|host| offer(view, host)).collect();
                Kept { asks, at: now, points }
            }
        };
        if self.kept.len() == KEPT {
            self.kept.remove(0);
        }
        self.kept.push(kept);
        self.kept.last().map_or(&[], |kept| &kept.points)
    }
}
