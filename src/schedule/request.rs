//! What a pod asks of a host.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PodSpec, Toleration};

use super::Rejection;
use crate::model::{
    HostPort, NodeName, ObjectKey, QuantityError, Resources, container_request, host_ports,
    parse_quantity_bytes, parse_quantity_milli,
};

/// A pod that is to be placed.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What the pod's containers ask for, and one pod.
    pub resources: Resources,
    /// The ports of the host that it asks for.
    pub ports: BTreeSet<HostPort>,
    /// The pod's specification, for its selector.
    pub spec: &'a PodSpec,
    /// The pod's tolerations.
    pub tolerations: &'a [Toleration],
    /// What the pod was made for; its pods are spread.
    pub owner: Option<ObjectKey>,
    /// The hosts that its volumes keep it from.
    pub volumes: BTreeMap<NodeName, Rejection>,
}

impl<'a> Request<'a> {
    /// Reads a pod's specification.
    pub fn of(spec: &'a PodSpec, owner: Option<ObjectKey>) -> Self {
        Self {
            resources: pod_resources(spec),
            ports: host_ports(spec),
            spec,
            tolerations: spec.tolerations.as_deref().unwrap_or_default(),
            owner,
            volumes: BTreeMap::new(),
        }
    }

    /// The same of a pod whose volumes keep it from these hosts.
    #[must_use]
    pub fn kept_from(self, volumes: BTreeMap<NodeName, Rejection>) -> Self {
        Self { volumes, ..self }
    }
}

/// What a pod requests: as a whole where it says so, else what its containers do together, those that prepare it too; what it
/// costs besides; and the pod itself.
///
/// A quantity that cannot be read counts as nothing: the manifest reader has refused it before.
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
pub fn pod_resources(spec: &PodSpec) -> Resources {
    let whole = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let asked = |name: &str| {
        let of_pod = whole.and_then(|whole| whole.get(name)).map(|quantity| quantity.0.clone());
        let asked = of_pod.or_else(|| Some(container_request(spec, name)?.to_string()));
        let over = spec.overhead.as_ref().and_then(|over| over.get(name));
        [asked, over.map(|quantity| quantity.0.clone())].into_iter().flatten()
    };
    let sum = |name: &str, read: fn(&str) -> Result<u64, QuantityError>| {
        asked(name).filter_map(|text| read(&text).ok()).fold(0, u64::saturating_add)
    };
    Resources {
        cpu_milli: sum("cpu", parse_quantity_milli),
        memory_bytes: sum("memory", parse_quantity_bytes),
        pods: 1,
    }
}
