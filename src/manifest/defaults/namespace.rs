//! Namespaces.

use k8s_openapi::api::core::v1::Namespace;

/// The label by which every Namespace can be selected.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name>
const NAME: &str = "kubernetes.io/metadata.name";

pub(super) fn complete(namespace: &mut Namespace) {
    let Some(name) = namespace.metadata.name.clone() else { return };
    namespace.metadata.labels.get_or_insert_default().insert(NAME.to_owned(), name);
}
