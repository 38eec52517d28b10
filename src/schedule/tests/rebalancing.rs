//! Rebalancing: it evens out, breaks nothing, needs every move that it makes, and is done when it is done.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;
use proptest::prelude::*;
use serde_json::json;

use super::fixtures::{fleet, host, labelled};
use crate::schedule::*;

/// Pods and the numbers of their hosts.
type Placed = Vec<(Pod, usize)>;

fn name(number: usize) -> String {
    format!("node-{number}")
}

fn pod(cpu: u64, memory: u64, apart: bool) -> Pod {
    let requests =
        json!({"cpu": format!("{}m", cpu * 100), "memory": format!("{}Mi", memory * 50)});
    let mut spec = json!({"containers": [{"name": "c", "resources": {"requests": requests}}]});
    if apart {
        let term = json!({"topologyKey": "kubernetes.io/hostname",
            "labelSelector": {"matchLabels": {"app": "apart"}}});
        spec["affinity"] =
            json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
    }
    labelled(json!({"app": if apart { "apart" } else { "any" }}), spec)
}

/// A fleet of as many hosts with these pods on them, and the pods' numbers.
fn with(hosts: usize, placed: &Placed) -> (Fleet, Vec<PodId>) {
    let mut fleet = fleet((0..hosts).map(|number| host(&name(number))));
    let mut ids = Vec::new();
    for (pod, at) in placed {
        let class = fleet.class(&Request::of(pod, None));
        let host = fleet.host(&name(*at).as_str().into()).unwrap();
        ids.push(fleet.bind(class, host));
    }
    (fleet, ids)
}

/// Where the pods are after a rebalance, and how many moved.
fn rebalanced(hosts: usize, placed: &Placed, bound: u64) -> (Placed, usize) {
    let (mut fleet, ids) = with(hosts, placed);
    let moves = fleet.rebalance(&ids.iter().copied().collect::<BTreeSet<_>>(), bound);
    let mut after = placed.clone();
    for step in &moves {
        let number = ids.iter().position(|id| *id == step.pod).unwrap();
        let to = fleet.name(step.to).as_str().trim_start_matches("node-").parse().unwrap();
        assert_ne!(after[number].1, to, "nothing moves to where it is");
        after[number].1 = to;
    }
    (after, moves.len())
}

/// By how many hundred-thousandths the fullest and the emptiest host differ, reckoned the plain way.
fn spread(hosts: usize, placed: &Placed) -> u64 {
    let mut used = vec![(0, 0); hosts];
    for (pod, at) in placed {
        let asked = pod_resources(pod.spec.as_ref().unwrap());
        used[*at].0 += asked.cpu_milli;
        used[*at].1 += asked.memory_bytes;
    }
    let all = host("any").allocatable;
    let cpu = used.iter().map(|(cpu, _)| cpu * 100_000 / all.cpu_milli);
    let memory = used.iter().map(|(_, memory)| memory * 100_000 / all.memory_bytes);
    let cpu = cpu.clone().max().unwrap() - cpu.min().unwrap();
    let memory = memory.clone().max().unwrap() - memory.min().unwrap();
    cpu.max(memory)
}

/// Whether no host has more than it has room for, and nobody stands beside whom it minds.
fn is_sound(hosts: usize, placed: &Placed) -> bool {
    (0..hosts).all(|number| {
        let here = || placed.iter().filter(|(_, at)| *at == number).map(|(pod, _)| pod);
        let asked = here().map(|pod| pod_resources(pod.spec.as_ref().unwrap()));
        let (cpu, memory) = asked.fold((0, 0), |(c, m), a| (c + a.cpu_milli, m + a.memory_bytes));
        let apart = here().filter(|pod| pod.spec.as_ref().unwrap().affinity.is_some()).count();
        let all = host("any").allocatable;
        cpu <= all.cpu_milli && memory <= all.memory_bytes && apart <= 1
    })
}

#[test]
fn a_host_that_came_back_empty_is_filled_with_no_more_than_it_takes() {
    let placed: Placed = (0..8).map(|n| (pod(4, 2, false), n % 2)).collect();
    let (after, moves) = rebalanced(3, &placed, 20_000);
    assert_eq!(moves, 2, "{}", spread(3, &after));
    assert!(spread(3, &after) <= 20_000);
    assert_eq!(rebalanced(3, &placed, 100_000).1, 0, "it is even enough");
}

#[test]
fn hosts_that_keep_pods_away_get_none_and_do_not_count() {
    let mut closed = host("node-2");
    closed.taints.push("old:NoSchedule".parse().unwrap());
    let mut fleet = fleet([host("node-0"), host("node-1"), closed]);
    let one = pod(4, 2, false);
    let class = fleet.class(&Request::of(&one, None));
    let ids: BTreeSet<PodId> =
        ["node-0", "node-0", "node-1", "node-1", "node-2", "node-2", "node-2"]
            .map(|at| {
                let host = fleet.host(&at.into()).unwrap();
                fleet.bind(class, host)
            })
            .into();
    assert_eq!(fleet.rebalance(&ids, 0), []);
}

proptest! {
    #[test]
    fn rebalancing_evens_out_and_breaks_nothing(
        hosts in 1_usize..5,
        drawn in prop::collection::vec((0_u64..8, 0_u64..8, 0_usize..5, 0_u8..4), 0..14),
        bound in 0_u64..60_000,
    ) {
        let mut placed = Placed::new();
        for (cpu, memory, at, kind) in drawn {
            placed.push((pod(cpu, memory, kind == 0), at % hosts));
            if !is_sound(hosts, &placed) {
                placed.pop();
            }
        }
        let before = spread(hosts, &placed);
        let (after, moves) = rebalanced(hosts, &placed, bound);
        prop_assert!(is_sound(hosts, &after), "{after:?}");
        prop_assert!(before > bound || moves == 0);
        prop_assert_eq!(rebalanced(hosts, &after, bound).1, 0, "a second one moves nothing");
        if spread(hosts, &after) <= bound {
            for number in 0..placed.len() {
                if after[number].1 != placed[number].1 {
                    let mut less = after.clone();
                    less[number].1 = placed[number].1;
                    prop_assert!(spread(hosts, &less) > bound || !is_sound(hosts, &less));
                }
            }
        }
    }
}
