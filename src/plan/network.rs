//! What each host's own network lacks: podman's network, routes, forwarding, Service rules.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;

use super::PlanInput;
use super::classify::Condition;
use super::pods::{Health, Standing, Turn};
use super::step::{Bridge, BridgeFilter, HostNetwork, KEEPING, Keeping};
use crate::bindings::Bindings;
use crate::inventory::Cidr;
use crate::model::{NodeName, ObjectKey};
use crate::network::{
    Certainty, Endpoints, RulesChange, Ruleset, base_mark, gateway, host_range, open_host_ports,
    rulesets,
};
use crate::observed::{HostReport, Keeper};

/// What is to be done to the hosts' networks.
#[derive(Clone, Debug, Default)]
pub(super) struct NetworkPlan {
    /// Hosts whose own network is not as it should be, with why.
    pub(super) configure: BTreeMap<NodeName, (HostNetwork, String)>,
    /// Hosts whose Service rules differ.
    pub(super) rules: BTreeMap<NodeName, RulesChange>,
    /// Hosts whose network cannot be set right by a step, with why.
    pub(super) stuck: BTreeMap<NodeName, String>,
}

/// Compares every host that answers with what its network should be.
pub(super) fn network(
    input: &PlanInput<'_>,
    target: &Bindings,
    standing: &Standing,
) -> NetworkPlan {
    let mut plan = NetworkPlan::default();
    let ranges = ranges(input, target);
    let needed = !target.pods.is_empty() || !target.services.is_empty();
    let mark = base_mark(&input.inventory.network);
    let rulesets = service_rules(input, target, standing, &ranges);
    for (node, report) in input.observed.reachable() {
        let Some(range) = ranges.get(node) else { continue };
        if needed {
            let wanted = wanted_network(input, target, (node, report), *range, &ranges);
            if let Some(wanted) = wanted {
                compare(&mut plan, node, wanted, report);
            }
        }
        if let Some(rules) = rulesets.get(node)
            && let Some(change) = rules_change(needed, rules, report, &mark)
        {
            plan.rules.insert(node.clone(), change);
        }
    }
    plan
}

/// Each host's range of pod addresses.
fn ranges(input: &PlanInput<'_>, target: &Bindings) -> BTreeMap<NodeName, Cidr> {
    let range = |subnet| host_range(&input.inventory.network, subnet);
    target
        .nodes
        .iter()
        .filter_map(|(node, given)| Some((node.clone(), range(given.subnet)?)))
        .collect()
}

fn wanted_network(
    input: &PlanInput<'_>,
    target: &Bindings,
    (node, report): (&NodeName, &HostReport),
    subnet: Cidr,
    ranges: &BTreeMap<NodeName, Cidr>,
) -> Option<HostNetwork> {
    let others = ranges.iter().filter(|(other, _)| *other != node);
    let routes = others
        .filter_map(|(other, range)| Some((*range, target.nodes.get(other)?.address?)))
        .collect();
    Some(HostNetwork {
        subnet,
        gateway: gateway(subnet)?,
        routes,
        stale_routes: Vec::new(),
        services: input.inventory.network.service_cidr,
        address: target.nodes.get(node)?.address,
        bridge: Bridge::Present,
        bridge_filter: BridgeFilter::Leave,
        keeper: report.facts.keeper,
        keeping: Keeping::Present,
    })
}

fn compare(plan: &mut NetworkPlan, node: &NodeName, mut wanted: HostNetwork, report: &HostReport) {
    let there = &report.network;
    let mut why = Vec::new();
    match there.subnet {
        None => {
            wanted.bridge = Bridge::Missing;
            why.push("no pod network".to_owned());
        }
        Some(subnet) if subnet != wanted.subnet => {
            let what = format!("its podman network has {subnet}, not {}", wanted.subnet);
            plan.stuck.insert(node.clone(), what);
            return;
        }
        Some(_) => {}
    }
    if !there.forwarding {
        why.push("packets are not forwarded".to_owned());
    }
    if there.bridge_filter {
        wanted.bridge_filter = BridgeFilter::TurnOff;
        why.push("packets within a bridge are filtered".to_owned());
    }
    let differing = wanted
        .routes
        .iter()
        .filter(|(range, via)| there.routes.get(*range) != Some(&Some(**via)))
        .count();
    let services = usize::from(there.routes.get(&wanted.services) != Some(&None));
    let known = |range: &&Cidr| wanted.routes.contains_key(*range) || **range == wanted.services;
    wanted.stale_routes = there.routes.keys().filter(|range| !known(range)).copied().collect();
    let routes = differing + services + wanted.stale_routes.len();
    if routes > 0 {
        why.push(format!("{routes} routes differ"));
    }
    if wanted.keeper == Keeper::Systemd && there.keeping.as_deref() != Some(KEEPING) {
        wanted.keeping = Keeping::Missing;
        why.push("nothing brings its pods back after a reboot".to_owned());
    }
    if !why.is_empty() {
        plan.configure.insert(node.clone(), (wanted, why.join(", ")));
    }
}

fn rules_change(
    needed: bool,
    rules: &Ruleset,
    report: &HostReport,
    mark: &str,
) -> Option<RulesChange> {
    let there = report.network.rules.as_ref();
    if !needed && there.is_none() {
        return None;
    }
    rules.change_from(there, mark)
}

/// Every host's Service rules: a Service leads to the pods that are ready and not about to go.
fn service_rules(
    input: &PlanInput<'_>,
    target: &Bindings,
    standing: &Standing,
    ranges: &BTreeMap<NodeName, Cidr>,
) -> BTreeMap<NodeName, Ruleset> {
    let mut endpoints = Vec::new();
    for (key, binding) in &target.pods {
        let certainty = match standing.conditions.get(key) {
            Some(Condition::Running(_)) => Certainty::Heard,
            Some(Condition::Unready(_)) => Certainty::Unready,
            Some(Condition::Unknown { .. }) => Certainty::Unheard,
            Some(
                Condition::Homeless
                | Condition::Missing
                | Condition::Broken(_)
                | Condition::Stopped { .. }
                | Condition::Starting(_)
                | Condition::BackOff { .. }
                | Condition::Finished,
            )
            | None => continue,
        };
        endpoints.push(Endpoints { pod: &binding.pod, address: binding.address, certainty });
    }
    for pod in standing.leaving.iter().filter(|pod| pod.turn == Turn::Later) {
        let certainty = match pod.health {
            Health::Ready => Certainty::Heard,
            Health::Unready => Certainty::Unready,
            Health::Down => continue,
        };
        if let Some(binding) = &pod.binding {
            let (pod, address) = (&binding.pod, binding.address);
            endpoints.push(Endpoints { pod, address, certainty });
        }
    }
    let services: Vec<(&ObjectKey, &Service, _)> = input
        .desired
        .services()
        .filter_map(|(key, service)| Some((key, service, *target.services.get(key)?)))
        .collect();
    let mut rules = rulesets(&services, &endpoints, ranges);
    open_host_ports(&mut rules, &endpoints, ranges);
    rules
}
