//! `apiextensions.k8s.io`: what a `CustomResourceDefinition` said once for all versions, each version now says itself.

use super::{Advice, Old, fill, lacks, list_of, mapping_at, rename, take};
use crate::document::{Placed, PlacedEntry};
use crate::model::Kind;

pub(super) const OLD: &[Old] = &[Old {
    api_version: "apiextensions.k8s.io/v1beta1",
    kind: Kind::CustomResourceDefinition,
    lift: definition,
}];

fn definition(object: &mut Placed) -> Advice {
    let Some(spec) = object.get_mut("spec").filter(|spec| spec.is_mapping()) else {
        return Vec::new();
    };
    fill(spec, "scope", "Namespaced");
    // It may no longer be true; that fields are kept stands in the schema now.
    take(spec, "preserveUnknownFields");
    one_version(spec);
    let shared = [
        ("schema", take(spec, "validation")),
        ("subresources", take(spec, "subresources")),
        ("additionalPrinterColumns", take(spec, "additionalPrinterColumns")),
    ];
    for version in spec.get_mut("versions").and_then(Placed::elements_mut).into_iter().flatten() {
        lift_version(version, &shared);
    }
    if let Some(conversion) = spec.get_mut("conversion") {
        lift_conversion(conversion);
    }
    vec![
        "move `validation`, `subresources` and `additionalPrinterColumns` into each of `versions`, as `schema`, `subresources` and `additionalPrinterColumns` with `jsonPath`",
    ]
}

/// `version: v1` is a list of one version that is served and stored.
fn one_version(spec: &mut Placed) {
    let Some(only) = take(spec, "version") else { return };
    if !lacks(spec, "versions") {
        return;
    }
    let mut version = Placed::mapping(only.key_place.clone());
    version.set("name", only.key_place.clone(), only.value);
    version.set("served", None, Placed::of_json(&true.into()));
    version.set("storage", None, Placed::of_json(&true.into()));
    spec.set("versions", only.key_place, list_of(version));
}

fn lift_version(version: &mut Placed, shared: &[(&str, Option<PlacedEntry>)]) {
    if !version.is_mapping() {
        return;
    }
    for (field, entry) in shared {
        if let Some(entry) = entry
            && lacks(version, field)
        {
            version.set(field, entry.key_place.clone(), entry.value.clone());
        }
    }
    let columns = version.get_mut("additionalPrinterColumns").and_then(Placed::elements_mut);
    for column in columns.into_iter().flatten() {
        rename(column, "JSONPath", "jsonPath");
    }
    // Without a schema everything was kept.
    if let Some(schema) = mapping_at(version, "schema", None)
        && lacks(schema, "openAPIV3Schema")
    {
        let mut any = Placed::mapping(None);
        fill(&mut any, "type", "object");
        any.set("x-kubernetes-preserve-unknown-fields", None, Placed::of_json(&true.into()));
        schema.set("openAPIV3Schema", None, any);
    }
}

fn lift_conversion(conversion: &mut Placed) {
    let (client, versions) =
        (take(conversion, "webhookClientConfig"), take(conversion, "conversionReviewVersions"));
    for (field, entry) in [("clientConfig", client), ("conversionReviewVersions", versions)] {
        if let Some(entry) = entry
            && let Some(webhook) = mapping_at(conversion, "webhook", entry.key_place.clone())
        {
            webhook.set(field, entry.key_place, entry.value);
        }
    }
}
