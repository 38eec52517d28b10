//! Hosts and pods for tests.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use crate::inventory::Scheduling;
use crate::model::{Labels, NodeName, ObjectKey, Resources};
use crate::schedule::*;

pub(super) fn host(name: &str) -> Candidate {
    Candidate {
        name: name.into(),
        labels: Labels::from([
            ("disk".to_owned(), "ssd".to_owned()),
            ("kubernetes.io/hostname".to_owned(), name.to_owned()),
        ]),
        taints: Vec::new(),
        allocatable: Resources { cpu_milli: 2000, memory_bytes: 1 << 30, pods: 110 },
        further: std::collections::BTreeMap::new(),
        images: std::collections::BTreeMap::new(),
        machine: None,
        ssh_port: None,
        readiness: Readiness::Ready,
    }
}

/// A host in a zone.
pub(super) fn zoned(name: &str, zone: &str) -> Candidate {
    let mut host = host(name);
    host.labels.insert("zone".to_owned(), zone.to_owned());
    host
}

pub(super) fn fleet(hosts: impl IntoIterator<Item = Candidate>) -> Fleet {
    Fleet::new(
        hosts.into_iter().collect(),
        std::collections::BTreeMap::new(),
        Scheduling::default(),
    )
}

/// A pod with labels.
pub(super) fn labelled(labels: Value, spec: Value) -> Pod {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"}});
    pod["metadata"]["labels"] = labels;
    pod["spec"] = spec;
    serde_json::from_value(pod).unwrap()
}

pub(super) fn pod(spec: Value) -> Pod {
    labelled(json!({}), spec)
}

pub(super) fn asking(cpu: &str) -> Pod {
    pod(json!({"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}))
}

pub(super) fn owner() -> ObjectKey {
    ObjectKey::new("Deployment", "default", "web")
}

/// Places a pod and counts it.
pub(super) fn place(fleet: &mut Fleet, request: &Request) -> Decision {
    let class = fleet.class(request);
    let decision = fleet.decide(class, request);
    if let Decision::Place(name) = &decision {
        let host = fleet.host(name).unwrap();
        fleet.bind(class, host);
    }
    decision
}

/// Places a pod of no owner; the host's name, or why there is none.
pub(super) fn goes(fleet: &mut Fleet, pod: &Pod) -> String {
    match place(fleet, &Request::of(pod, None)) {
        Decision::Place(name) => name.to_string(),
        Decision::Pending(why) => describe_rejections(&why),
    }
}

/// Counts a pod on a host, whether or not it fits.
pub(super) fn bind(fleet: &mut Fleet, pod: &Pod, host: &str) -> PodId {
    let class = fleet.class(&Request::of(pod, None));
    let host = fleet.host(&NodeName::from(host)).unwrap();
    fleet.bind(class, host)
}
