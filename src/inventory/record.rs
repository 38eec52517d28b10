//! What people said of hosts by command, laid over what the inventory says of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Host, Inventory, Taint, TaintEffect};
use crate::model::{Labels, NodeName};

/// The key of the taint that a cordoned host has.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-unschedulable>
pub const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Whether new pods may be placed on a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Admission {
    /// They may.
    #[default]
    Open,
    /// Somebody has cordoned the host.
    Cordoned,
}

/// What people said of a host by command.
///
/// What it says of a label or taint holds as long as the inventory says the same of it as it did then: whoever changes the
/// inventory has said something newer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRecord {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, Said>,
    /// By key and effect, in the form `key:Effect`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    taints: BTreeMap<String, Said>,
    /// The inventory has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    admission: Admission,
}

/// A value that people said, and the one of the inventory that it stands over; `None` for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    over: Option<String>,
    now: Option<String>,
}

impl HostRecord {
    /// What makes a host of the inventory the host that people want.
    pub fn between(inventory: &Host, wanted: &Host) -> Self {
        Self {
            labels: said(&inventory.labels, &wanted.labels),
            taints: said(&values(&inventory.taints), &values(&wanted.taints)),
            annotations: wanted.annotations.clone(),
            admission: wanted.admission,
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn lay_over(&self, host: &mut Host) {
        let taints = laid_over(&self.taints, values(&host.taints));
        // Those that stay keep their order.
        host.taints.retain(|taint| taints.get(&place(taint)) == Some(&taint.value));
        let there = values(&host.taints);
        for (place, value) in taints.into_iter().filter(|(place, _)| !there.contains_key(place)) {
            if let Ok(taint) = place.parse::<Taint>() {
                host.taints.push(Taint { value, ..taint });
            }
        }
        host.labels = laid_over(&self.labels, std::mem::take(&mut host.labels));
        host.annotations.clone_from(&self.annotations);
        host.admission = self.admission;
    }
}

impl Inventory {
    /// The inventory with what people said of its hosts.
    #[must_use]
    pub fn with_records(&self, records: &BTreeMap<NodeName, HostRecord>) -> Cow<'_, Self> {
        let known = |name: &&NodeName| self.hosts.contains_key(*name);
        if records.keys().find(known).is_none() {
            return Cow::Borrowed(self);
        }
        let mut all = self.clone();
        for (name, record) in records {
            if let Some(host) = all.hosts.get_mut(name) {
                record.lay_over(host);
            }
        }
        Cow::Owned(all)
    }
}

impl Host {
    /// Its taints, among them that of a cordoned host.
    pub fn standing_taints(&self) -> Vec<Taint> {
        let cordoned = Taint {
            key: UNSCHEDULABLE.to_owned(),
            value: String::new(),
            effect: TaintEffect::NoSchedule,
        };
        let cordoned = match self.admission {
            Admission::Open => None,
            Admission::Cordoned => Some(cordoned),
        };
        cordoned.into_iter().chain(self.taints.iter().cloned()).collect()
    }
}

/// What tells a taint from the others of a host.
fn place(taint: &Taint) -> String {
    format!("{}:{}", taint.key, taint.effect)
}

fn values(taints: &[Taint]) -> Labels {
    taints.iter().map(|taint| (place(taint), taint.value.clone())).collect()
}

fn said(inventory: &Labels, wanted: &Labels) -> BTreeMap<String, Said> {
    let keys = inventory.keys().chain(wanted.keys());
    let said = keys.filter_map(|key| {
        let said = Said { over: inventory.get(key).cloned(), now: wanted.get(key).cloned() };
        (said.over != said.now).then(|| (key.clone(), said))
    });
    said.collect()
}

fn laid_over(said: &BTreeMap<String, Said>, mut values: Labels) -> Labels {
    for (key, said) in said {
        if values.get(key) != said.over.as_ref() {
            continue;
        }
        match &said.now {
            Some(value) => values.insert(key.clone(), value.clone()),
            None => values.remove(key),
        };
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Source;
    use crate::inventory::{Home, parse};

    fn inventory(rest: &str) -> Inventory {
        let text = format!("fleet: lab\nhosts:\n  a:\n    address: a.example\n{rest}");
        let home = Home { inventory: "/".into(), user: None };
        parse(&Source::new("inventory.yaml", text), &home).unwrap()
    }

    fn host(inventory: &Inventory) -> &Host {
        &inventory.hosts[&NodeName::from("a")]
    }

    #[test]
    fn what_is_said_holds_until_the_inventory_says_something_else() {
        let said = "    labels: {tier: front, zone: z}\n    taints: [\"gpu=yes:NoSchedule\"]\n";
        let before = inventory(said);
        let mut wanted = host(&before).clone();
        wanted.labels.insert("tier".to_owned(), "back".to_owned());
        wanted.labels.remove("zone");
        wanted.taints = vec!["old:NoExecute".parse().unwrap()];
        wanted.admission = Admission::Cordoned;
        let record = HostRecord::between(host(&before), &wanted);
        let records = BTreeMap::from([(NodeName::from("a"), record.clone())]);
        assert_eq!(host(&before.with_records(&records)), &wanted);
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<HostRecord>(&json).unwrap(), record);
        let changed = said.replace("front", "middle").replace("gpu=yes", "gpu=no");
        let after = inventory(&changed);
        let after = after.with_records(&records);
        let after = host(&after);
        assert_eq!(
            (after.labels.get("tier"), after.labels.get("zone")),
            (Some(&"middle".to_owned()), None)
        );
        let taints: Vec<String> = after.standing_taints().iter().map(ToString::to_string).collect();
        assert_eq!(
            taints,
            ["node.kubernetes.io/unschedulable:NoSchedule", "gpu=no:NoSchedule", "old:NoExecute"]
        );
    }

    #[test]
    fn what_is_as_the_inventory_says_is_not_said_again() {
        let inventory = inventory("    labels: {tier: front}\n");
        assert!(HostRecord::between(host(&inventory), host(&inventory)).is_empty());
        let stranger = BTreeMap::from([(NodeName::from("b"), HostRecord::default())]);
        assert!(matches!(inventory.with_records(&stranger), Cow::Borrowed(_)));
    }
}
