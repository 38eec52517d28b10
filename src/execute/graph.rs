//! Which steps can go next: a step is ready when all that it needs is done, or goes before it in the same batch.

use std::collections::BTreeSet;

use super::Outcome;
use crate::model::NodeName;
use crate::plan::{Fault, Step, StepId};

/// Steps, and what became of those that have been reached.
pub(super) struct Graph<'a> {
    steps: &'a [Step],
    outcomes: Vec<Option<Outcome>>,
    sent: BTreeSet<StepId>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(steps: &'a [Step]) -> Self {
        Self { steps, outcomes: vec![None; steps.len()], sent: BTreeSet::new() }
    }

    /// Everything that one host that is not busy can do now, in order; `None` when there is no such host.
    pub(super) fn next_batch(
        &mut self,
        busy: &BTreeSet<NodeName>,
    ) -> Option<(NodeName, Vec<StepId>)> {
        self.skip_what_cannot_go();
        let waiting = (0..self.steps.len()).map(StepId).filter(|id| !self.sent.contains(id));
        let waiting: Vec<StepId> = waiting.filter(|id| self.outcomes[id.0].is_none()).collect();
        let mut tried = BTreeSet::new();
        for id in &waiting {
            let node = &self.steps[id.0].node;
            if busy.contains(node) || !tried.insert(node) {
                continue;
            }
            let mut batch: Vec<StepId> = Vec::new();
            for id in waiting.iter().filter(|id| self.steps[id.0].node == *node) {
                let ready = |need: &StepId| {
                    batch.contains(need) || self.outcomes[need.0] == Some(Outcome::Done)
                };
                if self.steps[id.0].needs.iter().all(ready) {
                    batch.push(*id);
                }
            }
            if !batch.is_empty() {
                self.sent.extend(&batch);
                return Some((node.clone(), batch));
            }
        }
        None
    }

    /// What a step needs of its own batch, as positions in it.
    pub(super) fn needs_within(&self, id: StepId, batch: &[StepId]) -> Vec<usize> {
        let needs = &self.steps[id.0].needs;
        needs.iter().filter_map(|need| batch.iter().position(|other| other == need)).collect()
    }

    pub(super) fn settle(&mut self, id: StepId, outcome: Outcome) {
        self.outcomes[id.0] = Some(outcome);
    }

    pub(super) fn fail_all(&mut self, batch: &[StepId], why: &str) {
        for id in batch {
            self.settle(*id, Outcome::Failed(Fault::from(why)));
        }
    }

    pub(super) fn skip_all(&mut self, batch: &[StepId], why: &str) {
        for id in batch {
            self.settle(*id, Outcome::Skipped(why.to_owned()));
        }
    }

    pub(super) fn outcomes(self) -> Vec<Option<Outcome>> {
        self.outcomes
    }

    /// Needs lie before what needs them, so one pass in order reaches everything.
    fn skip_what_cannot_go(&mut self) {
        for at in 0..self.steps.len() {
            if self.outcomes[at].is_some() || self.sent.contains(&StepId(at)) {
                continue;
            }
            let lacking = self.steps[at].needs.iter().find(|need| {
                matches!(self.outcomes[need.0], Some(Outcome::Failed(_) | Outcome::Skipped(_)))
            });
            if let Some(need) = lacking {
                let step = &self.steps[need.0];
                let why = format!("`{}` on {} was not done", step.title(), step.node);
                self.outcomes[at] = Some(Outcome::Skipped(why));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;

    fn step(node: &str, needs: &[usize]) -> Step {
        let needs = needs.iter().copied().map(StepId).collect();
        Step { node: node.into(), action: Action::LeaveHost, needs }
    }

    #[test]
    fn a_batch_takes_all_that_is_ready_on_one_host() {
        let steps = [step("a", &[]), step("a", &[0]), step("b", &[]), step("a", &[2])];
        let mut graph = Graph::new(&steps);
        let busy = BTreeSet::new();
        assert_eq!(graph.next_batch(&busy), Some(("a".into(), vec![StepId(0), StepId(1)])));
        assert_eq!(graph.next_batch(&busy), Some(("b".into(), vec![StepId(2)])));
        assert_eq!(graph.next_batch(&busy), None);
        graph.settle(StepId(2), Outcome::Done);
        assert_eq!(graph.next_batch(&BTreeSet::from(["a".into()])), None);
        assert_eq!(graph.next_batch(&busy), Some(("a".into(), vec![StepId(3)])));
    }

    #[test]
    fn a_failure_keeps_back_what_needs_it_on_any_host() {
        let steps = [step("a", &[]), step("b", &[0]), step("b", &[1]), step("b", &[])];
        let mut graph = Graph::new(&steps);
        let busy = BTreeSet::new();
        graph.next_batch(&busy);
        graph.settle(StepId(0), Outcome::Failed("boom".into()));
        assert_eq!(graph.next_batch(&busy), Some(("b".into(), vec![StepId(3)])));
        let outcomes = graph.outcomes();
        assert!(matches!(outcomes[1], Some(Outcome::Skipped(_))));
        assert!(matches!(outcomes[2], Some(Outcome::Skipped(_))));
    }
}
