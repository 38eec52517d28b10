//! What people say of hosts by command.

use serde_json::{Value, json};

use super::{Desired, FieldChange, ObjectAction, ObjectChange};
use crate::document::join;
use crate::inventory::{Admission, Host, HostRecord, Inventory};
use crate::model::{Labels, ObjectKey};

impl Desired {
    /// Says of hosts what people want them to be from now on. Hosts that the inventory does not have are passed over.
    #[must_use]
    pub fn with_hosts(&self, inventory: &Inventory, wanted: &[Host]) -> (Self, Vec<ObjectChange>) {
        let before = inventory.with_records(&self.hosts);
        let mut next = self.clone();
        let mut changes = Vec::new();
        for host in wanted {
            let Some(said) = inventory.hosts.get(&host.name) else { continue };
            let record = HostRecord::between(said, host);
            if record.is_empty() {
                next.hosts.remove(&host.name);
            } else {
                next.hosts.insert(host.name.clone(), record);
            }
            let fields = before.hosts.get(&host.name).map(|before| differences(before, host));
            if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
                let key = ObjectKey::new("Node", "", host.name.as_str());
                changes.push(ObjectChange { key, action: ObjectAction::Update(fields) });
            }
        }
        (next, changes)
    }
}

/// The fields of its Node in which a host differs.
fn differences(before: &Host, after: &Host) -> Vec<FieldChange> {
    let mut all = maps("metadata.annotations", &before.annotations, &after.annotations);
    all.extend(maps("metadata.labels", &before.labels, &after.labels));
    let taints = |host: &Host| {
        let taints = host.taints.iter();
        taints.map(|t| (format!("{}:{}", t.key, t.effect), t.value.clone())).collect::<Labels>()
    };
    all.extend(maps("spec.taints", &taints(before), &taints(after)));
    let cordoned = |host: &Host| match host.admission {
        Admission::Open => None,
        Admission::Cordoned => Some(json!(true)),
    };
    if cordoned(before) != cordoned(after) {
        let path = "spec.unschedulable".to_owned();
        all.push(FieldChange { path, before: cordoned(before), after: cordoned(after) });
    }
    all
}

fn maps(path: &str, before: &Labels, after: &Labels) -> Vec<FieldChange> {
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let differing = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let value = |map: &Labels, key: &String| map.get(key).cloned().map(Value::from);
    differing
        .map(|key| FieldChange {
            path: join(path, key),
            before: value(before, key),
            after: value(after, key),
        })
        .collect()
}
