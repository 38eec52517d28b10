//! What a pod and its containers may use, as the kubelet computes the settings of their cgroups.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>, and `pkg/kubelet/cm` and
//! `pkg/kubelet/qos` of Kubernetes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{
    QosClass, container_request, parse_quantity_bytes, parse_quantity_milli, qos_class,
};
use crate::observed::{Facts, OomScore};
use crate::plan::sandbox::PodLimits;
use crate::plan::to_run::ResourcesToSet;

/// The weight of a whole CPU.
const SHARES: u64 = 1024;
/// The least weight that the kernel takes.
const SHARES_MIN: u64 = 2;

/// Pods whose end would harm their host; the kubelet keeps them as it keeps what is guaranteed.
const CRITICAL: [&str; 2] = ["system-node-critical", "system-cluster-critical"];

/// The settings of a container's cgroup. `host` is what is known of its host.
pub(super) fn resources(
    spec: &PodSpec,
    container: &Container,
    host: Option<&Facts>,
) -> ResourcesToSet {
    let said = container.resources.as_ref();
    let limit = |name, read| amount(said.and_then(|said| said.limits.as_ref()), name, read);
    let request = amount(said.and_then(|said| said.requests.as_ref()), "cpu", milli);
    let cpu = limit("cpu", milli).filter(|milli| *milli > 0);
    ResourcesToSet {
        cpu_shares: shares(request.or(cpu).unwrap_or(0)),
        cpu_limit_milli: cpu,
        memory_limit_bytes: limit("memory", bytes).filter(|bytes| *bytes > 0),
        oom_score: host.and_then(|facts| oom_score(spec, container, facts)),
    }
}

/// What holds for all containers of a pod together: only where the pod says something as a whole, since podman then has to
/// make the pod before its first container.
pub(super) fn pod_limits(spec: &PodSpec) -> PodLimits {
    let whole = spec.resources.as_ref();
    if whole.is_none() && spec.overhead.is_none() {
        return PodLimits::default();
    }
    let over = |name: &str, read: Read| amount(spec.overhead.as_ref(), name, read).unwrap_or(0);
    let limit = |name: &str, read: Read| -> Option<u64> {
        let of_pod = amount(whole.and_then(|whole| whole.limits.as_ref()), name, read);
        let each = spec.containers.iter().map(|container| of_container(container, name, read));
        let sum = each.sum::<Option<u64>>().filter(|sum| *sum > 0);
        Some(of_pod.or(sum)? + over(name, read))
    };
    let asked = container_request(spec, "cpu").map(|amount| amount.to_string());
    let asked = asked.and_then(|text| parse_quantity_milli(&text).ok());
    let request = amount(whole.and_then(|whole| whole.requests.as_ref()), "cpu", milli).or(asked);
    PodLimits {
        cpu_shares: Some(shares(request.unwrap_or(0) + over("cpu", milli))),
        cpu_milli: limit("cpu", milli),
        memory_bytes: limit("memory", bytes),
    }
}

/// A container's limit; `None` where it has none, so that there is none for all of them together.
fn of_container(container: &Container, name: &str, read: Read) -> Option<u64> {
    let said: Option<&ResourceRequirements> = container.resources.as_ref();
    amount(said?.limits.as_ref(), name, read).filter(|amount| *amount > 0)
}

type Read = fn(&str) -> Option<u64>;

fn milli(text: &str) -> Option<u64> {
    parse_quantity_milli(text).ok()
}

fn bytes(text: &str) -> Option<u64> {
    parse_quantity_bytes(text).ok()
}

fn amount(amounts: Option<&BTreeMap<String, Quantity>>, name: &str, read: Read) -> Option<u64> {
    read(&amounts?.get(name)?.0)
}

fn shares(milli: u64) -> u64 {
    (milli.saturating_mul(SHARES) / 1000).max(SHARES_MIN)
}

/// Who is ended first when memory runs out: the higher, the sooner. `None` where the host may not set it.
///
/// Source: `GetContainerOOMScoreAdjust` of Kubernetes' `pkg/kubelet/qos/policy.go`.
fn oom_score(spec: &PodSpec, container: &Container, host: &Facts) -> Option<i32> {
    const KEPT: i32 = -997;
    const LEAST: i32 = 1000 + KEPT;
    let critical = spec.priority_class_name.as_deref().is_some_and(|name| CRITICAL.contains(&name));
    let score = match qos_class(spec) {
        _ if critical => KEPT,
        QosClass::Guaranteed => KEPT,
        QosClass::BestEffort => 1000,
        QosClass::Burstable => {
            let said = container.resources.as_ref().and_then(|said| said.requests.as_ref());
            let asked = amount(said, "memory", bytes).unwrap_or(0);
            let part = asked.saturating_mul(1000) / host.memory_bytes.max(1);
            1000_i32.saturating_sub(i32::try_from(part).unwrap_or(i32::MAX)).clamp(LEAST, 999)
        }
    };
    (score >= 0 || host.oom_score == OomScore::Free).then_some(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn host(oom_score: OomScore) -> Facts {
        Facts {
            cpus: 2,
            memory_bytes: 4 << 30,
            architecture: String::new(),
            variant: String::new(),
            kernel: String::new(),
            os: String::new(),
            address: None,
            oom_score,
            resolver: String::new(),
            keeper: crate::observed::Keeper::Podman,
            devices: BTreeMap::new(),
            amounts: BTreeMap::new(),
        }
    }

    fn spec(json: serde_json::Value) -> PodSpec {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn settings_are_those_of_the_kubelet() {
        let free = host(OomScore::Free);
        for (said, shares, score) in [
            (json!({}), 2, 1000),
            (json!({"limits": {"cpu": "500m"}}), 512, 999),
            (json!({"requests": {"cpu": "100m", "memory": "1Gi"}}), 102, 750),
            (json!({"requests": {"memory": "8Gi"}}), 2, 3),
            (json!({"limits": {"cpu": "1", "memory": "1Gi"}}), 1024, -997),
        ] {
            let spec = spec(json!({"containers": [{"name": "c", "resources": said}]}));
            let set = resources(&spec, &spec.containers[0], Some(&free));
            assert_eq!((set.cpu_shares, set.oom_score), (shares, Some(score)), "{said}");
        }
    }

    #[test]
    fn a_host_that_may_not_favour_anybody_is_not_asked_to() {
        let limits = json!({"limits": {"cpu": "1", "memory": "1Gi"}});
        let spec = spec(json!({"containers": [{"name": "c", "resources": limits}]}));
        let set = resources(&spec, &spec.containers[0], Some(&host(OomScore::OnlyHigher)));
        assert_eq!(set.oom_score, None);
    }

    #[test]
    fn overhead_comes_on_top_of_what_the_containers_may_use() {
        let limited =
            json!({"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"cpu": "500m"}});
        let overhead = json!({"cpu": "250m", "memory": "32Mi"});
        let both = spec(
            json!({"overhead": overhead, "containers": [{"name": "c", "resources": limited}]}),
        );
        let limits = pod_limits(&both);
        assert_eq!((limits.cpu_shares, limits.cpu_milli), (Some(768), Some(1250)));
        assert_eq!(limits.memory_bytes, Some(96 << 20));
        let one_without = spec(json!({"overhead": overhead, "containers": [
            {"name": "c", "resources": limited}, {"name": "d"}]}));
        assert_eq!(pod_limits(&one_without).memory_bytes, None);
    }
}
