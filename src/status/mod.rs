//! The fleet as Kubernetes words it: stored objects and what hosts reported, joined into objects with a status.
//!
//! How they are shown is not known here (`render`), and neither is how hosts are asked (`observe`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace, NamespaceStatus, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use crate::bindings::Bindings;
use crate::desired::Desired;
use crate::events::Event;
use crate::inventory::Inventory;
use crate::model::{Kind, Object, ObjectKey, PodKey};
use crate::observed::Observed;
use crate::plan::{Pending, Placing, PlanInput, Subject, placing, plan};

mod budget;
mod container;
mod deployment;
mod event;
mod images;
mod node;
mod pod;
mod quota;
mod resource;
mod storage;
mod trouble;
mod unwell;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use deployment::PROGRESSING;
pub use images::{AskedImages, IdleImage, ImageRow};
pub use resource::Resource;

/// The namespace of objects that name none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// The fleet at one moment.
#[derive(Clone, Debug)]
pub struct Fleet<'a> {
    inventory: Cow<'a, Inventory>,
    desired: &'a Desired,
    bindings: &'a Bindings,
    observed: &'a Observed,
    now: Timestamp,
    /// What a plan made now would leave waiting, and how many pods it would have named for each owner.
    waiting: (Vec<Pending>, BTreeMap<ObjectKey, u64>),
    events: Vec<Event>,
}

impl<'a> Fleet<'a> {
    /// Joins what is stored with what hosts reported.
    ///
    /// A host of the inventory that `observed` has no entry for was not asked; as long as there is one, nothing is said of
    /// pods that no host can take.
    pub fn new(
        inventory: &'a Inventory,
        (desired, bindings): (&'a Desired, &'a Bindings),
        observed: &'a Observed,
        now: Timestamp,
    ) -> Self {
        let inventory = inventory.with_records(&desired.hosts);
        let all = inventory.hosts.keys().all(|node| observed.hosts.contains_key(node));
        let waiting = if all {
            let object_changes = &[];
            let input = PlanInput {
                inventory: &inventory,
                desired,
                object_changes,
                observed,
                bindings,
                now,
            };
            let plan = plan(&input);
            (plan.report.pending, plan.target.named)
        } else {
            (Vec::new(), BTreeMap::new())
        };
        Self { inventory, desired, bindings, observed, now, waiting, events: Vec::new() }
    }

    /// The same, with what is remembered of what happened, the latest last, and what hosts tell themselves.
    #[must_use]
    pub fn with_events(mut self, events: Vec<Event>) -> Self {
        self.events = events;
        self.events.extend(self.probed());
        self.events.sort_by(|one, other| (one.last, &one.what).cmp(&(other.last, &other.what)));
        self
    }

    /// What is remembered of what happened, the latest last.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// When this is.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How every host stands to a pod that is bound or waits; `None` as well where not every host was asked.
    pub fn placing(&self, pod: &PodKey) -> Option<Placing> {
        let Self { desired, bindings, observed, now, .. } = *self;
        let inventory = &*self.inventory;
        if !inventory.hosts.keys().all(|node| observed.hosts.contains_key(node)) {
            return None;
        }
        let object_changes = &[];
        let input = PlanInput { inventory, desired, object_changes, observed, bindings, now };
        placing(&input, &Subject { kind: Some(Kind::Pod), name: pod.clone() })
    }

    /// Every object of a kind, in order of namespace and name.
    pub fn list(&self, kind: Kind) -> Vec<Resource> {
        match kind {
            Kind::Pod => self.pods().into_iter().map(|pod| Resource::Pod(Box::new(pod))).collect(),
            Kind::Deployment => self.deployments(),
            Kind::Service => self.services(),
            Kind::Node => self.nodes(),
            Kind::Namespace => self.namespaces(),
            Kind::PodDisruptionBudget => self.budgets(),
            Kind::PersistentVolume => storage::volumes(self.desired),
            Kind::PersistentVolumeClaim => storage::claims(self.desired),
            Kind::ResourceQuota => self.quotas(),
            Kind::StorageClass => {
                self.stored(kind).into_iter().chain(storage::built_in(self.desired)).collect()
            }
            Kind::Event => {
                let told = self.events.iter().map(|event| Resource::Stored(event::object(event)));
                self.stored(kind).into_iter().chain(told).collect()
            }
            stored => self.stored(stored),
        }
    }

    /// What a plan made now would say of an object that has to wait.
    fn waits(&self, object: &ObjectKey) -> Option<&Pending> {
        self.waiting.0.iter().find(|pending| pending.object == *object)
    }

    /// Everything that it would say.
    fn all_waits<'s>(&'s self, object: &'s ObjectKey) -> impl Iterator<Item = &'s Pending> {
        self.waiting.0.iter().filter(move |pending| pending.object == *object)
    }

    fn stored(&self, kind: Kind) -> Vec<Resource> {
        let objects = self.desired.objects.values().map(|stored| &stored.object);
        objects.filter(|object| object.kind() == kind).cloned().map(Resource::Stored).collect()
    }

    fn services(&self) -> Vec<Resource> {
        let services = self.desired.services();
        services.map(|(key, service)| Resource::Service(self.service(key, service))).collect()
    }

    fn service(&self, key: &ObjectKey, service: &Service) -> Box<Service> {
        let mut service = Box::new(service.clone());
        let spec = service.spec.get_or_insert_default();
        spec.type_.get_or_insert_with(|| "ClusterIP".to_owned());
        if let Some(address) = self.bindings.services.get(key) {
            spec.cluster_ip = Some(address.to_string());
            spec.cluster_ips = Some(vec![address.to_string()]);
        }
        service
    }

    /// The declared namespaces, `default`, and those that objects name without declaring them.
    fn namespaces(&self) -> Vec<Resource> {
        let mut all: BTreeMap<String, Namespace> = BTreeMap::new();
        let used = self.desired.objects.keys().map(|key| key.namespace.as_str());
        for name in used.chain([DEFAULT_NAMESPACE]).filter(|name| !name.is_empty()) {
            let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
            all.insert(name.to_owned(), Namespace { metadata, ..Namespace::default() });
        }
        for stored in self.desired.objects.values() {
            if let Object::Namespace(namespace) = &stored.object {
                all.insert(stored.object.name().to_owned(), (**namespace).clone());
            }
        }
        let active = |mut namespace: Namespace| {
            let phase = Some("Active".to_owned());
            namespace.status = Some(NamespaceStatus { phase, ..NamespaceStatus::default() });
            Resource::Namespace(Box::new(namespace))
        };
        all.into_values().map(active).collect()
    }
}

fn time(at: Option<Timestamp>) -> Option<Time> {
    at.map(Time)
}
