//! How much of a GPU is likely to be used one day, by how much is left of it, and of CPU and memory beside it.
//!
//! Pods come as the mix has them. A GPU takes those that leave it with more than waiting for others would, and with each that it does
//! not take, hope goes. So a rest is worth little where hardly a pod is that small, or where the CPU is gone that such pods need.
//! CPU and memory are one amount here: thousandths of the GPUs for which the scarcer of the two would do on average.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are far below what a float counts exactly, and are bounded before they become steps"
)]

use std::collections::BTreeMap;

use super::devices::WHOLE_GPU;

/// The share of a rest that is still hoped for when a pod has come that it did not take.
const HOPE: f64 = 0.97;

/// What is left of a GPU is counted in steps of so many thousandths.
const REST_STEP: u64 = 10;

/// How many rests are told apart, none and all of a GPU with them.
const RESTS: usize = (WHOLE_GPU / REST_STEP) as usize + 1;

/// What is beside is counted in steps of so many thousandths.
const BESIDE_STEP: f64 = 100.0;

/// How many amounts beside are told apart; more than the last does for any pod.
const BESIDES: usize = 61;

/// Pods that come for a GPU or a part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming {
    /// Thousandths of the GPU.
    pub(super) size: u64,
    /// What they need beside it.
    pub(super) beside: f64,
    /// How many of all pods they are.
    pub(super) share: f64,
}

/// What is likely to be taken one day.
#[derive(Clone, Copy, Debug, Default)]
struct Fill {
    used: f64,
    beside: f64,
}

/// What is likely to be taken, by what is left.
#[derive(Clone, Debug, Default)]
pub(super) struct Filling {
    /// By rests, and of each by what is beside.
    fills: Vec<Fill>,
}

impl Filling {
    /// What these pods are likely to take: from the smallest rest up, each by those that a pod would leave.
    pub(super) fn by(coming: impl Iterator<Item = Coming>) -> Self {
        let mut shares: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for Coming { size, beside, share } in coming {
            let rest = (size.div_ceil(REST_STEP) as usize).clamp(1, RESTS - 1);
            let beside = ((beside / BESIDE_STEP).ceil() as usize).min(BESIDES - 1);
            *shares.entry((rest, beside)).or_default() += share;
        }
        let mut filling = Self { fills: vec![Fill::default(); RESTS * BESIDES] };
        let mut outcomes = Vec::with_capacity(shares.len());
        for rest in 1..RESTS {
            for beside in 0..BESIDES {
                outcomes.clear();
                let fitting = shares.iter().filter(|((r, b), _)| *r <= rest && *b <= beside);
                outcomes.extend(fitting.map(|((r, b), share)| {
                    let then = filling.fills[place(rest - r, beside - b)];
                    let used = (*r as u64 * REST_STEP) as f64 + then.used;
                    (*share, Fill { used, beside: *b as f64 * BESIDE_STEP + then.beside })
                }));
                filling.fills[place(rest, beside)] = best(&mut outcomes);
            }
        }
        filling
    }

    /// How many thousandths of GPUs with so much left each are likely to be used one day, the widest first.
    pub(super) fn of(&self, gpus: &[u64], mut beside: f64) -> f64 {
        let mut gpus = gpus.to_vec();
        gpus.sort_unstable_by(|one, other| other.cmp(one));
        let mut used = 0.0;
        for left in gpus {
            let fill = self.fill(left, beside);
            used += fill.used;
            beside = (beside - fill.beside).max(0.0);
        }
        used
    }

    /// What is likely to be taken of one; between two steps beside it is between theirs.
    fn fill(&self, left: u64, beside: f64) -> Fill {
        let rest = ((left / REST_STEP) as usize).min(RESTS - 1);
        let steps = (beside / BESIDE_STEP).min((BESIDES - 1) as f64);
        let below = steps as usize;
        let (low, high) = (place(rest, below), place(rest, (below + 1).min(BESIDES - 1)));
        let (low, high, part) = (self.fills[low], self.fills[high], steps - below as f64);
        let between = |low: f64, high: f64| low + part * (high - low);
        Fill { used: between(low.used, high.used), beside: between(low.beside, high.beside) }
    }
}

/// The most that can be hoped for: pods are taken from the best outcome down to where waiting would be better.
fn best(outcomes: &mut [(f64, Fill)]) -> Fill {
    outcomes.sort_by(|(_, one), (_, other)| other.used.total_cmp(&one.used));
    let (mut best, mut sum, mut taken) = (Fill::default(), Fill::default(), 0.0);
    for (share, fill) in outcomes {
        taken += *share;
        sum.used += *share * fill.used;
        sum.beside += *share * fill.beside;
        let ends = 1.0 - HOPE * (1.0 - taken);
        if sum.used / ends > best.used {
            best = Fill { used: sum.used / ends, beside: sum.beside / ends };
        }
    }
    best
}

fn place(rest: usize, beside: usize) -> usize {
    rest * BESIDES + beside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling(coming: &[(u64, f64, f64)]) -> Filling {
        let coming = coming.iter().map(|(size, beside, share)| Coming {
            size: *size,
            beside: *beside,
            share: *share,
        });
        Filling::by(coming)
    }

    #[test]
    fn a_rest_is_worth_what_fits_it() {
        let filling = filling(&[(300, 0.0, 0.5), (700, 0.0, 0.5)]);
        let of = |left| filling.of(&[left], 0.0);
        assert!(of(290) < 1e-9);
        assert!((of(300) - of(390)).abs() < 1e-9 && of(300) > 290.0);
        assert!(of(600) > of(390), "two of the small ones");
        assert!(of(1000) > 970.0 && of(1000) <= 1000.0);
        assert!((filling.of(&[300, 1000], 0.0) - of(300) - of(1000)).abs() < 1e-9);
    }

    #[test]
    fn what_is_seldom_is_hoped_for_less() {
        let often = filling(&[(200, 0.0, 0.5), (1000, 0.0, 0.5)]).of(&[200], 0.0);
        let seldom = filling(&[(200, 0.0, 0.01), (1000, 0.0, 0.99)]).of(&[200], 0.0);
        assert!(often > 190.0 && seldom < 100.0 && seldom > 0.0);
    }

    #[test]
    fn a_better_pod_is_waited_for() {
        let filling = filling(&[(600, 0.0, 0.5), (1000, 0.0, 0.5)]);
        assert!(filling.of(&[1000], 0.0) > 900.0, "who takes what comes has 800");
    }

    #[test]
    fn nothing_is_used_without_what_is_needed_beside() {
        let filling = filling(&[(500, 1000.0, 1.0)]);
        let of = |beside| filling.of(&[500, 500], beside);
        assert!(of(0.0) < 1e-9);
        assert!((of(1000.0) - 500.0).abs() < 1e-6, "it does for one");
        assert!((of(2000.0) - 1000.0).abs() < 1e-6);
        assert!((of(1e18) - 1000.0).abs() < 1e-6);
    }
}
