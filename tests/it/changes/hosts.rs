//! What is said of hosts by command: kubectl's words, and what is stored.

use insta::assert_snapshot;

use super::stored;

#[test]
fn hosts_are_cordoned_in_kubectls_words() {
    let fleet = stored();
    assert_snapshot!(fleet.run("cordon node-1"), @"node/node-1 cordoned");
    assert_snapshot!(fleet.run("cordon node/node-1"), @"node/node-1 already cordoned");
    assert_eq!(fleet.get("node/node-1", "{.spec.unschedulable}"), "true");
    let taint = "{.spec.taints[0].key}:{.spec.taints[0].effect}";
    assert_eq!(fleet.get("node/node-1", taint), "node.kubernetes.io/unschedulable:NoSchedule");
    assert_snapshot!(fleet.run("uncordon --all --dry-run"), @"node/node-1 uncordoned (dry run)");
    assert_eq!(fleet.get("node/node-1", "{.spec.unschedulable}"), "true");
    assert!(fleet.run("uncordon node-1 --auto-approve").starts_with("node/node-1 uncordoned"));
    assert_eq!(fleet.get("node/node-1", "{.spec.unschedulable}"), "");
    assert!(fleet.run("history").contains("uncordon node-1"));
    assert_snapshot!(fleet.run("cordon"), @"");
    assert_snapshot!(fleet.run("cordon nobody"), @"");
    assert_snapshot!(fleet.run("cordon -l tier=front"), @"");
}

#[test]
fn hosts_are_tainted_in_kubectls_words() {
    let fleet = stored();
    let taint = |words: &str| fleet.run(&format!("taint {words} --auto-approve"));
    let first = |words: &str| taint(words).lines().next().unwrap_or_default().to_owned();
    assert_eq!(first("node node-1 gpu=yes:NoSchedule"), "node/node-1 tainted");
    assert_snapshot!(taint("node node-1 gpu=no:NoSchedule"), @"");
    assert_eq!(first("node/node-1 gpu=no:NoSchedule --overwrite"), "node/node-1 modified");
    assert_eq!(fleet.get("node/node-1", "{.spec.taints[*].value}"), "no");
    assert_eq!(first("nodes --all gpu:NoSchedule-"), "node/node-1 untainted");
    assert_snapshot!(taint("node node-1 gpu-"), @"");
    assert_snapshot!(taint("deploy web gpu-"), @"");
    assert_snapshot!(taint("node node-1"), @"");
    assert_snapshot!(taint("node node-1 gpu=yes"), @"");
}

#[test]
fn hosts_are_marked_in_kubectls_words() {
    let fleet = stored();
    let said = fleet.run("label node node-1 disk=ssd --auto-approve");
    assert!(said.starts_with("node/node-1 labeled"), "{said}");
    assert_eq!(fleet.get("node/node-1", "{.metadata.labels.disk}"), "ssd");
    assert_snapshot!(fleet.run("label node -l disk=ssd disk=hdd"), @"");
    assert_snapshot!(fleet.run("annotate node node-1 rack=7"), @"node/node-1 annotated");
    assert_snapshot!(fleet.run("annotate node node-1 rack=7 -o name"), @"node/node-1");
    assert_snapshot!(fleet.run("annotate node node-1 rack=7 -o yaml"), @"");
    assert_snapshot!(fleet.run("label node node-1 dis/k/x=y"), @"");
    assert_eq!(fleet.get("node/node-1", "{.metadata.annotations.rack}"), "7");
}
