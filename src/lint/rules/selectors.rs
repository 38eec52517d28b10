//! Selectors of policies that choose nothing.

use crate::document::Severity;
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::Set;
use crate::model::{Labels, Object};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "network-policy-selects-nothing",
    usual: Usual::On(Severity::Warning),
    finds: "a NetworkPolicy whose selector matches no pods",
    why: "It closes nothing, while somebody relies on it.",
    fix: "give `podSelector.matchLabels` the labels of the pods that it is meant for; `{}` is all of the namespace",
    check: Check::Set(policies),
}];

fn policies(set: &Set<'_>, found: &mut Found) {
    for read in set.read() {
        let Object::NetworkPolicy(policy) = &read.object else { continue };
        let selector = policy.spec.as_ref().and_then(|spec| spec.pod_selector.as_ref());
        let Some(selector) = selector else { continue };
        let all = selector.match_labels.as_ref().is_none_or(Labels::is_empty)
            && selector.match_expressions.as_ref().is_none_or(Vec::is_empty);
        let namespace = read.object.namespace();
        if all || !set.selected(namespace, selector).is_empty() {
            continue;
        }
        let finding = found.at(read, "spec.podSelector", "the selector matches no pods");
        let finding = finding.with_label("matches no pods");
        found.push_doubted(finding, set.doubt_of_pods(namespace));
    }
}
