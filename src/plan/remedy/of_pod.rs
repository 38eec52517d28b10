//! Changes of what a pod asks for that would give it a place.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Toleration;

use super::{Remedy, TRIED, Unplaced};
use crate::inventory::{DEFAULT_SCHEDULER, Profiles, Taint, TaintEffect};
use crate::model::NodeName;
use crate::plan::room::Room;
use crate::schedule::Rejection;

/// The profile that was meant, else the one of pods that name none.
pub(super) fn scheduler(
    room: &mut Room,
    waiting: &Unplaced<'_>,
    profiles: &Profiles,
) -> Option<Remedy> {
    let meant = profiles.meant_by(&waiting.request.scheduler);
    meant.into_iter().chain([DEFAULT_SCHEDULER]).find_map(|name| {
        let node = room.best(&waiting.request.clone().answered_by(name))?;
        Some(Remedy::Scheduler { node, name: name.to_owned() })
    })
}

const BILLION: u128 = 1_000_000_000;

/// Of the resource of which the least is too much, so much less that it fits.
pub(super) fn ask_less(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let mut lacking: Vec<(u128, &NodeName, String, u64, u64)> = Vec::new();
    for (node, why) in waiting.rejections {
        let (name, asked, free) = match why {
            Rejection::Cpu { asked, free } => ("cpu".to_owned(), *asked, *free),
            Rejection::Memory { asked, free } => ("memory".to_owned(), *asked, *free),
            Rejection::Resource { resource, asked, free } => (resource.clone(), *asked, *free),
            _ => continue,
        };
        if free > 0 && asked > free {
            // The part that it asks for too much, in billionths: resources cannot be compared otherwise.
            let part = (u128::from(asked - free) * BILLION).div_ceil(u128::from(asked));
            lacking.push((part, node, name, asked, free));
        }
    }
    lacking.sort();
    lacking.into_iter().take(TRIED).find_map(|(_, node, resource, asked, free)| {
        let mut request = waiting.request.clone();
        match resource.as_str() {
            "cpu" => request.resources.cpu_milli = free,
            "memory" => request.resources.memory_bytes = free,
            _ => {
                request.further.insert(resource.clone(), free);
            }
        }
        let less = asked - free;
        let node = node.clone();
        room.takes(&request, &node).then_some(Remedy::AskLess { node, resource, less, free })
    })
}

/// A taint that the pod would have to bear.
pub(super) fn tolerate(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let mut tried: BTreeSet<String> = BTreeSet::new();
    for (node, why) in waiting.rejections {
        let Rejection::Taint { key, value } = why else { continue };
        let taints = room.host(node).map(|host| host.taints.clone()).unwrap_or_default();
        let keeps = |taint: &&Taint| {
            taint.key == *key
                && taint.value == *value
                && taint.effect != TaintEffect::PreferNoSchedule
        };
        for taint in taints.iter().filter(keeps) {
            if tried.len() >= TRIED || !tried.insert(format!("{node} {taint}")) {
                continue;
            }
            let mut request = waiting.request.clone();
            request.spec.tolerations.get_or_insert_default().push(Toleration {
                key: Some(taint.key.clone()),
                operator: Some("Equal".to_owned()),
                value: Some(taint.value.clone()),
                effect: Some(taint.effect.to_string()),
                toleration_seconds: None,
            });
            if room.takes(&request, node) {
                return Some(Remedy::Tolerate { node: node.clone(), taint: taint.to_string() });
            }
        }
    }
    None
}

/// A port of the host that the pod would have to do without.
pub(super) fn port(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let taken = waiting.rejections.iter();
    let taken =
        taken.filter(|(_, why)| matches!(why, Rejection::Ports | Rejection::SshPort { .. }));
    let nodes: Vec<&NodeName> = taken.map(|(node, _)| node).take(TRIED).collect();
    waiting.request.ports.iter().take(TRIED).find_map(|port| {
        let mut request = waiting.request.clone();
        request.ports.remove(port);
        let node = nodes.iter().find(|node| room.takes(&request, node))?;
        Some(Remedy::Port { node: (*node).clone(), port: port.port })
    })
}

/// The least skew with which the pod would have a host.
pub(super) fn skew(room: &mut Room, waiting: &Unplaced<'_>) -> Option<Remedy> {
    let constraints = waiting.request.spec.topology_spread_constraints.as_deref()?;
    let uneven = waiting.rejections.iter().filter(|(_, why)| **why == Rejection::Spread);
    let nodes: Vec<&NodeName> = uneven.map(|(node, _)| node).take(TRIED).collect();
    for (index, constraint) in constraints.iter().enumerate() {
        if constraint.when_unsatisfiable != "DoNotSchedule" {
            continue;
        }
        for more in 1..=i32::try_from(TRIED).unwrap_or(1) {
            let max_skew = constraint.max_skew.saturating_add(more);
            let mut request = waiting.request.clone();
            let all = request.spec.topology_spread_constraints.get_or_insert_default();
            all[index].max_skew = max_skew;
            if let Some(node) = nodes.iter().find(|node| room.takes(&request, node)) {
                let topology = constraint.topology_key.clone();
                return Some(Remedy::Skew { node: (*node).clone(), topology, max_skew });
            }
        }
    }
    None
}
