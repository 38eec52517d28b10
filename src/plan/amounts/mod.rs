//! What pods ask for beside CPU, memory and their own number: devices by the piece, huge pages, room on the host's disk.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::PlanInput;
use crate::bindings::Binding;
use crate::model::{Amount, NodeName, container_request};
use crate::observed::{Facts, HostReport};
use crate::schedule::Rejection;

mod devices;

pub(super) use devices::{DeviceError, check, hand_out};

/// What is counted elsewhere.
const COUNTED: [&str; 2] = ["cpu", "memory"];

/// Room on the disk, which only a host that says how much it has can be short of.
const DISK: &str = "ephemeral-storage";

/// Amounts of resources by their names.
type Amounts = BTreeMap<String, u64>;

/// What a host has beside CPU, memory and room for pods: bytes, or pieces.
pub fn other_capacity(report: Option<&HostReport>) -> BTreeMap<String, u64> {
    let Some(Facts { devices, amounts, .. }) = report.map(|report| &report.facts) else {
        return Amounts::new();
    };
    let pieces = devices.iter().map(|(kind, names)| (kind.clone(), names.len() as u64));
    amounts.clone().into_iter().chain(pieces).collect()
}

/// What a pod asks for of all that is not counted elsewhere.
fn asked(spec: &PodSpec) -> Amounts {
    let whole = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let requests = |container: &Container| container.resources.as_ref()?.requests.clone();
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let names = containers.filter_map(requests).chain(whole.cloned()).flatten();
    let names = names.map(|(name, _)| name).filter(|name| !COUNTED.contains(&name.as_str()));
    let amount = |name: String| {
        let of_pod = whole.and_then(|whole| Amount::parse(&whole.get(&name)?.0).ok());
        let amount = of_pod.or_else(|| container_request(spec, &name))?;
        Some((name, u64::try_from(amount.units()).unwrap_or(0)))
    };
    names.filter_map(amount).collect()
}

/// How much of each host's is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    capacity: BTreeMap<NodeName, Amounts>,
    /// By what stays and what is new.
    staying: BTreeMap<NodeName, Amounts>,
    /// By what is to go and still there.
    leaving: BTreeMap<NodeName, Amounts>,
}

impl Others {
    /// The hosts with nothing asked of them.
    pub(super) fn begin(input: &PlanInput<'_>) -> Self {
        let capacity =
            |node: &NodeName| (node.clone(), other_capacity(input.observed.report(node)));
        Self { capacity: input.inventory.hosts.keys().map(capacity).collect(), ..Self::default() }
    }

    /// Counts a pod that is to be on a host.
    pub(super) fn count(&mut self, node: &NodeName, spec: &PodSpec) {
        add(self.staying.entry(node.clone()).or_default(), spec);
    }

    /// Counts a pod that is still on a host.
    pub(super) fn count_leaving(&mut self, binding: &Binding) {
        if let Some(spec) = &binding.pod.spec {
            add(self.leaving.entry(binding.node.clone()).or_default(), spec);
        }
    }

    /// The hosts that have too little for a pod: now, or if that is all of them, once what is leaving has gone.
    pub(super) fn lacking(&self, spec: &PodSpec) -> BTreeMap<NodeName, Rejection> {
        let asked = asked(spec);
        let lacking = |used: &dyn Fn(&NodeName, &str) -> u64| {
            let nodes = self.capacity.iter();
            let short = nodes.filter_map(|(node, capacity)| {
                let (resource, asked, free) = asked.iter().find_map(|(name, asked)| {
                    let has = capacity.get(name).copied();
                    let has = has.or((name == DISK).then_some(u64::MAX)).unwrap_or(0);
                    let free = has.saturating_sub(used(node, name));
                    (*asked > free).then(|| (name.clone(), *asked, free))
                })?;
                Some((node.clone(), Rejection::Resource { resource, asked, free }))
            });
            short.collect::<BTreeMap<_, _>>()
        };
        let of = |all: &BTreeMap<NodeName, Amounts>, node: &NodeName, name: &str| {
            all.get(node).and_then(|amounts| amounts.get(name)).copied().unwrap_or(0)
        };
        let now = lacking(&|node, name| {
            of(&self.staying, node, name).saturating_add(of(&self.leaving, node, name))
        });
        if now.len() < self.capacity.len() {
            return now;
        }
        lacking(&|node, name| of(&self.staying, node, name))
    }
}

fn add(sums: &mut Amounts, spec: &PodSpec) {
    for (name, amount) in asked(spec) {
        let sum = sums.entry(name).or_default();
        *sum = sum.saturating_add(amount);
    }
}
