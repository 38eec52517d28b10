//! How many pods workloads shall have.

use crate::document::{Finding, Placed, PlacedValue, Scalar};

use super::fields::{Absent, Field};
use super::file::File;
use super::resource::Resource;

/// The kinds that `replicas` is about.
const KINDS: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];

/// Sets the number of pods of the workloads that a kustomization names.
pub(super) fn set_replicas(file: &File, resources: &mut [Resource], findings: &mut Vec<Finding>) {
    for (index, replica) in file.spec.replicas.iter().enumerate() {
        let path = format!("replicas[{index}]");
        let value =
            PlacedValue::Scalar(Scalar::Int(replica.count.into()), replica.count.to_string());
        let count = Placed { value, place: Some(file.place(&format!("{path}.count"))) };
        let mut found = false;
        for resource in &mut *resources {
            let is_meant = {
                let now = resource.id();
                let mut ids = resource.before.iter().chain([&now]);
                ids.any(|id| id.name == replica.name && KINDS.contains(&id.kind.as_str()))
            };
            if !is_meant {
                continue;
            }
            found = true;
            let absent = Absent::Made;
            let field = Field { group: "", version: "", kind: "", path: "spec/replicas", absent };
            field.visit(resource, &count, &mut |there| *there = count.clone());
        }
        if !found {
            let message = format!("no {} is called {}", KINDS.join(", "), replica.name);
            findings.push(file.refuse("kustomization-target", &format!("{path}.name"), &message));
        }
    }
}
