//! Any host and any pod, from a row of bytes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, PodSpec};
use serde_json::{Value, json};

use super::fixtures::labelled;
use crate::inventory::{Taint, TaintEffect};
use crate::model::{ImageOfList, Labels, Machine, Platform, Resources, host_ports};
use crate::schedule::*;

/// Choices, one byte each; when they are used up every choice is the first.
pub(super) struct Dice<'a>(pub(super) std::slice::Iter<'a, u8>);

impl Dice<'_> {
    pub(super) fn below(&mut self, end: u8) -> u8 {
        self.0.next().copied().unwrap_or(0) % end
    }

    fn one_in(&mut self, times: u8) -> bool {
        self.below(times) + 1 == times
    }

    fn of<'v>(&mut self, values: &[&'v str]) -> &'v str {
        values[usize::from(self.below(u8::try_from(values.len()).unwrap()))]
    }
}

/// Images by their full names, and how many MiB they take.
const IMAGES: [(&str, u64); 3] =
    [("docker.io/library/big:1", 900), ("reg.io/middle:latest", 60), ("reg.io/small:1", 5)];

/// What registries say of one of them: it is made for one machine, and for another of another system.
pub(super) fn lists() -> BTreeMap<String, Vec<ImageOfList>> {
    let image = |digest: &str, os: &str, architecture: &str| ImageOfList {
        digest: digest.to_owned(),
        platform: Some(Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: String::new(),
        }),
    };
    let list = vec![image("sha256:a", "linux", "arm64"), image("sha256:b", "windows", "amd64")];
    [("reg.io/small:1".to_owned(), list)].into()
}

/// A host that differs from others in all that filters and scores look at.
pub(super) fn host(dice: &mut Dice<'_>, number: u8) -> Candidate {
    let name = format!("node-{number}");
    let mut labels = Labels::from([("kubernetes.io/hostname".to_owned(), name.clone())]);
    if !dice.one_in(6) {
        labels.insert("zone".to_owned(), dice.of(&["a", "b", "c"]).to_owned());
    }
    if !dice.one_in(4) {
        labels.insert("rack".to_owned(), dice.of(&["1", "2", "3", "4"]).to_owned());
    }
    let taint = |dice: &mut Dice<'_>| Taint {
        key: dice.of(&["k", "l"]).to_owned(),
        value: dice.of(&["", "v"]).to_owned(),
        effect: [TaintEffect::NoSchedule, TaintEffect::PreferNoSchedule, TaintEffect::NoExecute]
            [usize::from(dice.below(3))],
    };
    let further = dice.one_in(3).then(|| ("example.com/gpu".to_owned(), 2));
    let gpus = dice.one_in(2).then(|| ("nvidia.com/gpu".to_owned(), 1 + u64::from(dice.below(3))));
    let images = IMAGES.map(|(name, megabytes)| {
        let grown = 1 + u64::from(dice.below(2));
        dice.one_in(2).then(|| (name.to_owned(), (grown * megabytes) << 20))
    });
    let pulled = dice.one_in(4).then(|| ("reg.io/small@sha256:a".to_owned(), 5 << 20));
    let machine = ["", "amd64", "arm64"][usize::from(dice.below(3))];
    let machine = (!machine.is_empty())
        .then(|| Machine { architecture: machine.to_owned(), variant: String::new() });
    let storage = dice.one_in(3).then(|| ("ephemeral-storage".to_owned(), 3));
    Candidate {
        name: name.as_str().into(),
        labels,
        taints: (0..dice.below(8).saturating_sub(5)).map(|_| taint(dice)).collect(),
        allocatable: Resources {
            cpu_milli: 500 * u64::from(dice.below(5)),
            memory_bytes: 1000 * u64::from(dice.below(5)),
            pods: 1 + u64::from(dice.below(6)),
        },
        further: further.into_iter().chain(storage).chain(gpus).collect(),
        images: images.into_iter().flatten().chain(pulled).collect(),
        machine,
        ssh_port: dice.one_in(4).then(|| {
            let spec = json!({"containers": [{"name": "sshd", "ports": [{"containerPort": 80,
                "hostPort": 80, "hostIP": dice.of(&["0.0.0.0", "10.0.0.1"])}]}]});
            let spec: PodSpec = serde_json::from_value(spec).unwrap();
            host_ports(&spec).first().copied().unwrap()
        }),
        readiness: if dice.one_in(8) { Readiness::Unreachable } else { Readiness::Ready },
    }
}

const TOPOLOGIES: [&str; 4] = ["kubernetes.io/hostname", "zone", "rack", "none"];

fn selector(dice: &mut Dice<'_>) -> Value {
    match dice.below(6) {
        0 => json!({}),
        1 => {
            json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": [dice.of(&["x", "y"])]}]})
        }
        2 => json!({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}),
        _ => json!({"matchLabels": {"app": dice.of(&["x", "y"])}}),
    }
}

fn term(dice: &mut Dice<'_>) -> Value {
    let mut term = json!({"topologyKey": dice.of(&TOPOLOGIES)});
    if !dice.one_in(8) {
        term["labelSelector"] = selector(dice);
    }
    match dice.below(6) {
        1 => term["namespaces"] = json!([dice.of(&["one", "two"])]),
        2 => term["namespaceSelector"] = json!({}),
        3 => term["namespaceSelector"] = json!({"matchLabels": {"team": "blue"}}),
        _ => {}
    }
    match dice.below(6) {
        1 => term["matchLabelKeys"] = json!(["tier"]),
        2 => term["mismatchLabelKeys"] = json!(["tier"]),
        _ => {}
    }
    term
}

fn spread(dice: &mut Dice<'_>) -> Value {
    let kind = dice.of(&["DoNotSchedule", "ScheduleAnyway"]);
    let mut constraint = json!({"maxSkew": 1 + dice.below(2), "topologyKey": dice.of(&TOPOLOGIES),
        "whenUnsatisfiable": kind, "labelSelector": selector(dice)});
    if dice.one_in(3) {
        constraint["nodeAffinityPolicy"] = json!(dice.of(&["Ignore", "Honor"]));
    }
    if dice.one_in(3) {
        constraint["nodeTaintsPolicy"] = json!(dice.of(&["Honor", "Ignore"]));
    }
    if dice.one_in(4) && kind == "DoNotSchedule" {
        constraint["minDomains"] = json!(1 + dice.below(4));
    }
    if dice.one_in(4) {
        constraint["matchLabelKeys"] = json!(["tier"]);
    }
    constraint
}

/// A pod of which few things are asked at once, so that it often fits.
pub(super) fn pod(dice: &mut Dice<'_>) -> Pod {
    let mut labels = json!({"app": dice.of(&["x", "y", "z"])});
    if dice.one_in(3) {
        labels["tier"] = json!(dice.of(&["1", "2"]));
    }
    let mut requests = json!({"cpu": format!("{}m", 250 * u64::from(dice.below(4)))});
    if dice.one_in(3) {
        requests["memory"] = json!(format!("{}", 500 * u64::from(dice.below(4))));
    }
    if dice.one_in(6) {
        requests[dice.of(&["example.com/gpu", "ephemeral-storage"])] = json!("1");
    }
    match dice.below(6) {
        0 => requests["nvidia.com/gpu"] = json!(format!("{}", 1 + dice.below(2))),
        1 => requests["bowline/gpu-milli"] = json!(dice.of(&["300", "500", "700", "1000"])),
        2 => {
            requests["nvidia.com/gpu"] = json!("1");
            requests["bowline/gpu-milli"] = json!("400");
        }
        _ => {}
    }
    let mut container = json!({"name": "c", "resources": {"requests": requests}});
    if dice.one_in(6) {
        container["ports"] = json!([{"containerPort": 80, "hostPort": 80 + u64::from(dice.below(2)),
            "hostIP": dice.of(&["0.0.0.0", "10.0.0.1", "10.0.0.2"])}]);
    }
    let names = ["big:1", "reg.io/middle", "reg.io/small:1"];
    if dice.one_in(2) {
        container["image"] = json!(dice.of(&names));
        container["imagePullPolicy"] = json!(dice.of(&["IfNotPresent", "Always"]));
    }
    let mut spec = json!({"containers": [container]});
    if dice.one_in(5) {
        spec["initContainers"] = json!([{"name": "i", "image": dice.of(&names)}]);
    }
    match dice.below(8) {
        0 => spec["nodeSelector"] = json!({"zone": dice.of(&["a", "b"])}),
        1 => spec["nodeName"] = json!(format!("node-{}", dice.below(4))),
        2 => spec["affinity"]["nodeAffinity"] = nodes(dice),
        _ => {}
    }
    if dice.one_in(3) {
        spec["tolerations"] = json!([{"key": dice.of(&["k", "l", "node.kubernetes.io/unreachable"]), "operator": dice.of(&["Exists", "Equal"])}]);
    }
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    for kind in ["podAffinity", "podAntiAffinity"] {
        if dice.one_in(4) {
            let terms: Vec<Value> = (0..=dice.below(2)).map(|_| term(dice)).collect();
            spec["affinity"][kind][required] = json!(terms);
        }
        if dice.one_in(4) {
            let wish = json!({"weight": 1 + dice.below(100), "podAffinityTerm": term(dice)});
            spec["affinity"][kind][preferred] = json!([wish]);
        }
    }
    if dice.one_in(3) {
        let all: Vec<Value> = (0..=dice.below(2)).map(|_| spread(dice)).collect();
        spec["topologySpreadConstraints"] = json!(all);
    }
    if dice.one_in(3) {
        spec["priority"] = json!(i32::from(dice.below(3)) - 1);
        spec["preemptionPolicy"] =
            json!(dice.of(&["PreemptLowerPriority", "PreemptLowerPriority", "Never"]));
    }
    if dice.one_in(3) {
        let names = ["batch", "binpack", "spread", "default-scheduler", "batch", "nobody"];
        spec["schedulerName"] = json!(dice.of(&names));
    }
    let mut pod = labelled(labels, spec);
    pod.metadata.namespace = Some(dice.of(&["one", "two"]).to_owned());
    pod
}

fn nodes(dice: &mut Dice<'_>) -> Value {
    let zone = json!({"matchExpressions": [{"key": "zone", "operator": dice.of(&["In", "NotIn"]), "values": ["a"]}]});
    let name = format!("node-{}", dice.below(4));
    let name =
        json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]});
    let terms = match dice.below(3) {
        0 => json!([zone]),
        1 => json!([name]),
        _ => json!([zone, name]),
    };
    json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms},
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1 + dice.below(9), "preference": zone}]})
}
