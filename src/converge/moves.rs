//! What is moved on purpose, besides what has to change.

use crate::bindings::Bindings;
use crate::plan::{Bound, Drain, DrainOrder, PlanInput, drain, rebalance};

/// Which pods are moved on purpose.
#[derive(Clone, Debug, Default)]
pub enum Moves {
    /// None.
    #[default]
    None,
    /// Those of hosts that are drained.
    Drain(DrainOrder),
    /// As few as it takes until hosts are used as evenly as this.
    Rebalance(Bound),
}

impl Moves {
    /// What is drained, and the choices with the pods that move.
    pub(super) fn made(&self, input: &PlanInput<'_>) -> (Drain, Bindings) {
        match self {
            Self::None => (Drain::default(), input.bindings.clone()),
            Self::Drain(order) => {
                let drain = drain(input, order);
                let bindings = drain.bindings(input.bindings);
                (drain, bindings)
            }
            Self::Rebalance(bound) => {
                let mut bindings = input.bindings.clone();
                bindings.evicting.extend(rebalance(input, *bound));
                (Drain::default(), bindings)
            }
        }
    }
}
