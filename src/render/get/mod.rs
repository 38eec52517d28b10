//! What `get` shows, column for column as kubectl does: a file a group of kinds.
//!
//! An object that is only stored has no status; its cells are those that kubectl prints before any controller has seen it.
//!
//! Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go>

use jiff::Timestamp;

use super::table::table;
use crate::model::{Kind, Object};
use crate::status::Resource;

mod access;
mod config;
mod event;
mod host;
mod network;
mod pod;
mod policy;
mod row;
mod scaling;
mod server;
mod service;
mod storage;
mod task;
mod workload;

#[cfg(test)]
mod tests;

pub(super) use host::roles;
pub(super) use pod::{ready, reason};
pub(super) use row::or_none;
use row::{Name, Row};
pub(super) use storage::modes as access_modes;
pub(super) use workload::{pairs, selector};

/// Which columns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// The usual ones.
    Narrow,
    /// More of them.
    Wide,
}

/// How objects are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// By their names.
    Plain,
    /// With a column for the namespace.
    Namespaced,
}

/// The objects of one kind as a table; `prefix` puts the kind before each name.
pub fn resource_table(
    (kind, prefix): (Kind, Option<&str>),
    objects: &[&Resource],
    (columns, names): (Columns, Names),
    now: Timestamp,
) -> String {
    let (mut header, mut rows) = (Vec::new(), Vec::new());
    for object in objects {
        let Row { name, cells } = row(object, now);
        let mut shown = Vec::new();
        if names == Names::Namespaced && kind.is_namespaced() {
            shown.push(("NAMESPACE", object.namespace().to_owned()));
        }
        let full = match prefix {
            Some(prefix) => format!("{prefix}/{}", object.name()),
            None => object.name().to_owned(),
        };
        match name {
            Name::First => shown.push(("NAME", full)),
            Name::Default => shown.push(("NAME", format!("{full} (default)"))),
            Name::Within => {}
        }
        let fits = |cell: &row::Cell| columns == Columns::Wide || cell.shown == Columns::Narrow;
        let cells = cells.into_iter().filter(fits);
        shown.extend(cells.map(|cell| (cell.title, cell.text)));
        // Every object of a kind has the same titles.
        header = shown.iter().map(|(title, _)| *title).collect();
        rows.push(shown.into_iter().map(|(_, text)| text).collect());
    }
    table(&header, &rows)
}

fn row(resource: &Resource, now: Timestamp) -> Row {
    match resource {
        Resource::Pod(pod) => pod::pod(pod, now),
        Resource::Deployment(deployment) => workload::deployment(deployment, now),
        Resource::Service(service) => service::service(service, now),
        Resource::Node(node) => host::node(node, now),
        Resource::Namespace(namespace) => config::namespace(namespace, now),
        Resource::Claim(claim, _) => storage::claim(claim, now),
        Resource::Stored(object) => stored(object, now),
    }
}

fn stored(object: &Object, now: Timestamp) -> Row {
    match object {
        Object::Pod(pod) => pod::pod(pod, now),
        Object::Service(service) => service::service(service, now),
        Object::Deployment(deployment) => workload::deployment(deployment, now),
        Object::ConfigMap(map) => config::config_map(map, now),
        Object::Namespace(namespace) => config::namespace(namespace, now),
        Object::ReplicaSet(set) => workload::replica_set(set, now),
        Object::ReplicationController(it) => workload::replication_controller(it, now),
        Object::StatefulSet(set) => workload::stateful_set(set, now),
        Object::DaemonSet(set) => workload::daemon_set(set, now),
        Object::Job(job) => task::job(job, now),
        Object::CronJob(job) => task::cron_job(job, now),
        Object::Endpoints(endpoints) => network::endpoints(endpoints, now),
        Object::EndpointSlice(slice) => network::endpoint_slice(slice, now),
        Object::Ingress(ingress) => network::ingress(ingress, now),
        Object::IngressClass(class) => network::ingress_class(class, now),
        Object::Secret(secret) => config::secret(secret, now),
        Object::PersistentVolume(volume) => storage::volume(volume, now),
        Object::PersistentVolumeClaim(claim) => storage::claim(claim, now),
        Object::StorageClass(class) => storage::class(class, now),
        Object::NetworkPolicy(policy) => network::network_policy(policy, now),
        Object::HorizontalPodAutoscaler(scaler) => scaling::autoscaler(scaler, now),
        Object::PodDisruptionBudget(budget) => policy::disruption_budget(budget, now),
        Object::PriorityClass(class) => policy::priority_class(class, now),
        Object::ResourceQuota(quota) => policy::resource_quota(quota, now),
        Object::LimitRange(range) => Row::default().created(&range.metadata),
        Object::ServiceAccount(account) => access::service_account(account, now),
        Object::RuntimeClass(class) => host::runtime_class(class, now),
        Object::Event(event) => event::event(event, now),
        Object::Role(role) => Row::default().created(&role.metadata),
        Object::RoleBinding(binding) => access::role_binding(binding, now),
        Object::ClusterRole(role) => Row::default().created(&role.metadata),
        Object::ClusterRoleBinding(binding) => access::cluster_role_binding(binding, now),
        Object::MutatingWebhookConfiguration(it) => server::mutating_webhooks(it, now),
        Object::ValidatingWebhookConfiguration(it) => server::validating_webhooks(it, now),
        Object::MutatingAdmissionPolicy(it) => server::mutating_policy(it, now),
        Object::MutatingAdmissionPolicyBinding(it) => server::mutating_binding(it, now),
        Object::ValidatingAdmissionPolicy(it) => server::validating_policy(it, now),
        Object::ValidatingAdmissionPolicyBinding(it) => server::validating_binding(it, now),
        Object::CustomResourceDefinition(it) => Row::default().created(&it.metadata),
        Object::APIService(service) => server::api_service(service, now),
        Object::FlowSchema(schema) => server::flow_schema(schema, now),
        Object::PriorityLevelConfiguration(level) => server::priority_level(level, now),
    }
}
