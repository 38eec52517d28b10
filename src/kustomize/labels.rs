//! Labels and annotations for all objects of a kustomization.
//!
//! Source: the field specs in `api/internal/konfig/builtinpluginconsts` of kustomize 5.5.

use crate::document::{Placed, join};

use super::fields::{Absent, Field, text_at};
use super::file::File;
use super::resource::Resource;
use super::spec::FieldSpec;

/// Where labels go besides an object's own: into the templates of pods and what stands around them.
const TEMPLATES: [Row; 9] = [
    ("", "v1", "ReplicationController", "spec/template/metadata/labels"),
    ("", "", "Deployment", "spec/template/metadata/labels"),
    ("", "", "ReplicaSet", "spec/template/metadata/labels"),
    ("", "", "DaemonSet", "spec/template/metadata/labels"),
    ("apps", "", "StatefulSet", "spec/template/metadata/labels"),
    ("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels"),
    ("batch", "", "Job", "spec/template/metadata/labels"),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/labels"),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels"),
];

/// Where annotations go besides an object's own.
const ANNOTATED: [Row; 8] = [
    ("", "v1", "ReplicationController", "spec/template/metadata/annotations"),
    ("", "", "Deployment", "spec/template/metadata/annotations"),
    ("", "", "ReplicaSet", "spec/template/metadata/annotations"),
    ("", "", "DaemonSet", "spec/template/metadata/annotations"),
    ("", "", "StatefulSet", "spec/template/metadata/annotations"),
    ("batch", "", "Job", "spec/template/metadata/annotations"),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/annotations"),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations"),
];

/// The selectors that labels go into, made where they are missing.
const SELECTORS: [Row; 6] = [
    ("", "v1", "Service", "spec/selector"),
    ("", "v1", "ReplicationController", "spec/selector"),
    ("", "", "Deployment", "spec/selector/matchLabels"),
    ("", "", "ReplicaSet", "spec/selector/matchLabels"),
    ("", "", "DaemonSet", "spec/selector/matchLabels"),
    ("apps", "", "StatefulSet", "spec/selector/matchLabels"),
];

/// The selectors that labels go into where there are any.
const SELECTORS_THERE: [(&str, &str, &str); 6] = [
    ("batch", "Job", "spec/selector/matchLabels"),
    ("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
    ("policy", "PodDisruptionBudget", "spec/selector/matchLabels"),
    ("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels"),
    ("networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels"),
    ("networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels"),
];

/// The selectors of pods about their neighbours, in Deployments and `StatefulSets`.
const NEIGHBOURS: [&str; 5] = [
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
];

const OWN_LABELS: Field<'_> =
    Field { group: "", version: "", kind: "", path: "metadata/labels", absent: Absent::Made };

const OWN_ANNOTATIONS: Field<'_> = Field { path: "metadata/annotations", ..OWN_LABELS };

/// Group, version and kind of objects, and a path in them.
type Row = (&'static str, &'static str, &'static str, &'static str);

fn made(table: &'static [Row]) -> impl Iterator<Item = Field<'static>> {
    table.iter().map(|(group, version, kind, path)| Field {
        group,
        version,
        kind,
        path,
        absent: Absent::Made,
    })
}

/// The selectors as well as the templates.
fn selectors() -> impl Iterator<Item = Field<'static>> {
    let left = |group, kind, path| Field { group, version: "", kind, path, absent: Absent::Left };
    let there = SELECTORS_THERE.iter().map(move |(group, kind, path)| left(group, kind, path));
    let neighbours = ["Deployment", "StatefulSet"]
        .into_iter()
        .flat_map(move |kind| NEIGHBOURS.iter().map(move |path| left("apps", kind, path)));
    made(&SELECTORS).chain(there).chain(neighbours)
}

/// Adds the labels that a kustomization asks for.
pub(super) fn add_labels(file: &File, resources: &mut [Resource]) {
    for (index, label) in file.spec.labels.iter().enumerate() {
        let path = format!("labels[{index}].pairs");
        let mut fields: Vec<Field<'_>> = vec![OWN_LABELS];
        if label.include_selectors {
            selectors().for_each(|field| fields.push(field));
        }
        if label.include_selectors || label.include_templates {
            made(&TEMPLATES).for_each(|field| fields.push(field));
        }
        for spec in &label.fields {
            let absent = if spec.create { Absent::Made } else { Absent::Left };
            let FieldSpec { group, version, kind, path, .. } = spec;
            fields.push(Field { group, version, kind, path, absent });
        }
        Pairs { file, path, map: &label.pairs }.add(&fields, resources);
    }
    let fields: Vec<Field<'_>> =
        [OWN_LABELS].into_iter().chain(selectors()).chain(made(&TEMPLATES)).collect();
    let path = "commonLabels".to_owned();
    Pairs { file, path, map: &file.spec.common_labels }.add(&fields, resources);
}

/// Adds the annotations that a kustomization asks for.
pub(super) fn add_annotations(file: &File, resources: &mut [Resource]) {
    let fields: Vec<Field<'_>> = [OWN_ANNOTATIONS].into_iter().chain(made(&ANNOTATED)).collect();
    let path = "commonAnnotations".to_owned();
    Pairs { file, path, map: &file.spec.common_annotations }.add(&fields, resources);
}

/// Keys and values, and where they stand in the kustomization.
struct Pairs<'p> {
    file: &'p File,
    path: String,
    map: &'p std::collections::BTreeMap<String, String>,
}

impl Pairs<'_> {
    fn add(&self, fields: &[Field<'_>], resources: &mut [Resource]) {
        if self.map.is_empty() {
            return;
        }
        let made = Placed::mapping(Some(self.file.place(&self.path)));
        let placed = |(key, value): (&String, &String)| {
            let place = self.file.place(&join(&self.path, key));
            (key.clone(), text_at(value, &place))
        };
        let placed: Vec<(String, Placed)> = self.map.iter().map(placed).collect();
        for resource in resources {
            for field in fields {
                field.visit(resource, &made, &mut |mapping| {
                    for (key, value) in &placed {
                        mapping.set(key, value.place.clone(), value.clone());
                    }
                });
            }
        }
    }
}
