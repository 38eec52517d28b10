//! What objects count for, by the names that quotas bound.
//!
//! Source: `pkg/quota/v1/evaluator/core` of Kubernetes.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PodSpec, Service};

use super::resources::{Amounts, Asked, read};
use crate::model::{Amount, Kind, Object, storage_class, whole_resources};

/// The amounts that must be said of every container where a quota bounds them: of these alone Kubernetes asks it.
const MUST_BE_SAID: [&str; 6] =
    ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/// Whether a pod still takes what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It does.
    Lasting,
    /// It has ended: it is there and takes nothing.
    Over,
}

/// What a pod counts for.
pub(super) fn of_pod(spec: &PodSpec, life: Life) -> Amounts {
    let mut usage = counted(Kind::Pod);
    if life == Life::Lasting {
        usage.extend(named(&Asked::by_pod(spec).with_overhead(spec)));
        usage.insert("pods".to_owned(), Amount::ONE);
    }
    usage
}

/// What any other object counts for, where claims that name no storage class have the one of this name.
pub(super) fn of_object(object: &Object, default_class: &str) -> Amounts {
    let kind = object.kind();
    let mut usage = counted(kind);
    match object {
        Object::Service(service) => usage.extend(of_service(service)),
        Object::PersistentVolumeClaim(claim) => usage.extend(of_claim(claim, default_class)),
        _ => {}
    }
    let by_its_own_name = matches!(
        kind,
        Kind::ConfigMap
            | Kind::PersistentVolumeClaim
            | Kind::ReplicationController
            | Kind::ResourceQuota
            | Kind::Secret
            | Kind::Service
    );
    if by_its_own_name {
        usage.insert(kind.word().to_owned(), Amount::ONE);
    }
    usage
}

fn counted(kind: Kind) -> Amounts {
    Amounts::from([(format!("count/{}", kind.plural()), Amount::ONE)])
}

fn whole(number: usize) -> Amount {
    Amount::ONE.times(number as u64)
}

fn of_service(service: &Service) -> Amounts {
    let mut usage = Amounts::new();
    let Some(spec) = &service.spec else { return usage };
    let ports = spec.ports.as_deref().unwrap_or_default();
    let open = match spec.type_.as_deref() {
        Some("NodePort") => ports.len(),
        Some("LoadBalancer") => {
            usage.insert("services.loadbalancers".to_owned(), Amount::ONE);
            match spec.allocate_load_balancer_node_ports {
                Some(false) => ports.iter().filter(|port| port.node_port.is_some()).count(),
                Some(true) | None => ports.len(),
            }
        }
        _ => 0,
    };
    if open > 0 {
        usage.insert("services.nodeports".to_owned(), whole(open));
    }
    usage
}

fn of_claim(claim: &PersistentVolumeClaim, default_class: &str) -> Amounts {
    let spec = claim.spec.as_ref();
    let requests = spec.and_then(|spec| spec.resources.as_ref()?.requests.as_ref());
    let storage = read(requests).remove("storage");
    let mut usage = Amounts::new();
    usage.extend(storage.map(|storage| ("requests.storage".to_owned(), storage)));
    let field = spec.and_then(|spec| spec.storage_class_name.as_deref());
    let class = storage_class(&claim.metadata, field).unwrap_or(default_class);
    if !class.is_empty() {
        let of_class = |what: &str| format!("{class}.storageclass.storage.k8s.io/{what}");
        usage.insert(of_class("persistentvolumeclaims"), Amount::ONE);
        usage.extend(storage.map(|storage| (of_class("requests.storage"), storage)));
    }
    usage
}

/// The amounts by the names that quotas have for them.
fn named(asked: &Asked) -> Amounts {
    let mut usage = Amounts::new();
    for (name, amount) in &asked.requests {
        let plain = ["cpu", "memory", "ephemeral-storage"].contains(&name.as_str())
            || name.starts_with("hugepages-");
        if plain {
            usage.insert(name.clone(), *amount);
        }
        usage.insert(format!("requests.{name}"), *amount);
    }
    for name in ["cpu", "memory", "ephemeral-storage"] {
        if let Some(amount) = asked.limits.get(name) {
            usage.insert(format!("limits.{name}"), *amount);
        }
    }
    usage
}

/// What containers do not say and would have to, where a quota bounds these: `must specify limits.cpu for: a,b`. Of a pod that says
/// anything as a whole, nothing is asked.
pub(super) fn unsaid(spec: &PodSpec, hard: &Amounts) -> Option<String> {
    if whole_resources(spec).is_some() {
        return None;
    }
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let said: Vec<(&str, Amounts)> = containers
        .map(|container| (container.name.as_str(), named(&Asked::by_container(container))))
        .collect();
    let asked = MUST_BE_SAID.iter().filter(|name| hard.contains_key(**name));
    let missing = asked.filter_map(|name| {
        let silent = said.iter().filter(|(_, said)| !said.contains_key(*name));
        let mut silent: Vec<&str> = silent.map(|(container, _)| *container).collect();
        silent.sort_unstable();
        (!silent.is_empty()).then(|| format!("{name} for: {}", silent.join(",")))
    });
    let missing: Vec<String> = missing.collect();
    (!missing.is_empty()).then(|| format!("must specify {}", missing.join("; ")))
}
