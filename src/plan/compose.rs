//! From what may be done now to steps, with what each needs before it.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanInput;
use super::classify::Condition;
use super::network::NetworkPlan;
use super::pods::{Standing, Turn};
use super::realise::{GRACE_SECONDS, ImageToPull, grace, realise, sandbox_name};
use super::step::{Action, Step, StepId};
use super::storage::VolumePlan;
use super::tags::pinned;
use super::to_run::Clear;
use super::volume::VolumeToMake;
use crate::bindings::{Binding, Bindings};
use crate::model::{NodeName, PodKey};
use crate::observed::Observed;

/// The steps, and the pods that cannot be made, with why.
#[derive(Clone, Debug, Default)]
pub(super) struct Composed {
    pub(super) steps: Vec<Step>,
    pub(super) unmade: BTreeMap<PodKey, String>,
}

/// Composes the steps.
pub(super) fn steps(
    input: &PlanInput<'_>,
    target: &Bindings,
    standing: &Standing,
    (network, volumes): (&NetworkPlan, &VolumePlan),
) -> Composed {
    let mut steps = Steps::default();
    for (name, (node, action)) in &volumes.make {
        let id = steps.push(node, action.clone(), Vec::new());
        steps.volumes.insert(name.clone(), id);
    }
    for (node, action) in &volumes.grow {
        steps.push(node, action.clone(), Vec::new());
    }
    for (node, (wanted, _)) in &network.configure {
        let id = steps.push(node, Action::ConfigureNetwork(wanted.clone()), Vec::new());
        steps.networks.insert(node.clone(), id);
    }
    let mut renewed = Vec::new();
    for (key, binding) in &target.pods {
        let filled = standing.fill.get(key).map(|volumes| {
            let action = Action::UpdateVolumes(Box::new(volumes.clone()));
            steps.push(&binding.node, action, Vec::new())
        });
        match standing.conditions.get(key) {
            Some(Condition::Missing)
                if standing.create.contains(key) && !standing.after.contains(key) =>
            {
                steps.create(input, target, (key, binding), Clear::Nothing);
            }
            Some(Condition::Broken(_)) if !standing.after.contains(key) => {
                let id = steps.create(input, target, (key, binding), Clear::Sandbox);
                if standing.renewed.contains(key) {
                    renewed.extend(id.map(|id| (binding.node.clone(), id)));
                }
            }
            Some(Condition::Stopped { containers }) => {
                let action = start_again(input, target, (key, binding), containers);
                let needs = steps.network_of(&binding.node).into_iter().chain(filled).collect();
                steps.push(&binding.node, action, needs);
            }
            Some(
                Condition::Missing
                | Condition::Broken(_)
                | Condition::Unknown { .. }
                | Condition::Homeless
                | Condition::Starting(_)
                | Condition::BackOff { .. }
                | Condition::Finished
                | Condition::Unready(_)
                | Condition::Running(_),
            )
            | None => {}
        }
    }
    let mut rules = Vec::new();
    for (node, change) in &network.rules {
        let needs = steps.network_of(node);
        rules.push(steps.push(node, Action::ChangeRules(change.clone()), needs));
    }
    let mut deleted = BTreeMap::new();
    for pod in standing.leaving.iter().filter(|pod| pod.turn == Turn::Now) {
        let spec = pod.binding.as_ref().and_then(|binding| binding.pod.spec.as_ref());
        let action = Action::DeletePod {
            key: pod.key.clone(),
            sandbox: pod.sandbox.clone(),
            grace_seconds: target
                .evicting
                .get(&pod.key)
                .filter(|eviction| eviction.from == pod.node)
                .and_then(|eviction| eviction.grace_seconds)
                .unwrap_or_else(|| spec.map_or(GRACE_SECONDS, grace)),
        };
        let id = steps.push(&pod.node, action, rules.clone());
        deleted.insert((&pod.node, &pod.sandbox), id);
        steps.rooms.entry(pod.node.clone()).or_default().push(id);
    }
    for (node, id) in renewed {
        steps.rooms.entry(node).or_default().push(id);
    }
    let after = target.pods.iter().filter(|(key, _)| standing.after.contains(*key));
    let (anew, new): (Vec<_>, Vec<_>) = after.partition(|(key, _)| standing.renewed.contains(*key));
    for pod in anew {
        let id = steps.create(input, target, pod, Clear::Sandbox);
        steps.rooms.entry(pod.1.node.clone()).or_default().extend(id);
    }
    for pod in new {
        steps.create(input, target, pod, Clear::Nothing);
    }
    for (node, action, users) in &volumes.release {
        let needs = users.iter().filter_map(|user| deleted.get(&(node, user)).copied()).collect();
        steps.push(node, action.clone(), needs);
    }
    Composed { steps: steps.list, unmade: steps.unmade }
}

/// How containers that have ended are started again: as they were started first.
fn start_again(
    input: &PlanInput<'_>,
    target: &Bindings,
    (key, binding): (&PodKey, &Binding),
    containers: &[(String, String)],
) -> Action {
    // A host that went down has forgotten what Secrets gave to it.
    let secrets = realise(input, target, key, binding).map(|(pod, _)| pod.secrets());
    let secrets = secrets.unwrap_or_default();
    let (key, sandbox) = (key.clone(), sandbox_name(&input.inventory.fleet, key));
    let report = input.observed.report(&binding.node);
    let in_order = report.and_then(|report| report.pods.get(&sandbox)?.stage).is_some();
    if in_order {
        let keeper = report.map(|report| report.facts.keeper).unwrap_or_default();
        Action::BringUp { key, sandbox, keeper, secrets }
    } else {
        let names = containers.iter().map(|(name, _)| format!("{sandbox}_{name}"));
        Action::StartContainers { containers: names.collect(), key, secrets }
    }
}

/// Steps in the making.
#[derive(Default)]
struct Steps {
    list: Vec<Step>,
    networks: BTreeMap<NodeName, StepId>,
    volumes: BTreeMap<String, StepId>,
    pulls: BTreeMap<(NodeName, ImageToPull), StepId>,
    /// What has to go from hosts before pods are made there.
    rooms: BTreeMap<NodeName, Vec<StepId>>,
    unmade: BTreeMap<PodKey, String>,
}

impl Steps {
    fn push(&mut self, node: &NodeName, action: Action, needs: Vec<StepId>) -> StepId {
        let id = StepId(self.list.len());
        self.list.push(Step { node: node.clone(), action, needs });
        id
    }

    fn network_of(&self, node: &NodeName) -> Vec<StepId> {
        self.networks.get(node).copied().into_iter().collect()
    }

    fn create(
        &mut self,
        input: &PlanInput<'_>,
        target: &Bindings,
        (key, binding): (&PodKey, &Binding),
        clear: Clear,
    ) -> Option<StepId> {
        // An object that is missing has kept the pod out of the target; what is left is what only the bound pod shows.
        let (mut pod, images) = match realise(input, target, key, binding) {
            Ok(made) => made,
            Err(error) => {
                self.unmade.insert(key.clone(), error.to_string());
                return None;
            }
        };
        pod.clear = clear;
        let mut needs: BTreeSet<StepId> = self.network_of(&binding.node).into_iter().collect();
        needs.extend(self.rooms.get(&binding.node).into_iter().flatten());
        let lasting = pod.volumes.values().filter_map(VolumeToMake::lasting_name);
        needs.extend(lasting.filter_map(|name| self.volumes.get(name)).copied());
        for image in images {
            needs.insert(self.pull(input.observed, &binding.node, image));
        }
        let action = Action::CreatePod(Box::new(pod));
        Some(self.push(&binding.node, action, needs.into_iter().collect()))
    }

    /// One pull of an image on a host serves every pod that needs it.
    fn pull(&mut self, observed: &Observed, node: &NodeName, image: ImageToPull) -> StepId {
        let key = (node.clone(), image);
        if let Some(id) = self.pulls.get(&key) {
            return *id;
        }
        let pinned = pinned(observed, node, &key.1);
        let ImageToPull { image, policy, credentials } = key.1.clone();
        let action = Action::PullImage { image, policy, credentials, pinned };
        let id = self.push(node, action, Vec::new());
        self.pulls.insert(key, id);
        id
    }
}
