//! Services that lead nowhere.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{ContainerPort, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::document::{Finding, Severity, closest, quoted};
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::{Doubt, Pods, Set, is_written};
use crate::manifest::ReadObject;
use crate::model::{Labels, Object, ObjectKey, PodTemplate};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "service-without-pods",
        usual: Usual::On(Severity::Warning),
        finds: "a Service whose selector matches no pods",
        why: "Every call to it is refused.",
        fix: "give `selector` the labels of the pod template that it is meant for",
        check: Check::Set(without_pods),
    },
    Rule {
        id: "service-without-endpoints",
        usual: Usual::On(Severity::Notice),
        finds: "a Service without a selector that has no Endpoints either",
        why: "Nothing says where its calls go, so they are refused.",
        fix: "add a `selector`, or an EndpointSlice with the label `kubernetes.io/service-name: NAME`",
        check: Check::Set(without_endpoints),
    },
    Rule {
        id: "service-target-port",
        usual: Usual::On(Severity::Warning),
        finds: "a Service whose target port none of its pods has",
        why: "The Service has pods and still no call arrives.",
        fix: "let `targetPort` name a `containerPort` of the pods, or its name",
        check: Check::Set(target_ports),
    },
];

/// The Services that lead to something inside.
fn services<'a>(set: &Set<'a>) -> impl Iterator<Item = (&'a ReadObject, &'a ServiceSpec)> {
    set.read().iter().filter_map(|read| match &read.object {
        Object::Service(service) => {
            let spec = service.spec.as_ref()?;
            (spec.type_.as_deref() != Some("ExternalName")).then_some((read, spec))
        }
        _ => None,
    })
}

fn selector(spec: &ServiceSpec) -> Option<&Labels> {
    spec.selector.as_ref().filter(|selector| !selector.is_empty())
}

fn without_pods(set: &Set<'_>, found: &mut Found) {
    for (read, spec) in services(set) {
        let namespace = read.object.namespace();
        let Some(selector) = selector(spec) else { continue };
        if !set.with_labels(namespace, selector).is_empty() {
            continue;
        }
        let finding = found.at(read, "spec.selector", "the selector matches no pods");
        let finding = finding.with_label("no pods have these labels");
        let finding = match nearest(set, namespace, selector) {
            Some((pods, key)) => finding.with_help(close(pods, key)),
            None => finding,
        };
        found.push_doubted(finding, set.doubt_of_pods(namespace));
    }
}

/// What to say of pods that have all labels but one.
fn close(pods: Pods<'_>, key: &str) -> String {
    let theirs = pods.template.labels.get(key).map_or_else(
        || "they do not have it".to_owned(),
        |value| format!("theirs is `{key}: {value}`"),
    );
    format!("the pods of {} match but for {}: {theirs}", pods.object.key(), quoted(key))
}

/// The pods that have all labels but one, and that one.
fn nearest<'a>(
    set: &Set<'a>,
    namespace: &str,
    selector: &'a Labels,
) -> Option<(Pods<'a>, &'a str)> {
    // How many labels are tried: the help is a courtesy, and must not cost more than the rule.
    const TRIED: usize = 8;
    let only = selector.len() == 1;
    selector.keys().take(TRIED).find_map(|key| {
        let mut rest = selector.clone();
        rest.remove(key);
        let value = selector.get(key)?;
        let pods = if only { set.pods_in(namespace) } else { set.with_labels(namespace, &rest) };
        let close = |pods: &&Pods<'a>| {
            let theirs = pods.template.labels.get(key);
            !only || theirs.is_some_and(|theirs| closest(value, [theirs.as_str()]).is_some())
        };
        pods.iter().find(close).map(|pods| (*pods, key.as_str()))
    })
}

fn without_endpoints(set: &Set<'_>, found: &mut Found) {
    let of_slices = set.objects().filter_map(|object| match object {
        Object::EndpointSlice(slice) => {
            let labels = slice.metadata.labels.as_ref()?;
            let service = labels.get("kubernetes.io/service-name")?;
            Some((object.namespace(), service.as_str()))
        }
        _ => None,
    });
    let served: BTreeSet<(&str, &str)> = of_slices.collect();
    for (read, spec) in services(set) {
        let (namespace, name) = (read.object.namespace(), read.object.name());
        let endpoints = ObjectKey::new("Endpoints", namespace, name);
        let there = set.object("Endpoints", namespace, name).is_some()
            || served.contains(&(namespace, name))
            || set.doubt_of(&endpoints) == Doubt::Open;
        if selector(spec).is_none() && !there {
            let message =
                "nothing says where calls go: there is neither a selector nor an EndpointSlice";
            found.say(read, "spec.selector", "no selector", message);
        }
    }
}

fn target_ports(set: &Set<'_>, found: &mut Found) {
    for (read, spec) in services(set) {
        let Some(selector) = selector(spec) else { continue };
        let pods = set.with_labels(read.object.namespace(), selector);
        if pods.is_empty() {
            continue;
        }
        for (at, port) in spec.ports.iter().flatten().enumerate() {
            let Some((wanted, message)) = missing(&pods, port) else { continue };
            let written = format!("spec.ports[{at}].targetPort");
            let path =
                if is_written(read, &written) { written } else { format!("spec.ports[{at}].port") };
            let finding = found.at(read, &path, &message).with_label("no such port in the pods");
            let names: Vec<&str> =
                pods.iter().flat_map(ports).filter_map(|port| port.name.as_deref()).collect();
            let finding = match closest(&wanted, names.iter().copied()) {
                Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
                None => with_ports(finding, &pods),
            };
            // A program may listen where its container does not say so.
            let number = matches!(port.target_port, Some(IntOrString::Int(_)));
            found.push_doubted(finding, if number { Doubt::Some } else { Doubt::None });
        }
    }
}

/// Says which ports there are to choose from.
fn with_ports(finding: Finding, pods: &[Pods<'_>]) -> Finding {
    const FIX: &str = "let `targetPort` name a `containerPort` of the pods";
    // Enough to choose from in a line of help.
    const SHOWN: usize = 5;
    let shown = pods.iter().flat_map(ports).take(SHOWN).map(|port| match &port.name {
        Some(name) if !name.is_empty() => format!("{} ({})", port.container_port, quoted(name)),
        Some(_) | None => port.container_port.to_string(),
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() {
        return finding.with_help(format!("{FIX}; they declare none"));
    }
    finding.with_help(format!("{FIX}: {}", shown.join(", ")))
}

/// The ports that pods say they have.
fn ports<'a>(pods: &Pods<'a>) -> impl Iterator<Item = &'a ContainerPort> {
    PodTemplate::of(pods.object).into_iter().flat_map(PodTemplate::ports)
}

/// What is wrong with a Service's port, if no pod has it.
///
/// A number is good for pods that declare nothing: declaring ports is optional.
fn missing(pods: &[Pods<'_>], port: &ServicePort) -> Option<(String, String)> {
    match port.target_port.as_ref()? {
        IntOrString::String(name) => {
            let there = |port: &ContainerPort| port.name.as_deref() == Some(name);
            let none = !pods.iter().flat_map(ports).any(there);
            let message = format!("none of the pods has a port {}", quoted(name));
            none.then(|| (name.clone(), message))
        }
        IntOrString::Int(number) => {
            let declare = |pods: &Pods<'_>| ports(pods).next().is_some();
            let there = |port: &ContainerPort| port.container_port == *number;
            let none = pods.iter().all(declare) && !pods.iter().flat_map(ports).any(there);
            let message = format!("none of the pods has the port {number}");
            none.then(|| (number.to_string(), message))
        }
    }
}
