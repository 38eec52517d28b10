//! What containers ask of their host.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRangeItem, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::{Contained, Role, Workload};
use crate::lint::rule::{Check, Rule, Usual};
use crate::model::Object;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "no-requests",
        usual: Usual::On(Severity::Warning),
        finds: "a container that does not say how much CPU and memory it needs",
        why: "The scheduler counts it as nothing, so a host is filled until its pods starve each other.",
        fix: "say what it needs: `resources: {requests: {cpu: 100m, memory: 128Mi}}`",
        check: Check::Container(no_requests),
    },
    Rule {
        id: "no-memory-limit",
        usual: Usual::On(Severity::Warning),
        finds: "a container that may take all memory of its host",
        why: "A leak in it ends with the kernel killing something else on that host.",
        fix: "set a limit: `resources: {limits: {memory: 256Mi}}`",
        check: Check::Container(no_memory_limit),
    },
];

type Amounts = Option<BTreeMap<String, Quantity>>;

/// Whether one of these names the resource.
fn has<'a>(amounts: impl IntoIterator<Item = &'a Amounts>, resource: &str) -> bool {
    amounts.into_iter().flatten().any(|amounts| amounts.contains_key(resource))
}

/// The resources of a container, and those of its pod as a whole.
fn asked<'a>(one: &Contained<'a>) -> impl Iterator<Item = &'a ResourceRequirements> {
    [&one.container.resources, &one.workload.template.spec.resources].into_iter().flatten()
}

/// What namespaces fill in for containers that say nothing.
fn filled_in(workload: Workload<'_>) -> impl Iterator<Item = &LimitRangeItem> {
    let namespace = workload.read.object.namespace();
    let ranges = workload.set.objects().filter_map(move |object| match object {
        Object::LimitRange(range) if object.namespace() == namespace => range.spec.as_ref(),
        _ => None,
    });
    ranges.flat_map(|spec| &spec.limits).filter(|item| item.type_ == "Container")
}

fn no_requests(one: &Contained<'_>, found: &mut Found) {
    if one.role == Role::Init {
        return;
    }
    let is_missing = |resource: &&str| {
        let asked = asked(one).flat_map(|asked| [&asked.requests, &asked.limits]);
        let filled =
            filled_in(one.workload).flat_map(|item| [&item.default_request, &item.default]);
        !has(asked.chain(filled), resource)
    };
    let missing: Vec<&str> = ["cpu", "memory"].into_iter().filter(is_missing).collect();
    let (what, fix) = match missing.as_slice() {
        [] => return,
        ["cpu"] => ("CPU", "cpu: 100m"),
        ["memory"] => ("memory", "memory: 128Mi"),
        _ => ("CPU and memory", "cpu: 100m, memory: 128Mi"),
    };
    let message =
        format!("container {} does not say how much {what} it needs", quoted(&one.container.name));
    let finding = found.at(one.workload.read, &one.at("resources.requests"), &message);
    let help = format!("say it, from what you have measured: `resources: {{requests: {{{fix}}}}}`");
    found.push(finding.with_label(format!("says nothing of {what}")).with_help(help));
}

fn no_memory_limit(one: &Contained<'_>, found: &mut Found) {
    if one.role == Role::Init
        || has(asked(one).map(|asked| &asked.limits), "memory")
        || has(filled_in(one.workload).map(|item| &item.default), "memory")
    {
        return;
    }
    let message =
        format!("container {} may take all memory of its host", quoted(&one.container.name));
    found.say(one.workload.read, &one.at("resources.limits"), "no memory limit", &message);
}
