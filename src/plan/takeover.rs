//! Taking a fleet over: hosts that another state file holds are claimed, even where nothing else is to be done.

use super::report::{Change, ChangeAction};
use super::step::{Action, Step};
use super::{Plan, explain};
use crate::model::ObjectKey;
use crate::observed::Observed;

/// Adds to a plan the claim of every host that another state file holds, for a user who has asked for it.
pub fn take_over(plan: &mut Plan, observed: &Observed, holder: &str) {
    for (node, report) in observed.reachable() {
        let Some(fence) = report.fence.as_ref().filter(|fence| fence.holder != holder) else {
            continue;
        };
        let action = Action::TakeOver;
        plan.steps.push(Step { node: node.clone(), action, needs: Vec::new() });
        let who: String = fence.who.chars().filter(|c| !c.is_control()).collect();
        let object = ObjectKey::new("Node", "", node.as_str());
        let reason = format!("taken over from {who}");
        plan.report.changes.push(Change::new(ChangeAction::Update, object, reason).on(node));
    }
    explain::sort(&mut plan.report.changes);
}
