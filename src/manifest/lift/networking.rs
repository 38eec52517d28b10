//! `networking.k8s.io`, what of it was in `extensions`, and `discovery.k8s.io`.

use super::{Advice, Old, rename, same, take};
use crate::document::{Placed, PlacedValue, Scalar};
use crate::model::Kind;

pub(super) const OLD: &[Old] = &[
    Old { api_version: "extensions/v1beta1", kind: Kind::Ingress, lift: ingress },
    Old { api_version: "networking.k8s.io/v1beta1", kind: Kind::Ingress, lift: ingress },
    Old { api_version: "networking.k8s.io/v1beta1", kind: Kind::IngressClass, lift: same },
    Old { api_version: "extensions/v1beta1", kind: Kind::NetworkPolicy, lift: same },
    Old {
        api_version: "discovery.k8s.io/v1beta1",
        kind: Kind::EndpointSlice,
        lift: endpoint_slice,
    },
];

fn ingress(object: &mut Placed) -> Advice {
    let Some(spec) = object.get_mut("spec") else { return Vec::new() };
    let mut advice = Vec::new();
    if rename(spec, "backend", "defaultBackend") {
        advice.push("write `defaultBackend` for `backend`");
    }
    let (mut moved, mut typed) = (false, false);
    if let Some(backend) = spec.get_mut("defaultBackend") {
        moved |= lift_backend(backend);
    }
    let rules = spec.get_mut("rules").and_then(Placed::elements_mut).into_iter().flatten();
    let paths =
        rules.filter_map(|rule| rule.get_mut("http")?.get_mut("paths")?.elements_mut()).flatten();
    for path in paths {
        if let Some(backend) = path.get_mut("backend") {
            moved |= lift_backend(backend);
        }
        typed |= path_type(path);
    }
    if moved {
        advice.push("write each backend as `service: {name: …, port: {number: …}}`");
    }
    if typed {
        advice.push("add `pathType: ImplementationSpecific`, or Prefix or Exact, to each path");
    }
    advice
}

/// Says how a path is matched where nothing is said; a later finding points at the path.
fn path_type(path: &mut Placed) -> bool {
    if !path.is_mapping() || path.get("pathType").is_some_and(|value| !value.is_null()) {
        return false;
    }
    let place = path.entry("path").and_then(|entry| entry.key_place.clone());
    path.set("pathType", place.clone(), Placed::text("ImplementationSpecific", place));
    true
}

fn lift_backend(backend: &mut Placed) -> bool {
    let (name, port) = (take(backend, "serviceName"), take(backend, "servicePort"));
    let Some(place) = name.as_ref().or(port.as_ref()).map(|entry| entry.key_place.clone()) else {
        return false;
    };
    let mut service = Placed::mapping(place.clone());
    if let Some(name) = name {
        service.set("name", name.key_place, name.value);
    }
    if let Some(port) = port {
        let is_name = matches!(port.value.value, PlacedValue::Scalar(Scalar::Text, _));
        let field = if is_name { "name" } else { "number" };
        let mut chosen = Placed::mapping(port.key_place.clone());
        chosen.set(field, port.key_place.clone(), port.value);
        service.set("port", port.key_place, chosen);
    }
    backend.set("service", place, service);
    true
}

/// Where an endpoint is came to be fields of its own.
fn endpoint_slice(object: &mut Placed) -> Advice {
    let mut advice = Vec::new();
    for endpoint in object.get_mut("endpoints").and_then(Placed::elements_mut).into_iter().flatten()
    {
        let Some(mut topology) = take(endpoint, "topology") else { continue };
        for (label, field) in
            [("kubernetes.io/hostname", "nodeName"), ("topology.kubernetes.io/zone", "zone")]
        {
            if let Some(label) = take(&mut topology.value, label)
                && endpoint.get(field).is_none()
            {
                endpoint.set(field, label.key_place, label.value);
            }
        }
        if !topology.value.entries().is_empty() {
            endpoint.set("deprecatedTopology", topology.key_place, topology.value);
        }
        advice = vec!["write `nodeName` and `zone` for `topology`"];
    }
    advice
}
