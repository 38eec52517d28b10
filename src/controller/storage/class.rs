//! The class of a claim: the one that it names, the fleet's default, or the one that is always there.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::ground::Ground;
use crate::desired::Desired;
use crate::model::{Kind, Object, ObjectKey, storage_class};

/// The provisioner that makes directories on hosts, and the class of that name, which is there without anyone having made it.
pub const BUILT_IN: &str = "bowline.local";

/// Marks the class of claims that name none.
const DEFAULT: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

/// The class of a claim.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ClassOf {
    /// The claim wants none: a volume is made for it by people, or never.
    None,
    /// There is no class of this name; volumes of that name may be there all the same.
    Missing(String),
    /// This one.
    Known(Box<StorageClass>),
}

impl ClassOf {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::None => "",
            Self::Missing(name) => name,
            Self::Known(class) => class.metadata.name.as_deref().unwrap_or_default(),
        }
    }

    /// Whether claims are bound once it is known where their first pod runs.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::None | Self::Missing(_) => false,
            Self::Known(class) => {
                class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer")
            }
        }
    }

    /// The class, if directories on hosts are made for it.
    pub(super) fn made_here(&self) -> Option<&StorageClass> {
        match self {
            Self::Known(class) if class.provisioner == BUILT_IN => Some(class),
            Self::None | Self::Missing(_) | Self::Known(_) => None,
        }
    }
}

/// The class that is there without anyone having made it: directories on the host of the first pod.
pub fn built_in_class(desired: &Desired) -> StorageClass {
    let mark = BTreeMap::from([(DEFAULT[0].to_owned(), "true".to_owned())]);
    StorageClass {
        metadata: ObjectMeta {
            name: Some(BUILT_IN.to_owned()),
            annotations: (!has_default_class(desired)).then_some(mark),
            ..ObjectMeta::default()
        },
        provisioner: BUILT_IN.to_owned(),
        reclaim_policy: Some("Delete".to_owned()),
        volume_binding_mode: Some("WaitForFirstConsumer".to_owned()),
        allow_volume_expansion: Some(true),
        ..StorageClass::default()
    }
}

/// Whether one of the stored classes is the default.
fn has_default_class(desired: &Desired) -> bool {
    classes(desired).any(is_default)
}

/// The class of a claim; one that names none gets the default, of several the one that was made last.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1>
pub(super) fn class_of(desired: &Desired, claim: &PersistentVolumeClaim) -> ClassOf {
    match asked(claim) {
        Some("") => ClassOf::None,
        Some(name) => named(desired, name),
        None => ClassOf::Known(Box::new(default_class(desired))),
    }
}

/// The name of the class that a claim asks for; `None` where it asks for none, which is not the same as for no class.
pub(super) fn asked(claim: &PersistentVolumeClaim) -> Option<&str> {
    let field = claim.spec.as_ref().and_then(|spec| spec.storage_class_name.as_deref());
    storage_class(&claim.metadata, field)
}

/// Whether a class lets its volumes lie on a host.
pub(super) fn allows(class: &StorageClass, host: &Ground) -> bool {
    let terms = class.allowed_topologies.as_deref().unwrap_or_default();
    let fits = |label: Option<&String>, values: &[String]| {
        label.is_some_and(|label| values.contains(label))
    };
    terms.is_empty()
        || terms.iter().any(|term| {
            let asked = term.match_label_expressions.iter().flatten();
            asked.into_iter().all(|one| fits(host.labels.get(&one.key), &one.values))
        })
}

fn named(desired: &Desired, name: &str) -> ClassOf {
    let key = ObjectKey::new(Kind::StorageClass.object(), "", name);
    match desired.objects.get(&key).map(|stored| &stored.object) {
        Some(Object::StorageClass(class)) => ClassOf::Known(class.clone()),
        _ if name == BUILT_IN => ClassOf::Known(Box::new(built_in_class(desired))),
        _ => ClassOf::Missing(name.to_owned()),
    }
}

/// The name of the class that claims have which name none.
pub fn default_class_name(desired: &Desired) -> String {
    default_class(desired).metadata.name.unwrap_or_default()
}

fn default_class(desired: &Desired) -> StorageClass {
    let made = |class: &StorageClass| class.metadata.creation_timestamp.as_ref().map(|time| time.0);
    let of_stored = classes(desired).filter(|class| is_default(class));
    let latest = of_stored
        .max_by(|a, b| made(a).cmp(&made(b)).then_with(|| b.metadata.name.cmp(&a.metadata.name)));
    latest.cloned().unwrap_or_else(|| built_in_class(desired))
}

fn is_default(class: &StorageClass) -> bool {
    let marks = class.metadata.annotations.as_ref();
    DEFAULT
        .iter()
        .any(|mark| marks.and_then(|all| all.get(*mark)).is_some_and(|value| value == "true"))
}

fn classes(desired: &Desired) -> impl Iterator<Item = &StorageClass> {
    let first = ObjectKey::new(Kind::StorageClass.object(), "", "");
    let of_kind = desired.objects.range(&first..).map(|(_, stored)| &stored.object);
    of_kind.map_while(|object| match object {
        Object::StorageClass(class) => Some(&**class),
        _ => None,
    })
}
