//! References between objects: what a manifest names must be in the same source or in what is stored.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::PodSpec;

use crate::controller::{ConfigError, resolve_config};
use crate::desired::{Desired, Stored};
use crate::document::{Finding, Severity};
use crate::inventory::Inventory;
use crate::manifest::ReadObject;
use crate::model::{Object, ObjectKey};

/// Finds references that lead nowhere, each labelled in the text that it stands in. Without an inventory, what depends on
/// the fleet's own ranges is not asked.
pub fn check_references(
    read: &[ReadObject],
    stored: &Desired,
    inventory: Option<&Inventory>,
) -> Vec<Finding> {
    let mut all = stored.clone();
    for read in read {
        all.objects.insert(read.object.key(), Stored::new(read.object.clone()));
    }
    let mut findings = Vec::new();
    let mut addresses = BTreeSet::new();
    for read in read {
        findings.extend(namespace(read, &all));
        match &read.object {
            Object::Pod(pod) => findings.extend(config(read, &all, pod.spec.as_ref(), "spec")),
            Object::Deployment(deployment) => {
                let spec = deployment.spec.template.spec.as_ref();
                findings.extend(config(read, &all, spec, "spec.template.spec"));
            }
            Object::Service(_) => findings.extend(
                inventory.and_then(|inventory| cluster_ip(read, inventory, &mut addresses)),
            ),
            _ => {}
        }
    }
    findings
}

/// A namespace must exist before anything is in it; `default` always does.
fn namespace(read: &ReadObject, all: &Desired) -> Option<Finding> {
    let name = read.object.namespace();
    let there = all.objects.contains_key(&ObjectKey::new("Namespace", "", name));
    if name.is_empty() || name == "default" || there {
        return None;
    }
    let message = format!("namespaces \"{name}\" not found");
    let finding = read.finding(Severity::Error, "namespace-missing", "metadata.namespace", message);
    let help =
        format!("add a manifest: {{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
    Some(finding.with_label("no such namespace").with_help(help))
}

/// A ConfigMap that pods cannot start without.
fn config(read: &ReadObject, all: &Desired, spec: Option<&PodSpec>, path: &str) -> Option<Finding> {
    let error = resolve_config(all, read.object.namespace(), spec?).err()?;
    let code = match error {
        ConfigError::Missing { .. } => "configmap-missing",
        ConfigError::Key { .. } => "configmap-key-missing",
    };
    let finding = read.finding(Severity::Warning, code, path, error.to_string());
    Some(finding.with_help("its pods wait until the ConfigMap is there"))
}

/// An address that a Service asks for must be one of the Services' range, and nobody else's.
fn cluster_ip(
    read: &ReadObject,
    inventory: &Inventory,
    seen: &mut BTreeSet<Ipv4Addr>,
) -> Option<Finding> {
    let Object::Service(service) = &read.object else { return None };
    let text = service.spec.as_ref()?.cluster_ip.as_deref()?;
    let address: Ipv4Addr = text.parse().ok()?;
    let range = inventory.network.service_cidr;
    let message = if !range.contains(address) {
        format!("{address} is not in the Services' range {range}")
    } else if !seen.insert(address) {
        format!("{address} is asked for by two Services")
    } else {
        return None;
    };
    Some(read.finding(Severity::Error, "cluster-ip", "spec.clusterIP", message))
}
