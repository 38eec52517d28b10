//! What pods and containers ask for and may use, by name.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{Amount, container_limit, container_request};

/// Amounts by the names of resources.
pub(super) type Amounts = BTreeMap<String, Amount>;

/// Requests and limits of a container or of a pod.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) requests: Amounts,
    pub(super) limits: Amounts,
}

/// Reads amounts; one that cannot be read is left out, since the reader of manifests has refused it before.
pub(super) fn read(quantities: Option<&BTreeMap<String, Quantity>>) -> Amounts {
    let all = quantities.into_iter().flatten();
    all.filter_map(|(name, text)| Some((name.clone(), Amount::parse(&text.0).ok()?))).collect()
}

impl Asked {
    /// What one container says.
    pub(super) fn by_container(container: &Container) -> Self {
        container.resources.as_ref().map(Self::by).unwrap_or_default()
    }

    /// What a pod says as a whole.
    pub(super) fn by(resources: &ResourceRequirements) -> Self {
        Self {
            requests: read(resources.requests.as_ref()),
            limits: read(resources.limits.as_ref()),
        }
    }

    /// What a pod asks for and may use: as a whole where it says so, else what its containers do together.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
    pub(super) fn by_pod(spec: &PodSpec) -> Self {
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        let resources: Vec<_> =
            containers.filter_map(|container| container.resources.as_ref()).collect();
        let names = |list: fn(&ResourceRequirements) -> Option<&BTreeMap<String, Quantity>>| {
            let lists = resources.iter().filter_map(|resources| list(resources));
            lists.flat_map(BTreeMap::keys).cloned().collect::<BTreeSet<String>>()
        };
        let summed = |names: BTreeSet<String>, sum: fn(&PodSpec, &str) -> Option<Amount>| {
            let all = names.into_iter();
            all.filter_map(|name| sum(spec, &name).map(|amount| (name, amount))).collect()
        };
        let mut asked = Self {
            requests: summed(names(|resources| resources.requests.as_ref()), container_request),
            limits: summed(names(|resources| resources.limits.as_ref()), container_limit),
        };
        if let Some(whole) = &spec.resources {
            let whole = Self::by(whole);
            asked.requests.extend(whole.requests);
            asked.limits.extend(whole.limits);
        }
        asked
    }

    /// The same with what the pod costs besides; a limit that nobody set stays away.
    pub(super) fn with_overhead(mut self, spec: &PodSpec) -> Self {
        for (name, amount) in read(spec.overhead.as_ref()) {
            if let Some(limit) = self.limits.get_mut(&name) {
                *limit = limit.plus(amount);
            }
            let request = self.requests.entry(name).or_insert(Amount::ZERO);
            *request = request.plus(amount);
        }
        self
    }
}
