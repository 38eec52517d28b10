//! What sig-scheduling asks for.

use super::fields;
use crate::fleet::{Fleet, Ran};

fn pod(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  terminationGracePeriodSeconds: 0\n  {spec}\n"
    )
}

/// How long is waited for a pod that has no place.
const BRIEFLY: &str = "2s";

fn apply(fleet: &Fleet, name: &str, spec: &str, patience: &str) -> Ran {
    let manifest = fleet.write(&format!("{name}.yaml"), &pod(name, spec));
    fleet.bowline(&["apply", "-f", &manifest, "--auto-approve", "--timeout", patience])
}

fn gone(fleet: &Fleet, names: &[&str]) {
    fleet.bowline(&[&["delete", "pod", "--auto-approve"], names].concat()).ends(0);
}

const MAIN: &str = "containers: [{name: main, image: \"busybox:1.36\", command: [sleep, inf]";

pub(super) fn places(fleet: &Fleet) {
    let selector = "nodeSelector: {kubernetes.io/hostname: node-2}";
    apply(fleet, "chosen", &format!("{selector}\n  {MAIN}}}]"), "60s").ends(0);
    assert_eq!(fields(fleet, "chosen", &[".spec.nodeName"]), "node-2");
    fleet.holds(119, "Scheduler, node selector matching");
    for (name, wanted) in [("must", "node-1"), ("rather", "node-2")] {
        let term =
            format!("{{matchFields: [{{key: metadata.name, operator: In, values: [{wanted}]}}]}}");
        let affinity = match name {
            "must" => format!(
                "requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{term}]}}"
            ),
            _ => format!(
                "preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 1, preference: {term}}}]"
            ),
        };
        let affinity = format!("affinity: {{nodeAffinity: {{{affinity}}}}}");
        apply(fleet, name, &format!("{affinity}\n  {MAIN}}}]"), "60s").ends(0);
        assert_eq!(fields(fleet, name, &[".spec.nodeName"]), wanted);
    }
    let pending = |name: &str, ran: Ran, words: &str| {
        assert!(ran.exit != 0 && ran.all().contains(words), "{}", ran.all());
        assert_eq!(fields(fleet, name, &[".status.phase", ".spec.nodeName"]).trim(), "Pending");
    };
    let ran =
        apply(fleet, "choosy", &format!("nodeSelector: {{label: nonempty}}\n  {MAIN}}}]"), BRIEFLY);
    pending("choosy", ran, "didn't match Pod's node affinity/selector");
    fleet.holds(120, "Scheduler, node selector not matching");
    let ran = apply(
        fleet,
        "large",
        &format!("{MAIN}, resources: {{requests: {{cpu: 500}}}}}}]"),
        BRIEFLY,
    );
    pending("large", ran, "Insufficient cpu");
    fleet.holds(118, "Scheduler, resource limits");
    gone(fleet, &["chosen", "choosy", "large", "must", "rather"]);
}

/// A port that is open at every address of a host is open at each of them.
pub(super) fn ports(fleet: &Fleet) {
    let selected = |port: &str| {
        let selector = "nodeSelector: {kubernetes.io/hostname: node-1}";
        format!("{selector}\n  {MAIN}, ports: [{{containerPort: 80, {port}}}]}}]")
    };
    apply(fleet, "everywhere", &selected("hostPort: 54322"), "60s").ends(0);
    let ran = apply(fleet, "there", &selected("hostPort: 54322, hostIP: 10.68.0.11"), BRIEFLY);
    let words = "didn't have free ports for the requested pod ports";
    assert!(ran.exit != 0 && ran.all().contains(words), "{}", ran.all());
    fleet.holds(
        121,
        "Scheduling, HostPort and Protocol match, HostIPs different but one is default HostIP (0.0.0.0)",
    );
    gone(fleet, &["everywhere", "there"]);
}
