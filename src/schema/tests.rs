//! The schemas of all kinds, and that our own tables speak of what there is.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Every field of every kind: by the short name of its type and its own, with what Kubernetes says of it.
fn all_fields() -> BTreeMap<(String, String), String> {
    let mut fields = BTreeMap::new();
    for kind in Kind::ALL {
        let schema = Schema::of(*kind);
        for name in schema.types.keys() {
            let owner = schema.named(name);
            for field in owner.fields() {
                let key = (owner.short_name().to_owned(), field.name.to_owned());
                fields.insert(key, field.description.to_owned());
            }
        }
    }
    fields
}

#[test]
fn every_kind_has_a_schema_with_descriptions() {
    for kind in Kind::ALL {
        let schema = Schema::of(*kind);
        assert_eq!(schema.root().name(), Some(kind.object()));
        assert!(!schema.root().description().is_empty(), "{kind}");
        assert!(schema.place(&["metadata", "name"]).is_ok(), "{kind}");
    }
    let fields = all_fields();
    assert!(fields.len() > 1500, "{}", fields.len());
    let silent: Vec<_> = fields.iter().filter(|(_, text)| text.is_empty()).collect();
    // The schema language of custom resources describes few of its own words.
    let known = |owner: &str| owner.starts_with("apiextensions.v1.");
    assert_eq!(silent.iter().find(|((owner, _), _)| !known(owner)), None);
}

#[test]
fn two_types_of_one_kind_never_share_a_short_name() {
    let mut full: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for kind in Kind::ALL {
        let schema = Schema::of(*kind);
        for name in schema.types.keys() {
            full.entry(schema.named(name).short_name().to_owned())
                .or_default()
                .insert(name.clone());
        }
    }
    assert_eq!(full.iter().find(|(_, names)| names.len() > 1), None);
}

#[test]
fn our_tables_name_fields_that_there_are() {
    let fields = all_fields();
    let values = values::ALL.iter().map(|(owner, field, _)| (*owner, *field));
    let defaults = defaults::ALL.iter().map(|(owner, field, _)| (*owner, *field));
    for table in [values.collect::<Vec<_>>(), defaults.collect::<Vec<_>>()] {
        let missing = |(owner, field): &&(&str, &str)| {
            !fields.contains_key(&((*owner).to_owned(), (*field).to_owned()))
        };
        assert_eq!(table.iter().find(missing), None, "no such field");
        let mut sorted = table.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(table, sorted, "in order, and none twice");
    }
}

#[test]
fn a_default_is_one_of_the_values() {
    for (owner, field, words) in values::ALL {
        let Some(default) = defaults::of(owner, field) else { continue };
        let said = |word: &&str| !word.is_empty() && default.contains(*word);
        assert!(words.iter().any(said) || default.starts_with("empty"), "{owner}.{field}");
    }
}

#[test]
fn types_read_as_kubectl_prints_them() {
    let schema = Schema::of(Kind::Deployment);
    let label = |path: &[&str]| schema.place(path).unwrap().content.label();
    let pod = ["spec", "template", "spec"];
    let below = |rest: &[&'static str]| [&pod[..], rest].concat();
    assert_eq!(label(&["apiVersion"]), "string");
    assert_eq!(label(&["spec"]), "DeploymentSpec");
    assert_eq!(label(&["spec", "replicas"]), "integer");
    assert_eq!(label(&["spec", "strategy", "rollingUpdate", "maxSurge"]), "IntOrString");
    assert_eq!(label(&["metadata", "creationTimestamp"]), "string");
    assert_eq!(label(&["metadata", "labels"]), "map[string]string");
    assert_eq!(label(&below(&["containers"])), "[]Container");
    assert_eq!(label(&below(&["containers", "command"])), "[]string");
    assert_eq!(label(&below(&["containers", "resources", "limits"])), "map[string]Quantity");
    assert_eq!(label(&below(&["hostNetwork"])), "boolean");
}

#[test]
fn a_path_that_leads_nowhere_says_where_it_ends() {
    let schema = Schema::of(Kind::Pod);
    let error = schema.place(&["spec", "containers", "imgae"]).unwrap_err();
    assert_eq!((error.name.as_str(), error.parent.as_str()), ("imgae", "spec.containers"));
    assert!(error.known.contains(&"image".to_owned()), "{:?}", error.known);
    let error = schema.place(&["metadata", "labels", "app"]).unwrap_err();
    assert_eq!(error.known, Vec::<String>::new());
}

#[test]
fn places_have_the_paths_of_rules() {
    let schema = Schema::of(Kind::Pod);
    let path = |names: &[&str]| schema.place(names).unwrap().path;
    assert_eq!(path(&[]), "");
    assert_eq!(path(&["spec", "containers"]), "spec.containers");
    assert_eq!(path(&["spec", "containers", "ports", "name"]), "spec.containers[].ports[].name");
}

#[test]
fn required_fields_values_and_defaults() {
    let schema = Schema::of(Kind::Pod);
    let field = |path: &[&str]| schema.place(path).unwrap().field.unwrap();
    assert_eq!(field(&["spec", "containers"]).presence, Presence::Required);
    assert_eq!(field(&["spec", "volumes"]).presence, Presence::Optional);
    let policy = field(&["spec", "restartPolicy"]);
    assert_eq!(policy.values(), ["Always", "Never", "OnFailure"]);
    assert_eq!(policy.default(), Some("Always"));
    assert_eq!(field(&["spec", "hostname"]).default(), None);
}
