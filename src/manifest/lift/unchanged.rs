//! Kinds whose fields stayed as they were when their version became stable.

use super::{Old, same};
use crate::model::Kind;

/// The older versions; `batch/v2alpha1` is what `CronJob` began as.
pub(super) const OLD: &[Old] = &[
    unchanged("batch/v1beta1", Kind::CronJob),
    unchanged("batch/v2alpha1", Kind::CronJob),
    unchanged("storage.k8s.io/v1beta1", Kind::StorageClass),
    unchanged("scheduling.k8s.io/v1beta1", Kind::PriorityClass),
    unchanged("scheduling.k8s.io/v1alpha1", Kind::PriorityClass),
    unchanged("node.k8s.io/v1beta1", Kind::RuntimeClass),
    unchanged("apiregistration.k8s.io/v1beta1", Kind::APIService),
];

const fn unchanged(api_version: &'static str, kind: Kind) -> Old {
    Old { api_version, kind, lift: same }
}
