//! What a kustomization file may say.
//!
//! Source: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>, and `api/types` of kustomize 5.5.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

type Pairs = BTreeMap<String, String>;

/// A kustomization file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spec {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) metadata: Option<IgnoredAny>,
    pub(super) resources: Vec<String>,
    pub(super) bases: Vec<String>,
    pub(super) components: Vec<String>,
    pub(super) namespace: String,
    pub(super) name_prefix: String,
    pub(super) name_suffix: String,
    pub(super) common_labels: Pairs,
    pub(super) labels: Vec<Label>,
    pub(super) common_annotations: Pairs,
    pub(super) images: Vec<Image>,
    pub(super) image_tags: Vec<Image>,
    pub(super) replicas: Vec<Replica>,
    pub(super) patches: Vec<Patch>,
    pub(super) patches_strategic_merge: Vec<String>,
    #[serde(rename = "patchesJson6902")]
    pub(super) patches_json6902: Vec<Patch>,
    pub(super) config_map_generator: Vec<Generator>,
    pub(super) secret_generator: Vec<Generator>,
    pub(super) generator_options: GeneratorOptions,
    pub(super) replacements: Vec<Replacement>,
    pub(super) sort_options: Option<SortOptions>,
    // What follows is refused, by name.
    pub(super) build_metadata: Option<IgnoredAny>,
    pub(super) configurations: Option<IgnoredAny>,
    pub(super) crds: Option<IgnoredAny>,
    pub(super) generators: Option<IgnoredAny>,
    pub(super) helm_chart_inflation_generator: Option<IgnoredAny>,
    pub(super) helm_charts: Option<IgnoredAny>,
    pub(super) helm_globals: Option<IgnoredAny>,
    pub(super) openapi: Option<IgnoredAny>,
    pub(super) transformers: Option<IgnoredAny>,
    pub(super) validators: Option<IgnoredAny>,
    pub(super) vars: Option<IgnoredAny>,
}

/// Labels for all objects, and where else they go.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Label {
    pub(super) pairs: Pairs,
    pub(super) include_selectors: bool,
    pub(super) include_templates: bool,
    pub(super) fields: Vec<FieldSpec>,
}

/// A place in the objects of some kinds.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FieldSpec {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) path: String,
    pub(super) create: bool,
}

/// Another name, tag or digest for an image.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Image {
    pub(super) name: String,
    pub(super) new_name: String,
    pub(super) new_tag: String,
    pub(super) tag_suffix: String,
    pub(super) digest: String,
}

/// How many pods a workload shall have.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Replica {
    pub(super) name: String,
    pub(super) count: i64,
}

/// A patch, of either kind.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Patch {
    pub(super) path: String,
    /// The patch itself.
    #[serde(rename = "patch")]
    pub(super) text: String,
    pub(super) target: Option<Selector>,
    pub(super) options: PatchOptions,
}

/// What a patch may change besides.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PatchOptions {
    pub(super) allow_name_change: bool,
    pub(super) allow_kind_change: bool,
}

/// Which objects are meant; what is empty matters not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Selector {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    #[serde(rename = "labelSelector")]
    pub(super) labels: String,
    #[serde(rename = "annotationSelector")]
    pub(super) annotations: String,
}

/// A `ConfigMap` or Secret made of files and texts.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Generator {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) behavior: String,
    pub(super) files: Vec<String>,
    pub(super) literals: Vec<String>,
    pub(super) envs: Vec<String>,
    pub(super) env: String,
    pub(super) options: GeneratorOptions,
    /// Of a Secret.
    #[serde(rename = "type")]
    pub(super) of_type: String,
}

/// What generated objects are given besides their content.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct GeneratorOptions {
    pub(super) labels: Pairs,
    pub(super) annotations: Pairs,
    pub(super) disable_name_suffix_hash: bool,
    pub(super) immutable: bool,
}

/// A value that is taken from one object to others.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Replacement {
    pub(super) path: String,
    pub(super) source: Option<ReplacementSource>,
    pub(super) targets: Vec<ReplacementTarget>,
}

/// Where a value is taken from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ReplacementSource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) field_path: String,
    pub(super) options: Option<FieldOptions>,
}

/// Where a value is put.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ReplacementTarget {
    pub(super) select: Option<Selector>,
    pub(super) reject: Vec<Selector>,
    pub(super) field_paths: Vec<String>,
    pub(super) options: Option<FieldOptions>,
}

/// Which part of a text is meant.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FieldOptions {
    pub(super) delimiter: String,
    pub(super) index: i64,
    pub(super) create: bool,
    pub(super) encoding: String,
}

/// In which order objects come out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SortOptions {
    pub(super) order: String,
    pub(super) legacy_sort_options: Option<LegacySortOptions>,
}

/// Which kinds come first, and which last.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LegacySortOptions {
    pub(super) order_first: Vec<String>,
    pub(super) order_last: Vec<String>,
}
