//! Autoscalers that cannot work, or that work against the manifest.

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerSpec;
use k8s_openapi::api::core::v1::Container;

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::{Role, Template};
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::{Set, is_written};
use crate::manifest::ReadObject;
use crate::model::{Kind, Object, ObjectKey};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "hpa-target-missing",
        usual: Usual::On(Severity::Warning),
        finds: "a HorizontalPodAutoscaler of something that is not there",
        why: "It scales nothing.",
        fix: "let `scaleTargetRef` name the kind and name of a workload in the same namespace",
        check: Check::Set(target_missing),
    },
    Rule {
        id: "hpa-without-requests",
        usual: Usual::On(Severity::Warning),
        finds: "a HorizontalPodAutoscaler by utilization of pods that request nothing",
        why: "Utilization is a share of the request, so without one there is nothing to measure and nothing is scaled.",
        fix: "say what the containers need: `resources: {requests: {cpu: 100m}}`",
        check: Check::Set(without_requests),
    },
    Rule {
        id: "hpa-fixed-replicas",
        usual: Usual::On(Severity::Warning),
        finds: "a number of replicas in the manifest of what a HorizontalPodAutoscaler scales",
        why: "Every apply sets the number back, and pods come and go until the autoscaler has set it again.",
        fix: "leave `replicas` out of the manifest",
        check: Check::Set(fixed_replicas),
    },
];

fn scalers<'a>(
    set: &Set<'a>,
) -> impl Iterator<Item = (&'a ReadObject, &'a HorizontalPodAutoscalerSpec)> {
    set.read().iter().filter_map(|read| match &read.object {
        Object::HorizontalPodAutoscaler(scaler) => Some((read, &scaler.spec)),
        _ => None,
    })
}

/// What is scaled; `None` for a kind that is not read: what there is of it is not ours to know.
fn target_of(scaler: &Object, spec: &HorizontalPodAutoscalerSpec) -> Option<ObjectKey> {
    let target = &spec.scale_target_ref;
    let kind = Kind::referred(target.api_version.as_deref(), &target.kind)?;
    Some(ObjectKey::new(kind.object(), scaler.namespace(), &target.name))
}

/// How many pods autoscalers keep at least of each object that they scale.
pub(super) fn least_replicas(set: &Set<'_>) -> BTreeMap<ObjectKey, i32> {
    let scaled = set.objects().filter_map(|object| match object {
        Object::HorizontalPodAutoscaler(scaler) => {
            let least = scaler.spec.min_replicas.unwrap_or(1);
            Some((target_of(object, &scaler.spec)?, least))
        }
        _ => None,
    });
    scaled.collect()
}

fn target<'a>(set: &Set<'a>, key: &ObjectKey) -> Option<&'a Object> {
    set.object(&key.kind, &key.namespace, &key.name)
}

fn target_missing(set: &Set<'_>, found: &mut Found) {
    for (read, spec) in scalers(set) {
        let Some(key) = target_of(&read.object, spec) else { continue };
        if target(set, &key).is_some() {
            continue;
        }
        let message = format!("there is no {} {}", key.kind, quoted(&key.name));
        let finding = found.at(read, "spec.scaleTargetRef.name", &message);
        found.push_doubted(finding.with_label("not there"), set.doubt_of(&key));
    }
}

fn without_requests(set: &Set<'_>, found: &mut Found) {
    for (read, spec) in scalers(set) {
        let object = target_of(&read.object, spec).and_then(|key| target(set, &key));
        let Some(template) = object.and_then(Template::of) else { continue };
        let asks = |container: &Container, resource: &str| {
            let resources = container.resources.as_ref();
            resources.is_some_and(|resources| {
                let amounts = [&resources.requests, &resources.limits];
                amounts.into_iter().flatten().any(|amounts| amounts.contains_key(resource))
            })
        };
        let whole = template.spec.resources.as_ref().and_then(|whole| whole.requests.as_ref());
        for (at, metric) in spec.metrics.iter().flatten().enumerate() {
            let one = metric.container_resource.as_ref();
            let one = one.map(|one| (&one.name, &one.target, Some(one.container.as_str())));
            let all = metric.resource.as_ref().map(|all| (&all.name, &all.target, None));
            let Some((resource, target, only)) = all.or(one) else { continue };
            if target.type_ != "Utilization"
                || whole.is_some_and(|whole| whole.contains_key(resource))
            {
                continue;
            }
            let containers = template.containers().filter(|(_, role, _)| *role != Role::Init);
            let containers = containers.map(|(_, _, container)| container);
            let lacking = containers.filter(|one| only.is_none_or(|only| only == one.name));
            let lacking = lacking.filter(|container| !asks(container, resource));
            let names: Vec<String> = lacking.map(|container| quoted(&container.name)).collect();
            if names.is_empty() {
                continue;
            }
            let names = names.join(", ");
            let message = format!("there is no {resource} request to measure against in {names}");
            found.say(read, &format!("spec.metrics[{at}]"), "cannot be measured", &message);
        }
    }
}

fn fixed_replicas(set: &Set<'_>, found: &mut Found) {
    let scaled: BTreeMap<ObjectKey, ObjectKey> = scalers(set)
        .filter_map(|(read, spec)| Some((target_of(&read.object, spec)?, read.object.key())))
        .collect();
    for read in set.read() {
        let Some(scaler) = scaled.get(&read.object.key()) else { continue };
        if is_written(read, "spec.replicas") {
            let message = format!("{scaler} scales this, and every apply sets the number back");
            found.say(read, "spec.replicas", "leave this out", &message);
        }
    }
}
