//! What objects are called and where they stand.

use crate::document::Severity;
use crate::lint::annotation;
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::Set;
use crate::manifest::ReadObject;
use crate::model::{Effect, Kind, Object};

/// The id of the rule that looks at the whole set, and at who wants to be left out.
const DEFAULT_NAMESPACE: &str = "default-namespace";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: DEFAULT_NAMESPACE,
        usual: Usual::On(Severity::Notice),
        finds: "objects in the namespace `default`; told once for all of them",
        why: "Everything that says no namespace meets there, so names clash and nothing can be taken away as a whole.",
        fix: "`metadata: {namespace: NAME}` with a Namespace of that name, or `-n NAME`",
        check: Check::Set(default_namespace),
    },
    Rule {
        id: "bare-pod",
        usual: Usual::On(Severity::Warning),
        finds: "a Pod that stands for itself",
        why: "When its host goes, nothing puts another one in its place.",
        fix: "make it the template of a `kind: Deployment`, or of a `kind: Job` if it ends",
        check: Check::Object(bare_pod),
    },
    Rule {
        id: "recommended-labels",
        usual: Usual::Off(
            "they help only where tools read them, and many have labels of their own",
        ),
        finds: "a workload or Service without the label `app.kubernetes.io/name`",
        why: "Tools of all makers show by these labels what belongs together.",
        fix: "`metadata: {labels: {app.kubernetes.io/name: NAME}}`",
        check: Check::Object(recommended_labels),
    },
    Rule {
        id: "unknown-rule",
        usual: Usual::On(Severity::Warning),
        finds: "an annotation `bowline.dev/lint-ignore` that names no rule",
        why: "It silences nothing, which its writer does not know.",
        fix: "`bowline lint --list-rules` shows the names",
        check: Check::Object(annotation::check),
    },
];

fn default_namespace(set: &Set<'_>, found: &mut Found) {
    let here = set.read().iter().filter(|read| {
        let key = read.object.key();
        key.namespace == "default"
            && read.object.kind().effect() != Effect::NoneHere
            && !set.is_silenced(&key, DEFAULT_NAMESPACE)
    });
    let here: Vec<&ReadObject> = here.collect();
    let message = match here.as_slice() {
        [] => return,
        [_] => "this object stands in the namespace `default`".to_owned(),
        [_, more @ ..] => {
            format!("this object and {} more stand in the namespace `default`", more.len())
        }
    };
    if let Some(first) = here.first() {
        found.say(first, "metadata.namespace", "in `default`", &message);
    }
}

fn bare_pod(read: &ReadObject, found: &mut Found) {
    let Object::Pod(pod) = &read.object else { return };
    if pod.metadata.owner_references.as_ref().is_some_and(|owners| !owners.is_empty()) {
        return;
    }
    let policy = pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    let instead = match policy {
        Some("OnFailure" | "Never") => "Job",
        _ => "Deployment",
    };
    let finding =
        found.at(read, "kind", "nothing puts another Pod in its place when its host goes");
    let help = format!("make it the template of a `kind: {instead}`");
    found.push(finding.with_label("stands for itself").with_help(help));
}

fn recommended_labels(read: &ReadObject, found: &mut Found) {
    const NAME: &str = "app.kubernetes.io/name";
    let labels = read.object.metadata().labels.as_ref();
    let there = labels.is_some_and(|labels| labels.contains_key(NAME));
    if Kind::WORKLOADS.contains(&read.object.kind()) && !there {
        let message = format!("the label {NAME} is not there");
        found.say(read, "metadata.labels", "without it", &message);
    }
}
