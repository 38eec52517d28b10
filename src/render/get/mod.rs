//! What `get` shows, column for column as kubectl does.

use jiff::Timestamp;

use super::age::age;
use super::table::table;
use crate::model::{Kind, Object};
use crate::status::Resource;

mod pod;
mod workload;

#[cfg(test)]
mod tests;

pub(super) use pod::{ready, reason};
pub(super) use workload::{pairs, roles, selector};

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
    let mut header = Vec::new();
    if names == Names::Namespaced && kind.is_namespaced() {
        header.push("NAMESPACE");
    }
    header.push("NAME");
    header.extend(titles(kind, Columns::Narrow));
    if columns == Columns::Wide {
        header.extend(titles(kind, Columns::Wide));
    }
    let rows = objects.iter().map(|object| {
        let mut row = Vec::new();
        if names == Names::Namespaced && kind.is_namespaced() {
            row.push(object.namespace().to_owned());
        }
        row.push(match prefix {
            Some(prefix) => format!("{prefix}/{}", object.name()),
            None => object.name().to_owned(),
        });
        let (narrow, wide) = cells(object, now);
        row.extend(narrow);
        if columns == Columns::Wide {
            row.extend(wide);
        }
        row
    });
    table(&header, &rows.collect::<Vec<_>>())
}

/// The columns after the name: the usual ones, or those that are shown in addition.
fn titles(kind: Kind, columns: Columns) -> &'static [&'static str] {
    match (kind, columns) {
        (Kind::Pod, Columns::Narrow) => &["READY", "STATUS", "RESTARTS", "AGE"],
        (Kind::Pod, Columns::Wide) => &["IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
        (Kind::Deployment, Columns::Narrow) => &["READY", "UP-TO-DATE", "AVAILABLE", "AGE"],
        (Kind::Deployment, Columns::Wide) => &["CONTAINERS", "IMAGES", "SELECTOR"],
        (Kind::Service, Columns::Narrow) => {
            &["TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
        }
        (Kind::Service, Columns::Wide) => &["SELECTOR"],
        (Kind::Node, Columns::Narrow) => &["STATUS", "ROLES", "AGE", "VERSION"],
        (Kind::Node, Columns::Wide) => {
            &["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"]
        }
        (Kind::ConfigMap, Columns::Narrow) => &["DATA", "AGE"],
        (Kind::Namespace, Columns::Narrow) => &["STATUS", "AGE"],
        (_, Columns::Narrow) => &["AGE"],
        (_, Columns::Wide) => &[],
    }
}

/// The cells after the name, in the order of [`titles`].
fn cells(object: &Resource, now: Timestamp) -> (Vec<String>, Vec<String>) {
    let age = age(object.metadata().creation_timestamp.as_ref(), now);
    match object {
        Resource::Pod(object) => (pod::narrow(object, now, age), pod::wide(object)),
        Resource::Deployment(object) => {
            (workload::deployment(object, age), workload::deployment_wide(object))
        }
        Resource::Service(object) => {
            (workload::service(object, age), workload::service_wide(object))
        }
        Resource::Node(object) => (workload::node(object, age), workload::node_wide(object)),
        Resource::Stored(Object::ConfigMap(object)) => {
            (vec![workload::entries(object).to_string(), age], Vec::new())
        }
        Resource::Stored(_) => (vec![age], Vec::new()),
        Resource::Namespace(object) => {
            let phase = object.status.as_ref().and_then(|status| status.phase.clone());
            (vec![phase.unwrap_or_default(), age], Vec::new())
        }
    }
}

/// A cell that kubectl prints `<none>` in when there is nothing to say.
pub(super) fn or_none(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "<none>".to_owned())
}
