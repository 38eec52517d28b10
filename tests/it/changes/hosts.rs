//! What is said of hosts by command: kubectl's words, and what is stored.

use insta::assert_snapshot;

use super::stored;

#[test]
fn hosts_are_cordoned_in_kubectls_words() {
    let fleet = stored();
    assert_snapshot!(fleet.run("cordon node-1"), @"
    node/node-1 cordoned
    --- stderr, exit 0
    ");
    for name in ["node/node-1", "nodes/node-1", "no/node-1"] {
        let said = fleet.run(&format!("cordon {name}"));
        assert_eq!(said, "node/node-1 already cordoned\n--- stderr, exit 0");
    }
    assert_eq!(fleet.get("node/node-1", "{.spec.unschedulable}"), "true");
    let taint = "{.spec.taints[0].key}:{.spec.taints[0].effect}";
    assert_eq!(fleet.get("node/node-1", taint), "node.kubernetes.io/unschedulable:NoSchedule");
    assert_snapshot!(fleet.run("uncordon --all --dry-run"), @"
    node/node-1 uncordoned (dry run)
    --- stderr, exit 0
    ");
    assert_eq!(fleet.get("node/node-1", "{.spec.unschedulable}"), "true");
    assert!(fleet.run("uncordon node-1 --auto-approve").starts_with("node/node-1 uncordoned"));
    assert_eq!(fleet.get("node/node-1", "{.spec.unschedulable}"), "");
    assert!(fleet.run("history").contains("uncordon node-1"));
    assert_snapshot!(fleet.run("cordon"), @"
    --- stderr, exit 2
      × no host is named
      help: name hosts, or choose them with -l SELECTOR, or all with --all
    ");
    assert_snapshot!(fleet.run("cordon nobody"), @r#"
    --- stderr, exit 1
      × nodes "nobody" not found
    "#);
    assert_snapshot!(fleet.run("cordon -l tier=front"), @"
    --- stderr, exit 0
    No resources found
    ");
}

#[test]
fn a_drain_that_is_only_asked_about_ends_as_the_real_one_would() {
    let fleet = stored();
    let dry = fleet.run("drain node-1 --dry-run");
    assert!(dry.contains("node/node-1 cordoned (dry run)\n--- stderr, exit 3"), "{dry}");
    let real = fleet.run("drain node-1 --auto-approve");
    assert!(real.contains("node/node-1 cordoned\n--- stderr, exit 3"), "{real}");
}

#[test]
fn hosts_are_tainted_in_kubectls_words() {
    let fleet = stored();
    let taint = |words: &str| fleet.run(&format!("taint {words} --auto-approve"));
    let first = |words: &str| taint(words).lines().next().unwrap_or_default().to_owned();
    assert_eq!(first("node node-1 gpu=yes:NoSchedule"), "node/node-1 tainted");
    assert_snapshot!(taint("node node-1 gpu=no:NoSchedule"), @"
    --- stderr, exit 2
      × node node-1 already has gpu taint(s) with same effect(s) and --overwrite is false
      help: add --overwrite to give it another value
    ");
    assert_eq!(first("node/node-1 gpu=no:NoSchedule --overwrite"), "node/node-1 modified");
    assert_eq!(fleet.get("node/node-1", "{.spec.taints[*].value}"), "no");
    assert_eq!(first("nodes --all gpu:NoSchedule-"), "node/node-1 untainted");
    assert_snapshot!(taint("node node-1 gpu-"), @r#"
    --- stderr, exit 2
      × taint "gpu" not found on node node-1
      help: see its taints with: bowline describe node node-1
    "#);
    assert_snapshot!(taint("deploy web gpu-"), @"
    --- stderr, exit 2
      × deployments.apps are no hosts
      help: write `node NAME`, as in: bowline taint node web-1 dedicated=db:NoSchedule
    ");
    assert_snapshot!(taint("node-1 gpu=yes:NoSchedule"), @"
    --- stderr, exit 2
      × `node-1` is no kind of objects
      help: write: bowline taint node node-1 gpu=yes:NoSchedule
    ");
    assert_snapshot!(taint("node node-1"), @"
    --- stderr, exit 2
      × at least one taint update is required
      help: write KEY=VALUE:NoSchedule to set, KEY- to remove
    ");
    assert_snapshot!(taint("node node-1 gpu=yes"), @"
    --- stderr, exit 2
      × `gpu=yes` is no taint
      help: write KEY=VALUE:EFFECT or KEY:EFFECT, where EFFECT is NoSchedule, PreferNoSchedule or
            NoExecute; or KEY- to remove
    ");
}

#[test]
fn a_new_pod_that_has_to_wait_is_a_change() {
    let fleet = stored();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: pend}\nspec: {containers: [{name: main, image: nginx:1}]}\n";
    fleet.write("pod.yaml", pod);
    // The host does not answer, which has an exit code of its own.
    let said = fleet.run("plan -f pod.yaml");
    assert!(said.contains("+ create  Pod default/pend    new; waits for a host\n"), "{said}");
    assert!(said.contains("\n  Pod default/pend: 0/1 nodes are available"), "{said}");
    fleet.run("apply -f pod.yaml --auto-approve");
    assert!(!fleet.run("plan -f pod.yaml").contains("create"), "it is stored");
}

#[test]
fn a_wait_of_no_time_looks_once() {
    let fleet = stored();
    let said = fleet.run("wait --for=condition=Available deploy/web --timeout 0");
    assert!(said.contains("exit 5\n") && said.contains("timed out waiting"), "{said}");
}

#[test]
fn hosts_are_marked_in_kubectls_words() {
    let fleet = stored();
    let said = fleet.run("label node node-1 disk=ssd --auto-approve");
    assert!(said.starts_with("node/node-1 labeled"), "{said}");
    assert_eq!(fleet.get("node/node-1", "{.metadata.labels.disk}"), "ssd");
    assert_snapshot!(fleet.run("label node -l disk=ssd disk=hdd"), @"
    --- stderr, exit 2
      × node/node-1: `disk` already has a value (ssd)
      help: add --overwrite to give it another
    ");
    let said = fleet.run("label node node-1 disk- --auto-approve");
    assert!(said.starts_with("node/node-1 unlabeled"), "{said}");
    fleet.run("label node node-1 disk=ssd --auto-approve");
    assert_snapshot!(fleet.run("annotate node node-1 rack=7"), @"
    node/node-1 annotated
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("annotate node node-1 rack=7 -o name"), @"
    node/node-1
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("annotate node node-1 rack=7 -o yaml"), @"
    --- stderr, exit 2
      × hosts are no stored objects that could be printed
      help: afterwards, type: bowline get node NAME -o yaml
    ");
    assert_snapshot!(fleet.run("label node node-1 dis/k/x=y"), @"
    --- stderr, exit 2
      × `dis/k/x` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and
      │ end with a letter or digit
      help: write KEY=VALUE to set, KEY- to remove
    ");
    assert_eq!(fleet.get("node/node-1", "{.metadata.annotations.rack}"), "7");
}
