//! What a round means for the next: values in, verdicts out.

use std::collections::BTreeSet;

use super::{Ending, Failure, Round};
use crate::events::Ended;
use crate::execute::{Outcome, Outcomes};
use crate::model::NodeName;
use crate::plan::{Action, Pending, Plan, Step, Waiting};
use crate::state::Snapshot;

/// Whether time alone may end one of the waits. After a failure a rollout's turn does not come by itself any more.
pub(super) fn passes(pending: &[Pending], failed: &BTreeSet<(NodeName, String)>) -> bool {
    pending.iter().any(|pending| match pending.waiting {
        Waiting::Turn { .. } => failed.is_empty(),
        Waiting::Available { .. } => true,
        Waiting::Host { .. }
        | Waiting::Room { .. }
        | Waiting::Refused { .. }
        | Waiting::Unreachable { .. }
        | Waiting::Mended { .. } => false,
    })
}

pub(super) fn titles(steps: &[Step]) -> Vec<(&NodeName, String)> {
    steps.iter().map(|step| (&step.node, step.title())).collect()
}

/// Whether a round chose nothing new: only what is leaving, or an address that has become known, differs.
pub(super) fn aims_alike(round: &Round, before: &Snapshot) -> bool {
    let target = &round.plan.target;
    target.pods == before.bindings.pods && target.services == before.bindings.services
}

/// Why a later plan cannot keep what an earlier one chose; `None` when it can.
pub(super) fn elsewhere(agreed: &Plan, next: &Plan) -> Option<String> {
    agreed.target.pods.iter().find_map(|(key, binding)| match next.target.pods.get(key) {
        Some(now) if now.node == binding.node => None,
        Some(now) => {
            Some(format!("pod {key} has to go to {} instead of {}", now.node, binding.node))
        }
        None => Some(format!("pod {key} can no longer be on {}", binding.node)),
    })
}

/// How each step ended, for those who tell of it.
pub(super) fn ends(outcomes: &Outcomes) -> Vec<Ended<'_>> {
    outcomes.steps.iter().map(|outcome| end(outcome.as_ref())).collect()
}

fn end(outcome: Option<&Outcome>) -> Ended<'_> {
    match outcome {
        Some(Outcome::Done) => Ended::Done,
        Some(Outcome::Failed(fault)) => Ended::Failed(fault),
        Some(Outcome::Skipped(_)) | None => Ended::NotTried,
    }
}

pub(super) fn record(
    ending: &mut Ending,
    failed: &mut BTreeSet<(NodeName, String)>,
    steps: &[Step],
    outcomes: &Outcomes,
) {
    for (step, outcome) in steps.iter().zip(&outcomes.steps) {
        match outcome {
            Some(Outcome::Done) => ending.done += 1,
            Some(Outcome::Failed(fault)) => {
                failed.insert((step.node.clone(), step.title()));
                ending.failures.push(Failure {
                    node: step.node.clone(),
                    step: step.title(),
                    why: fault.why.clone(),
                });
            }
            Some(Outcome::Skipped(_)) | None => {}
        }
    }
}

/// The pulls of images that only pods need which have failed before, or lack another image: asking a registry again brings none
/// of them up.
pub(super) fn idle_pulls(steps: &[Step], failed: &BTreeSet<(NodeName, String)>) -> BTreeSet<usize> {
    if failed.is_empty() {
        return BTreeSet::new();
    }
    let itself = |step: &Step| failed.contains(&(step.node.clone(), step.title()));
    let lacks = |step: &Step| step.needs.iter().any(|need| steps.get(need.0).is_some_and(itself));
    let has_failed = |step: &Step| itself(step) || lacks(step);
    let pulls = steps.iter().enumerate().filter(|(at, step)| {
        let mut needing = steps.iter().filter(|other| other.needs.iter().any(|need| need.0 == *at));
        matches!(step.action, Action::PullImage { .. }) && needing.all(has_failed)
    });
    pulls.map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PullPolicy, StepId};

    #[test]
    fn no_image_is_pulled_again_for_a_pod_that_lacks_another_one() {
        let pull = |image: &str| Action::PullImage {
            image: image.to_owned(),
            policy: PullPolicy::IfNotPresent,
            credentials: None,
            pinned: None,
        };
        // Whatever needs both stands for the pod.
        let step = |action, needs: &[usize]| Step {
            node: "a".into(),
            action,
            needs: needs.iter().copied().map(StepId).collect(),
        };
        let steps =
            [step(pull("there"), &[]), step(pull("gone"), &[]), step(Action::TakeOver, &[0, 1])];
        assert_eq!(idle_pulls(&steps, &BTreeSet::new()), BTreeSet::new());
        let failed = BTreeSet::from([("a".into(), steps[1].title())]);
        assert_eq!(idle_pulls(&steps, &failed), BTreeSet::from([0, 1]));
    }
}
